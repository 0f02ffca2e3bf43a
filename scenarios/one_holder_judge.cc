#include "scenarios/one_holder_judge.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "scenarios/durations.h"
#include "scenarios/truth_line.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {
namespace {

/// A virtual address on the segment that its instance speaks on, with the directors that may hold it.
struct SharedAddress {
  IpAddress address;
  std::string segment;
  std::set<std::string> directors;
};

using Collision = std::tuple<IpAddress, std::string, std::string>;

std::vector<SharedAddress> shared_addresses(const Scenario& scenario) {
  std::map<std::pair<IpAddress, std::string>, SharedAddress> found;
  for (const DirectorConfig& config : scenario.configs) {
    if (!config.configuration) continue;
    for (const config::VrrpInstance& instance : config.configuration->instances) {
      const std::string segment = scenario.cluster.segment_of(config.director, instance.interface);
      for (const auto* list : {&instance.virtual_addresses, &instance.excluded_addresses}) {
        for (const config::VirtualAddress& one : *list) {
          SharedAddress& shared = found[{one.address, segment}];
          shared.address = one.address;
          shared.segment = segment;
          shared.directors.insert(config.director);
        }
      }
    }
  }
  std::vector<SharedAddress> result;
  for (auto& entry : found) result.push_back(std::move(entry.second));
  return result;
}

bool hear_each_other(const WorldState& world, const std::string& segment, const std::string& a, const std::string& b) {
  const ConnectivityChanged* said = world.connectivity(segment);
  if (said == nullptr) return true;
  return std::any_of(said->groups.begin(), said->groups.end(), [&](const std::vector<std::string>& group) {
    return std::count(group.begin(), group.end(), a) > 0 && std::count(group.begin(), group.end(), b) > 0;
  });
}

class CollisionLines {
 public:
  explicit CollisionLines(const Scenario& scenario) : addresses_{shared_addresses(scenario)} {}

  void look(const WorldState& world, Duration at) {
    for (const SharedAddress& shared : addresses_) {
      for (auto a = shared.directors.begin(); a != shared.directors.end(); ++a) {
        for (auto b = std::next(a); b != shared.directors.end(); ++b) {
          const bool both = world.holds(*a, shared.address) && world.holds(*b, shared.address) &&
                            hear_each_other(world, shared.segment, *a, *b);
          lines_[{shared.address, *a, *b}].set(at, both);
        }
      }
    }
  }

  const std::map<Collision, TruthLine>& lines() const { return lines_; }

 private:
  std::vector<SharedAddress> addresses_;
  std::map<Collision, TruthLine> lines_;
};

}  // namespace

Judgement judge_one_holder(const Scenario& scenario, const Timeline& timeline, const OneHolder& invariant) {
  WorldState world{scenario};
  CollisionLines collisions{scenario};
  const auto& all = timeline.observations();
  bool changed = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    world.apply(all[i]);
    changed = changed || changes_state(all[i].what);
    const bool moment_over = i + 1 == all.size() || all[i + 1].at != all[i].at;
    if (!moment_over || !changed) continue;
    collisions.look(world, all[i].at);
    changed = false;
  }

  Judgement result;
  Duration worst{0};
  result.seen = "no address was held twice";
  for (const auto& [collision, line] : collisions.lines()) {
    for (const Stretch& stretch : line.since(Duration{0})) {
      const Duration length = stretch.end.value_or(scenario.end) - stretch.begin;
      if (length <= worst) continue;
      worst = length;
      const auto& [address, a, b] = collision;
      result.at = stretch.begin;
      result.seen = address.to_string() + ": " + a + " and " + b + " both held it for " + to_text(length) + " from " +
                    to_text(stretch.begin);
    }
  }
  result.held = worst <= invariant.except_for;
  result.margin = invariant.except_for - worst;
  return result;
}

}  // namespace vipdrift::scenarios
