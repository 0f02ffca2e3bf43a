// What a virtual router of RFC 9568 sends, announces and accepts, for VRRPv3 over IPv4 and IPv6: the demands that
// rfc9568_conformance_test.cc leaves out. protocol/rfc/rfc9568.toml binds the clauses to these cases.
#include <gtest/gtest.h>

#include <string>
#include <variant>
#include <vector>

#include "protocol/net/internet_checksum.h"
#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::count;
using testing::make_configuration;
using testing::make_instance;
using testing::StackDriver;

/// The actions of one kind in a list, in order.
template <class Kind>
std::vector<Kind> all_of_kind(const ActionList& actions) {
  std::vector<Kind> found;
  for (const Action& action : actions) {
    if (const Kind* one = std::get_if<Kind>(&action)) found.push_back(*one);
  }
  return found;
}

class Rfc9568Send : public ::testing::TestWithParam<Family> {
 protected:
  static bool v4() { return GetParam() == Family::ipv4; }
  static IpAddress pick(const char* ipv4, const char* ipv6) { return *IpAddress::parse(v4() ? ipv4 : ipv6); }
  static IpAddress vip() { return pick("10.1.10.7", "fe80::7"); }
  static IpAddress lower_peer() { return pick("10.1.10.1", "fe80::1"); }
  static IpAddress higher_peer() { return pick("10.1.10.3", "fe80::3"); }

  static config::VrrpInstance instance(std::uint8_t priority = 100) {
    config::VrrpInstance made = make_instance("VI_1", 151, priority, vip());
    made.version = Version::v3;
    return made;
  }
  static StackDriver started(config::VrrpInstance made, Profile profile = vipdrift_profile()) {
    StackDriver driver(std::move(made), profile);
    driver.start();
    return driver;
  }
  /// Takes the next step of time.
  static void go(StackDriver& driver) {
    driver.now = driver.stack.next_deadline();
    driver.feed(DeadlineReached{});
  }
  /// A new Active and the actions that made it one.
  static StackDriver new_active(config::VrrpInstance made, Profile profile = vipdrift_profile()) {
    StackDriver driver = started(std::move(made), profile);
    go(driver);
    EXPECT_EQ(driver.state(), State::master);
    return driver;
  }
};

INSTANTIATE_TEST_SUITE_P(Families, Rfc9568Send, ::testing::Values(Family::ipv4, Family::ipv6), [](const auto& family) {
  return std::string(family.param == Family::ipv4 ? "ipv4" : "ipv6");
});

// ---------------------------------------------------------------- 5.1 and 5.2: header and fields

TEST_P(Rfc9568Send, NothingEverLeavesWithAnotherTtl) {
  for (const bool unicast : {false, true}) {
    config::VrrpInstance made = instance();
    if (unicast) made.unicast_peers = {{.address = lower_peer()}, {.address = higher_peer()}};
    std::size_t sent = 0;
    StackDriver driver = started(made);
    const auto check = [&] {
      for (const SendAdvertisement& one : all_of_kind<SendAdvertisement>(driver.actions())) {
        EXPECT_EQ(one.ttl, 255) << "priority " << int{one.priority} << " to " << one.destination.to_string();
        ++sent;
      }
    };
    go(driver);  // the first one
    check();
    for (const int priority : {0, 1, 99}) {  // the answers
      driver.receive({.priority = priority, .from = lower_peer()});
      check();
    }
    driver.feed(StopRequested{});  // the farewell
    check();
    EXPECT_EQ(sent, unicast ? 10U : 5U);
  }
}

TEST_P(Rfc9568Send, ListsTheAddressesInTheConfiguredOrder) {
  const std::vector<IpAddress> wanted = {vip(), pick("10.1.10.200", "2001:db8::200"), pick("10.1.10.3", "2001:db8::3")};
  config::VrrpInstance made = instance();
  made.virtual_addresses.resize(wanted.size(), made.virtual_addresses[0]);
  for (std::size_t i = 0; i < wanted.size(); ++i) made.virtual_addresses[i].address = wanted[i];
  StackDriver driver = new_active(made);
  const auto bytes = driver.actions().bytes(all_of_kind<SendAdvertisement>(driver.actions())[0]);
  const std::size_t unit = address_size(GetParam());
  ASSERT_EQ(bytes.size(), 8 + wanted.size() * unit);
  EXPECT_EQ(bytes[3], wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(IpAddress::from_bytes(GetParam(), bytes.subspan(8 + i * unit, unit)), wanted[i]);
  }
}

TEST_P(Rfc9568Send, TheIpv4ChecksumCoversTheMessageAloneWhereThatIsConfigured) {
  config::VrrpInstance made = instance();
  made.v3_checksum_as_v2 = true;
  StackDriver driver = new_active(made);
  const SendAdvertisement sent = all_of_kind<SendAdvertisement>(driver.actions())[0];
  const auto bytes = driver.actions().bytes(sent);
  const std::uint64_t message = internet_sum(bytes);
  const std::uint64_t pseudo = pseudo_header_sum(sent.source, sent.destination, kVrrpProtocol, bytes.size());
  EXPECT_EQ(finish_checksum(message) == 0, v4());
  EXPECT_EQ(finish_checksum(message + pseudo) == 0, !v4()) << "IPv6 has its pseudo-header whatever is configured";
}

TEST_P(Rfc9568Send, AnyOtherThanAnOwnerStaysWithin1And254) {
  for (const bool up : {false, true}) {
    config::VrrpScript script;
    script.name = "check";
    script.weight = up ? 253 : -253;
    script.interval = std::chrono::hours{1};
    config::VrrpInstance made = instance(up ? 254 : 1);
    made.track_scripts = {{.name = "check", .weight = std::nullopt}};
    config::Configuration configuration = make_configuration({made});
    configuration.scripts = {script};
    StackDriver driver(configuration, vipdrift_profile());
    driver.start();
    driver.feed(ScriptFinished{ScriptId{0}, up ? 0 : 256, false});
    ASSERT_EQ(driver.router().total_priority(), up ? 507 : -252);
    const auto lines = driver.run_until(20s);
    EXPECT_GT(count(lines, "send"), 10);
    EXPECT_EQ(count(lines, "send"), count(lines, up ? "send VI_1 254 " : "send VI_1 1 "));
  }
}

// ---------------------------------------------------------------- 6.1: Accept_Mode and Preempt_Mode

TEST_P(Rfc9568Send, AnActiveWithoutAcceptModeRefusesPacketsToItsAddresses) {
  config::VrrpInstance made = instance();
  made.accept = false;
  StackDriver driver = new_active(made);
  const auto added = all_of_kind<AddAddress>(driver.actions());
  ASSERT_EQ(added.size(), 1U);
  EXPECT_TRUE(added[0].refuse_packets);
}

TEST_P(Rfc9568Send, AnActiveInAcceptModeTakesThem) {
  config::VrrpInstance made = instance();
  made.accept = true;
  StackDriver driver = new_active(made);
  const auto added = all_of_kind<AddAddress>(driver.actions());
  ASSERT_EQ(added.size(), 1U);
  EXPECT_FALSE(added[0].refuse_packets);
}

TEST_P(Rfc9568Send, AnOwnerTakesThemWhateverTheMode) {
  for (const bool accept : {false, true}) {
    config::VrrpInstance made = instance(255);
    made.accept = accept;
    StackDriver driver = new_active(made);
    const auto added = all_of_kind<AddAddress>(driver.actions());
    ASSERT_EQ(added.size(), 1U);
    EXPECT_FALSE(added[0].refuse_packets);
  }
}

TEST_P(Rfc9568Send, PreemptionIsNotAskedForInTheActiveState) {
  for (const bool nopreempt : {false, true}) {
    config::VrrpInstance made = instance();
    made.nopreempt = nopreempt;
    StackDriver driver = new_active(made);
    driver.receive({.priority = 99, .from = higher_peer()});
    EXPECT_EQ(driver.state(), State::master);
    driver.receive({.priority = 101, .from = lower_peer()});
    EXPECT_EQ(driver.state(), State::backup);
  }
}

TEST_P(Rfc9568Send, AHigherBackupTakesOverFromALowerActive) {
  StackDriver driver = started(instance(150));
  for (int second = 1; second <= 5; ++second) {
    driver.run_until(std::chrono::seconds{second});
    driver.receive({.priority = 100, .from = higher_peer()});
  }
  EXPECT_EQ(driver.state(), State::master);
}

TEST_P(Rfc9568Send, NeitherAnEqualNorAnUnwillingBackupTakesOver) {
  for (const bool nopreempt : {false, true}) {
    config::VrrpInstance made = instance(nopreempt ? 150 : 100);
    made.nopreempt = nopreempt;
    StackDriver driver = started(made);
    for (int second = 1; second <= 60; ++second) {
      driver.run_until(std::chrono::seconds{second});
      driver.receive({.priority = 100, .from = lower_peer()});
    }
    EXPECT_EQ(driver.state(), State::backup);
  }
}

// ---------------------------------------------------------------- 6.4.1, 6.4.2: announcements

TEST_P(Rfc9568Send, AnOwnerAnnouncesAtOnce) {
  StackDriver driver = new_active(instance(255), keepalived_profile());
  const auto announced = all_of_kind<AnnounceAddress>(driver.actions());
  ASSERT_FALSE(announced.empty());
  for (const AnnounceAddress& one : announced) EXPECT_EQ(one.address, vip());
}

TEST_P(Rfc9568Send, NoAddressButAVirtualOneIsAnnounced) {
  StackDriver driver = started(instance());
  std::size_t announced = 0;
  for (int step = 0; step < 40; ++step) {
    go(driver);
    for (const AnnounceAddress& one : all_of_kind<AnnounceAddress>(driver.actions())) {
      EXPECT_EQ(one.address, vip());
      ++announced;
    }
  }
  EXPECT_GT(announced, 0U);
}

TEST_P(Rfc9568Send, WithAVirtualMacNothingIsAnnouncedFromAnother) {
  config::VrrpInstance made = instance();
  made.use_vmac = true;
  StackDriver driver = started(made);
  std::size_t announced = 0;
  for (int step = 0; step < 40; ++step) {
    go(driver);
    for (const AnnounceAddress& one : all_of_kind<AnnounceAddress>(driver.actions())) {
      EXPECT_EQ(one.virtual_mac, virtual_router_mac(GetParam(), 151));
      ++announced;
    }
    for (const SendAdvertisement& one : all_of_kind<SendAdvertisement>(driver.actions())) {
      EXPECT_EQ(one.virtual_mac, virtual_router_mac(GetParam(), 151));
    }
    for (const AddAddress& one : all_of_kind<AddAddress>(driver.actions())) {
      EXPECT_EQ(one.virtual_mac, virtual_router_mac(GetParam(), 151));
    }
  }
  EXPECT_GT(announced, 0U);
}

TEST_P(Rfc9568Send, NothingIsAnnouncedBehindAStepDown) {
  StackDriver driver = new_active(instance(), keepalived_profile());  // a second block is due after five seconds
  driver.receive({.priority = 200, .from = lower_peer()});
  ASSERT_EQ(driver.state(), State::backup);
  int announced = 0;
  for (int second = 0; second < 20; ++second) {
    driver.receive({.priority = 200, .from = lower_peer()});
    announced += count(driver.run_until(driver.now.time_since_epoch() + 1s), "announce");
  }
  EXPECT_EQ(announced, 0);
}

}  // namespace
}  // namespace vipdrift::vrrp
