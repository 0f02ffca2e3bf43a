#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::contains;
using testing::count;
using ::testing::ElementsAre;
using testing::kEth0;
using testing::make_configuration;
using testing::make_instance;
using testing::StackDriver;

/// The article's crossed priorities in one group: VI_1 100, VI_2 98.
config::Configuration crossed() {
  config::VrrpInstance first = make_instance("VI_1", 151, 100);
  first.state = config::WantedState::master;
  config::VrrpInstance second = make_instance("VI_2", 152, 98, IpAddress::v4(10, 1, 10, 77));
  config::Configuration configuration = make_configuration({first, second});
  config::SyncGroup group;
  group.name = "G";
  group.members = {"VI_1", "VI_2"};
  group.notifies.edit().generic.argv = {"/group.sh"};
  configuration.sync_groups = {group};
  return configuration;
}

StackDriver both_master() {
  StackDriver driver(crossed());
  driver.start();
  driver.run_until(10s);
  EXPECT_EQ(driver.state(0), State::master);
  EXPECT_EQ(driver.state(1), State::master);
  return driver;
}

TEST(SyncGroup, BecomesMasterOnlyWhenTheLastMemberAgrees) {
  StackDriver driver(crossed());
  driver.start();
  driver.run_until(3'617'187'499ns);  // VI_1 has been willing since 3.609375
  EXPECT_EQ(driver.state(0), State::backup);
  EXPECT_TRUE(driver.router(0).wants_master());
  const auto lines = driver.run_until(3'617'187'500ns);
  EXPECT_EQ(driver.state(0), State::master);
  EXPECT_EQ(driver.state(1), State::master);
  EXPECT_TRUE(contains(lines, "VRRP_Group(G) Syncing instances to MASTER state"));
  EXPECT_EQ(count(lines, "notify /group.sh GROUP G MASTER 0"), 1);
  EXPECT_THAT(lines.back(), "3.6171875 notify /group.sh GROUP G MASTER 0") << "the group is told after its members";
}

TEST(SyncGroup, AMemberThatHearsAMasterKeepsTheOthersBack) {
  StackDriver driver(crossed());
  driver.start();
  for (int second = 1; second < 20; ++second) {
    driver.run_until(std::chrono::seconds{second});
    driver.receive({.priority = 100, .instance = 1});
  }
  EXPECT_EQ(driver.state(0), State::backup);
}

TEST(SyncGroup, OneMembersYieldTakesAllToBackupWithoutPriorityZero) {
  StackDriver driver = both_master();
  const auto lines = driver.receive({.priority = 200, .instance = 1});
  EXPECT_EQ(driver.state(0), State::backup);
  EXPECT_EQ(driver.state(1), State::backup);
  EXPECT_FALSE(contains(lines, "send"));
  EXPECT_TRUE(contains(lines, "VRRP_Group(G) Syncing instances to BACKUP state"));
  EXPECT_EQ(count(lines, "notify /group.sh GROUP G BACKUP 0"), 1);
}

TEST(SyncGroup, OneMembersFaultTakesAllToFaultWithPriorityZero) {
  config::Configuration configuration = crossed();
  configuration.instances[1].interface = "eth1";
  StackDriver driver(configuration);
  driver.start();
  driver.run_until(10s);
  ASSERT_EQ(driver.state(0), State::master);
  const auto lines = driver.feed(LinkChanged{testing::kEth1, false});
  EXPECT_EQ(driver.state(0), State::fault);
  EXPECT_EQ(driver.state(1), State::fault);
  EXPECT_TRUE(contains(lines, "send VI_1 0"));
  EXPECT_TRUE(contains(lines, "VRRP_Group(G) Syncing instances to FAULT state"));
}

TEST(SyncGroup, ReturnsOnlyWhenNoMemberIsInFault) {
  StackDriver driver = both_master();
  driver.feed(LinkChanged{kEth0, false});
  EXPECT_EQ(driver.state(0), State::fault);
  driver.feed(LinkChanged{kEth0, true});
  EXPECT_EQ(driver.state(0), State::backup);
  EXPECT_EQ(driver.state(1), State::backup);
}

TEST(SyncGroup, OneNonOwnerKeepsAnOwnerFromStartingAsMaster) {
  config::Configuration configuration = crossed();
  configuration.instances[0].priority = 255;
  StackDriver driver(configuration);
  driver.start();
  driver.run_until(1s);
  EXPECT_EQ(driver.state(0), State::backup);
}

TEST(SyncGroup, WeightedTrackersOfMembersAreLeftOutUnlessTheGroupAllowsThem) {
  for (const bool allowed : {false, true}) {
    config::Configuration configuration = crossed();
    configuration.instances[0].track_interfaces = {{"eth1", -20, false}};
    configuration.sync_groups[0].sync_group_tracking_weight = allowed;
    StackDriver driver(configuration);
    driver.start();
    driver.feed(LinkChanged{testing::kEth1, false});
    EXPECT_EQ(driver.router(0).effective_priority(), allowed ? 80 : 100);
  }
}

TEST(SyncGroup, ATrackerOfTheGroupCountsForEveryMember) {
  config::Configuration configuration = crossed();
  configuration.sync_groups[0].track_interfaces = {{"eth1", std::nullopt, false}};
  StackDriver driver(configuration);
  driver.start();
  driver.feed(LinkChanged{testing::kEth1, false});
  EXPECT_EQ(driver.state(0), State::fault);
  EXPECT_EQ(driver.state(1), State::fault);
}

TEST(SyncGroup, ARivalOfOneMemberMakesTheSiblingsAnnounceToo) {
  StackDriver driver = both_master();
  const auto lines = driver.receive({.priority = 50, .instance = 0});
  EXPECT_EQ(count(lines, "announce 10.1.10.7"), 5 + 5);  // "10.1.10.77" contains it
  EXPECT_EQ(count(lines, "announce 10.1.10.77"), 5);
}

TEST(SyncGroup, StopTellsEveryMemberAndTheGroupOnce) {
  StackDriver driver = both_master();
  const auto lines = driver.feed(StopRequested{});
  EXPECT_TRUE(contains(lines, "send VI_1 0"));
  EXPECT_TRUE(contains(lines, "send VI_2 0"));
  EXPECT_EQ(count(lines, "notify /group.sh GROUP G STOP 0"), 1);
}

}  // namespace
}  // namespace vipdrift::vrrp
