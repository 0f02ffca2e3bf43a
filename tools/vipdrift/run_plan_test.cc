#include "tools/vipdrift/run_plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

namespace vipdrift::tools {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

RunArguments arguments_for(const std::string& worlds, const std::vector<std::string>& subjects) {
  RunArguments arguments;
  arguments.paths = {VIPDRIFT_SOURCE_DIR "/scenarios/article/03-master-crash.yaml"};
  arguments.worlds = worlds;
  arguments.subjects = subjects;
  return arguments;
}

std::vector<std::string> labels(const RunPlan& plan) {
  std::vector<std::string> result;
  for (const WorldChoice& it : plan.worlds) result.push_back(it.world + (it.casting ? "/" + it.casting->text : ""));
  return result;
}

TEST(RunPlan, TakesEachScenarioThroughEachWorldInEachCasting) {
  const PlanResult result = make_plan(arguments_for("sim,netns", {"vipdriftd,keepalived/vipdriftd"}));
  EXPECT_THAT(result.errors, ElementsAre());
  EXPECT_THAT(labels(result.plan), ElementsAre("sim/vipdriftd", "sim/keepalived/vipdriftd", "netns/vipdriftd",
                                               "netns/keepalived/vipdriftd"));
  EXPECT_EQ(result.plan.runs(), 4U);
  EXPECT_EQ(result.plan.threads, kJobsOfNamespaces);
}

TEST(RunPlan, WithoutSubjectsTheProfilesStand) {
  const PlanResult result = make_plan(arguments_for("sim", {}));
  EXPECT_THAT(labels(result.plan), ElementsAre("sim"));
  EXPECT_FALSE(result.plan.compares());
  EXPECT_EQ(result.plan.tolerance, std::nullopt);
}

TEST(RunPlan, WorldsThatAreComparedAreJudgedAlike) {
  EXPECT_GT(make_plan(arguments_for("sim,netns", {})).plan.tolerance.value_or(Duration{0}), Duration{0});
  EXPECT_EQ(make_plan(arguments_for("sim", {"vipdriftd,keepalived"})).plan.tolerance, std::nullopt);
  RunArguments arguments = arguments_for("sim,netns", {});
  arguments.tolerance = "70ms";
  EXPECT_EQ(make_plan(arguments).plan.tolerance, std::chrono::milliseconds{70});
}

TEST(RunPlan, ASimulationIsTheTwinOfTheSameCastingInNamespaces) {
  const RunPlan plan = make_plan(arguments_for("sim,netns", {"vipdriftd,keepalived"})).plan;
  EXPECT_EQ(plan.twin_of(0), 2U);
  EXPECT_EQ(plan.twin_of(1), 3U);
  EXPECT_EQ(plan.twin_of(3), 1U);
  EXPECT_EQ(make_plan(arguments_for("sim", {"vipdriftd,keepalived"})).plan.twin_of(0), std::nullopt);
  EXPECT_EQ(make_plan(arguments_for("netns,sim", {})).plan.twin_of(1), 0U);
}

TEST(RunPlan, OfSeveralRealWorldsTheFirstOneHasTheTwin) {
  const RunPlan plan = make_plan(arguments_for("uml,sim,netns", {})).plan;
  EXPECT_EQ(plan.twin_of(0), 1U);
  EXPECT_EQ(plan.twin_of(1), 0U);
  EXPECT_EQ(plan.twin_of(2), std::nullopt);
  EXPECT_EQ(make_plan(arguments_for("netns,uml", {})).plan.twin_of(0), std::nullopt);
}

TEST(RunPlan, KernelsAreAsManyAsProcessorsAndNoMoreThanRuns) {
  const std::size_t processors = std::max(1U, std::thread::hardware_concurrency());
  EXPECT_EQ(make_plan(arguments_for("uml", {})).plan.machines(), 1U);
  EXPECT_EQ(make_plan(arguments_for("uml", {})).plan.threads, kJobsOfMachine);
  RunArguments arguments = arguments_for("sim,uml", {"vipdriftd,keepalived,vipdriftd/keepalived"});
  EXPECT_EQ(make_plan(arguments).plan.machines(), std::min<std::size_t>(processors, 3));
  arguments.jobs = 1;
  EXPECT_EQ(make_plan(arguments).plan.machines(), 1U);
  EXPECT_EQ(make_plan(arguments).plan.threads, 1U);
  EXPECT_EQ(make_plan(arguments_for("sim,netns", {})).plan.machines(), 0U);
}

TEST(RunPlan, TheSlowestWorldThatIsComparedGivesTheTolerance) {
  const auto tolerance = [](const char* worlds) { return make_plan(arguments_for(worlds, {})).plan.tolerance; };
  EXPECT_GT(tolerance("sim,uml"), tolerance("sim,netns"));
  EXPECT_EQ(tolerance("netns,uml"), tolerance("sim,uml"));
  EXPECT_EQ(tolerance("uml"), std::nullopt);
}

TEST(RunPlan, AStartDelayThatWasChosenIsNotTakenFromATwin) {
  RunArguments arguments = arguments_for("sim,netns", {});
  arguments.start_delay = "600ms";
  PlanResult result = make_plan(arguments);
  ASSERT_TRUE(result.plan.start_delay);
  EXPECT_EQ(result.plan.start_delay->least, std::chrono::milliseconds{600});
  EXPECT_EQ(result.plan.start_delay->spread, Duration{0});
  EXPECT_EQ(result.plan.twin_of(0), std::nullopt);
  arguments.start_delay = "20ms..1.2s";
  result = make_plan(arguments);
  ASSERT_TRUE(result.plan.start_delay);
  EXPECT_EQ(result.plan.start_delay->least, std::chrono::milliseconds{20});
  EXPECT_EQ(result.plan.start_delay->spread, std::chrono::milliseconds{1180});
}

TEST(RunPlan, SaysWhatIsWrong) {
  EXPECT_THAT(make_plan(arguments_for("sim", {"keepalivd"})).errors,
              ElementsAre(HasSubstr("did you mean 'keepalived'?")));
  RunArguments arguments = arguments_for("sim", {});
  arguments.tolerance = "70";
  EXPECT_THAT(make_plan(arguments).errors, ElementsAre(HasSubstr("--tolerance: '70'")));
  for (const char* wrong : {"600", "1s..20ms", "..1s", "1s..", "-1s", ""}) {
    arguments = arguments_for("sim", {});
    arguments.start_delay = wrong;
    EXPECT_THAT(make_plan(arguments).errors, ElementsAre(HasSubstr("--start-delay: '" + std::string(wrong) + "'")));
  }
  arguments = arguments_for("sim", {});
  arguments.compare = true;
  EXPECT_THAT(make_plan(arguments).errors, ElementsAre(HasSubstr("--compare needs two worlds")));
  arguments = arguments_for("sim,netns", {});
  arguments.pcap_file = "wire.pcap";
  EXPECT_THAT(make_plan(arguments).errors, ElementsAre(HasSubstr("--pcap takes one world; these are 2")));
  arguments.pcap_file.clear();
  arguments.hash = true;
  EXPECT_THAT(make_plan(arguments).errors, ElementsAre(HasSubstr("--hash takes one world")));
}

}  // namespace
}  // namespace vipdrift::tools
