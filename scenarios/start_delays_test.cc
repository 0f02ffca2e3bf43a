#include "scenarios/start_delays.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vipdrift::scenarios {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;

TEST(StartDelays, ReachFromExecToTheFirstStateOfAnInstance) {
  Timeline timeline;
  timeline.add({1s, "lvs1", DaemonChanged{DaemonEvent::started, ""}});
  timeline.add({1s, "lvs2", DaemonChanged{DaemonEvent::started, ""}});
  timeline.add({1400ms, "lvs2", InstanceChanged{"VI_1", 151, vrrp::State::initialize, vrrp::State::backup}});
  timeline.add({1500ms, "lvs1", InstanceChanged{"VI_1", 151, vrrp::State::initialize, vrrp::State::fault}});
  timeline.add({1600ms, "lvs1", InstanceChanged{"VI_2", 152, vrrp::State::initialize, vrrp::State::backup}});
  timeline.add({5s, "lvs2", InstanceChanged{"VI_1", 151, vrrp::State::backup, vrrp::State::master}});
  EXPECT_THAT(start_delays(timeline), ElementsAre(Pair("lvs1", ElementsAre(500ms)), Pair("lvs2", ElementsAre(400ms))));
}

TEST(StartDelays, KnowEveryStartAndThoseThatCameToNothing) {
  Timeline timeline;
  timeline.add({0s, "lvs1", DaemonChanged{DaemonEvent::started, ""}});
  timeline.add({100ms, "lvs1", DaemonChanged{DaemonEvent::crashed, ""}});
  timeline.add({2s, "lvs1", DaemonChanged{DaemonEvent::started, ""}});
  timeline.add({2300ms, "lvs1", InstanceChanged{"VI_1", 151, vrrp::State::initialize, vrrp::State::backup}});
  EXPECT_THAT(start_delays(timeline), ElementsAre(Pair("lvs1", ElementsAre(std::nullopt, 300ms))));
}

}  // namespace
}  // namespace vipdrift::scenarios
