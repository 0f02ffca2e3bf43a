#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::contains;
using testing::count;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::make_configuration;
using testing::make_instance;
using testing::StackDriver;

ConfigurationLoaded loaded(config::Configuration configuration) {
  return {std::make_shared<const config::Configuration>(std::move(configuration))};
}

StackDriver master(config::Configuration configuration) {
  StackDriver driver(std::move(configuration));
  driver.start();
  driver.run_until(10s);
  return driver;
}

TEST(Reload, WithoutChangeAMasterSendsTwoAdvertisementsAndNothingElse) {
  const config::Configuration same = make_configuration({make_instance()});
  StackDriver driver = master(same);
  EXPECT_THAT(driver.feed(loaded(same)), ElementsAre("send VI_1 100 to 224.0.0.18", "send VI_1 100 to 224.0.0.18"));
  EXPECT_EQ(driver.state(), State::master);
  EXPECT_EQ(driver.left(), 1s);
}

TEST(Reload, ALowerPriorityIsAdvertisedAfterTheOldOne) {
  StackDriver driver = master(make_configuration({make_instance()}));
  EXPECT_THAT(driver.feed(loaded(make_configuration({make_instance("VI_1", 151, 90)}))),
              ElementsAre("send VI_1 100 to 224.0.0.18", "send VI_1 90 to 224.0.0.18"));
}

TEST(Reload, ABackupStartsItsFullTimerAgain) {
  const config::Configuration same = make_configuration({make_instance()});
  StackDriver driver(same);
  driver.start();
  driver.now += 3s;
  EXPECT_THAT(driver.feed(loaded(same)), IsEmpty());
  EXPECT_EQ(driver.left(), 3'609'375us);
}

TEST(Reload, AddressesComeAndGo) {
  StackDriver driver = master(make_configuration({make_instance()}));
  const auto lines =
      driver.feed(loaded(make_configuration({make_instance("VI_1", 151, 100, IpAddress::v4(10, 1, 10, 8))})));
  EXPECT_TRUE(contains(lines, "remove 10.1.10.7"));
  EXPECT_TRUE(contains(lines, "add 10.1.10.8"));
  EXPECT_EQ(count(lines, "announce 10.1.10.8"), 5);
}

TEST(Reload, ADeletedInstanceSaysGoodbyeUnderItsOwnName) {
  config::VrrpInstance deleted = make_instance();
  deleted.notifies.edit().fault.argv = {"fault.sh"};
  StackDriver driver = master(make_configuration({deleted}));
  const auto lines =
      driver.feed(loaded(make_configuration({make_instance("VI_2", 152, 100, IpAddress::v4(10, 1, 10, 77))})));
  EXPECT_TRUE(contains(lines, "state VI_1 MASTER -> INIT"));
  EXPECT_TRUE(contains(lines, " 0 to 224.0.0.18"));
  EXPECT_TRUE(contains(lines, "remove 10.1.10.7"));
  EXPECT_TRUE(contains(lines, "notify fault.sh"));
  EXPECT_TRUE(contains(lines, "state VI_2 INIT -> BACKUP"));
  EXPECT_EQ(driver.state(), State::backup);
}

TEST(Reload, NotifyDeletedReplacesFault) {
  config::VrrpInstance deleted = make_instance();
  deleted.notifies.edit().fault.argv = {"fault.sh"};
  deleted.notifies.edit().deleted.argv = {"deleted.sh"};
  StackDriver driver = master(make_configuration({deleted}));
  const auto lines = driver.feed(loaded(make_configuration({})));
  EXPECT_TRUE(contains(lines, "notify deleted.sh"));
  EXPECT_FALSE(contains(lines, "notify fault.sh"));
  EXPECT_EQ(driver.stack.next_deadline(), kNever);
}

TEST(Reload, ANewWeightlessScriptDoesNotPushTheMasterDown) {
  StackDriver driver = master(make_configuration({make_instance()}));
  config::VrrpInstance tracking = make_instance();
  tracking.track_scripts = {{"A", std::nullopt, false}};
  config::Configuration configuration = make_configuration({tracking});
  config::VrrpScript script;
  script.name = "A";
  configuration.scripts = {script};
  EXPECT_TRUE(contains(driver.feed(loaded(configuration)), "run A"));
  EXPECT_EQ(driver.state(), State::master);
  driver.feed(ScriptFinished{{0}, 1, false});
  EXPECT_EQ(driver.state(), State::fault);
}

TEST(Reload, AnUnchangedScriptKeepsItsResult) {
  config::VrrpInstance tracking = make_instance();
  tracking.track_scripts = {{"A", std::nullopt, false}};
  config::Configuration configuration = make_configuration({tracking});
  config::VrrpScript script;
  script.name = "A";
  script.weight = -5;
  script.command.argv = {"/bin/a"};
  configuration.scripts = {script};
  StackDriver driver = master(configuration);
  driver.feed(ScriptFinished{{0}, 1, false});
  driver.feed(loaded(configuration));
  EXPECT_EQ(driver.router().effective_priority(), 95);
  configuration.scripts[0].command.argv = {"/bin/b"};
  driver.feed(loaded(configuration));
  EXPECT_EQ(driver.router().effective_priority(), 100) << "another command counts as up until it has run";
}

/// A reload at any instant ends where a cold start with the new file would.
TEST(Reload, EndsWhereAColdStartWouldEnd) {
  const config::Configuration after =
      make_configuration({make_instance("VI_1", 151, 120, IpAddress::v4(10, 1, 10, 9))});
  StackDriver cold(after);
  cold.start();
  cold.run_until(100s);
  for (int instant = 0; instant < 60; ++instant) {
    StackDriver driver(make_configuration({make_instance()}));
    driver.start();
    driver.run_until(instant * 137ms);
    driver.feed(loaded(after));
    driver.run_until(100s);
    EXPECT_EQ(driver.state(), cold.state()) << instant;
    EXPECT_EQ(driver.router().effective_priority(), cold.router().effective_priority());
  }
}

/// What a kernel holds that does as it is told.
std::set<std::string> hold(std::set<std::string> held, const std::vector<std::string>& lines) {
  for (const std::string& line : lines) {
    const std::size_t add = line.find("add ");
    const std::size_t remove = line.find("remove ");
    if (remove != std::string::npos) {
      held.erase(line.substr(remove + 7));
    } else if (add != std::string::npos && line.find("log") == std::string::npos) {
      held.insert(line.substr(add + 4));
    }
  }
  return held;
}

config::Configuration pair(IpAddress first, IpAddress second, std::uint8_t net) {
  config::Configuration both =
      make_configuration({make_instance("VI_1", 151, 100, first), make_instance("VI_2", 152, 100, second)});
  config::Route route;
  route.destination = {IpAddress::v4(10, net, 0, 0), 16};
  route.device = "eth0";
  both.instances[0].virtual_routes = {route};
  config::Rule rule;
  rule.table = "5";
  rule.priority = net;
  both.instances[1].virtual_rules = {rule};
  return both;
}

TEST(Reload, EndsWithWhatAColdStartWouldHold) {
  const IpAddress a = IpAddress::v4(10, 1, 10, 7);
  const IpAddress b = IpAddress::v4(10, 1, 10, 77);
  const config::Configuration before = pair(a, b, 88);
  const config::Configuration after = pair(b, a, 89);  // the addresses change places
  StackDriver cold(after);
  std::set<std::string> expected = hold({}, cold.start());
  expected = hold(expected, cold.run_until(100s));
  ASSERT_EQ(expected.size(), 4U);
  for (int instant = 0; instant < 60; ++instant) {
    StackDriver driver(before);
    std::set<std::string> held = hold({}, driver.start());
    held = hold(held, driver.run_until(instant * 137ms));
    held = hold(held, driver.feed(loaded(after)));
    held = hold(held, driver.run_until(100s));
    EXPECT_EQ(held, expected) << instant;
  }
}

TEST(Reload, RoutesAndRulesThatStayAreLeftAlone) {
  const config::Configuration same = pair(IpAddress::v4(10, 1, 10, 7), IpAddress::v4(10, 1, 10, 77), 88);
  StackDriver driver = master(same);
  for (const std::string& line : driver.feed(loaded(same))) EXPECT_EQ(line.substr(0, 4), "send") << line;
}

TEST(Reload, InstancesThatBecomeAGroupAreNotMasterApart) {
  config::Configuration apart = pair(IpAddress::v4(10, 1, 10, 7), IpAddress::v4(10, 1, 10, 77), 88);
  StackDriver driver = master(apart);
  driver.receive({.priority = 200, .instance = 1});
  ASSERT_EQ(driver.state(0), State::master);
  ASSERT_EQ(driver.state(1), State::backup);
  config::SyncGroup group;
  group.name = "G";
  group.members = {"VI_1", "VI_2"};
  apart.sync_groups = {group};
  driver.feed(loaded(apart));
  EXPECT_EQ(driver.state(0), State::backup);
}

}  // namespace
}  // namespace vipdrift::vrrp
