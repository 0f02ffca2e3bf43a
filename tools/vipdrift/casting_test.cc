#include "tools/vipdrift/casting.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vipdrift::tools {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

scenarios::Scenario three_directors() {
  scenarios::Scenario scenario;
  for (const char* name : {"a", "b", "c"}) scenario.cluster.directors.emplace_back().name = name;
  return scenario;
}

std::vector<std::string> profiles_of(const scenarios::Scenario& scenario) {
  std::vector<std::string> profiles;
  for (const auto& director : scenario.cluster.directors) profiles.push_back(director.profile.value_or("-"));
  return profiles;
}

TEST(Castings, AreSeparatedByCommasAndMixedBySlashes) {
  const Castings result = parse_castings({"vipdriftd,keepalived/vipdriftd", "keepalived"});
  EXPECT_EQ(result.error, "");
  ASSERT_EQ(result.castings.size(), 3U);
  EXPECT_THAT(result.castings[0].words, ElementsAre("vipdriftd"));
  EXPECT_THAT(result.castings[1].words, ElementsAre("keepalived", "vipdriftd"));
  EXPECT_EQ(result.castings[1].text, "keepalived/vipdriftd");
}

TEST(Castings, ACommandIsNotTakenApart) {
  const Castings result = parse_castings({"/opt/bin/daemon -n,-l {config}"});
  EXPECT_EQ(result.error, "");
  ASSERT_EQ(result.castings.size(), 1U);
  EXPECT_THAT(result.castings[0].words, ElementsAre("/opt/bin/daemon -n,-l {config}"));
}

TEST(Castings, AWrongWordIsToldWithTheNearest) {
  EXPECT_THAT(parse_castings({"keepalived/vipdrifd"}).error, HasSubstr("did you mean 'vipdriftd'?"));
  EXPECT_THAT(parse_castings({"keepalived,"}).error, HasSubstr("there is no subject ''"));
  EXPECT_THAT(parse_castings({"/opt/bin/daemon -n"}).error, HasSubstr("needs {config}"));
  EXPECT_THAT(parse_castings({"keepalived,keepalived"}).error, HasSubstr("given twice"));
}

TEST(CastProfiles, GoesRoundTheDirectors) {
  scenarios::Scenario scenario = three_directors();
  scenario.cluster.directors[2].profile = "vipdrift";
  EXPECT_EQ(cast_profiles(scenario, {"keepalived/vipdriftd", {"keepalived", "vipdriftd"}}), std::nullopt);
  EXPECT_THAT(profiles_of(scenario), ElementsAre("keepalived", "vipdrift", "keepalived"));
}

TEST(CastProfiles, TheSimulatorRunsNoCommand) {
  scenarios::Scenario scenario = three_directors();
  EXPECT_THAT(cast_profiles(scenario, {"x {config}", {"x {config}"}}).value_or(""), HasSubstr("only namespaces can"));
}

TEST(SubjectsOf, FollowTheProfilesUnlessCast) {
  scenarios::Scenario scenario = three_directors();
  scenario.cluster.directors[1].profile = "keepalived";
  EXPECT_THAT(subjects_of(scenario, std::nullopt), ElementsAre("vipdriftd", "keepalived", "vipdriftd"));
  scenario.profile = "keepalived";
  scenario.cluster.directors[2].profile = "vipdrift";
  EXPECT_THAT(subjects_of(scenario, std::nullopt), ElementsAre("keepalived", "keepalived", "vipdriftd"));
  EXPECT_THAT(subjects_of(scenario, Casting{"keepalived/vipdriftd", {"keepalived", "vipdriftd"}}),
              ElementsAre("keepalived", "vipdriftd", "keepalived"));
}

}  // namespace
}  // namespace vipdrift::tools
