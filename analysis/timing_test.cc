#include "analysis/timing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

#include "analysis/analysis_test_support.h"
#include "analysis/detection.h"

namespace vipdrift::analysis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::cluster_of;
using testing::instance;
using testing::rules_of;

constexpr std::chrono::microseconds kSkew98{617'187};  // (256 - 98) / 256 s, and half a microsecond

std::vector<TimingRow> timing(const std::vector<std::string>& texts) { return measure_timing(cluster_of(texts)); }

const TimingRow& row(const std::vector<TimingRow>& rows, const std::string& event) {
  for (const TimingRow& one : rows) {
    if (one.event == event) return one;
  }
  ADD_FAILURE() << "no row '" << event << "'";
  static const TimingRow none;
  return none;
}

void expect_near(const std::optional<Duration>& seen, Duration wanted, const std::string& what) {
  ASSERT_TRUE(seen) << what;
  EXPECT_LT(std::chrono::abs(*seen - wanted), 1ms) << what << ": " << seen->count();
}

std::string tracking(int priority, const std::string& script, const std::string& more = "") {
  return "vrrp_script chk {\n script /bin/true\n " + script + "\n}\n" +
         instance({.priority = priority, .more = "track_script {\n chk\n}\n" + more});
}

TEST(Detection, CountsRunsOfTheTracker) {
  config::VrrpScript script;
  script.interval = 2s;
  script.fall = 3;
  script.rise = 2;
  EXPECT_EQ(worst_detection(script, ScriptOutcome::fails), 6s);
  EXPECT_EQ(worst_detection(script, ScriptOutcome::succeeds), 4s);
  script.timeout = 1s;
  EXPECT_EQ(worst_detection(script, ScriptOutcome::hangs), 7s);
  // A run that is killed when the next is due takes that one's place: keepalived skips it.
  script.timeout = Duration{0};
  EXPECT_EQ(worst_detection(script, ScriptOutcome::hangs), 12s);
}

TEST(Detection, WhatGoesBeyondThePlayedRunsIsMoreOfTheSame) {
  config::VrrpScript script;
  script.interval = 2s;
  script.fall = script.rise = kMostRuns + 500;
  EXPECT_EQ(worst_detection(script, ScriptOutcome::fails), 2s * script.fall);
  EXPECT_EQ(worst_detection(script, ScriptOutcome::succeeds), 2s * script.rise);
  script.timeout = 1s;
  EXPECT_EQ(worst_detection(script, ScriptOutcome::hangs), 2s * script.fall + 1s);
  script.interval = 1s;
  script.fall = std::numeric_limits<int>::max();
  EXPECT_EQ(worst_detection(script, ScriptOutcome::fails), std::chrono::seconds{script.fall});
  script.interval = 1000s;
  EXPECT_EQ(worst_detection(script, ScriptOutcome::fails), kLongestDetection);
}

TEST(Timing, TheGreatestFallTakesNoLonger) {
  const std::string most = std::to_string(std::numeric_limits<int>::max());
  const std::vector<TimingRow> rows =
      timing({tracking(100, "interval 1\n weight -5\n fall " + most + "\n rise " + most), instance({.priority = 98})});
  const Duration runs = std::chrono::seconds{std::numeric_limits<int>::max()};
  expect_near(row(rows, "chk fails on a").worst, runs + 3s + kSkew98, "fails");
  expect_near(row(rows, "chk is well again on a").worst, runs + 3s + 609'375us, "recovers");
}

TEST(Timing, ACrashTakesTheMasterDownInterval) {
  const std::vector<TimingRow> rows = timing({instance({.priority = 100}), instance({.priority = 98})});
  const TimingRow& crash = row(rows, "a crashes or loses power");
  expect_near(crash.worst, 3s + kSkew98, "crash");
  EXPECT_EQ(crash.formula, "3 x advert_int 1 s + skew 0.617 s of b (priority 98)");
  EXPECT_EQ(crash.virtual_router, "VI_1 (10.0.0.7)");
  EXPECT_EQ(crash.from + ">" + crash.to, "a>b");
  EXPECT_EQ(crash.places.front().file, "b.conf");
  expect_near(row(rows, "a is cut off from the others").worst, 3s + kSkew98, "cut off");
  expect_near(row(rows, "interface eth0 is down on a").worst, 3s + kSkew98, "interface");
  expect_near(row(rows, "a is stopped").worst, kSkew98, "stop");
  const TimingRow& back = row(rows, "a starts again");
  EXPECT_TRUE(back.is_return);
  expect_near(back.worst, 3s + 609'375us, "return");
  EXPECT_EQ(back.formula, "3 x advert_int 1 s + skew 0.609 s of a (priority 100)");
}

TEST(Timing, VersionThreeWaitsInItsMastersIntervals) {
  const std::vector<TimingRow> rows = timing({instance({.priority = 100, .more = "version 3\n advert_int 0.5"}),
                                              instance({.priority = 56, .more = "version 3\n advert_int 2"})});
  expect_near(row(rows, "a crashes or loses power").worst, 1500ms + 500ms * 200 / 256, "crash");
}

TEST(Timing, AWeightIsHeardOfLateAndAFaultAtOnce) {
  std::vector<TimingRow> rows = timing({tracking(100, "interval 2\n fall 2\n weight -5"), instance({.priority = 98})});
  expect_near(row(rows, "chk fails on a").worst, 4s + 3s + kSkew98, "weight");
  EXPECT_EQ(row(rows, "chk fails on a").formula,
            "interval 2 s x fall 2 + 3 x advert_int 1 s + skew 0.617 s of b (priority 98)");
  expect_near(row(rows, "chk hangs on a").worst, 8s + 3s + kSkew98, "hangs");
  EXPECT_EQ(row(rows, "chk fails on a").places.back().file, "a.conf");
  expect_near(row(rows, "chk is well again on a").worst, 2s + 3s + 609'375us, "recovery");
  rows = timing({tracking(100, "interval 2\n fall 2\n timeout 1\n weight 0"), instance({.priority = 98})});
  expect_near(row(rows, "chk fails on a").worst, 4s + kSkew98, "fault");
  expect_near(row(rows, "chk hangs on a").worst, 5s + kSkew98, "fault, hangs");
}

TEST(Timing, AWeightThatIsTooSmallMovesNothing) {
  const std::vector<TimingRow> rows = timing({tracking(110, "weight -5"), instance({.priority = 98})});
  EXPECT_FALSE(row(rows, "chk fails on a").worst);
  EXPECT_THAT(judge_timing(rows, 60s), IsEmpty()) << "that is for other rules";
}

TEST(Timing, DelaysOfTheConfigurationCount) {
  const std::string delays = "interface_up_down_delays {\n eth1 2 1\n}\n";
  std::vector<TimingRow> rows =
      timing({delays + instance({.priority = 100, .more = "track_interface {\n eth1\n}"}), instance({.priority = 98})});
  const TimingRow& down = row(rows, "interface eth1 is down on a");
  ASSERT_TRUE(down.worst);
  EXPECT_EQ(down.formula.find("more"), std::string::npos) << down.formula;
  EXPECT_GT(*down.worst, 1s + kSkew98 - 1ms);
  rows = timing({instance({.priority = 100, .more = "preempt_delay 60"}), instance({.priority = 98})});
  const TimingRow& back = row(rows, "a starts again");
  EXPECT_THAT(back.formula, HasSubstr("preempt_delay 60 s"));
  ASSERT_TRUE(back.worst);
  EXPECT_GT(*back.worst, 60s);
  EXPECT_LT(*back.worst, 66s);
}

TEST(Timing, ADelayOfPreemptionCountsAfterALossOfWeightAndNotAfterACrash) {
  const std::vector<TimingRow> rows =
      timing({tracking(100, "interval 2\n fall 2\n weight -5"),
              instance({.priority = 98, .more = "preempt_delay 60"})});
  const TimingRow& fails = row(rows, "chk fails on a");
  EXPECT_THAT(fails.formula, HasSubstr("interval 2 s x fall 2 + preempt_delay 60 s + 3 x advert_int 1 s + skew"));
  EXPECT_EQ(fails.formula.find("more in the core"), std::string::npos) << fails.formula;
  EXPECT_EQ(row(rows, "a crashes or loses power").formula.find("preempt_delay"), std::string::npos);
}

TEST(Timing, NopreemptStaysAway) {
  const auto text = [](int priority) { return instance({.priority = priority, .more = "state BACKUP\n nopreempt"}); };
  const std::vector<TimingRow> rows = timing({text(100), text(98)});
  EXPECT_FALSE(row(rows, "a starts again").worst);
  EXPECT_EQ(row(rows, "a starts again").to, "b");
  expect_near(row(rows, "b crashes or loses power").worst, 3s + 609'375us, "either may hold it");
}

TEST(Timing, EachHasItsRank) {
  const std::vector<TimingRow> rows =
      timing({instance({.priority = 200}), instance({.priority = 150}), instance({.priority = 100})});
  expect_near(row(rows, "a crashes or loses power").worst, 3s + 414'062us, "second");
  const TimingRow& second = row(rows, "b crashes or loses power while a is down");
  expect_near(second.worst, 3s + 609'375us, "third");
  EXPECT_EQ(second.to, "c");
  for (const TimingRow& one : rows) EXPECT_NE(one.from, "c") << one.event << ": nobody is left then";
}

TEST(Timing, GroupsWaitForTheirLastMember) {
  const auto many = [](int priority) {
    std::string text, members;
    for (int i = 1; i <= 20; ++i) {
      const std::string number = std::to_string(i);
      text += instance({.priority = priority, .name = "V" + number, .vrid = i, .address = "10.0.0." + number});
      members += " V" + number + "\n";
    }
    return text + "vrrp_sync_group G {\n group {\n" + members + "}\n}\n";
  };
  const std::vector<TimingRow> rows = timing({many(100), many(98)});
  ASSERT_EQ(rows.size(), 6U) << "all members are alike";
  EXPECT_EQ(rows[0].virtual_router, "V1 (10.0.0.1) and 19 like it");
  expect_near(row(rows, "a crashes or loses power").worst, 3s + kSkew98, "crash");
  expect_near(row(rows, "a is stopped").worst, kSkew98, "stop");
}

TEST(Timing, ADirectorAloneLeavesItToNobody) {
  const std::vector<TimingRow> rows = timing({instance({})});
  const TimingRow& crash = row(rows, "a crashes or loses power");
  EXPECT_FALSE(crash.worst);
  EXPECT_EQ(crash.to, "nobody");
  const std::vector<Finding> found = judge_timing(rows, 60s);
  ASSERT_THAT(rules_of(found), ElementsAre("takeover-too-slow"));
  EXPECT_EQ(found[0].message,
            "nobody takes over VI_1 (10.0.0.7) from a when a crashes or loses power; wanted within 60 s");
}

TEST(Timing, WhatIsTooSlowIsFoundWithItsNumber) {
  const std::vector<TimingRow> rows = timing({instance({.priority = 100}), instance({.priority = 98})});
  const std::vector<Finding> found = judge_timing(rows, 3s);
  EXPECT_THAT(rules_of(found), ElementsAre("takeover-too-slow"));
  ASSERT_EQ(found.size(), 3U) << "not when a is stopped, and not the return";
  EXPECT_EQ(found[0].message,
            "VI_1 (10.0.0.7) needs up to 3.617 s from a to b when a crashes or loses power (3 x advert_int 1 s + skew "
            "0.617 s of b (priority 98)); wanted within 3 s");
  EXPECT_THAT(judge_timing(rows, 3s + kSkew98 + 1ms), IsEmpty());
}

}  // namespace
}  // namespace vipdrift::analysis
