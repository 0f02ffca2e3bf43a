#include "scenarios/invariant_judge.h"

#include <gtest/gtest.h>

#include "scenarios/judge_test_support.h"

namespace vipdrift::scenarios {
namespace {

using vrrp::State;

Judgement judge(const Invariant& invariant, const Story& story) {
  Scenario scenario = two_directors();
  scenario.always.push_back({{"test.yaml", 30, 5}, "the invariant", invariant});
  return judge_invariants(scenario, story.timeline()).at(0);
}

ClientOutage outage_at_most(Duration at_most) { return {"client", kVip, 0, at_most, {}, 100 * kMs}; }

/// Answered from 4 s; the first unanswered probe is sent at 20 s, the first answered one after it at `again`.
Story interrupted_until(Duration again) {
  Story story;
  story.at(Duration{0}).answers("");
  story.at(4 * kSecond).answers("lvs1");
  story.at(20 * kSecond).answers("");
  story.at(again).answers("lvs2");
  return story;
}

TEST(ClientOutageJudge, MeasuresFromTheLastAnsweredProbeToTheNext) {
  const Judgement inside = judge(outage_at_most(3'700 * kMs), interrupted_until(23'600 * kMs));
  EXPECT_TRUE(inside.held);
  EXPECT_EQ(inside.margin, Duration{0});
  EXPECT_EQ(inside.at, 19'900 * kMs);
  EXPECT_EQ(inside.seen, "the longest outage was 3.7s from 19.9s");
  const Judgement outside = judge(outage_at_most(3'700 * kMs), interrupted_until(23'600 * kMs + kNs));
  EXPECT_FALSE(outside.held);
  EXPECT_EQ(outside.margin, -kNs);
}

TEST(ClientOutageJudge, AtLeastIsTheOtherHalf) {
  ClientOutage invariant = outage_at_most(4 * kSecond);
  invariant.at_least = 3'700 * kMs;
  EXPECT_TRUE(judge(invariant, interrupted_until(23'600 * kMs)).held);
  const Judgement short_one = judge(invariant, interrupted_until(23'600 * kMs - kNs));
  EXPECT_FALSE(short_one.held);
  EXPECT_EQ(short_one.margin, -kNs);
}

TEST(ClientOutageJudge, AChangeOfTheAnsweringMachineIsNoOutage) {
  Story story;
  story.at(4 * kSecond).answers("lvs1");
  story.at(20 * kSecond).answers("lvs2");
  const Judgement judgement = judge(outage_at_most(Duration{0}), story);
  EXPECT_TRUE(judgement.held);
  EXPECT_EQ(judgement.seen, "no probe went unanswered");
}

TEST(ClientOutageJudge, AnOutageThatIsNotOverLastsToTheEnd) {
  Story story;
  story.at(4 * kSecond).answers("lvs1");
  story.at(50 * kSecond).answers("");
  EXPECT_TRUE(judge(outage_at_most(10'100 * kMs), story).held);
  const Judgement judgement = judge(outage_at_most(10'100 * kMs - kNs), story);
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.seen, "the longest outage was 10.1s from 49.9s, and not over at the end");
}

TEST(ClientOutageJudge, NeverAnsweredFails) {
  Story story;
  story.at(Duration{0}).answers("");
  EXPECT_FALSE(judge(outage_at_most(100 * kSecond), story).held);
  EXPECT_FALSE(judge(outage_at_most(100 * kSecond), Story{}).held);
}

TEST(ClientOutageJudge, TakesTheLongestAndOnlyItsOwn) {
  Story story = interrupted_until(20'100 * kMs);
  story.at(30 * kSecond).answers("").at(31 * kSecond).answers("lvs1");
  story.at(40 * kSecond).answers("").at(40'100 * kMs).answers("lvs1");
  story.at(50 * kSecond).note("other", ProbeAnswers{kVip, 0, "", {}});
  story.at(50 * kSecond).note("client", ProbeAnswers{kVip, 80, "", {}});
  EXPECT_EQ(judge(outage_at_most(2 * kSecond), story).at, 29'900 * kMs);
  const auto all = outages(two_directors(), story.timeline(), outage_at_most(kSecond));
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3U);
  EXPECT_EQ((*all)[1].length(), 1'100 * kMs);
}

// ------------------------------------------------------------------ no address in fault

Story held_in_fault_for(Duration length) {
  Story story;
  story.daemon("lvs1", DaemonEvent::started).becomes("lvs1", State::master).takes("lvs1");
  story.at(20 * kSecond).becomes("lvs1", State::fault, State::master);
  story.at(20 * kSecond + length).drops("lvs1");
  return story;
}

TEST(NoAddressInFaultJudge, AllowsExceptFor) {
  EXPECT_TRUE(judge(NoAddressInFault{}, held_in_fault_for(Duration{0})).held);
  EXPECT_FALSE(judge(NoAddressInFault{}, held_in_fault_for(kNs)).held);
  EXPECT_TRUE(judge(NoAddressInFault{6 * kMs}, held_in_fault_for(6 * kMs)).held);
  const Judgement judgement = judge(NoAddressInFault{6 * kMs}, held_in_fault_for(6 * kMs + kNs));
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.margin, -kNs);
  EXPECT_EQ(judgement.seen, "lvs1 held 10.1.10.7 with VI_1 in FAULT for 6.000001ms from 20s");
}

TEST(NoAddressInFaultJudge, DeadDaemonsAreNotInFault) {
  Story story;
  story.daemon("lvs1", DaemonEvent::started).becomes("lvs1", State::master).takes("lvs1");
  story.at(20 * kSecond).daemon("lvs1", DaemonEvent::crashed);
  EXPECT_TRUE(judge(NoAddressInFault{}, story).held);
  story.at(30 * kSecond).daemon("lvs1", DaemonEvent::started).becomes("lvs1", State::fault);
  EXPECT_FALSE(judge(NoAddressInFault{29 * kSecond}, story).held);
  EXPECT_TRUE(judge(NoAddressInFault{30 * kSecond}, story).held);
}

// ------------------------------------------------------------------ transitions

TEST(TransitionsJudge, CountsWithoutStartAndStop) {
  Story story;
  story.becomes("lvs1", State::backup, State::initialize).becomes("lvs1", State::master);
  story.at(20 * kSecond).becomes("lvs1", State::backup, State::master).becomes("lvs2", State::master);
  story.at(30 * kSecond).becomes("lvs1", State::initialize, State::backup);
  EXPECT_TRUE(judge(TransitionsAtMost{"VI_1", {}, 3}, story).held);
  const Judgement judgement = judge(TransitionsAtMost{"VI_1", {}, 2}, story);
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.seen, "3 transitions");
  EXPECT_EQ(judgement.at, 20 * kSecond);
  EXPECT_TRUE(judge(TransitionsAtMost{"VI_1", "lvs1", 2}, story).held);
  EXPECT_FALSE(judge(TransitionsAtMost{"VI_1", "lvs1", 1}, story).held);
  EXPECT_TRUE(judge(TransitionsAtMost{"VI_2", {}, 0}, story).held);
}

TEST(InvariantJudge, CarriesPlaceAndText) {
  const Judgement judgement = judge(TransitionsAtMost{"VI_1", {}, 0}, Story{});
  EXPECT_EQ(judgement.kind, Judgement::Kind::invariant);
  EXPECT_EQ(judgement.place.line, 30);
  EXPECT_EQ(judgement.expected, "the invariant");
}

}  // namespace
}  // namespace vipdrift::scenarios
