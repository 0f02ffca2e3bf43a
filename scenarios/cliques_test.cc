#include "scenarios/cliques.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace vipdrift::scenarios {
namespace {

/// Every set of numbers, tried one by one.
NumberSets cliques_by_force(const Relation& relation) {
  const auto clique = [&](unsigned set) {
    for (std::size_t a = 0; a < relation.size(); ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        if ((set >> a & set >> b & 1U) != 0 && !relation.related(a, b)) return false;
      }
    }
    return set != 0;
  };
  std::set<std::vector<std::size_t>> found;
  const unsigned sets = 1U << relation.size();
  for (unsigned set = 1; set < sets; ++set) {
    bool maximal = clique(set);
    for (unsigned other = 1; maximal && other < sets; ++other) {
      if (other != set && (other & set) == set && clique(other)) maximal = false;
    }
    if (!maximal) continue;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < relation.size(); ++i) {
      if ((set >> i & 1U) != 0) numbers.push_back(i);
    }
    found.insert(numbers);
  }
  return {found.begin(), found.end()};
}

TEST(Cliques, AgreeWithTryingEverySet) {
  std::mt19937 chance{1};
  const auto draw = [&](std::uint32_t below) { return chance() % below; };
  for (int round = 0; round < 200; ++round) {
    Relation relation{7};
    const auto density = draw(10);
    for (std::size_t a = 0; a < 7; ++a) {
      for (std::size_t b = 0; b < a; ++b) {
        if (draw(10) < density) relation.relate(a, b);
      }
    }
    ASSERT_EQ(maximal_cliques(relation), cliques_by_force(relation)) << round;
  }
}

TEST(Cliques, ComponentsFollowChains) {
  Relation relation{5};
  relation.relate(0, 3);
  relation.relate(3, 1);
  EXPECT_EQ(components(relation), (NumberSets{{0, 1, 3}, {2}, {4}}));
  EXPECT_EQ(maximal_cliques(relation), (NumberSets{{0, 3}, {1, 3}, {2}, {4}}));
}

}  // namespace
}  // namespace vipdrift::scenarios
