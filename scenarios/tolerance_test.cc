#include "scenarios/tolerance.h"

#include <gtest/gtest.h>

#include "scenarios/judge_test_support.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {
namespace {

using vrrp::State;

constexpr Duration kTolerance = 300 * kMs;

/// lvs1 holds the address and dies at 20 s; lvs2 holds it in [from, until).
Story drift(Duration from, Duration until = 60 * kSecond) {
  Story story;
  story.at(kSecond).daemon("lvs1", DaemonEvent::started).daemon("lvs2", DaemonEvent::started);
  story.at(4 * kSecond).becomes("lvs1", State::master).takes("lvs1");
  story.at(20 * kSecond).step("crash lvs1").daemon("lvs1", DaemonEvent::crashed);
  story.at(from).becomes("lvs2", State::master).takes("lvs2");
  if (until < 60 * kSecond) story.at(until).drops("lvs2");
  return story;
}

Expectation on_lvs2() {
  Expectation expectation;
  expectation.place = {"test.yaml", 7, 3};
  expectation.text = "10.1.10.7 on lvs2";
  expectation.condition = VipOn{kVip, "lvs2"};
  expectation.since = 20 * kSecond;
  return expectation;
}

Judgement judge_one(const Expectation& expectation, const Story& story, Duration tolerance = kTolerance) {
  Scenario scenario = two_directors();
  scenario.expectations.push_back(expectation);
  return judge(scenario, story.timeline(), {tolerance, {}}).judgements.at(0);
}

bool invariant_holds(const Invariant& invariant, const Story& story, Duration tolerance = kTolerance) {
  Scenario scenario = two_directors();
  scenario.always.push_back({{"test.yaml", 9, 3}, "always so", invariant});
  return judge(scenario, story.timeline(), {tolerance, {}}).judgements.at(0).held;
}

// ------------------------------------------------------------------ states

TEST(Tolerance, ADeadlineIsLaterByIt) {
  Expectation expectation = on_lvs2();
  expectation.deadline = 23 * kSecond;
  EXPECT_TRUE(judge_one(expectation, drift(23 * kSecond + kTolerance)).held);
  EXPECT_FALSE(judge_one(expectation, drift(23 * kSecond + kTolerance + kNs)).held);
  EXPECT_FALSE(judge_one(expectation, drift(23 * kSecond + kNs), Duration{0}).held);
}

TEST(Tolerance, ALowerBoundIsEarlierByIt) {
  Expectation expectation = on_lvs2();
  expectation.deadline = 25 * kSecond;
  expectation.not_before = 23 * kSecond;
  EXPECT_TRUE(judge_one(expectation, drift(23 * kSecond - kTolerance)).held);
  EXPECT_FALSE(judge_one(expectation, drift(23 * kSecond - kTolerance - kNs)).held);
}

TEST(Tolerance, AStretchAfterADeadlineIsShorterAtBothEdges) {
  Expectation expectation = on_lvs2();
  expectation.deadline = 23 * kSecond;
  expectation.holds_for = 5 * kSecond;
  const Duration shortest = 5 * kSecond - 2 * kTolerance;
  EXPECT_TRUE(judge_one(expectation, drift(22 * kSecond, 22 * kSecond + shortest)).held);
  EXPECT_FALSE(judge_one(expectation, drift(22 * kSecond, 22 * kSecond + shortest - kNs)).held);
}

TEST(Tolerance, AStretchFromTheStepOnIsShorterAtBothEdges) {
  Expectation expectation = on_lvs2();
  expectation.holds_until = 30 * kSecond;
  const Duration begin = 20 * kSecond + kTolerance;
  const Duration end = 30 * kSecond - kTolerance;
  EXPECT_TRUE(judge_one(expectation, drift(begin, end)).held);
  EXPECT_FALSE(judge_one(expectation, drift(begin + kNs, end)).held);
  EXPECT_FALSE(judge_one(expectation, drift(begin, end - kNs)).held);
}

TEST(Tolerance, NeverIsShorterAtBothEdgesForAState) {
  Expectation expectation = on_lvs2();
  expectation.never_until = 30 * kSecond;
  const Duration begin = 20 * kSecond + kTolerance;
  const Duration end = 30 * kSecond - kTolerance;
  EXPECT_TRUE(judge_one(expectation, drift(end + kNs)).held);
  EXPECT_FALSE(judge_one(expectation, drift(end)).held);
  EXPECT_TRUE(judge_one(expectation, drift(19 * kSecond, begin)).held);
  EXPECT_FALSE(judge_one(expectation, drift(19 * kSecond, begin + kNs)).held);
}

TEST(Tolerance, WhatEndsSoonAfterTheStepWasThereBeforeIt) {
  Expectation expectation = on_lvs2();
  expectation.deadline = 30 * kSecond;
  expectation.not_before = 25 * kSecond;
  Story lingering = drift(19 * kSecond, 20 * kSecond + kTolerance);
  lingering.at(26 * kSecond).takes("lvs2");
  EXPECT_TRUE(judge_one(expectation, lingering).held);
  Story too_long = drift(19 * kSecond, 20 * kSecond + kTolerance + kNs);
  too_long.at(26 * kSecond).takes("lvs2");
  EXPECT_FALSE(judge_one(expectation, too_long).held);
}

TEST(Tolerance, AWindowThatItEatsUpIsNotJudged) {
  Expectation expectation = on_lvs2();
  expectation.never_until = 20 * kSecond + 2 * kTolerance;
  const Judgement unseen = judge_one(expectation, drift(20 * kSecond + 100 * kMs));
  EXPECT_EQ(unseen.not_judged, "600ms are too short for a tolerance of 300ms");
  EXPECT_FALSE(unseen.held);
  EXPECT_FALSE(unseen.failed());
  *expectation.never_until += kNs;
  EXPECT_TRUE(judge_one(expectation, drift(20 * kSecond + 100 * kMs)).failed());
}

// ------------------------------------------------------------------ events

Story notifications(std::initializer_list<Duration> moments) {
  Story story;
  story.at(20 * kSecond).step();
  for (const Duration at : moments) story.at(at).note("lvs2", NotificationRun{false, "VI_1", {}, 0, {}});
  return story;
}

Expectation notified() {
  Expectation expectation = on_lvs2();
  expectation.condition = Notified{"VI_1", "lvs2", {}, {}};
  expectation.deadline = 30 * kSecond;
  return expectation;
}

TEST(Tolerance, CountsAtLeastToALaterDeadline) {
  Expectation expectation = notified();
  expectation.at_least = 2;
  EXPECT_TRUE(judge_one(expectation, notifications({21 * kSecond, 30 * kSecond + kTolerance})).held);
  EXPECT_FALSE(judge_one(expectation, notifications({21 * kSecond, 30 * kSecond + kTolerance + kNs})).held);
}

TEST(Tolerance, CountsAtMostToAnEarlierDeadline) {
  Expectation expectation = notified();
  expectation.at_most = 1;
  EXPECT_TRUE(judge_one(expectation, notifications({21 * kSecond, 30 * kSecond - kTolerance + kNs})).held);
  EXPECT_FALSE(judge_one(expectation, notifications({21 * kSecond, 30 * kSecond - kTolerance})).held);
}

TEST(Tolerance, CountsBothWaysApart) {
  Expectation expectation = notified();
  expectation.at_least = 2;
  expectation.at_most = 2;
  const Duration late = 30 * kSecond + kTolerance;
  EXPECT_TRUE(judge_one(expectation, notifications({21 * kSecond, late, late})).held);
  EXPECT_FALSE(judge_one(expectation, notifications({21 * kSecond, late + kNs})).held);
  EXPECT_FALSE(judge_one(expectation, notifications({21 * kSecond, 22 * kSecond, 23 * kSecond})).held);
}

TEST(Tolerance, NeverOfAnEventIsShorterAtItsEndOnly) {
  Expectation expectation = notified();
  expectation.deadline.reset();
  expectation.never_until = 30 * kSecond;
  EXPECT_TRUE(judge_one(expectation, notifications({30 * kSecond - kTolerance + kNs})).held);
  EXPECT_FALSE(judge_one(expectation, notifications({30 * kSecond - kTolerance})).held);
  EXPECT_FALSE(judge_one(expectation, notifications({20 * kSecond + kNs})).held);
}

// ------------------------------------------------------------------ invariants

/// Nobody is master from the crash at 20 s to `moment`.
Story gap_until(Duration moment) {
  Story story;
  story.at(kSecond).daemon("lvs1", DaemonEvent::started).daemon("lvs2", DaemonEvent::started);
  story.at(4 * kSecond).becomes("lvs1", State::master).becomes("lvs2", State::backup, State::initialize);
  story.at(20 * kSecond).daemon("lvs1", DaemonEvent::crashed);
  story.at(moment).becomes("lvs2", State::master);
  return story;
}

TEST(Tolerance, OneMasterMayBeMissedForLonger) {
  const OneMaster invariant{.except_for = 50 * kMs, .settling = Duration{0}};
  EXPECT_TRUE(invariant_holds(invariant, gap_until(20 * kSecond + kTolerance + 50 * kMs)));
  EXPECT_FALSE(invariant_holds(invariant, gap_until(20 * kSecond + kTolerance + 50 * kMs + kNs)));
}

TEST(Tolerance, AClientsOutageIsWidenedBothWays) {
  Story story;
  story.at(kSecond).answers("lvs1");
  story.at(20 * kSecond).answers("");
  story.at(24 * kSecond).answers("lvs2");  // 4.1 s after the last answered probe
  const auto bounds = [](Duration at_most, std::optional<Duration> at_least) {
    return ClientOutage{"client", kVip, 0, at_most, at_least};
  };
  EXPECT_TRUE(invariant_holds(bounds(3800 * kMs, {}), story));
  EXPECT_FALSE(invariant_holds(bounds(3800 * kMs - kNs, {}), story));
  EXPECT_TRUE(invariant_holds(bounds(5 * kSecond, 4400 * kMs), story));
  EXPECT_FALSE(invariant_holds(bounds(5 * kSecond, 4400 * kMs + kNs), story));
}

// ------------------------------------------------------------------ what is said

TEST(Tolerance, IsStatedWithEachExpectation) {
  Expectation expectation = on_lvs2();
  expectation.never_until = 30 * kSecond;
  EXPECT_EQ(judge_one(expectation, drift(40 * kSecond)).expected, "10.1.10.7 on lvs2 (since 20s, to within 300ms)");
  EXPECT_EQ(judge_one(expectation, drift(40 * kSecond), Duration{0}).expected, "10.1.10.7 on lvs2 (since 20s)");
}

TEST(Sight, WhatCannotBeSeenIsNeitherHeldNorFailed) {
  Scenario scenario = two_directors();
  scenario.expectations.push_back(on_lvs2());
  scenario.expectations.back().deadline = 23 * kSecond;
  scenario.always.push_back({{}, "one master", OneMaster{}});
  const auto blind = [](const Condition&) { return std::optional<std::string>("it is dark"); };
  const Verdict verdict = judge(scenario, drift(22 * kSecond).timeline(), {Duration{0}, blind});
  ASSERT_EQ(verdict.judgements.size(), 2U);
  EXPECT_EQ(verdict.judgements[0].not_judged, "it is dark");
  EXPECT_EQ(verdict.judgements[1].not_judged, "it is dark");
  EXPECT_EQ(verdict.failed(), 0U);
  EXPECT_EQ(verdict.judged(), 0U);
  EXPECT_FALSE(verdict.held());
}

TEST(Sight, TheRestIsJudged) {
  Scenario scenario = two_directors();
  scenario.expectations.push_back(on_lvs2());
  scenario.expectations.back().deadline = 23 * kSecond;
  scenario.always.push_back({{}, "one master", OneMaster{}});
  const auto no_states = [](const Condition& condition) {
    return std::holds_alternative<InstanceState>(condition) ? std::optional<std::string>("no log") : std::nullopt;
  };
  const Verdict verdict = judge(scenario, drift(22 * kSecond).timeline(), {Duration{0}, no_states});
  EXPECT_TRUE(verdict.judgements[0].held);
  EXPECT_EQ(verdict.judgements[1].not_judged, "no log");
  EXPECT_TRUE(verdict.held());
}

}  // namespace
}  // namespace vipdrift::scenarios
