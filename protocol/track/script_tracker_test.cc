#include "protocol/track/script_tracker.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>

#include "protocol/track/process_tracker.h"

namespace vipdrift::track {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TimePoint at(Duration time) { return TimePoint{time}; }

TEST(RiseFall, FirstResultDecidesAtOnceWhateverRiseAndFallSay) {
  RiseFall failing(3, 3, false);
  EXPECT_EQ(failing.health(), Health::unknown);
  EXPECT_TRUE(failing.record(false));
  EXPECT_EQ(failing.health(), Health::down);
  RiseFall working(3, 3, false);
  EXPECT_TRUE(working.record(true));
  EXPECT_EQ(working.health(), Health::up);
}

TEST(RiseFall, GoesDownAfterExactlyFallFailures) {
  RiseFall result(1, 3, false);
  result.record(true);
  EXPECT_FALSE(result.record(false));
  EXPECT_FALSE(result.record(false));
  EXPECT_EQ(result.health(), Health::up);
  EXPECT_TRUE(result.record(false));
  EXPECT_EQ(result.health(), Health::down);
}

TEST(RiseFall, ComesUpAfterExactlyRiseSuccesses) {
  RiseFall result(3, 1, false);
  result.record(false);
  EXPECT_FALSE(result.record(true));
  EXPECT_FALSE(result.record(true));
  EXPECT_EQ(result.health(), Health::down);
  EXPECT_TRUE(result.record(true));
}

TEST(RiseFall, AnOppositeResultStartsTheCountAgain) {
  RiseFall down(1, 3, false);
  down.record(true);
  for (const bool success : {false, false, true, false, false}) EXPECT_FALSE(down.record(success));
  EXPECT_TRUE(down.record(false));
  RiseFall up(3, 1, false);
  up.record(false);
  for (const bool success : {true, true, false, true, true}) EXPECT_FALSE(up.record(success));
  EXPECT_TRUE(up.record(true));
}

TEST(RiseFall, CountsAsFarAsTheLanguageGoes) {
  constexpr int kMost = std::numeric_limits<int>::max();
  RiseFall result(kMost, kMost, false);
  EXPECT_TRUE(result.record(true));
  EXPECT_EQ(result.count(), std::int64_t{kMost} + kMost - 1);
  EXPECT_FALSE(result.record(false));
  EXPECT_EQ(result.health(), Health::up);
}

TEST(RiseFall, InitFailStartsDown) {
  RiseFall result(2, 2, true);
  EXPECT_EQ(result.health(), Health::down);
  EXPECT_FALSE(result.record(true));
  EXPECT_TRUE(result.record(true));
}

config::VrrpScript script_every(Duration interval, Duration timeout = Duration{0}) {
  config::VrrpScript script;
  script.interval = interval;
  script.timeout = timeout;
  return script;
}

TEST(ScriptTracker, RunsAtOnceAndThenEveryInterval) {
  ScriptTracker tracker(script_every(seconds{2}));
  tracker.start(at(seconds{5}));
  EXPECT_EQ(tracker.advance(at(seconds{5} - Duration{1})), ScriptTracker::Due::nothing);
  EXPECT_EQ(tracker.advance(at(seconds{5})), ScriptTracker::Due::run);
  tracker.finish(true);
  EXPECT_EQ(tracker.deadline(), at(seconds{7}));
  EXPECT_EQ(tracker.advance(at(seconds{7} - Duration{1})), ScriptTracker::Due::nothing);
  EXPECT_EQ(tracker.advance(at(seconds{7})), ScriptTracker::Due::run);
}

TEST(ScriptTracker, TerminatesAtTheTimeoutAndKillsTwoSecondsLater) {
  ScriptTracker tracker(script_every(seconds{10}, seconds{3}));
  tracker.start(at(seconds{0}));
  EXPECT_EQ(tracker.advance(at(seconds{0})), ScriptTracker::Due::run);
  EXPECT_EQ(tracker.advance(at(seconds{3} - Duration{1})), ScriptTracker::Due::nothing);
  EXPECT_EQ(tracker.advance(at(seconds{3})), ScriptTracker::Due::terminate);
  EXPECT_EQ(tracker.advance(at(seconds{5} - Duration{1})), ScriptTracker::Due::nothing);
  EXPECT_EQ(tracker.advance(at(seconds{5})), ScriptTracker::Due::kill);
}

TEST(ScriptTracker, TimeoutDefaultsToTheInterval) {
  ScriptTracker tracker(script_every(seconds{2}));
  tracker.start(at(seconds{0}));
  tracker.advance(at(seconds{0}));
  EXPECT_EQ(tracker.advance(at(seconds{2})), ScriptTracker::Due::terminate);
}

TEST(ScriptTracker, SkipsARunWhileTheLastOneIsStillGoing) {
  ScriptTracker tracker(script_every(seconds{1}, seconds{5}));
  tracker.start(at(seconds{0}));
  tracker.advance(at(seconds{0}));
  EXPECT_EQ(tracker.advance(at(seconds{1})), ScriptTracker::Due::skip_still_running);
  tracker.finish(true);
  EXPECT_EQ(tracker.advance(at(seconds{2})), ScriptTracker::Due::run);
}

TEST(ProcessTracker, FirstCountNeverWaits) {
  config::TrackProcess process;
  process.terminate_delay = seconds{5};
  ProcessTracker tracker;
  EXPECT_TRUE(tracker.record(at(seconds{0}), 0, process));
  EXPECT_EQ(tracker.health, Health::down);
}

TEST(ProcessTracker, ATerminateDelaySwallowsAShortRestart) {
  config::TrackProcess process;
  process.terminate_delay = milliseconds{500};
  ProcessTracker tracker;
  tracker.record(at(seconds{0}), 1, process);
  EXPECT_FALSE(tracker.record(at(seconds{1}), 0, process));
  EXPECT_FALSE(tracker.record(at(milliseconds{1400}), 1, process));
  EXPECT_EQ(tracker.settles, kNever);
  EXPECT_FALSE(tracker.record(at(seconds{2}), 0, process));
  EXPECT_FALSE(tracker.advance(at(milliseconds{2500} - Duration{1})));
  EXPECT_TRUE(tracker.advance(at(milliseconds{2500})));
  EXPECT_EQ(tracker.health, Health::down);
}

TEST(ProcessTracker, QuorumIsARange) {
  config::TrackProcess process;
  process.quorum = 2;
  process.quorum_max = 3;
  ProcessTracker tracker;
  const auto health_of = [&](int running) {
    tracker.record(at(seconds{0}), running, process);
    return tracker.health;
  };
  EXPECT_EQ(health_of(1), Health::down);
  EXPECT_EQ(health_of(2), Health::up);
  EXPECT_EQ(health_of(3), Health::up);
  EXPECT_EQ(health_of(4), Health::down);
}

}  // namespace
}  // namespace vipdrift::track
