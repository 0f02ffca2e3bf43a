#include "scenarios/one_master_judge.h"

#include <gtest/gtest.h>

#include "scenarios/judge_test_support.h"

namespace vipdrift::scenarios {
namespace {

using vrrp::State;

// The configurations of two_directors(): advertisement interval 1 s, master down interval at most 4 s; the segment's
// default latency of 50 us adds 100 us there and back.
constexpr Duration kHeard = kSecond + Duration{100'000};
constexpr Duration kOverlapSettling = kHeard;
constexpr Duration kGapSettling = kHeard + 4 * kSecond;

Judgement judge(const Story& story, OneMaster invariant) {
  return judge_one_master(two_directors(), story.timeline(), invariant);
}

/// Both daemons start at 0 s; lvs1 is master from 4 s on.
Story running() {
  Story story;
  story.daemon("lvs1", DaemonEvent::started).daemon("lvs2", DaemonEvent::started);
  story.becomes("lvs1", State::backup, State::initialize).becomes("lvs2", State::backup, State::initialize);
  story.at(4 * kSecond).becomes("lvs1", State::master);
  return story;
}

TEST(OneMaster, HoldsWithOneMaster) {
  const Judgement judgement = judge(running(), {});
  EXPECT_TRUE(judgement.held);
  EXPECT_EQ(judgement.seen, "always one");
}

TEST(OneMaster, DoesNotMissAMasterBeforeTheFirst) {
  Story story;
  story.daemon("lvs1", DaemonEvent::started).becomes("lvs1", State::backup, State::initialize);
  EXPECT_TRUE(judge(story, {Duration{0}, Duration{0}}).held);
}

TEST(OneMaster, AnOverlapMayLastExceptFor) {
  const auto overlap_of = [](Duration length) {
    Story story = running();
    story.at(20 * kSecond).becomes("lvs2", State::master);
    story.at(20 * kSecond + length).becomes("lvs2", State::backup, State::master);
    return story;
  };
  const Judgement inside = judge(overlap_of(100 * kMs), {100 * kMs});
  EXPECT_TRUE(inside.held);
  EXPECT_EQ(inside.margin, Duration{0});
  const Judgement outside = judge(overlap_of(100 * kMs + kNs), {100 * kMs});
  EXPECT_FALSE(outside.held);
  EXPECT_EQ(outside.margin, -kNs);
  EXPECT_EQ(outside.at, 20 * kSecond);
  EXPECT_EQ(outside.seen, "vrid 151 on lan: lvs1, lvs2 were all master for 100.000001ms from 20s");
}

TEST(OneMaster, AnOverlapAtTheEndLastsToTheEnd) {
  Story story = running();
  story.at(59 * kSecond).becomes("lvs2", State::master);
  EXPECT_FALSE(judge(story, {999 * kMs}).held);
  EXPECT_TRUE(judge(story, {kSecond}).held);
}

TEST(OneMaster, AGapMayLastExceptFor) {
  const auto gap_of = [](Duration length) {
    Story story = running();
    story.at(20 * kSecond).becomes("lvs1", State::backup, State::master);
    story.at(20 * kSecond + length).becomes("lvs2", State::master);
    return story;
  };
  EXPECT_TRUE(judge(gap_of(100 * kMs), {100 * kMs}).held);
  const Judgement outside = judge(gap_of(100 * kMs + kNs), {100 * kMs});
  EXPECT_FALSE(outside.held);
  EXPECT_EQ(outside.seen, "vrid 151 on lan: no master among lvs1, lvs2 for 100.000001ms from 20s");
}

/// lvs1 crashes at 20 s, lvs2 takes over so much later.
Story crash_and_takeover(Duration later) {
  Story story = running();
  story.at(20 * kSecond).daemon("lvs1", DaemonEvent::crashed);
  story.at(20 * kSecond + later).becomes("lvs2", State::master);
  return story;
}

TEST(OneMaster, AGapAfterACrashCountsOnlyBehindTheSettlingTime) {
  EXPECT_TRUE(judge(crash_and_takeover(kGapSettling + 100 * kMs), {100 * kMs}).held);
  EXPECT_FALSE(judge(crash_and_takeover(kGapSettling + 100 * kMs + kNs), {100 * kMs}).held);
}

TEST(OneMaster, SettlingCanBeGiven) {
  EXPECT_TRUE(judge(crash_and_takeover(3'700 * kMs), {Duration{0}, 3'700 * kMs}).held);
  EXPECT_FALSE(judge(crash_and_takeover(3'700 * kMs), {Duration{0}, 3'700 * kMs - kNs}).held);
  EXPECT_FALSE(judge(crash_and_takeover(kNs), {Duration{0}, Duration{0}}).held);
}

TEST(OneMaster, ADisturbanceDoesNotForgetWhatWasBefore) {
  Story story = running();
  story.at(20 * kSecond).becomes("lvs2", State::master);
  story.at(25 * kSecond).daemon("lvs2", DaemonEvent::reloaded);
  story.at(25 * kSecond + kMs).becomes("lvs2", State::backup, State::master);
  const Judgement judgement = judge(story, {4 * kSecond});
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.margin, -kSecond);
}

TEST(OneMaster, TwoMastersAreLegalAcrossAPartition) {
  Story story = running();
  story.at(20 * kSecond).note("lan", ConnectivityChanged{"lan", {{"lvs1"}, {"lvs2"}}});
  story.at(24 * kSecond).becomes("lvs2", State::master);
  EXPECT_TRUE(judge(story, {}).held);
}

TEST(OneMaster, AfterAHealTheyHaveOneIntervalToSettle) {
  const auto healed = [](Duration overlap) {
    Story story = running();
    story.at(20 * kSecond).note("lan", ConnectivityChanged{"lan", {{"lvs1"}, {"lvs2"}}});
    story.at(24 * kSecond).becomes("lvs2", State::master);
    story.at(30 * kSecond).note("lan", ConnectivityChanged{"lan", {{"lvs1", "lvs2"}}});
    story.at(30 * kSecond + overlap).becomes("lvs2", State::backup, State::master);
    return story;
  };
  EXPECT_TRUE(judge(healed(kOverlapSettling), {}).held);
  EXPECT_FALSE(judge(healed(kOverlapSettling + kNs), {}).held);
}

TEST(OneMaster, EachSideOfAPartitionWantsAMaster) {
  const auto parted = [](Duration until_takeover) {
    Story story = running();
    story.at(20 * kSecond).note("lan", ConnectivityChanged{"lan", {{"lvs1"}, {"lvs2"}}});
    story.at(20 * kSecond + until_takeover).becomes("lvs2", State::master);
    return story;
  };
  EXPECT_TRUE(judge(parted(kGapSettling), {}).held);
  EXPECT_FALSE(judge(parted(kGapSettling + kNs), {}).held);
}

TEST(OneMaster, ALossyLinkNeitherDemandsNorForbids) {
  Story story = running();
  story.at(20 * kSecond).note("lan", ConnectivityChanged{"lan", {{"lvs1"}, {"lvs2"}}, {{"lvs1", "lvs2"}}});
  EXPECT_TRUE(judge(story, {}).held);  // lvs2 alone in its loss-free group, but it may hear lvs1
  story.at(24 * kSecond).becomes("lvs2", State::master);
  EXPECT_TRUE(judge(story, {}).held);
  story.at(26 * kSecond).becomes("lvs1", State::backup, State::master);
  story.at(26 * kSecond).becomes("lvs2", State::backup, State::master);
  EXPECT_FALSE(judge(story, {}).held);  // somebody must be
}

TEST(OneMaster, APausedDaemonNeitherCountsNorIsMissed) {
  Story story = running();
  story.at(20 * kSecond).daemon("lvs1", DaemonEvent::paused);
  story.at(23 * kSecond).becomes("lvs2", State::master);
  EXPECT_TRUE(judge(story, {}).held);
  story.at(30 * kSecond).daemon("lvs1", DaemonEvent::resumed);
  story.at(30 * kSecond + kOverlapSettling + kNs).becomes("lvs2", State::backup, State::master);
  EXPECT_FALSE(judge(story, {}).held);
}

TEST(OneMaster, NobodyIsMissedWhereAllAreInFault) {
  Story story = running();
  story.at(20 * kSecond).becomes("lvs1", State::fault, State::master).becomes("lvs2", State::fault);
  EXPECT_TRUE(judge(story, {}).held);
  story.at(40 * kSecond).becomes("lvs2", State::backup, State::fault);
  EXPECT_FALSE(judge(story, {Duration{0}, Duration{0}}).held);
}

TEST(OneMaster, OtherVirtualRoutersDoNotMix) {
  Scenario scenario = two_directors();
  auto other = *scenario.configs[1].configuration;
  other.instances[0].virtual_router_id = 152;
  scenario.configs[1].configuration = std::make_shared<const config::Configuration>(other);
  Story story = running();
  story.at(20 * kSecond).note("lvs2", InstanceChanged{"VI_1", 152, State::backup, State::master});
  EXPECT_TRUE(judge_one_master(scenario, story.timeline(), {}).held);
}

TEST(OneMaster, DelaysOfTheScenarioLengthenTheSettling) {
  Scenario scenario = two_directors();
  SetFaults faults;
  faults.segment = "lan";
  faults.faults.delay = 5 * kMs;
  faults.faults.jitter = 2 * kMs;
  scenario.steps.push_back({Duration{0}, {}, "faults", faults});
  const Duration settling = kGapSettling + 28 * kMs;
  const auto takeover = [](Duration later) { return crash_and_takeover(later).timeline(); };
  EXPECT_TRUE(judge_one_master(scenario, takeover(settling), {}).held);
  EXPECT_FALSE(judge_one_master(scenario, takeover(settling + kNs), {}).held);
}

}  // namespace
}  // namespace vipdrift::scenarios
