// The state machine of RFC 9568, clause by clause, for VRRPv3 over IPv4 and IPv6: what must happen, and beside it what
// must not. protocol/rfc/rfc9568.toml binds the clauses to these cases.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::contains;
using testing::count;
using ::testing::IsEmpty;
using testing::kEth0;
using testing::kEth1;
using testing::make_configuration;
using testing::make_host;
using testing::make_instance;
using testing::StackDriver;

constexpr Duration kTick{1};
/// Priority 100, one second: 3 intervals and 156/256 of one.
constexpr Duration kActiveDown = 3'609'375'000ns;
constexpr Duration kSkew = 609'375'000ns;

/// Everything that depends on the address family.
struct World {
  Family family;
  const char* vip;
  const char* ours;
  const char* lower_peer;
  const char* higher_peer;
  const char* group;
};

constexpr World kIpv4World{Family::ipv4, "10.1.10.7", "10.1.10.2", "10.1.10.1", "10.1.10.3", "224.0.0.18"};
constexpr World kIpv6World{Family::ipv6, "fe80::7", "fe80::2", "fe80::1", "fe80::3", "ff02::12"};

/// The actions of one kind in a list, in order.
template <class Kind>
std::vector<Kind> all_of_kind(const ActionList& actions) {
  std::vector<Kind> found;
  for (const Action& action : actions) {
    if (const Kind* one = std::get_if<Kind>(&action)) found.push_back(*one);
  }
  return found;
}

class Rfc9568 : public ::testing::TestWithParam<World> {
 protected:
  static IpAddress address(const char* text) { return *IpAddress::parse(text); }
  static IpAddress lower_peer() { return address(GetParam().lower_peer); }
  static IpAddress higher_peer() { return address(GetParam().higher_peer); }

  static config::VrrpInstance instance(std::uint8_t priority = 100) {
    config::VrrpInstance made = make_instance("VI_1", 151, priority, address(GetParam().vip));
    made.version = Version::v3;
    return made;
  }
  static StackDriver backup(config::VrrpInstance made, Profile profile = vipdrift_profile()) {
    StackDriver driver(std::move(made), profile);
    driver.start();
    return driver;
  }
  static StackDriver active(config::VrrpInstance made, Profile profile = vipdrift_profile()) {
    StackDriver driver = backup(std::move(made), profile);
    driver.run_until(30s);
    EXPECT_EQ(driver.state(), State::master);
    return driver;
  }
  /// The actions of the next deadline alone.
  static const ActionList& next(StackDriver& driver) {
    driver.now = driver.stack.next_deadline();
    driver.feed(DeadlineReached{});
    return driver.actions();
  }
};

INSTANTIATE_TEST_SUITE_P(Families, Rfc9568, ::testing::Values(kIpv4World, kIpv6World), [](const auto& world) {
  return std::string(world.param.family == Family::ipv4 ? "ipv4" : "ipv6");
});

// ---------------------------------------------------------------- 5.1 and 7.2: sending

TEST_P(Rfc9568, SendsWithTtl255ToTheGroup) {
  StackDriver driver = backup(instance());
  const auto sent = all_of_kind<SendAdvertisement>(next(driver));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].ttl, 255);
  EXPECT_EQ(sent[0].destination, address(GetParam().group));
  EXPECT_EQ(sent[0].interface, kEth0);
}

TEST_P(Rfc9568, SendsToPeersInsteadWhereTheyAreConfigured) {
  config::VrrpInstance made = instance();
  made.unicast_peers = {{.address = lower_peer()}};
  StackDriver driver = backup(made);
  const auto sent = all_of_kind<SendAdvertisement>(next(driver));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].destination, lower_peer());
}

TEST_P(Rfc9568, SendsFromThePrimaryAddress) {
  HostFacts host = make_host();
  const bool v4 = GetParam().family == Family::ipv4;
  // A second address, and for IPv6 a global one in front of the link-local one.
  host.interfaces[0].addresses.insert(host.interfaces[0].addresses.begin() + (v4 ? 1 : 0),
                                      v4 ? address("10.1.10.99") : address("2001:db8::2"));
  StackDriver driver(make_configuration({instance()}), vipdrift_profile(), host);
  driver.start();
  const auto sent = all_of_kind<SendAdvertisement>(next(driver));
  ASSERT_EQ(sent.size(), 1U);
  EXPECT_EQ(sent[0].source, address(GetParam().ours));
}

TEST_P(Rfc9568, SendsNothingWithoutAPrimaryAddress) {
  HostFacts host = make_host();
  host.interfaces[0].addresses = {GetParam().family == Family::ipv4 ? address("fe80::2") : address("2001:db8::2")};
  StackDriver driver(make_configuration({instance()}), vipdrift_profile(), host);
  driver.start();
  EXPECT_EQ(count(driver.run_until(60s), "send"), 0);
  EXPECT_EQ(driver.state(), State::fault);
}

TEST_P(Rfc9568, FillsTheFieldsFromTheConfiguration) {
  config::VrrpInstance made = instance(42);
  made.advert_int = 2500ms;
  made.virtual_router_id = 7;
  StackDriver driver = backup(made);
  const ActionList& actions = next(driver);
  const auto sent = all_of_kind<SendAdvertisement>(actions);
  ASSERT_EQ(sent.size(), 1U);
  const auto bytes = actions.bytes(sent[0]);
  const std::vector<std::uint8_t> start(bytes.begin(), bytes.begin() + 6);
  EXPECT_EQ(start, (std::vector<std::uint8_t>{0x31, 7, 42, 1, 0, 250}));
  EXPECT_EQ(IpAddress::from_bytes(GetParam().family, bytes.subspan(8)), address(GetParam().vip));
  EXPECT_EQ(bytes.size(), 8 + address_size(GetParam().family));
}

TEST_P(Rfc9568, SendsFromTheVirtualMacWhereItIsConfigured) {
  config::VrrpInstance made = instance();
  made.use_vmac = true;
  StackDriver driver = backup(made);
  const ActionList& actions = next(driver);
  ASSERT_EQ(all_of_kind<SendAdvertisement>(actions).size(), 1U);
  EXPECT_FALSE(all_of_kind<SendAdvertisement>(actions)[0].virtual_mac.is_zero());
  const auto announced = all_of_kind<AnnounceAddress>(actions);
  for (const AnnounceAddress& one : announced) {
    EXPECT_EQ(one.virtual_mac, virtual_router_mac(GetParam().family, 151));
  }
}

TEST_P(Rfc9568, SendsFromTheInterfacesMacOtherwise) {
  StackDriver driver = backup(instance());
  EXPECT_TRUE(all_of_kind<SendAdvertisement>(next(driver))[0].virtual_mac.is_zero());
}

// ---------------------------------------------------------------- 6.4.1: Initialize

TEST_P(Rfc9568, AnOwnerIsActiveAtOnce) {
  StackDriver driver = backup(instance(255));
  const auto lines = driver.run_until(1ms);
  EXPECT_EQ(driver.state(), State::master);
  EXPECT_EQ(count(lines, "send VI_1 255"), 1);
  EXPECT_EQ(count(lines, std::string("add ") + GetParam().vip), 1);
}

TEST_P(Rfc9568, AnyOtherIsBackupForAnActiveDownInterval) {
  StackDriver driver = backup(instance(254));
  EXPECT_EQ(driver.state(), State::backup);
  EXPECT_EQ(driver.left(), 3'007'812'500ns);
  EXPECT_EQ(count(driver.run_until(3'007'812'500ns - kTick), "send"), 0);
  EXPECT_EQ(driver.state(), State::backup);
}

// ---------------------------------------------------------------- 6.4.2: Backup

TEST_P(Rfc9568, ABackupHoldsNoAddressAndAnnouncesNone) {
  HostFacts host = make_host();
  host.interfaces[0].addresses.push_back(address(GetParam().vip));  // left behind by a crash
  StackDriver driver(make_configuration({instance()}), vipdrift_profile(), host);
  EXPECT_TRUE(contains(driver.start(), std::string("remove ") + GetParam().vip));
  std::vector<std::string> lines;
  for (int second = 1; second <= 10; ++second) {
    for (const auto& line : driver.run_until(std::chrono::seconds{second})) lines.push_back(line);
    driver.receive({.priority = 100, .from = lower_peer()});
  }
  EXPECT_THAT(lines, IsEmpty());
}

TEST_P(Rfc9568, TheActiveHoldsAndAnnouncesItsAddresses) {
  config::VrrpInstance made = instance();
  config::VirtualAddress second;
  second.address = GetParam().family == Family::ipv4 ? address("10.1.10.8") : address("2001:db8::8");
  made.virtual_addresses.push_back(second);
  StackDriver driver = backup(made, keepalived_profile());
  const ActionList& actions = next(driver);
  for (const IpAddress& wanted : {address(GetParam().vip), second.address}) {
    int added = 0;
    int announced = 0;
    for (const AddAddress& add : all_of_kind<AddAddress>(actions)) added += add.address == wanted ? 1 : 0;
    for (const AnnounceAddress& one : all_of_kind<AnnounceAddress>(actions)) announced += one.address == wanted ? 1 : 0;
    EXPECT_EQ(added, 1);
    EXPECT_EQ(announced, 5);
  }
}

TEST_P(Rfc9568, AnnouncementsFollowTheAddresses) {
  StackDriver driver = backup(instance(), keepalived_profile());
  bool added = false;
  for (const Action& action : next(driver)) {
    if (std::holds_alternative<AddAddress>(action)) added = true;
    if (std::holds_alternative<AnnounceAddress>(action)) {
      EXPECT_TRUE(added);
    }
  }
  EXPECT_TRUE(added);
}

TEST_P(Rfc9568, TheActiveDownTimerMakesItActiveAndNotOneTickEarlier) {
  StackDriver driver = backup(instance());
  EXPECT_THAT(driver.run_until(kActiveDown - kTick), IsEmpty());
  const auto lines = driver.run_until(kActiveDown);
  ASSERT_FALSE(lines.empty());
  EXPECT_NE(lines.front().find("send VI_1 100"), std::string::npos) << "the advertisement comes first";
  EXPECT_EQ(driver.state(), State::master);
  EXPECT_EQ(count(driver.run_until(kActiveDown + 1s - kTick), "send"), 0);
  EXPECT_EQ(count(driver.run_until(kActiveDown + 1s), "send"), 1);
}

TEST_P(Rfc9568, PriorityZeroSetsTheTimerToTheSkewTime) {
  StackDriver driver = backup(instance());
  driver.now += 1s;
  driver.receive({.priority = 0, .from = lower_peer()});
  EXPECT_EQ(driver.left(), kSkew);
}

TEST_P(Rfc9568, PriorityOneIsNotPriorityZero) {
  StackDriver driver = backup(instance());
  driver.now += 1s;
  driver.receive({.priority = 1, .from = lower_peer()});
  EXPECT_EQ(driver.left(), kActiveDown - 1s);
}

TEST_P(Rfc9568, AnAcceptedAdvertisementSetsIntervalSkewAndTimer) {
  for (const int priority : {100, 101, 255}) {
    StackDriver driver = backup(instance());
    driver.now += 1s;
    driver.receive({.priority = priority, .from = lower_peer(), .interval = 2500ms});
    EXPECT_EQ(driver.left(), 3 * 2500ms + 1'523'437'500ns) << "156/256 of 2.5 s";
    driver.receive({.priority = 0, .from = lower_peer(), .interval = 2500ms});
    EXPECT_EQ(driver.left(), 1'523'437'500ns);
  }
}

TEST_P(Rfc9568, WithoutPreemptionALowerAdvertisementIsAcceptedToo) {
  config::VrrpInstance made = instance();
  made.nopreempt = true;
  StackDriver driver = backup(made);
  driver.now += 1s;
  driver.receive({.priority = 1, .from = lower_peer(), .interval = 500ms});
  EXPECT_EQ(driver.left(), 3 * 500ms + 304'687'500ns);
}

TEST_P(Rfc9568, WithPreemptionALowerAdvertisementIsDiscarded) {
  StackDriver driver = backup(instance());
  driver.now += 1s;
  driver.receive({.priority = 99, .from = higher_peer(), .interval = 500ms});
  EXPECT_EQ(driver.left(), kActiveDown - 1s);
  driver.receive({.priority = 0, .from = lower_peer()});
  EXPECT_EQ(driver.left(), kSkew) << "nor was its interval learned";
}

TEST_P(Rfc9568, ABackupsShutdownIsSilent) {
  StackDriver driver = backup(instance());
  const auto lines = driver.feed(StopRequested{});
  EXPECT_EQ(count(lines, "send"), 0);
  EXPECT_EQ(driver.state(), State::initialize);
  EXPECT_EQ(count(driver.run_until(60s), "send"), 0) << "the timer is cancelled";
}

// ---------------------------------------------------------------- 6.4.3: Active

TEST_P(Rfc9568, TheActiveAdvertisesEveryInterval) {
  config::VrrpInstance made = instance();
  made.advert_int = 500ms;
  StackDriver driver = active(made);
  const Duration from = driver.now.time_since_epoch();
  EXPECT_EQ(count(driver.run_until(from + 10s), "send VI_1 100"), 20);
}

TEST_P(Rfc9568, TheActivesShutdownSaysPriorityZeroAndRemovesTheAddresses) {
  StackDriver driver = active(instance());
  const auto lines = driver.feed(StopRequested{});
  EXPECT_EQ(count(lines, "send VI_1 0"), 1);
  EXPECT_EQ(count(lines, "send"), 1);
  EXPECT_EQ(count(lines, std::string("remove ") + GetParam().vip), 1);
  EXPECT_EQ(driver.state(), State::initialize);
  EXPECT_EQ(count(driver.run_until(60s), "send"), 0);
}

TEST_P(Rfc9568, TheActiveAnswersPriorityZeroAndRestartsItsTimer) {
  StackDriver driver = active(instance());
  driver.run_until(driver.stack.next_deadline().time_since_epoch());  // an advertisement has just gone
  driver.now += 400ms;
  const auto lines = driver.receive({.priority = 0, .from = lower_peer()});
  EXPECT_EQ(count(lines, "send VI_1 100"), 1);
  EXPECT_EQ(driver.state(), State::master);
  const Duration from = driver.now.time_since_epoch();
  EXPECT_EQ(count(driver.run_until(from + 1s - kTick), "send"), 0);
  EXPECT_EQ(count(driver.run_until(from + 1s), "send"), 1);
}

TEST_P(Rfc9568, TheActiveYieldsToAHigherPriority) {
  StackDriver driver = active(instance());
  const auto lines = driver.receive({.priority = 101, .from = lower_peer(), .interval = 2s});
  EXPECT_EQ(driver.state(), State::backup);
  EXPECT_EQ(count(lines, std::string("remove ") + GetParam().vip), 1);
  EXPECT_EQ(driver.left(), 3 * 2s + 2 * kSkew) << "interval and skew time of the winner";
}

TEST_P(Rfc9568, TheActiveYieldsToAnEqualPriorityOfAHigherAddress) {
  StackDriver driver = active(instance());
  driver.receive({.priority = 100, .from = higher_peer(), .interval = 2s});
  EXPECT_EQ(driver.state(), State::backup);
  EXPECT_EQ(driver.left(), 3 * 2s + 2 * kSkew);
}

TEST_P(Rfc9568, AddressesCompareAsUnsignedNumbersInNetworkOrder) {
  StackDriver driver = active(instance());
  driver.receive(
      {.priority = 100, .from = GetParam().family == Family::ipv4 ? address("200.0.0.1") : address("fe80::1:0:0:1")});
  EXPECT_EQ(driver.state(), State::backup);
  driver = active(instance());
  driver.receive(
      {.priority = 100, .from = GetParam().family == Family::ipv4 ? address("9.255.255.255") : lower_peer()});
  EXPECT_EQ(driver.state(), State::master);
}

TEST_P(Rfc9568, TheActiveStaysAgainstAnEqualPriorityOfALowerAddress) {
  StackDriver driver = active(instance());
  const auto lines = driver.receive({.priority = 100, .from = lower_peer(), .interval = 2s});
  EXPECT_EQ(driver.state(), State::master);
  EXPECT_EQ(count(lines, "send VI_1 100"), 1);
}

TEST_P(Rfc9568, TheActiveAnswersALowerPriorityAtOnce) {
  StackDriver driver = active(instance());
  const auto lines = driver.receive({.priority = 99, .from = higher_peer()});
  EXPECT_EQ(count(lines, "send VI_1 100"), 1);
  EXPECT_EQ(count(lines, "remove"), 0);
  EXPECT_EQ(driver.state(), State::master);
}

TEST_P(Rfc9568, ABackupAnswersNobody) {
  for (const int priority : {0, 1, 99, 100, 255}) {
    StackDriver driver = backup(instance());
    EXPECT_EQ(count(driver.receive({.priority = priority, .from = higher_peer()}), "send"), 0) << priority;
  }
}

// ---------------------------------------------------------------- 7.1: receiving

TEST_P(Rfc9568, TheVridBelongsToItsInterface) {
  HostFacts host = make_host();
  host.interfaces[1].addresses.push_back(*IpAddress::parse("fe80::3"));
  config::VrrpInstance other = instance();
  other.name = "VI_2";
  other.interface = "eth1";
  StackDriver driver(make_configuration({instance(), other}), vipdrift_profile(), host);
  driver.start();
  driver.now += 1s;
  driver.receive({.priority = 0, .from = lower_peer()});  // arrives on eth0
  EXPECT_EQ(driver.router(0).deadline() - driver.now, kSkew);
  EXPECT_EQ(driver.router(1).deadline() - driver.now, kActiveDown - 1s);
}

TEST_P(Rfc9568, AnUnknownVridIsDiscarded) {
  StackDriver driver(make_configuration({instance()}), vipdrift_profile());
  StackDriver stranger = backup([] {
    config::VrrpInstance made = instance();
    made.virtual_router_id = 152;
    return made;
  }());
  const ActionList& actions = next(stranger);
  const auto sent = all_of_kind<SendAdvertisement>(actions);
  ASSERT_EQ(sent.size(), 1U);
  driver.start();
  driver.now += 1s;
  Datagram datagram;
  datagram.interface = kEth0;
  datagram.source = higher_peer();
  datagram.destination = address(GetParam().group);
  datagram.payload = actions.bytes(sent[0]);
  datagram.ip_payload_length = static_cast<std::uint16_t>(datagram.payload.size());
  EXPECT_TRUE(contains(driver.feed(datagram), "discard unknown_vrid"));
  EXPECT_EQ(driver.left(), kActiveDown - 1s);
}

TEST_P(Rfc9568, TheFamiliesAreSeparateVirtualRouters) {
  config::VrrpInstance v4 = make_instance("VI_4", 151, 100, address("10.1.10.7"));
  config::VrrpInstance v6 = make_instance("VI_6", 151, 100, address("fe80::7"));
  v4.version = v6.version = Version::v3;
  StackDriver driver(make_configuration({v4, v6}), vipdrift_profile());
  driver.start();
  driver.now += 1s;
  const std::size_t mine = GetParam().family == Family::ipv4 ? 0 : 1;
  driver.receive({.priority = 0, .from = lower_peer(), .instance = mine});
  EXPECT_EQ(driver.router(mine).deadline() - driver.now, kSkew);
  EXPECT_EQ(driver.router(1 - mine).deadline() - driver.now, kActiveDown - 1s);
}

TEST_P(Rfc9568, ADiscardChangesNothingButTheCounterAndTheLog) {
  StackDriver driver = backup(instance());
  driver.now += 1s;
  const auto lines = driver.receive({.priority = 0, .from = lower_peer(), .ttl = 254});
  EXPECT_TRUE(contains(lines, "discard ttl"));
  EXPECT_TRUE(contains(lines, "log (VI_1)"));
  EXPECT_EQ(driver.left(), kActiveDown - 1s);
  EXPECT_EQ((*driver.router().statistics().discards)[static_cast<std::size_t>(Discard::ttl)], 1U);
  driver.receive({.priority = 0, .from = lower_peer(), .ttl = 255});
  EXPECT_EQ(driver.left(), kSkew);
}

TEST_P(Rfc9568, ADiscardIsLoggedOncePerStateAndCountedAlways) {
  StackDriver driver = backup(instance());
  int logged = 0;
  for (int packet = 0; packet < 50; ++packet) {
    logged += count(driver.receive({.priority = 200, .from = lower_peer(), .ttl = 1}), "log");
  }
  EXPECT_EQ(logged, 1);
  EXPECT_EQ((*driver.router().statistics().discards)[static_cast<std::size_t>(Discard::ttl)], 50U);
}

TEST_P(Rfc9568, AListOfOtherAddressesIsLoggedOnceAndAccepted) {
  StackDriver driver = backup(instance());
  config::VrrpInstance other = instance(200);
  other.virtual_addresses[0].address = GetParam().family == Family::ipv4 ? address("10.1.10.8") : address("fe80::8");
  StackDriver sender = backup(other);
  const ActionList& actions = next(sender);
  Datagram datagram;
  datagram.interface = kEth0;
  datagram.source = address(GetParam().ours);  // what the checksum was made for
  datagram.destination = address(GetParam().group);
  datagram.payload = actions.bytes(all_of_kind<SendAdvertisement>(actions)[0]);
  datagram.ip_payload_length = static_cast<std::uint16_t>(datagram.payload.size());
  driver.now += 1s;
  EXPECT_TRUE(contains(driver.feed(datagram), "lists other addresses"));
  EXPECT_EQ(driver.left(), kActiveDown);
  EXPECT_FALSE(contains(driver.feed(datagram), "lists other addresses"));
  EXPECT_FALSE(contains(driver.receive({.priority = 200, .from = lower_peer()}), "lists other addresses"));
}

TEST_P(Rfc9568, AnOwnerLogsARivalAndJudgesIt) {
  StackDriver driver = active(instance(255));
  EXPECT_TRUE(contains(driver.receive({.priority = 255, .from = lower_peer()}), "log (VI_1) Received advert"));
  EXPECT_EQ(driver.state(), State::master);
  EXPECT_TRUE(contains(driver.receive({.priority = 255, .from = higher_peer()}), "log (VI_1) Master received advert"));
  EXPECT_EQ(driver.state(), State::backup);
}

TEST_P(Rfc9568, ABackupLogsNothingAboutItsActive) {
  StackDriver driver = backup(instance());
  EXPECT_THAT(driver.receive({.priority = 255, .from = lower_peer()}), IsEmpty());
}

TEST_P(Rfc9568, TheActiveLogsABackupThatTookOverTooEarly) {
  StackDriver driver = active(instance());
  EXPECT_TRUE(contains(driver.receive({.priority = 50, .from = lower_peer()}), "log (VI_1) Received advert from"));
}

TEST_P(Rfc9568, TheActiveAloneLogsNothing) {
  StackDriver driver = active(instance());
  EXPECT_EQ(count(driver.run_until(driver.now.time_since_epoch() + 60s), "log"), 0);
}

}  // namespace
}  // namespace vipdrift::vrrp
