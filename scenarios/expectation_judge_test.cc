#include "scenarios/expectation_judge.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "scenarios/condition.h"
#include "scenarios/judge_test_support.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {
namespace {

using vrrp::State;

Expectation expectation_of(Condition condition) {
  Expectation expectation;
  expectation.place = {"test.yaml", 7, 3};
  expectation.text = describe(condition);
  expectation.condition = std::move(condition);
  expectation.since = 20 * kSecond;
  return expectation;
}

Judgement judge_one(const Expectation& expectation, const Story& story) {
  Scenario scenario = two_directors();
  scenario.expectations.push_back(expectation);
  return judge_expectations(scenario, story.timeline()).at(0);
}

/// Whether `condition` holds within 5 s of 20 s.
bool holds_within(const Condition& condition, const Story& story) {
  Expectation expectation = expectation_of(condition);
  expectation.deadline = 25 * kSecond;
  return judge_one(expectation, story).held;
}

/// lvs1 dies at 20 s; lvs2 holds the address from `moment` on.
Story drift_at(Duration moment) {
  Story story;
  story.at(kSecond).daemon("lvs1", DaemonEvent::started).daemon("lvs2", DaemonEvent::started);
  story.at(4 * kSecond).becomes("lvs1", State::master).takes("lvs1");
  story.at(20 * kSecond).step("crash lvs1").daemon("lvs1", DaemonEvent::crashed);
  story.at(moment).becomes("lvs2", State::master).takes("lvs2");
  return story;
}

const VipOn kDrifted{kVip, "lvs2"};

// ------------------------------------------------------------------ qualifiers on states

TEST(Within, IncludesTheDeadline) {
  Expectation expectation = expectation_of(kDrifted);
  expectation.deadline = 23'700 * kMs;
  const Judgement inside = judge_one(expectation, drift_at(23'700 * kMs));
  EXPECT_TRUE(inside.held);
  EXPECT_EQ(inside.margin, Duration{0});
  EXPECT_EQ(inside.at, 23'700 * kMs);
  const Judgement outside = judge_one(expectation, drift_at(23'700 * kMs + kNs));
  EXPECT_FALSE(outside.held);
  EXPECT_EQ(outside.margin, -kNs);
  EXPECT_EQ(outside.at, 23'700 * kMs);
}

TEST(Within, SaysWhatWasSeenInstead) {
  Expectation expectation = expectation_of(kDrifted);
  expectation.deadline = 23 * kSecond;
  const Judgement late = judge_one(expectation, drift_at(23'609'375 * std::chrono::microseconds{1}));
  EXPECT_EQ(late.seen, "10.1.10.7 is on lvs1 (daemon dead) at 23s; so only from 23.609375s, 609.375ms too late");
  EXPECT_EQ(late.expected, "10.1.10.7 on lvs2 (since 20s)");
  EXPECT_EQ(late.place.line, 7);
}

TEST(Within, HoldsAtOnceWhenItIsSoAlready) {
  Expectation expectation = expectation_of(kDrifted);
  expectation.deadline = 20 * kSecond;
  EXPECT_TRUE(judge_one(expectation, drift_at(10 * kSecond)).held);
}

TEST(Within, DoesNotCountWhatEndedBeforeTheStep) {
  Story story;
  story.at(kSecond).daemon("lvs2", DaemonEvent::started).takes("lvs2");
  story.at(20 * kSecond).drops("lvs2");
  EXPECT_FALSE(holds_within(kDrifted, story));
  Story still;
  still.at(kSecond).daemon("lvs2", DaemonEvent::started).takes("lvs2");
  still.at(20 * kSecond + kNs).drops("lvs2");
  EXPECT_TRUE(holds_within(kDrifted, still));
}

TEST(NotBefore, IsTheOtherHalfOfABoundaryPair) {
  Expectation expectation = expectation_of(kDrifted);
  expectation.not_before = 22'600 * kMs;
  expectation.deadline = 23'700 * kMs;
  const Judgement held = judge_one(expectation, drift_at(22'600 * kMs));
  EXPECT_TRUE(held.held);
  EXPECT_EQ(held.margin, Duration{0});
  const Judgement early = judge_one(expectation, drift_at(22'600 * kMs - kNs));
  EXPECT_FALSE(early.held);
  EXPECT_EQ(early.margin, -kNs);
  EXPECT_EQ(judge_one(expectation, drift_at(23 * kSecond)).margin, 400 * kMs);
  EXPECT_EQ(judge_one(expectation, drift_at(23'600 * kMs)).margin, 100 * kMs);
}

TEST(NotBefore, LooksFromTheStepOn) {
  Story story = drift_at(20'001 * kMs);
  story.at(20'002 * kMs).drops("lvs2");
  story.at(23 * kSecond).takes("lvs2");
  Expectation expectation = expectation_of(kDrifted);
  expectation.not_before = 22 * kSecond;
  expectation.deadline = 24 * kSecond;
  EXPECT_FALSE(judge_one(expectation, story).held);
  expectation.since = 20'002 * kMs;
  EXPECT_TRUE(judge_one(expectation, story).held);
}

TEST(For, WithADeadlineWantsALastingStretch) {
  Expectation expectation = expectation_of(kDrifted);
  expectation.deadline = 24 * kSecond;
  expectation.holds_for = 10 * kSecond;
  Story lasting = drift_at(23 * kSecond);
  lasting.at(33 * kSecond).drops("lvs2");
  EXPECT_TRUE(judge_one(expectation, lasting).held);
  Story too_short = drift_at(23 * kSecond);
  too_short.at(33 * kSecond - kNs).drops("lvs2");
  EXPECT_FALSE(judge_one(expectation, too_short).held);
}

TEST(For, TakesALaterStretchThatBeginsInTime) {
  Expectation expectation = expectation_of(kDrifted);
  expectation.deadline = 24 * kSecond;
  expectation.holds_for = 10 * kSecond;
  const auto flapping_until = [](Duration again) {
    Story story = drift_at(22 * kSecond);
    story.at(22'010 * kMs).drops("lvs2");
    story.at(again).takes("lvs2");
    return story;
  };
  EXPECT_TRUE(judge_one(expectation, flapping_until(24 * kSecond)).held);
  const Judgement late = judge_one(expectation, flapping_until(24 * kSecond + kNs));
  EXPECT_FALSE(late.held);
  EXPECT_EQ(late.margin, -kNs);
}

TEST(For, EndsWithTheRun) {
  Expectation expectation = expectation_of(kDrifted);
  expectation.deadline = 24 * kSecond;
  expectation.holds_for = 37 * kSecond;  // to 60 s exactly
  EXPECT_TRUE(judge_one(expectation, drift_at(23 * kSecond)).held);
  expectation.holds_for = 37 * kSecond + kNs;
  EXPECT_FALSE(judge_one(expectation, drift_at(23 * kSecond)).held);
}

TEST(For, WithoutADeadlineBeginsAtTheStep) {
  Expectation expectation = expectation_of(VipOn{kVip, "lvs1"});
  expectation.since = 5 * kSecond;
  expectation.holds_until = 20 * kSecond;
  EXPECT_TRUE(judge_one(expectation, drift_at(23 * kSecond)).held);
  expectation.holds_until = 20 * kSecond + kNs;
  const Judgement broken = judge_one(expectation, drift_at(23 * kSecond));
  EXPECT_FALSE(broken.held);
  EXPECT_EQ(broken.at, 20 * kSecond);
  EXPECT_EQ(broken.margin, -kNs);
  expectation.since = 4 * kSecond;
  expectation.holds_until = 10 * kSecond;
  EXPECT_TRUE(judge_one(expectation, drift_at(23 * kSecond)).held);
  expectation.since = 4 * kSecond - kNs;
  EXPECT_FALSE(judge_one(expectation, drift_at(23 * kSecond)).held);
}

TEST(Never, IncludesItsLastMoment) {
  Expectation expectation = expectation_of(kDrifted);
  expectation.never_until = 23 * kSecond;
  EXPECT_FALSE(judge_one(expectation, drift_at(23 * kSecond)).held);
  const Judgement held = judge_one(expectation, drift_at(23 * kSecond + kNs));
  EXPECT_TRUE(held.held);
  EXPECT_EQ(held.margin, kNs);
  EXPECT_TRUE(judge_one(expectation, Story{}).held);
}

TEST(Never, LooksAtTheStepAfterItHappened) {
  Expectation expectation = expectation_of(VipOn{kVip, "lvs1"});
  expectation.never_until = 30 * kSecond;
  EXPECT_TRUE(judge_one(expectation, drift_at(23 * kSecond)).held);
  expectation.since = 20 * kSecond - kNs;
  EXPECT_FALSE(judge_one(expectation, drift_at(23 * kSecond)).held);
}

// ------------------------------------------------------------------ qualifiers on events

Story logged_at(std::initializer_list<Duration> moments) {
  Story story;
  story.at(20 * kSecond).note("lvs1", LogWritten{"before the step"}).step();
  for (const Duration moment : moments) story.at(moment).note("lvs1", LogWritten{"Entering MASTER STATE"});
  return story;
}

const Logged kEntering{"lvs1", "Entering MASTER"};

TEST(Events, HappenWithinTheDeadline) {
  Expectation expectation = expectation_of(kEntering);
  expectation.deadline = 24 * kSecond;
  const Judgement inside = judge_one(expectation, logged_at({24 * kSecond}));
  EXPECT_TRUE(inside.held);
  EXPECT_EQ(inside.margin, Duration{0});
  const Judgement outside = judge_one(expectation, logged_at({24 * kSecond + kNs}));
  EXPECT_FALSE(outside.held);
  EXPECT_EQ(outside.margin, -kNs);
  EXPECT_FALSE(judge_one(expectation, logged_at({})).held);
}

TEST(Events, OfTheStepsNanosecondCountOnlyAfterIt) {
  Expectation expectation = expectation_of(Logged{"lvs1", "before the step"});
  expectation.deadline = 24 * kSecond;
  EXPECT_FALSE(judge_one(expectation, logged_at({})).held);
  expectation = expectation_of(kEntering);
  expectation.deadline = 24 * kSecond;
  EXPECT_TRUE(judge_one(expectation, logged_at({20 * kSecond})).held);
}

TEST(Events, NotBefore) {
  Expectation expectation = expectation_of(kEntering);
  expectation.not_before = 22 * kSecond;
  expectation.deadline = 24 * kSecond;
  EXPECT_TRUE(judge_one(expectation, logged_at({22 * kSecond})).held);
  const Judgement early = judge_one(expectation, logged_at({22 * kSecond - kNs, 23 * kSecond}));
  EXPECT_FALSE(early.held);
  EXPECT_EQ(early.margin, -kNs);
}

TEST(Events, Never) {
  Expectation expectation = expectation_of(kEntering);
  expectation.never_until = 24 * kSecond;
  EXPECT_FALSE(judge_one(expectation, logged_at({24 * kSecond})).held);
  EXPECT_TRUE(judge_one(expectation, logged_at({24 * kSecond + kNs})).held);
}

TEST(Events, AtLeast) {
  Expectation expectation = expectation_of(kEntering);
  expectation.deadline = 24 * kSecond;
  expectation.at_least = 3;
  EXPECT_TRUE(judge_one(expectation, logged_at({21 * kSecond, 22 * kSecond, 24 * kSecond})).held);
  const Judgement late = judge_one(expectation, logged_at({21 * kSecond, 22 * kSecond, 24 * kSecond + kNs}));
  EXPECT_FALSE(late.held);
  EXPECT_EQ(late.margin, -kNs);
}

TEST(Events, AtMost) {
  Expectation expectation = expectation_of(kEntering);
  expectation.deadline = 24 * kSecond;
  expectation.at_most = 2;
  EXPECT_TRUE(judge_one(expectation, logged_at({21 * kSecond, 22 * kSecond, 24 * kSecond + kNs})).held);
  const Judgement often = judge_one(expectation, logged_at({21 * kSecond, 22 * kSecond, 24 * kSecond}));
  EXPECT_FALSE(often.held);
  EXPECT_EQ(often.at, 24 * kSecond);
  EXPECT_TRUE(judge_one(expectation, logged_at({})).held);
  expectation.at_least = 1;
  EXPECT_FALSE(judge_one(expectation, logged_at({})).held);
}

// ------------------------------------------------------------------ forms

TEST(VipOnForm, WantsALivingDaemonAndNoOtherHolder) {
  Story story = drift_at(23 * kSecond);  // lvs1's kernel still has the address, its daemon is dead
  EXPECT_TRUE(holds_within(VipOn{kVip, "lvs2"}, story));
  EXPECT_FALSE(holds_within(VipOn{kVip, "lvs1"}, story));
  Story both;
  both.daemon("lvs1", DaemonEvent::started).daemon("lvs2", DaemonEvent::started).takes("lvs1").takes("lvs2");
  EXPECT_FALSE(holds_within(VipOn{kVip, "lvs1"}, both));
  EXPECT_FALSE(holds_within(VipOn{kVip, "lvs2"}, both));
  both.at(21 * kSecond).daemon("lvs2", DaemonEvent::paused);
  EXPECT_TRUE(holds_within(VipOn{kVip, "lvs1"}, both));
  EXPECT_FALSE(holds_within(VipOn{IpAddress::v4(10, 1, 10, 8), "lvs1"}, both));
}

TEST(VipOnForm, KeepsAPausedHolderThatNobodyReplaces) {
  Story story;
  story.daemon("lvs1", DaemonEvent::started).daemon("lvs2", DaemonEvent::started).takes("lvs1");
  story.daemon("lvs1", DaemonEvent::paused);
  EXPECT_TRUE(holds_within(VipOn{kVip, "lvs1"}, story));
}

TEST(VipOnForm, KnowsNobody) {
  Story story = drift_at(40 * kSecond);
  EXPECT_TRUE(holds_within(VipOn{kVip, ""}, story));
  EXPECT_FALSE(holds_within(VipOn{kVip, ""}, drift_at(20 * kSecond)));
}

TEST(VipHoldersForm, CountsKernelsDeadOrAlive) {
  const Story story = drift_at(23 * kSecond);
  EXPECT_TRUE(holds_within(VipHolders{kVip, {"lvs1", "lvs2"}}, story));
  EXPECT_TRUE(holds_within(VipHolders{kVip, {"lvs1"}}, story));  // until 23 s
  EXPECT_FALSE(holds_within(VipHolders{kVip, {"lvs2"}}, story));
  EXPECT_FALSE(holds_within(VipHolders{kVip, {}}, story));
  Story off = drift_at(40 * kSecond);
  off.at(50 * kSecond).daemon("lvs1", DaemonEvent::powered_off);
  Expectation none = expectation_of(VipHolders{kVip, {"lvs2"}});
  none.deadline = 50 * kSecond;
  EXPECT_TRUE(judge_one(none, off).held);
}

TEST(InstanceStateForm, FollowsTheDaemon) {
  Story story = drift_at(23 * kSecond);
  EXPECT_TRUE(holds_within(InstanceState{"VI_1", "lvs2", State::master}, story));
  EXPECT_FALSE(holds_within(InstanceState{"VI_1", "lvs1", State::master}, story));
  EXPECT_TRUE(holds_within(InstanceState{"VI_1", "lvs1", State::initialize}, story));
  EXPECT_FALSE(holds_within(InstanceState{"VI_2", "lvs2", State::master}, story));
  EXPECT_FALSE(holds_within(InstanceState{"VI_1", "lvs2", State::fault}, story));
}

TEST(EffectivePriorityForm, BeginsWithTheConfiguration) {
  Story story = drift_at(23 * kSecond);
  EXPECT_TRUE(holds_within(EffectivePriority{"VI_1", "lvs2", 98}, story));
  EXPECT_FALSE(holds_within(EffectivePriority{"VI_1", "lvs1", 100}, story));  // its daemon is dead
  EXPECT_FALSE(holds_within(EffectivePriority{"VI_1", "lvs2", 93}, story));
  story.at(24 * kSecond).note("lvs2", PriorityChanged{"VI_1", 98, 93});
  EXPECT_TRUE(holds_within(EffectivePriority{"VI_1", "lvs2", 93}, story));
  story.at(24 * kSecond).daemon("lvs2", DaemonEvent::started);
  EXPECT_FALSE(holds_within(EffectivePriority{"VI_1", "lvs2", 93}, story));
}

TEST(AnsweredByForm, TellsNobodyFromNotAsked) {
  Story story;
  EXPECT_FALSE(holds_within(NotAnswered{"client", kVip}, story));
  EXPECT_FALSE(holds_within(AnsweredBy{"client", kVip, "lvs1"}, story));
  story.at(10 * kSecond).answers("lvs1");
  EXPECT_TRUE(holds_within(AnsweredBy{"client", kVip, "lvs1"}, story));
  EXPECT_FALSE(holds_within(AnsweredBy{"client", kVip, "lvs2"}, story));
  EXPECT_FALSE(holds_within(AnsweredBy{"client", kVip, "lvs1", 80}, story));
  EXPECT_FALSE(holds_within(AnsweredBy{"other", kVip, "lvs1"}, story));
  EXPECT_FALSE(holds_within(NotAnswered{"client", kVip}, story));
  story.at(25 * kSecond).answers("");
  EXPECT_TRUE(holds_within(NotAnswered{"client", kVip}, story));
}

TEST(ClientBelievesForm, ReadsTheNeighbourCache) {
  Story story;
  story.at(10 * kSecond).note("client", NeighbourLearned{kVip, {}, "lvs1"});
  EXPECT_TRUE(holds_within(ClientBelieves{"client", kVip, "lvs1"}, story));
  EXPECT_FALSE(holds_within(ClientBelieves{"client", kVip, "lvs2"}, story));
  story.at(11 * kSecond).note("client", NeighbourLearned{kVip, {}, "lvs2"});
  EXPECT_FALSE(holds_within(ClientBelieves{"client", kVip, "lvs1"}, story));
}

TEST(NotifiedForm, ComparesNameStateAndPriority) {
  Story story;
  story.at(21 * kSecond).note("lvs1", NotificationRun{false, "VI_1", vrrp::NotifyState::master, 100, {}});
  using vrrp::NotifyState;
  EXPECT_TRUE(holds_within(Notified{"VI_1", "lvs1", NotifyState::master, {}}, story));
  EXPECT_TRUE(holds_within(Notified{"VI_1", "lvs1", NotifyState::master, 100}, story));
  EXPECT_FALSE(holds_within(Notified{"VI_1", "lvs1", NotifyState::master, 95}, story));
  EXPECT_FALSE(holds_within(Notified{"VI_1", "lvs1", NotifyState::backup, {}}, story));
  EXPECT_FALSE(holds_within(Notified{"VI_2", "lvs1", NotifyState::master, {}}, story));
  EXPECT_FALSE(holds_within(Notified{"VI_1", "lvs2", NotifyState::master, {}}, story));
}

TEST(ServerNotifiedForm, ComparesServiceServerAndState) {
  Story story;
  story.at(21 * kSecond).note("lvs1", ServerNotification{"[A]:tcp:80", "[B]:tcp:80", false, {}});
  EXPECT_TRUE(holds_within(ServerNotified{"lvs1", "[A]:tcp:80", "[B]:tcp:80", false}, story));
  EXPECT_FALSE(holds_within(ServerNotified{"lvs1", "[A]:tcp:80", "[B]:tcp:80", true}, story));
  EXPECT_FALSE(holds_within(ServerNotified{"lvs1", "[A]:tcp:80", "", false}, story));
  EXPECT_FALSE(holds_within(ServerNotified{"lvs2", "[A]:tcp:80", "[B]:tcp:80", false}, story));
}

TEST(MailedForm, LooksIntoTheSubject) {
  Story story;
  story.at(21 * kSecond).note("lvs1", MailTaken{"[lvs1] Realserver B - DOWN"});
  EXPECT_TRUE(holds_within(Mailed{"lvs1", "Realserver B"}, story));
  EXPECT_FALSE(holds_within(Mailed{"lvs1", "Realserver C"}, story));
  EXPECT_FALSE(holds_within(Mailed{"lvs2", "Realserver B"}, story));
}

TEST(AdvertisementSeenForm, ComparesWhatIsGiven) {
  Story story;
  story.at(21 * kSecond).note("lvs1", AdvertisementSent{"VI_1", 151, 0, {}, {}});
  EXPECT_TRUE(holds_within(AdvertisementSeen{}, story));
  EXPECT_TRUE(holds_within(AdvertisementSeen{"lvs1", 151, 0}, story));
  EXPECT_FALSE(holds_within(AdvertisementSeen{"lvs2", {}, {}}, story));
  EXPECT_FALSE(holds_within(AdvertisementSeen{{}, 152, {}}, story));
  EXPECT_FALSE(holds_within(AdvertisementSeen{{}, {}, 1}, story));
}

TEST(AnnouncementSeenForm, CountsEachOfABurst) {
  Story story;
  story.at(21 * kSecond).note("lvs1", AnnouncementSent{kVip, {}, 5});
  Expectation expectation = expectation_of(AnnouncementSeen{kVip, "lvs1"});
  expectation.deadline = 25 * kSecond;
  expectation.at_least = 5;
  EXPECT_TRUE(judge_one(expectation, story).held);
  expectation.at_least = 6;
  EXPECT_FALSE(judge_one(expectation, story).held);
  EXPECT_FALSE(holds_within(AnnouncementSeen{kVip, "lvs2"}, story));
  EXPECT_FALSE(holds_within(AnnouncementSeen{IpAddress::v4(10, 1, 10, 8), {}}, story));
}

TEST(DiscardedForm, ComparesReasonDirectorAndVrid) {
  Story story;
  story.at(21 * kSecond).note("lvs2", AdvertisementDiscarded{"VI_1", 151, vrrp::Discard::auth_data_mismatch, {}});
  EXPECT_TRUE(holds_within(DiscardedFor{"lvs2", {}, vrrp::Discard::auth_data_mismatch}, story));
  EXPECT_TRUE(holds_within(DiscardedFor{"lvs2", 151, vrrp::Discard::auth_data_mismatch}, story));
  EXPECT_FALSE(holds_within(DiscardedFor{"lvs2", 152, vrrp::Discard::auth_data_mismatch}, story));
  EXPECT_FALSE(holds_within(DiscardedFor{"lvs1", {}, vrrp::Discard::auth_data_mismatch}, story));
  EXPECT_FALSE(holds_within(DiscardedFor{"lvs2", {}, vrrp::Discard::ttl}, story));
}

TEST(LoggedForm, LooksForPartOfALine) {
  const Story story = logged_at({21 * kSecond});
  EXPECT_TRUE(holds_within(Logged{{}, "MASTER STATE"}, story));
  EXPECT_FALSE(holds_within(Logged{"lvs2", "MASTER STATE"}, story));
  EXPECT_FALSE(holds_within(Logged{{}, "BACKUP STATE"}, story));
}

// ------------------------------------------------------------------ against a plain reading of the definitions

/// A random story over 0..30 ns in which lvs2 takes and drops the address.
struct Flapping {
  Story story;
  std::vector<bool> held;  ///< by nanosecond
};

class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_{seed * 2 + 1} {}
  int below(int limit) {
    state_ = state_ * 6'364'136'223'846'793'005U + 1'442'695'040'888'963'407U;
    return static_cast<int>((state_ >> 33U) % static_cast<std::uint64_t>(limit));
  }

 private:
  std::uint64_t state_;
};

constexpr int kEnd = 30;

Flapping flapping(Draws& draws) {
  Flapping result;
  result.story.daemon("lvs2", DaemonEvent::started);
  bool held = false;
  for (int ns = 0; ns < kEnd; ++ns) {
    if (draws.below(4) == 0) {
      held = !held;
      result.story.at(Duration{ns});
      if (held)
        result.story.takes("lvs2");
      else
        result.story.drops("lvs2");
    }
    result.held.push_back(held);
  }
  result.held.push_back(held);  // the end of the run
  return result;
}

bool all_of(const std::vector<bool>& held, int from, int to) {
  return to <= kEnd && std::all_of(held.begin() + from, held.begin() + to, [](bool it) { return it; });
}

bool any_of(const std::vector<bool>& held, int from, int to) {
  return std::any_of(held.begin() + from, held.begin() + std::min(to, kEnd + 1), [](bool it) { return it; });
}

TEST(ExpectationJudge, AgreesWithThePlainReading) {
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    Draws draws{seed};
    const Flapping world = flapping(draws);
    Scenario scenario = two_directors();
    scenario.end = Duration{kEnd};
    const int since = draws.below(10);
    const int length = draws.below(12);
    const int bound = since + draws.below(12);
    const int first = since + draws.below(bound - since + 1);
    Expectation base = expectation_of(kDrifted);
    base.since = Duration{since};

    Expectation within = base;
    within.deadline = Duration{bound};
    Expectation not_before = within;
    not_before.not_before = Duration{first};
    Expectation lasting = within;
    lasting.holds_for = Duration{length};
    Expectation unbroken = base;
    unbroken.holds_until = Duration{bound + 1};
    Expectation never = base;
    never.never_until = Duration{bound};
    scenario.expectations = {within, not_before, lasting, unbroken, never};
    const auto judged = judge_expectations(scenario, world.story.timeline());

    bool lasts = false;
    for (int at = since; at <= bound; ++at)
      lasts = lasts || (world.held[static_cast<std::size_t>(at)] && all_of(world.held, at, at + length));
    const bool seen = any_of(world.held, since, bound + 1);
    EXPECT_EQ(judged[0].held, seen) << seed;
    EXPECT_EQ(judged[1].held, seen && !any_of(world.held, since, first)) << seed;
    EXPECT_EQ(judged[2].held, lasts) << seed;
    EXPECT_EQ(judged[3].held, all_of(world.held, since, bound + 1)) << seed;
    EXPECT_EQ(judged[4].held, !seen) << seed;
  }
}

}  // namespace
}  // namespace vipdrift::scenarios
