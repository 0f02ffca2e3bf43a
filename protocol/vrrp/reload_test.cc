#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  deleted.notifies.fault.argv = {"fault.sh"};
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
  deleted.notifies.fault.argv = {"fault.sh"};
  deleted.notifies.deleted.argv = {"deleted.sh"};
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

}  // namespace
}  // namespace vipdrift::vrrp
