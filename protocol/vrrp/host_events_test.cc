// Interfaces that come and go, possessions that somebody else removes, refusals, leases, and leftovers.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::contains;
using testing::count;
using testing::deeds;
using testing::kEth0;
using testing::kEth1;
using testing::kVip;
using testing::make_configuration;
using testing::make_host;
using testing::make_instance;
using testing::StackDriver;
using What = ActionFailed::What;

StackDriver master(config::Configuration configuration, Profile profile = keepalived_profile()) {
  StackDriver driver(std::move(configuration), profile);
  driver.start();
  driver.run_until(5s);
  EXPECT_EQ(driver.state(), State::master);
  return driver;
}

config::Route route_to(std::uint8_t net) {
  config::Route route;
  route.destination = {IpAddress::v4(10, net, 0, 0), 16};
  route.device = "eth0";
  return route;
}

config::Rule rule_for(std::uint8_t net) {
  config::Rule rule;
  rule.from = IpPrefix{IpAddress::v4(10, net, 0, 0), 16};
  rule.table = "100";
  rule.priority = 500;
  return rule;
}

config::VrrpInstance routing_instance() {
  config::VrrpInstance instance = make_instance();
  instance.virtual_routes = {route_to(88)};
  instance.virtual_rules = {rule_for(88)};
  return instance;
}

std::size_t position(const std::vector<std::string>& lines, const std::string& part) {
  const auto found = std::find_if(lines.begin(), lines.end(),
                                  [&](const std::string& line) { return line.find(part) != std::string::npos; });
  return static_cast<std::size_t>(found - lines.begin());
}

// ---------------------------------------------------------------- interfaces

HostFacts host_without_eth0() {
  HostFacts host = make_host();
  host.interfaces.erase(host.interfaces.begin());
  return host;
}

TEST(Interfaces, OneThatComesLateStartsItsInstances) {
  StackDriver driver(make_configuration({make_instance()}), keepalived_profile(), host_without_eth0());
  driver.start();
  EXPECT_EQ(driver.state(), State::fault);
  driver.run_until(10s);
  EXPECT_EQ(driver.state(), State::fault) << "nothing to be master on";
  const auto lines = driver.feed(InterfaceAppeared{make_host().interfaces.front()});
  EXPECT_TRUE(contains(lines, "log Interface eth0 added"));
  EXPECT_EQ(driver.state(), State::backup);
  EXPECT_TRUE(contains(driver.run_until(15s), "13.609375 send VI_1 100"));
}

TEST(Interfaces, DeletedTheMasterIsInFaultAndAsksTheDeadInterfaceForNothing) {
  StackDriver driver = master(make_configuration({routing_instance()}));
  const auto lines = driver.feed(InterfaceVanished{kEth0});
  EXPECT_EQ(driver.state(), State::fault);
  EXPECT_FALSE(contains(lines, "send"));
  EXPECT_FALSE(contains(lines, "remove 10.1.10.7"));
  EXPECT_TRUE(contains(lines, "remove rule")) << "rules do not go with an interface";
  EXPECT_EQ(driver.stack.next_deadline(), kNever);
}

TEST(Interfaces, CreatedAgainUnderAnotherNumberTheInstanceUsesThat) {
  StackDriver driver = master(make_configuration({make_instance()}));
  driver.feed(InterfaceVanished{kEth0});
  InterfaceFacts again = make_host().interfaces.front();
  again.id = InterfaceId{9};
  driver.feed(InterfaceAppeared{again});
  driver.run_until(10s);
  ASSERT_EQ(driver.state(), State::master);
  bool added = false;
  driver.feed(LinkChanged{InterfaceId{9}, false});
  driver.feed(LinkChanged{InterfaceId{9}, true});
  for (driver.run_until(14s); driver.state() != State::master;) driver.run_until(driver.left() + 1s);
  driver.feed(AddressChanged{InterfaceId{9}, kVip, true});
  driver.feed(AddressChanged{InterfaceId{9}, kVip, false});
  for (const Action& action : driver.actions()) {
    if (const auto* send = std::get_if<SendAdvertisement>(&action)) added = send->interface == InterfaceId{9};
  }
  EXPECT_TRUE(added);
}

TEST(Interfaces, RenamedTheInstanceOfTheOldNameIsInFault) {
  StackDriver driver = master(make_configuration({make_instance()}));
  InterfaceFacts renamed = make_host().interfaces.front();
  renamed.name = "lan0";
  EXPECT_TRUE(contains(driver.feed(InterfaceAppeared{renamed}), "log Interface eth0 is lan0 now"));
  EXPECT_EQ(driver.state(), State::fault);
  renamed.name = "eth0";
  driver.feed(InterfaceAppeared{renamed});
  EXPECT_EQ(driver.state(), State::backup);
}

TEST(Interfaces, ATrackedOneThatVanishesCountsAsDown) {
  config::VrrpInstance instance = make_instance();
  instance.track_interfaces = {{"eth1", std::nullopt, false}};
  StackDriver driver = master(make_configuration({instance}));
  EXPECT_TRUE(contains(driver.feed(InterfaceVanished{kEth1}), "send VI_1 0"));
  EXPECT_EQ(driver.state(), State::fault);
  driver.feed(InterfaceAppeared{make_host().interfaces.back()});
  EXPECT_EQ(driver.state(), State::backup);
}

config::Configuration with_delays(Duration down, Duration up) {
  config::Configuration configuration = make_configuration({make_instance()});
  configuration.interface_delays = {{"eth0", down, up}};
  return configuration;
}

TEST(InterfaceDelays, AShortOutageIsNotSeen) {
  StackDriver driver = master(with_delays(500ms, 0s));
  driver.feed(LinkChanged{kEth0, false});
  EXPECT_EQ(driver.left(), 500ms);
  driver.run_until(5s + 499ms);
  driver.feed(LinkChanged{kEth0, true});
  driver.run_until(9s);
  EXPECT_EQ(driver.state(), State::master);
}

TEST(InterfaceDelays, ALongerOneCountsWhenTheDelayIsOver) {
  StackDriver driver = master(with_delays(500ms, 700ms));
  driver.feed(LinkChanged{kEth0, false});
  EXPECT_TRUE(contains(driver.run_until(6s), "5.5 log (VI_1) Entering FAULT STATE"));
  driver.feed(LinkChanged{kEth0, true});
  EXPECT_EQ(driver.state(), State::fault);
  EXPECT_TRUE(contains(driver.run_until(8s), "6.7 log (VI_1) Entering BACKUP STATE"));
}

TEST(InterfaceDelays, StayBelowWhatABackupWaits) {
  StackDriver driver = master(with_delays(200s, 0s));
  driver.feed(LinkChanged{kEth0, false});
  EXPECT_TRUE(contains(driver.run_until(8s), "7.0 log (VI_1) Entering FAULT STATE")) << "two intervals at most";
}

// ---------------------------------------------------------------- routes, rules, statics

TEST(Possessions, ComeAndGoInKeepalivedsOrder) {
  StackDriver driver(routing_instance());
  driver.start();
  const auto lines = driver.run_until(4s);
  EXPECT_LT(position(lines, "add 10.1.10.7"), position(lines, "add route 10.88.0.0/16 dev eth0"));
  EXPECT_LT(position(lines, "add route"), position(lines, "add rule from 10.88.0.0/16 priority 500 table 100"));
  EXPECT_LT(position(lines, "add rule"), position(lines, "announce"));
  const auto gone = driver.receive({.priority = 200});
  EXPECT_LT(position(gone, "remove rule"), position(gone, "remove route"));
  EXPECT_LT(position(gone, "remove route"), position(gone, "remove 10.1.10.7"));
}

TEST(Possessions, LeftoversOfAPredecessorGoAtTheStart) {
  StackDriver driver(routing_instance());
  const auto lines = driver.start();
  EXPECT_TRUE(contains(lines, "remove route 10.88.0.0/16"));
  EXPECT_TRUE(contains(lines, "remove rule from 10.88.0.0/16"));
}

TEST(Possessions, ARouteRemovedByOthersIsTakenAgainAfterASkewTime) {
  StackDriver driver = master(make_configuration({routing_instance()}));
  EXPECT_TRUE(contains(driver.feed(RouteRemoved{route_to(88)}), "send VI_1 0"));
  EXPECT_EQ(driver.state(), State::backup);
  EXPECT_EQ(driver.left(), 609'375us);
  EXPECT_TRUE(contains(driver.run_until(6s), "add route 10.88.0.0/16"));
}

TEST(Possessions, ARuleRemovedByOthersIsTakenAgainAfterASkewTime) {
  StackDriver driver = master(make_configuration({routing_instance()}));
  EXPECT_TRUE(contains(driver.feed(RuleRemoved{rule_for(88)}), "send VI_1 0"));
  EXPECT_TRUE(contains(driver.run_until(6s), "add rule from 10.88.0.0/16"));
}

TEST(Possessions, OfOthersAndWithNoTrackAreNotMissed) {
  config::VrrpInstance instance = routing_instance();
  instance.virtual_routes[0].no_track = true;
  instance.virtual_rules[0].no_track = true;
  StackDriver driver = master(make_configuration({instance}));
  driver.feed(RouteRemoved{instance.virtual_routes[0]});
  driver.feed(RuleRemoved{instance.virtual_rules[0]});
  driver.feed(RouteRemoved{route_to(99)});
  EXPECT_EQ(driver.state(), State::master);
}

config::Configuration with_statics() {
  config::Configuration configuration = make_configuration({make_instance()});
  config::VirtualAddress address;
  address.address = IpAddress::v4(192, 168, 9, 1);
  address.prefix_length = 24;
  address.device = "eth1";
  address.track_group = "G";
  configuration.static_addresses = {address};
  configuration.static_routes = {route_to(77)};
  configuration.static_rules = {rule_for(77)};
  configuration.static_track_groups = {{"G", {}, {"VI_1"}}};
  return configuration;
}

TEST(Statics, AreThereFromStartToStop) {
  StackDriver driver(with_statics());
  const auto started = driver.start();
  EXPECT_TRUE(contains(started, "add 192.168.9.1"));
  EXPECT_TRUE(contains(started, "add route 10.77.0.0/16"));
  EXPECT_TRUE(contains(started, "add rule from 10.77.0.0/16"));
  const auto stopped = driver.feed(StopRequested{});
  EXPECT_TRUE(contains(stopped, "remove 192.168.9.1"));
  EXPECT_TRUE(contains(stopped, "remove route 10.77.0.0/16"));
  EXPECT_TRUE(contains(stopped, "remove rule from 10.77.0.0/16"));
}

TEST(Statics, RoutesComeBackWithTheirLink) {
  StackDriver driver(with_statics());
  driver.start();
  EXPECT_FALSE(contains(driver.feed(LinkChanged{kEth0, false}), "add route"));
  EXPECT_TRUE(contains(driver.feed(LinkChanged{kEth0, true}), "add route 10.77.0.0/16"));
}

TEST(Statics, OfATrackGroupPullItsInstancesDownWhenRemoved) {
  StackDriver driver = master(with_statics());
  driver.feed(AddressChanged{kEth1, IpAddress::v4(192, 168, 9, 1), true});
  EXPECT_EQ(driver.state(), State::master);
  driver.feed(AddressChanged{kEth1, IpAddress::v4(192, 168, 9, 1), false});
  EXPECT_EQ(driver.state(), State::backup);
}

TEST(Statics, AReloadAddsAndRemovesOnlyTheDifference) {
  StackDriver driver(with_statics());
  driver.start();
  config::Configuration after = with_statics();
  after.static_routes = {route_to(78)};
  after.static_addresses.clear();
  const auto lines = driver.feed(ConfigurationLoaded{std::make_shared<const config::Configuration>(after)});
  EXPECT_TRUE(contains(lines, "remove route 10.77.0.0/16"));
  EXPECT_TRUE(contains(lines, "add route 10.78.0.0/16"));
  EXPECT_TRUE(contains(lines, "remove 192.168.9.1"));
  EXPECT_FALSE(contains(lines, "remove rule"));
}

// ---------------------------------------------------------------- macvlans

config::VrrpInstance vmac_instance() {
  config::VrrpInstance instance = make_instance();
  instance.use_vmac = true;
  return instance;
}

TEST(Macvlans, AreMadeAtTheStartAndRemovedAtTheEnd) {
  StackDriver driver(vmac_instance());
  EXPECT_EQ(driver.start().front(), "add macvlan vrrp.151");
  driver.run_until(5s);
  const auto stopped = driver.feed(StopRequested{});
  EXPECT_GT(position(stopped, "remove macvlan vrrp.151"), position(stopped, "remove 10.1.10.7"));
  EXPECT_TRUE(contains(stopped, "remove macvlan vrrp.151"));
}

TEST(Macvlans, WithoutOneThereIsNoMaster) {
  StackDriver driver(vmac_instance());
  driver.start();
  driver.feed(ActionFailed{What::add_virtual_mac, InstanceId{0}, {}, 95, "vrrp.151"});
  EXPECT_EQ(driver.state(), State::fault);
  const auto lines = driver.run_until(4s);
  EXPECT_TRUE(contains(lines, "1.0 add macvlan vrrp.151"));
  EXPECT_TRUE(contains(lines, "Entering BACKUP STATE")) << "nobody has refused it again";
}

TEST(Macvlans, RemovedByOthersAreMadeAgain) {
  StackDriver driver = master(make_configuration({vmac_instance()}));
  const auto lines = driver.feed(VirtualMacRemoved{kEth0, virtual_router_mac(Family::ipv4, 151)});
  EXPECT_TRUE(contains(lines, "add macvlan vrrp.151"));
  EXPECT_EQ(driver.state(), State::backup);
  driver.run_until(6s);
  EXPECT_EQ(driver.state(), State::master);
}

TEST(Macvlans, VmacXmitBaseSendsFromTheInterfaceItself) {
  config::VrrpInstance instance = vmac_instance();
  instance.vmac_xmit_base = true;
  StackDriver driver = master(make_configuration({instance}));
  driver.run_until(7s);
  driver.feed(ConfigurationLoaded{driver.router().plan().config == nullptr
                                      ? nullptr
                                      : std::make_shared<const config::Configuration>(driver.stack.configuration())});
  for (const Action& action : driver.actions()) {
    if (const auto* send = std::get_if<SendAdvertisement>(&action)) {
      EXPECT_TRUE(send->virtual_mac.is_zero());
    }
    if (const auto* add = std::get_if<AddAddress>(&action)) {
      EXPECT_FALSE(add->virtual_mac.is_zero());
    }
  }
}

// ---------------------------------------------------------------- refusals

TEST(Refusals, AreSaidOnceInWordsAndOnceMoreWhenTheyAreOver) {
  StackDriver driver = master(make_configuration({make_instance()}));
  const ActionFailed refused{What::add_address, InstanceId{0}, kVip, 99, {}};
  EXPECT_TRUE(contains(driver.feed(refused),
                       "log (VI_1) adding 10.1.10.7 failed: Cannot assign requested address; trying again"));
  EXPECT_FALSE(contains(driver.feed(refused), "log"));
  EXPECT_TRUE(contains(driver.run_until(6s), "6.0 add 10.1.10.7"));
  EXPECT_FALSE(contains(driver.feed(refused), "log"));
  const auto lines = driver.run_until(20s);
  EXPECT_TRUE(contains(lines, "10.0 add 10.1.10.7")) << "two seconds after it was refused again";
  EXPECT_TRUE(contains(lines, "12.0 log (VI_1) adding 10.1.10.7 works again"));
  EXPECT_EQ(count(lines, "add 10.1.10.7"), 1);
}

TEST(Refusals, ForAnotherReasonAreSaidAgain) {
  StackDriver driver = master(make_configuration({make_instance()}));
  driver.feed(ActionFailed{What::add_address, InstanceId{0}, kVip, 99, {}});
  EXPECT_TRUE(contains(driver.feed(ActionFailed{What::add_address, InstanceId{0}, kVip, 105, {}}), "log (VI_1)"));
}

TEST(Refusals, AMasterThatCannotSendGoesOnAndComplainsOnce) {
  StackDriver driver = master(make_configuration({make_instance()}));
  int complaints = 0;
  for (int second = 5; second < 60; ++second) {
    complaints += count(driver.run_until(second * 1s), "failed");
    complaints +=
        count(driver.feed(ActionFailed{What::send_advertisement, InstanceId{0}, IpAddress::v4(224, 0, 0, 18), 1, {}}),
              "failed");
  }
  EXPECT_EQ(complaints, 1);
  EXPECT_EQ(driver.state(), State::master);
  EXPECT_TRUE(contains(driver.run_until(200s), "sending advertisements to 224.0.0.18 works again"));
}

TEST(Refusals, ARemovalIsAskedForAgain) {
  StackDriver driver = master(make_configuration({make_instance()}));
  driver.receive({.priority = 200});
  driver.feed(ActionFailed{What::remove_address, InstanceId{0}, kVip, 105, {}});
  EXPECT_TRUE(contains(driver.run_until(7s), "6.0 remove 10.1.10.7"));
}

TEST(Refusals, OfStaticRoutesAreNobodysButAskedForAgain) {
  StackDriver driver(with_statics());
  driver.start();
  EXPECT_TRUE(contains(driver.feed(ActionFailed{What::add_route, std::nullopt, {}, 101, "10.77.0.0/16 dev eth0"}),
                       "log adding route 10.77.0.0/16 dev eth0 failed: Network is unreachable; trying again"));
  EXPECT_TRUE(contains(driver.run_until(2s), "1.0 add route 10.77.0.0/16"));
}

// ---------------------------------------------------------------- leases and leftovers

TEST(Leases, WhoSleptUntilTheyRanOutIsNoMasterAnyMore) {
  StackDriver driver = master(make_configuration({make_instance()}), vipdrift_profile());
  driver.now += 4s;
  const auto lines = driver.feed(DeadlineReached{});
  EXPECT_EQ(driver.state(), State::backup);
  EXPECT_TRUE(contains(lines, "its addresses have run out"));
  EXPECT_TRUE(contains(lines, "remove 10.1.10.7"));
  EXPECT_FALSE(contains(lines, "send")) << "somebody else may be master";
  EXPECT_EQ(driver.left(), 3'609'375us);
}

TEST(Leases, TheFirstAdvertisementAfterSuchASleepMeetsABackup) {
  StackDriver driver = master(make_configuration({make_instance()}), vipdrift_profile());
  driver.now += 4s;
  const auto lines = driver.receive({.priority = 90});
  EXPECT_EQ(driver.state(), State::backup);
  EXPECT_FALSE(contains(lines, "forcing new election"));
  EXPECT_FALSE(contains(lines, "announce"));
}

TEST(Leases, AShorterSleepChangesNothing) {
  StackDriver driver = master(make_configuration({make_instance()}), vipdrift_profile());
  driver.now += 1900ms;
  driver.feed(DeadlineReached{});
  EXPECT_EQ(driver.state(), State::master);
}

HostFacts host_with_leftovers(bool leased) {
  HostFacts host = make_host();
  host.interfaces[0].addresses.push_back(kVip);
  if (leased) host.interfaces[0].leased.push_back(kVip);
  return host;
}

TEST(Leftovers, ThatAreLeasedAreKeptUntilItIsMasterAgain) {
  StackDriver driver(make_configuration({make_instance()}), vipdrift_profile(), host_with_leftovers(true));
  EXPECT_FALSE(contains(driver.start(), "remove"));
  const auto lines = driver.run_until(3s);
  EXPECT_TRUE(contains(lines, "1.609375 send VI_1 100"));
  EXPECT_FALSE(contains(lines, "remove"));
  EXPECT_EQ(driver.state(), State::master);
}

TEST(Leftovers, GoAtOnceWhenAnotherMasterSpeaks) {
  for (const int priority : {90, 100, 200}) {
    StackDriver driver(make_configuration({make_instance()}), vipdrift_profile(), host_with_leftovers(true));
    driver.start();
    EXPECT_TRUE(contains(driver.receive({.priority = priority}), "remove 10.1.10.7")) << priority;
    EXPECT_EQ(driver.left(), 3'609'375us) << priority;
  }
}

TEST(Leftovers, ThatNobodyLeasedAreRemovedAtTheStart) {
  StackDriver driver(make_configuration({make_instance()}), vipdrift_profile(), host_with_leftovers(false));
  EXPECT_TRUE(contains(driver.start(), "remove 10.1.10.7"));
}

TEST(Leftovers, KeepalivedRemovesAllOfThem) {
  StackDriver driver(make_configuration({make_instance()}), keepalived_profile(), host_with_leftovers(true));
  EXPECT_TRUE(contains(driver.start(), "remove 10.1.10.7"));
}

TEST(Leftovers, GoWithAStopAndWithAFault) {
  StackDriver stopped(make_configuration({make_instance()}), vipdrift_profile(), host_with_leftovers(true));
  stopped.start();
  EXPECT_TRUE(contains(stopped.feed(StopRequested{}), "remove 10.1.10.7"));
  StackDriver failed(make_configuration({make_instance()}), vipdrift_profile(), host_with_leftovers(true));
  failed.start();
  EXPECT_TRUE(contains(failed.feed(LinkChanged{kEth0, false}), "remove 10.1.10.7"));
}

}  // namespace
}  // namespace vipdrift::vrrp
