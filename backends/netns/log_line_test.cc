#include "backends/netns/log_line.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vipdrift::netns {
namespace {

using ::testing::Eq;
using ::testing::Optional;
using vrrp::State;

constexpr const char* kStamped = "Fri Nov 27 02:04:33 2026: (VI_1) Entering MASTER STATE";

TEST(LogLine, LosesItsTimeStampAndNothingElse) {
  EXPECT_EQ(without_stamp(kStamped), "(VI_1) Entering MASTER STATE");
  EXPECT_EQ(without_stamp("Fri Nov  7 02:04:33 2026: Stopped"), "Stopped");
  EXPECT_EQ(without_stamp("(VI_1) Entering MASTER STATE"), "(VI_1) Entering MASTER STATE");
  EXPECT_EQ(without_stamp("configuration file line 3: unknown keyword"), "configuration file line 3: unknown keyword");
  EXPECT_EQ(without_stamp(""), "");
}

TEST(LogLine, TellsStatesAsKeepalivedWritesThem) {
  EXPECT_THAT(read_log_line(kStamped), Optional(Eq(LogEvent{StateEntered{"VI_1", State::master}})));
  EXPECT_THAT(read_log_line("(V1) Entering BACKUP STATE (init)"),
              Optional(Eq(LogEvent{StateEntered{"V1", State::backup}})));
  EXPECT_THAT(read_log_line("(V1) Entering FAULT STATE"), Optional(Eq(LogEvent{StateEntered{"V1", State::fault}})));
  EXPECT_THAT(read_log_line("(V1) Received advert from 10.0.0.2 with lower priority 9, ours 10, forcing new election"),
              Optional(Eq(LogEvent{LowerPriorityHeard{"V1"}})));
  EXPECT_EQ(read_log_line("(V1) Received advert from 10.0.0.2 with higher priority 110, ours 100"), std::nullopt);
  EXPECT_THAT(read_log_line("VRRP_Group(G) Syncing instances to BACKUP state"),
              Optional(Eq(LogEvent{GroupEntered{"G", State::backup}})));
}

TEST(LogLine, TellsPriorities) {
  EXPECT_THAT(read_log_line("(VI_1) Changing effective priority from 100 to 95"),
              Optional(Eq(LogEvent{PrioritySet{"VI_1", 100, 95}})));
}

TEST(LogLine, TellsNothingWhenItIsSomethingElse) {
  for (const char* line : {"Startup complete", "(VI_1) Entering PANIC STATE", "Entering MASTER STATE", "(VI_1)",
                           "(VI_1) Changing effective priority from high to low", "Netlink reports eth0 down",
                           "VRRP_Group() Syncing"}) {
    EXPECT_EQ(read_log_line(line), std::nullopt) << line;
  }
}

TEST(LogLine, TellsOfAQuorum) {
  EXPECT_EQ(read_log_line("Gained quorum 1+0=1 <= 2 for VS [10.1.10.7]:tcp:80"),
            LogEvent{(QuorumHeard{"[10.1.10.7]:tcp:80", true})});
  EXPECT_EQ(read_log_line("Lost quorum 2-1=1 > 0 for VS FWM 3\n"), LogEvent{(QuorumHeard{"FWM 3", false})});
  EXPECT_EQ(read_log_line("Adding sorry server [127.0.0.1]:tcp:80 to VS [10.1.10.7]:tcp:80"), std::nullopt);
}

}  // namespace
}  // namespace vipdrift::netns
