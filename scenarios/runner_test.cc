#include "scenarios/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/judge_test_support.h"

namespace vipdrift::scenarios {
namespace {

using testing::ElementsAre;

/// Does what a script says and writes down what it was asked.
class FakeTestbed : public Testbed {
 public:
  std::optional<std::string> cannot(const StepAction& step) const override {
    if (std::holds_alternative<StepClock>(step)) return "the kernel has one clock";
    return std::nullopt;
  }
  std::optional<WorldError> build(const Scenario&, const RecordingOptions& recording, Timeline& timeline) override {
    calls.emplace_back("build");
    options = recording;
    timeline_ = &timeline;
    return build_error;
  }
  std::optional<WorldError> run_until(Duration until) override {
    calls.push_back("run " + std::to_string(until / kSecond));
    while (next_ < script.size() && script[next_].at <= until) timeline_->add(script[next_++]);
    return std::nullopt;
  }
  std::optional<WorldError> apply(const Step& step) override {
    calls.push_back("apply " + step.text);
    if (step.text == "impossible") return WorldError{{}, "no such thing"};
    return std::nullopt;
  }
  WorldStatistics statistics() const override { return {42, 7, 99}; }
  std::optional<std::string> cannot_see(const Condition& condition) const override {
    return std::holds_alternative<VipOn>(condition) ? blind_to_holders : std::nullopt;
  }
  std::optional<WorldError> cannot_build(const Scenario&) const override { return cannot_be_built; }
  Duration tolerance() const override { return off_by; }
  std::optional<Hiccup> worst_hiccup() const override { return hiccup; }

  std::vector<Observation> script;
  std::optional<WorldError> build_error;
  std::optional<WorldError> cannot_be_built;
  std::optional<std::string> blind_to_holders;
  Duration off_by{0};
  std::optional<Hiccup> hiccup;
  std::vector<std::string> calls;
  RecordingOptions options;

 private:
  Timeline* timeline_ = nullptr;
  std::size_t next_ = 0;
};

Scenario crash_at_20s() {
  Scenario scenario = two_directors();
  scenario.steps.push_back({Duration{0}, {"test.yaml", 4, 5}, "start", StartDaemon{{"lvs1", "lvs2"}}});
  scenario.steps.push_back({20 * kSecond, {"test.yaml", 6, 5}, "crash", CrashDaemon{{"lvs1"}}});
  Expectation expectation;
  expectation.place = {"test.yaml", 7, 5};
  expectation.text = "10.1.10.7 on lvs2";
  expectation.condition = VipOn{kVip, "lvs2"};
  expectation.since = 20 * kSecond;
  expectation.deadline = 24 * kSecond;
  scenario.expectations.push_back(expectation);
  return scenario;
}

FakeTestbed drifting_at(Duration moment) {
  FakeTestbed world;
  world.script = {{Duration{0}, "lvs2", DaemonChanged{DaemonEvent::started, ""}},
                  {moment, "lvs2", AddressAdded{"eth0", kVip}}};
  return world;
}

TEST(Runner, InterleavesTimeAndSteps) {
  FakeTestbed world = drifting_at(23 * kSecond);
  const RunResult result = run(crash_at_20s(), world);
  EXPECT_THAT(world.calls, ElementsAre("build", "run 0", "apply start", "run 20", "apply crash", "run 60"));
  EXPECT_EQ(result.status(), ExitStatus::held);
  EXPECT_EQ(result.statistics.events, 42U);
  std::vector<std::string> texts;
  for (const Observation& seen : result.timeline.observations()) texts.push_back(describe(seen.what));
  EXPECT_THAT(texts, ElementsAre("daemon started", "== start", "== crash", "VIP + 10.1.10.7 on eth0"));
}

TEST(Runner, AWorldOfRealTimeRunsOnForItsTolerance) {
  FakeTestbed world = drifting_at(24'500 * kMs);
  world.off_by = kSecond;
  const RunResult result = run(crash_at_20s(), world);
  EXPECT_EQ(world.calls.back(), "run 61");
  EXPECT_EQ(result.verdict.tolerance, kSecond);
  EXPECT_EQ(result.status(), ExitStatus::held);
}

TEST(Runner, TheToleranceMayBeGiven) {
  FakeTestbed world = drifting_at(24'500 * kMs);
  world.off_by = kSecond;
  RunOptions options;
  options.tolerance = 499 * kMs;
  EXPECT_EQ(run(crash_at_20s(), world, options).status(), ExitStatus::failed);
  FakeTestbed again = drifting_at(24'500 * kMs);
  options.tolerance = 500 * kMs;
  EXPECT_EQ(run(crash_at_20s(), again, options).status(), ExitStatus::held);
}

TEST(Runner, AWorldThatSeesNothingOfItDoesNotRun) {
  FakeTestbed world = drifting_at(23 * kSecond);
  world.blind_to_holders = "the kernels are out of sight";
  const RunResult result = run(crash_at_20s(), world);
  EXPECT_TRUE(world.calls.empty());
  ASSERT_TRUE(result.error.has_value());
  EXPECT_EQ(result.error->message,
            "this world can observe nothing of what is expected: the kernels are out of sight");
  EXPECT_EQ(result.error->place.line, 7);
  EXPECT_EQ(result.status(), ExitStatus::no_world);
}

TEST(Runner, AWorldThatCannotBeBuiltDoesNotRun) {
  FakeTestbed world = drifting_at(23 * kSecond);
  world.cannot_be_built = WorldError{{"cluster.yaml", 3, 1}, "no such interface"};
  const RunResult result = run(crash_at_20s(), world);
  EXPECT_TRUE(world.calls.empty());
  EXPECT_EQ(result.error->message, "no such interface");
}

TEST(Runner, AFailedExpectationIsStatusOne) {
  FakeTestbed world = drifting_at(24 * kSecond + kNs);
  const RunResult result = run(crash_at_20s(), world);
  EXPECT_EQ(result.status(), ExitStatus::failed);
  EXPECT_EQ(result.verdict.failed(), 1U);
  const Slice around = result.verdict.judgements[0].around;
  EXPECT_EQ(around.begin, 0U);
  EXPECT_EQ(around.end, 4U);
}

TEST(Runner, RefusesWhatTheWorldCannotDoBeforeItIsBuilt) {
  Scenario scenario = crash_at_20s();
  scenario.steps.push_back({30 * kSecond, {"test.yaml", 9, 5}, "step clock", StepClock{"lvs1", kSecond}});
  FakeTestbed world;
  const RunResult result = run(scenario, world);
  EXPECT_EQ(result.status(), ExitStatus::no_world);
  EXPECT_EQ(result.error->place.line, 9);
  EXPECT_EQ(result.error->message, "this world cannot do 'step clock': the kernel has one clock");
  EXPECT_TRUE(world.calls.empty());
}

TEST(Runner, AWorldThatCannotBeBuiltIsStatusThree) {
  FakeTestbed world;
  world.build_error = WorldError{{}, "not root"};
  const RunResult result = run(crash_at_20s(), world);
  EXPECT_EQ(result.status(), ExitStatus::no_world);
  EXPECT_THAT(world.calls, ElementsAre("build"));
  EXPECT_TRUE(result.verdict.judgements.empty());
}

TEST(Runner, AStepThatFailsStopsTheRunAtItsLine) {
  Scenario scenario = crash_at_20s();
  scenario.steps[1].text = "impossible";
  FakeTestbed world;
  const RunResult result = run(scenario, world);
  EXPECT_EQ(result.status(), ExitStatus::no_world);
  EXPECT_EQ(result.error->place.line, 6);
  EXPECT_EQ(world.calls.back(), "apply impossible");
}

TEST(Runner, PutsLateReportsInOrder) {
  FakeTestbed world;
  world.script = {{21 * kSecond, "lvs2", AddressAdded{"eth0", kVip}},
                  {20'900 * kMs, "client", ProbeAnswers{kVip, 0, "", {}}}};
  const RunResult result = run(crash_at_20s(), world);
  EXPECT_EQ(result.timeline.observations()[2].at, 20'900 * kMs);
}

TEST(NeededRecording, IsWhatExpectationsAskFor) {
  Scenario scenario = crash_at_20s();
  RecordingOptions needed = needed_recording(scenario);
  EXPECT_FALSE(needed.advertisements || needed.discards || needed.logs || needed.script_results);
  scenario.expectations[0].condition = AdvertisementSeen{};
  EXPECT_TRUE(needed_recording(scenario).advertisements);
  EXPECT_FALSE(needed_recording(scenario).advertisement_fields);
  AdvertisementSeen with_ttl;
  with_ttl.ttl = 255;
  scenario.expectations[0].condition = with_ttl;
  EXPECT_TRUE(needed_recording(scenario).advertisement_fields);
  scenario.expectations[0].condition = DiscardedFor{};
  EXPECT_TRUE(needed_recording(scenario).discards);
  scenario.expectations[0].condition = Logged{};
  EXPECT_TRUE(needed_recording(scenario).logs);
  FakeTestbed world;
  run(scenario, world, {{.advertisements = true, .discards = false, .script_results = true, .logs = false}});
  EXPECT_TRUE(world.options.advertisements && world.options.logs && world.options.script_results);
  EXPECT_FALSE(world.options.discards);
}

TEST(Runner, AWorldThatStoodStillHasShownNothing) {
  FakeTestbed world;
  world.off_by = kSecond / 4;
  world.hiccup = Testbed::Hiccup{21 * kSecond, kSecond / 4};
  EXPECT_FALSE(run(crash_at_20s(), world).error);
  world.hiccup = Testbed::Hiccup{21 * kSecond, kSecond};
  const RunResult result = run(crash_at_20s(), world);
  ASSERT_TRUE(result.error);
  EXPECT_TRUE(result.error->passing);
  EXPECT_EQ(result.status(), ExitStatus::no_world);
  EXPECT_THAT(result.error->message,
              testing::HasSubstr("stood still for 1s at 21s, longer than the tolerance of 250ms"));
}

}  // namespace
}  // namespace vipdrift::scenarios
