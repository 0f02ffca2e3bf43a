#include "scenarios/cliques.h"

#include <algorithm>

namespace vipdrift::scenarios {

namespace {

using Numbers = std::vector<std::size_t>;

Numbers related_to(const Relation& relation, std::size_t number, const Numbers& among) {
  Numbers related;
  for (const std::size_t other : among) {
    if (other != number && relation.related(number, other)) related.push_back(other);
  }
  return related;
}

bool is_clique(const Relation& relation, const Numbers& set) {
  return std::all_of(set.begin(), set.end(),
                     [&](std::size_t number) { return related_to(relation, number, set).size() + 1 == set.size(); });
}

/// Extends `clique` by `candidates`; `done` are numbers whose cliques have been told already.
void extend(const Relation& relation, Numbers& clique, Numbers candidates, Numbers done, NumberSets& found) {
  if (candidates.empty()) {
    if (done.empty()) {
      found.push_back(clique);
      std::sort(found.back().begin(), found.back().end());
    }
    return;
  }
  const std::size_t pivot = *std::max_element(candidates.begin(), candidates.end(), [&](std::size_t a, std::size_t b) {
    return related_to(relation, a, candidates).size() < related_to(relation, b, candidates).size();
  });
  for (const std::size_t number : Numbers{candidates}) {
    if (number != pivot && relation.related(number, pivot)) continue;
    clique.push_back(number);
    extend(relation, clique, related_to(relation, number, candidates), related_to(relation, number, done), found);
    clique.pop_back();
    candidates.erase(std::find(candidates.begin(), candidates.end(), number));
    done.push_back(number);
  }
}

}  // namespace

NumberSets components(const Relation& relation) {
  NumberSets sets;
  std::vector<bool> placed(relation.size(), false);
  for (std::size_t first = 0; first < relation.size(); ++first) {
    if (placed[first]) continue;
    placed[first] = true;
    Numbers set{first};
    for (std::size_t next = 0; next < set.size(); ++next) {
      for (std::size_t other = 0; other < relation.size(); ++other) {
        if (placed[other] || !relation.related(set[next], other)) continue;
        placed[other] = true;
        set.push_back(other);
      }
    }
    std::sort(set.begin(), set.end());
    sets.push_back(std::move(set));
  }
  return sets;
}

NumberSets maximal_cliques(const Relation& relation) {
  NumberSets found;
  for (Numbers& component : components(relation)) {
    if (is_clique(relation, component)) {
      found.push_back(std::move(component));
      continue;
    }
    Numbers clique;
    extend(relation, clique, std::move(component), {}, found);
  }
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace vipdrift::scenarios
