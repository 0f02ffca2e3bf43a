// The receive rules of RFC 9568, 7.1, with its errata 8299 to 8301, judged from outside: an advertisement that counts
// restarts a Backup's timer, a discarded one leaves it alone. protocol/rfc/rfc9568.toml binds the clauses to these
// cases.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "protocol/net/mac_address.h"
#include "protocol/vrrp/advertisement_sample.h"
#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::contains;
using testing::count;
using testing::kEth0;
using testing::make_instance;
using testing::StackDriver;

/// 156/256: what a Backup of priority 100 waits beyond three intervals of its Active.
constexpr Duration skew_of(Duration interval) { return interval * 156 / 256; }
constexpr Duration active_down(Duration interval) { return 3 * interval + skew_of(interval); }

class Rfc9568Receive : public ::testing::TestWithParam<Family> {
 protected:
  /// From a peer of priority 200, who would make any director of ours a Backup.
  static Sample good(std::size_t addresses = 2) {
    Sample made = sample(Version::v3, GetParam(), addresses);
    made.content.priority = 200;
    return made;
  }

  static StackDriver director(const Sample& from, std::uint8_t priority = 100) {
    config::VrrpInstance instance = make_instance("VI_1", 51, priority, from.ours.front());
    instance.version = Version::v3;
    instance.virtual_addresses.resize(from.ours.size(), instance.virtual_addresses.front());
    for (std::size_t i = 0; i < from.ours.size(); ++i) instance.virtual_addresses[i].address = from.ours[i];
    StackDriver driver(instance, vipdrift_profile());
    driver.start();
    return driver;
  }

  static std::vector<std::string> deliver(StackDriver& driver, const Sample& from, const Bytes& bytes) {
    Datagram datagram;
    datagram.interface = kEth0;
    datagram.source = from.content.source;
    datagram.destination = from.content.destination;
    datagram.ttl = from.ttl;
    datagram.ip_payload_length = static_cast<std::uint16_t>(bytes.size());
    datagram.payload = bytes;
    return driver.feed(datagram);
  }

  /// What a Backup still waits, one second after its start, when `bytes` have arrived.
  static Duration left_after(const Sample& from, const Bytes& bytes) {
    StackDriver driver = director(from);
    driver.now += 1s;
    deliver(driver, from, bytes);
    return driver.left();
  }
  static bool counts(const Sample& from, const Bytes& bytes) {
    const Duration left = left_after(from, bytes);
    EXPECT_TRUE(left == active_down(1s) || left == active_down(1s) - 1s) << left.count();
    return left == active_down(1s);
  }
  static bool counts(const Sample& from) { return counts(from, from.message()); }
};

INSTANTIATE_TEST_SUITE_P(Families, Rfc9568Receive, ::testing::Values(Family::ipv4, Family::ipv6),
                         [](const auto& family) {
                           return std::string(family.param == Family::ipv4 ? "ipv4" : "ipv6");
                         });

TEST_P(Rfc9568Receive, AGoodAdvertisementCounts) {
  for (const std::size_t addresses : {1U, 2U, 20U}) EXPECT_TRUE(counts(good(addresses))) << addresses;
}

TEST_P(Rfc9568Receive, ALowerTtlIsDiscarded) {
  Sample spoilt = good();
  for (int ttl = 0; ttl < 255; ++ttl) {
    spoilt.ttl = static_cast<std::uint8_t>(ttl);
    EXPECT_FALSE(counts(spoilt)) << ttl;
  }
}

TEST_P(Rfc9568Receive, AnotherVersionIsDiscarded) {
  for (int version = 0; version < 16; ++version) {
    Sample made = good();
    made.spoil = [&](Bytes& bytes) { bytes[0] = static_cast<std::uint8_t>(version << 4 | 1); };
    EXPECT_EQ(counts(made), version == 3) << version;
  }
}

TEST_P(Rfc9568Receive, AnotherTypeIsDiscarded) {
  for (int type = 0; type < 16; ++type) {
    Sample made = good();
    made.spoil = [&](Bytes& bytes) { bytes[0] = static_cast<std::uint8_t>(0x30 | type); };
    EXPECT_EQ(counts(made), type == 1) << type;
  }
}

TEST_P(Rfc9568Receive, AnIncompleteMessageIsDiscarded) {
  const Sample made = good();
  const Bytes whole = made.message();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Bytes cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    made.repair(cut);  // its length is all that is wrong with it
    EXPECT_FALSE(counts(made, cut)) << size;
  }
}

TEST_P(Rfc9568Receive, ACountOfMoreAddressesThanAreThereIsDiscarded) {
  for (const int claimed : {3, 4, 255}) {
    Sample made = good(2);
    made.spoil = [&](Bytes& bytes) { bytes[3] = static_cast<std::uint8_t>(claimed); };
    EXPECT_FALSE(counts(made)) << claimed;
  }
}

TEST_P(Rfc9568Receive, AnyFlippedBitIsDiscarded) {
  const Sample made = good();
  const Bytes whole = made.message();
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    Bytes flipped = whole;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    EXPECT_FALSE(counts(made, flipped)) << bit;
  }
}

TEST_P(Rfc9568Receive, AnAddressCountOfZeroIsDiscarded) {
  Sample made = good();
  made.addresses.clear();
  EXPECT_FALSE(counts(made));
}

TEST_P(Rfc9568Receive, AnIntervalOfZeroIsDiscarded) {
  Sample made = good();
  made.spoil = [](Bytes& bytes) { bytes[4] = bytes[5] = 0; };
  EXPECT_FALSE(counts(made));
}

TEST_P(Rfc9568Receive, EveryIntervalFrom1To4095IsLearned) {
  for (const int centiseconds : {1, 2, 99, 100, 101, 255, 256, 4094, 4095}) {
    Sample made = good();
    made.content.interval = 10ms * centiseconds;
    EXPECT_EQ(left_after(made, made.message()), active_down(10ms * centiseconds)) << centiseconds;
  }
}

TEST_P(Rfc9568Receive, TheReservedBitsAreIgnored) {
  for (int reserved = 0; reserved < 16; ++reserved) {
    Sample made = good();
    made.content.interval = 2500ms;
    made.spoil = [&](Bytes& bytes) { bytes[4] |= static_cast<std::uint8_t>(reserved << 4); };
    EXPECT_EQ(left_after(made, made.message()), active_down(2500ms)) << reserved;
  }
}

TEST_P(Rfc9568Receive, ReservedBitsDoNotMakeAnIntervalOfZeroGood) {
  Sample made = good();
  made.spoil = [](Bytes& bytes) {
    bytes[4] = 0xf0;
    bytes[5] = 0;
  };
  EXPECT_FALSE(counts(made));
}

TEST_P(Rfc9568Receive, AnActiveIsNotMovedByWhatItDiscards) {
  Sample rival = good();
  StackDriver driver = director(rival);
  driver.run_until(10s);
  ASSERT_EQ(driver.state(), State::master);
  const TimePoint due = driver.stack.next_deadline();
  driver.now += 10ms;
  rival.ttl = 254;
  const auto lines = deliver(driver, rival, rival.message());
  EXPECT_TRUE(contains(lines, "discard ttl"));
  EXPECT_EQ(count(lines, "send"), 0);
  EXPECT_EQ(driver.state(), State::master);
  EXPECT_EQ(driver.stack.next_deadline(), due);
  rival.ttl = 255;
  deliver(driver, rival, rival.message());
  EXPECT_EQ(driver.state(), State::backup) << "its TTL was all that was wrong with it";
}

TEST_P(Rfc9568Receive, AStoppedRouterHearsNothing) {
  Sample farewell = good();
  farewell.content.priority = 0;
  StackDriver driver = director(farewell);
  driver.feed(StopRequested{});
  EXPECT_TRUE(deliver(driver, farewell, farewell.message()).empty());
  EXPECT_EQ(count(driver.run_until(60s), "send"), 0);
  EXPECT_EQ(driver.state(), State::initialize);
}

TEST_P(Rfc9568Receive, AnOwnerToldToIgnoreAdvertisementsDiscardsThem) {
  Sample rival = good();
  rival.content.priority = 255;
  rival.content.source = GetParam() == Family::ipv4 ? ip("10.1.10.200") : ip("fe80::c8");  // would win the tie
  for (const bool ignores : {false, true}) {
    config::VrrpInstance instance = make_instance("VI_1", 51, 255, rival.ours.front());
    instance.version = Version::v3;
    instance.owner_ignore_adverts = ignores;
    StackDriver driver(instance, vipdrift_profile());
    driver.start();
    driver.run_until(10s);
    EXPECT_EQ(contains(deliver(driver, rival, rival.message()), "discard owner_ignores"), ignores);
    EXPECT_EQ(driver.state(), ignores ? State::master : State::backup);
  }
}

// ---------------------------------------------------------------- IPv6 alone

class Rfc9568ReceiveIpv6 : public Rfc9568Receive {};

INSTANTIATE_TEST_SUITE_P(Ipv6, Rfc9568ReceiveIpv6, ::testing::Values(Family::ipv6));

TEST_P(Rfc9568ReceiveIpv6, GlobalAddressesMayFollowTheLinkLocalOne) {
  Sample made = good();
  made.addresses = made.ours = {ip("fe80::7"), ip("2001:db8::7"), ip("2001:db8::8")};
  EXPECT_TRUE(counts(made));
}

TEST_P(Rfc9568ReceiveIpv6, AFirstAddressThatIsNotLinkLocalIsDiscarded) {
  for (const char* first : {"2001:db8::7", "fec0::7", "fe7f:ffff::7", "::", "ff02::7"}) {
    Sample made = good();
    made.addresses = {ip(first), ip("fe80::7")};
    EXPECT_FALSE(counts(made)) << first;
  }
}

TEST_P(Rfc9568ReceiveIpv6, AChecksumWithoutThePseudoHeaderIsDiscarded) {
  Sample made = good();
  made.spoil_unrepaired = [](Bytes& bytes) {
    bytes[6] = bytes[7] = 0;
    const std::uint16_t sum = finish_checksum(internet_sum(bytes));
    bytes[6] = static_cast<std::uint8_t>(sum >> 8U);
    bytes[7] = static_cast<std::uint8_t>(sum & 0xffU);
  };
  EXPECT_FALSE(counts(made));
}

// ---------------------------------------------------------------- 7.3

TEST(Rfc9568Mac, IsDifferentForEveryVridAndFamily) {
  std::set<std::string> seen;
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (int vrid = 1; vrid <= 255; ++vrid) {
      const MacAddress mac = virtual_router_mac(family, static_cast<std::uint8_t>(vrid));
      EXPECT_FALSE(mac.is_group());
      EXPECT_FALSE(mac.is_zero());
      seen.insert(mac.to_string());
    }
  }
  EXPECT_EQ(seen.size(), 2U * 255U);
}

}  // namespace
}  // namespace vipdrift::vrrp
