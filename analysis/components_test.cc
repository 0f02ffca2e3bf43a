#include "analysis/components.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "analysis/analysis_test_support.h"

namespace vipdrift::analysis {
namespace {

using testing::cluster_of;
using ::testing::ElementsAre;
using testing::instance;

/// Three virtual routers, of which the third has another interval.
std::string three(int priority, const std::string& before) {
  return before + instance({.priority = priority}) +
         instance({.priority = priority, .name = "VI_2", .vrid = 52, .address = "10.0.0.8"}) +
         instance({.priority = priority, .more = "advert_int 2", .name = "VI_3", .vrid = 53, .address = "10.0.0.9"});
}

TEST(Components, OneStandsForThoseThatAreAlike) {
  const std::vector<Director> directors = cluster_of({three(100, ""), three(98, "")});
  const std::vector<Component> found = distinct_components(directors, virtual_routers(directors));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].routers, ElementsAre(0));
  EXPECT_EQ(found[0].likes, 1U);
  EXPECT_THAT(found[1].routers, ElementsAre(2));
  EXPECT_EQ(found[1].likes, 0U);
}

TEST(Components, AGroupOnAnyDirectorJoins) {
  const std::string group = "vrrp_sync_group G {\n group {\n VI_1\n VI_3\n}\n}\n";
  const std::vector<Director> directors = cluster_of({three(100, ""), three(98, group)});
  const std::vector<Component> found = distinct_components(directors, virtual_routers(directors));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_THAT(found[0].routers, ElementsAre(0, 2));
  EXPECT_THAT(found[1].routers, ElementsAre(1));
}

TEST(Components, AnotherPriorityIsAnotherKind) {
  const std::string other = instance({.priority = 50, .name = "VI_2", .vrid = 52, .address = "10.0.0.8"});
  const std::vector<Director> directors =
      cluster_of({instance({.priority = 100}) + other, instance({.priority = 98}) + other});
  EXPECT_EQ(distinct_components(directors, virtual_routers(directors)).size(), 2U);
}

TEST(Components, MembersOfAGroupMayBeAlike) {
  const auto pair = [](int priority, int other) {
    return "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n}\n}\n" + instance({.priority = priority}) +
           instance({.priority = other, .name = "VI_2", .vrid = 52, .address = "10.0.0.8"});
  };
  const auto kinds = [](const std::vector<Director>& directors) {
    return distinct_routers(directors, virtual_routers(directors));
  };
  ASSERT_EQ(kinds(cluster_of({pair(100, 100), pair(98, 98)})).size(), 1U);
  EXPECT_EQ(kinds(cluster_of({pair(100, 100), pair(98, 98)}))[0].likes, 1U);
  EXPECT_EQ(kinds(cluster_of({pair(100, 100), pair(98, 97)})).size(), 2U);
}

std::string tracking(int priority, int number, int weight) {
  const std::string digit = std::to_string(number);
  return testing::script("chk" + digit, weight) + instance({.priority = priority,
                                                            .more = "track_script {\n chk" + digit + "\n}",
                                                            .name = "VI_" + digit,
                                                            .vrid = number,
                                                            .address = "10.0.0." + digit});
}

TEST(Components, NamesOfScriptsMakeNoDifferenceAndTheirWeightsDo) {
  const auto both = [](int weight) {
    return cluster_of(
        {tracking(100, 1, -10) + tracking(100, 2, weight), tracking(98, 1, -10) + tracking(98, 2, weight)});
  };
  EXPECT_EQ(distinct_components(both(-10), virtual_routers(both(-10))).size(), 1U);
  EXPECT_EQ(distinct_components(both(-20), virtual_routers(both(-20))).size(), 2U);
}

TEST(Components, OfAGroupTwoOfEachKindSuffice) {
  const auto group = [](int priority) {
    std::string text = "vrrp_sync_group G {\n group {\n VI_1\n VI_2\n VI_3\n VI_4\n}\n}\n";
    for (int i = 1; i <= 3; ++i) text += tracking(priority, i, -10);
    return text + tracking(priority, 4, -30);
  };
  const std::vector<Director> directors = cluster_of({group(100), group(98)});
  const std::vector<VirtualRouterSeats> routers = virtual_routers(directors);
  std::vector<std::pair<std::size_t, std::size_t>> kept;
  for (const RouterKind& kind : members_apart(directors, routers, distinct_components(directors, routers)[0].routers)) {
    kept.emplace_back(kind.router, kind.likes);
  }
  EXPECT_THAT(kept, ElementsAre(std::pair{0U, 0U}, std::pair{1U, 1U}, std::pair{3U, 0U}));
}

TEST(Components, APartHasTheScriptsThatItTracks) {
  const std::vector<Director> directors = cluster_of({tracking(100, 1, -10) + tracking(100, 2, -20)});
  const std::vector<std::size_t> second{1};
  const std::vector<Director> part = restricted_to(directors, virtual_routers(directors), second);
  ASSERT_EQ(part[0].configuration->scripts.size(), 1U);
  EXPECT_EQ(part[0].configuration->scripts[0].name, "chk2");
}

TEST(Components, APartHasNothingOfTheRest) {
  const std::string group = "vrrp_sync_group G {\n group {\n VI_1\n VI_3\n}\n}\n";
  const std::vector<Director> directors = cluster_of({three(100, group), three(98, group)});
  const std::vector<VirtualRouterSeats> routers = virtual_routers(directors);
  const std::vector<std::size_t> second{1}, joined{0, 2};
  const std::vector<Director> one = restricted_to(directors, routers, second);
  ASSERT_EQ(one[0].configuration->instances.size(), 1U);
  EXPECT_EQ(one[0].configuration->instances[0].name, "VI_2");
  EXPECT_TRUE(one[0].configuration->sync_groups.empty());
  const std::vector<Director> both = restricted_to(directors, routers, joined);
  EXPECT_EQ(both[1].configuration->instances.size(), 2U);
  EXPECT_EQ(both[1].configuration->sync_groups.size(), 1U);
}

}  // namespace
}  // namespace vipdrift::analysis
