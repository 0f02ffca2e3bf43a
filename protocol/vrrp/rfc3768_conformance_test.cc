// VRRPv2 (RFC 3768) where it differs from version 3, for both profiles. protocol/rfc/rfc3768.toml binds the clauses
// to these cases.
#include <gtest/gtest.h>

#include <string>

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

/// 156/256 of a second, whatever the interval.
constexpr Duration kSkew = 609'375'000ns;

class Rfc3768 : public ::testing::TestWithParam<std::string_view> {
 protected:
  /// From a peer of priority 200, who would make any director of ours a Backup; without authentication.
  static Sample good() {
    Sample made = sample(Version::v2, Family::ipv4);
    made.content.priority = 200;
    made.content.auth_type = AuthType::none;
    return made;
  }

  static Profile profile() { return profile_named(GetParam()).value(); }

  static config::VrrpInstance instance(std::uint8_t priority = 100) {
    return make_instance("VI_1", 51, priority, good().ours.front());
  }
  static StackDriver started(const config::VrrpInstance& made) {
    StackDriver driver(made, profile());
    driver.start();
    return driver;
  }
  static StackDriver master(const config::VrrpInstance& made) {
    StackDriver driver = started(made);
    driver.run_until(30s);
    EXPECT_EQ(driver.state(), State::master);
    return driver;
  }

  static std::vector<std::string> deliver(StackDriver& driver, const Sample& from) {
    const Bytes bytes = from.message();
    Datagram datagram;
    datagram.interface = kEth0;
    datagram.source = from.content.source;
    datagram.destination = from.content.destination;
    datagram.ttl = from.ttl;
    datagram.ip_payload_length = static_cast<std::uint16_t>(bytes.size());
    datagram.payload = bytes;
    return driver.feed(datagram);
  }

  /// Whether an advertisement restarts the timer of a Backup, one second after its start.
  static bool counts(const Sample& from, const config::VrrpInstance& at = instance()) {
    StackDriver driver = started(at);
    driver.now += 1s;
    deliver(driver, from);
    const Duration full = 3 * at.advert_int + kSkew;
    EXPECT_TRUE(driver.left() == full || driver.left() == full - 1s) << driver.left().count();
    return driver.left() == full;
  }

  /// Spoils the checksum's form: as if version 2 had a pseudo-header.
  static void add_pseudo_header(Sample& made) {
    made.spoil_unrepaired = [&made](Bytes& bytes) {
      bytes[6] = bytes[7] = 0;
      const std::uint16_t sum =
          finish_checksum(internet_sum(bytes) + pseudo_header_sum(made.content.source, made.content.destination,
                                                                  kVrrpProtocol, bytes.size()));
      bytes[6] = static_cast<std::uint8_t>(sum >> 8U);
      bytes[7] = static_cast<std::uint8_t>(sum & 0xffU);
    };
  }
};

INSTANTIATE_TEST_SUITE_P(Profiles, Rfc3768, ::testing::Values("keepalived", "vipdrift"),
                         [](const auto& preset) { return std::string(preset.param); });

TEST_P(Rfc3768, AGoodAdvertisementCounts) { EXPECT_TRUE(counts(good())); }

TEST_P(Rfc3768, AnotherVersionIsDiscarded) {
  for (int version = 0; version < 16; ++version) {
    Sample made = good();
    made.spoil = [&](Bytes& bytes) { bytes[0] = static_cast<std::uint8_t>(version << 4 | 1); };
    EXPECT_EQ(counts(made), version == 2) << version;
  }
  Sample modern = sample(Version::v3, Family::ipv4);
  modern.content.priority = 200;
  EXPECT_FALSE(counts(modern));
}

TEST_P(Rfc3768, AnotherIntervalIsDiscarded) {
  for (int seconds = 0; seconds < 256; ++seconds) {
    Sample made = good();
    made.spoil = [&](Bytes& bytes) { bytes[5] = static_cast<std::uint8_t>(seconds); };
    EXPECT_EQ(counts(made), seconds == 1) << seconds;
  }
}

TEST_P(Rfc3768, AnotherAuthenticationTypeIsDiscarded) {
  for (const AuthType ours : {AuthType::none, AuthType::pass}) {
    config::VrrpInstance at = instance();
    at.auth_type = ours;
    at.auth_pass = ours == AuthType::pass ? "frSAmesX" : "";
    for (int type = 0; type < 256; ++type) {
      Sample made = good();
      if (ours == AuthType::pass) made.content.auth_type = AuthType::pass;
      made.spoil = [&](Bytes& bytes) { bytes[4] = static_cast<std::uint8_t>(type); };
      EXPECT_EQ(counts(made, at), type == static_cast<int>(ours)) << type;
    }
  }
}

TEST_P(Rfc3768, TheAuthenticationDataIsIgnoredWithoutAuthentication) {
  Sample made = good();
  made.spoil = [](Bytes& bytes) {
    for (std::size_t i = bytes.size() - 8; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(0xa0 + i);
  };
  EXPECT_TRUE(counts(made));
}

TEST_P(Rfc3768, AMessageWithoutItsAuthenticationDataIsDiscarded) {
  Sample made = good();
  made.spoil = [](Bytes& bytes) { bytes.resize(bytes.size() - 8); };
  EXPECT_FALSE(counts(made));
}

TEST_P(Rfc3768, TheChecksumKnowsNoAddressOfTheIpHeader) {
  Sample made = good();
  for (const char* source : {"10.1.10.5", "10.1.10.6", "192.0.2.1"}) {
    made.content.source = ip(source);
    EXPECT_EQ(made.message(), good().message()) << "the same message from everybody";
    EXPECT_TRUE(counts(made)) << source;
  }
}

TEST_P(Rfc3768, AChecksumWithAPseudoHeaderIsDiscarded) {
  Sample made = good();
  add_pseudo_header(made);
  EXPECT_FALSE(counts(made));
}

TEST_P(Rfc3768, TheSkewTimeDoesNotGrowWithTheInterval) {
  for (const Duration interval : {Duration{1s}, Duration{10s}, Duration{255s}}) {
    config::VrrpInstance made = instance();
    made.advert_int = interval;
    EXPECT_EQ(started(made).left(), 3 * interval + kSkew);
    Sample farewell = good();
    farewell.content.priority = 0;
    farewell.content.interval = interval;
    StackDriver driver = started(made);
    deliver(driver, farewell);
    EXPECT_EQ(driver.left(), kSkew);
  }
}

TEST_P(Rfc3768, WithLowerPrioNoAdvertALoserIsDiscardedInSilence) {
  config::VrrpInstance made = instance();
  made.lower_prio_no_advert = true;
  StackDriver driver = master(made);
  const TimePoint due = driver.router().deadline();
  Sample loser = good();
  loser.content.priority = 99;
  EXPECT_EQ(count(deliver(driver, loser), "send"), 0);
  EXPECT_EQ(driver.state(), State::master);
  EXPECT_LE(driver.router().deadline(), due) << "nor is its own advertisement put off";
}

TEST_P(Rfc3768, ByDefaultALoserIsAnsweredAsVersion3Demands) {
  StackDriver driver = master(instance());
  Sample loser = good();
  loser.content.priority = 99;
  EXPECT_EQ(count(deliver(driver, loser), "send VI_1 100"), 1);
  EXPECT_EQ(driver.state(), State::master);
}

TEST_P(Rfc3768, AListOfOtherAddressesIsDiscardedByKeepalivedAndLoggedByVipdrift) {
  const bool discards = profile().refuses_other_addresses;
  for (const int priority : {200, 255}) {
    Sample made = good();
    made.content.priority = static_cast<std::uint8_t>(priority);
    made.addresses = {ip("10.1.12.99")};
    EXPECT_EQ(counts(made), !discards) << priority;
    StackDriver driver = started(instance());
    EXPECT_TRUE(contains(deliver(driver, made), discards ? "discard address_list" : "lists other addresses"));
  }
}

}  // namespace
}  // namespace vipdrift::vrrp
