#include "scenarios/pool_judge.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "scenarios/durations.h"
#include "scenarios/target.h"
#include "scenarios/truth_line.h"
#include "scenarios/virtual_services.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {
namespace {

/// Stretches in which something was wrong, by what it is called.
using Wrongs = std::map<std::string, TruthLine>;

/// Has `look(world, wrongs_now)` name what is wrong after each moment at which the world changed.
template <class Look>
Wrongs walk(const Scenario& scenario, const Timeline& timeline, Look look) {
  Wrongs wrongs;
  WorldState world{scenario};
  const auto& all = timeline.observations();
  bool changed = false;
  for (std::size_t i = 0; i < all.size(); ++i) {
    world.apply(all[i]);
    changed = changed || changes_state(all[i].what);
    const bool moment_over = i + 1 == all.size() || all[i + 1].at != all[i].at;
    if (!moment_over || !changed) continue;
    changed = false;
    std::set<std::string> now;
    look(world, now);
    for (const std::string& text : now) wrongs[text].set(all[i].at, true);
    for (auto& [text, line] : wrongs) {
      if (now.count(text) == 0) line.set(all[i].at, false);
    }
  }
  return wrongs;
}

Judgement judge_wrongs(const Scenario& scenario, const Wrongs& wrongs, Duration except_for) {
  Judgement judgement;
  Duration worst{0};
  judgement.seen = "never";
  judgement.held = true;
  for (const auto& [text, line] : wrongs) {
    for (const Stretch& stretch : line.since(Duration{0})) {
      const Duration length = stretch.end.value_or(scenario.end) - stretch.begin;
      if (length <= worst) continue;
      worst = length;
      judgement.at = stretch.begin;
      judgement.seen = text + " for " + to_text(length) + " from " + to_text(stretch.begin);
    }
  }
  judgement.held = worst <= except_for;
  judgement.measured = worst;
  judgement.margin = except_for - worst;
  return judgement;
}

bool serves(const Pool& pool) {
  return std::any_of(pool.begin(), pool.end(), [](const auto& server) { return server.second > 0; });
}

/// By the configuration that the director runs on.
std::optional<ipvs::ServerKey> sorry_server_of(const Scenario& scenario, const std::string& director,
                                               const NodeView& view, const ipvs::ServiceKey& service) {
  const DirectorConfig* config = scenario.config_of(director, view.config_file);
  if (config == nullptr || !config->configuration) return std::nullopt;
  const config::VirtualServer* server = virtual_server_of(*config->configuration, service);
  if (server == nullptr || !server->sorry_server) return std::nullopt;
  return ipvs::ServerKey{server->sorry_server->address, server->sorry_server->port};
}

bool is_mixed(const Pool& pool, const ipvs::ServerKey& sorry) {
  const auto found = pool.find(sorry);
  if (found == pool.end() || found->second <= 0) return false;
  return std::any_of(pool.begin(), pool.end(),
                     [&](const auto& server) { return server.first != sorry && server.second > 0; });
}

}  // namespace

Judgement judge_pool_not_empty(const Scenario& scenario, const Timeline& timeline, const PoolNotEmpty& invariant) {
  std::set<std::string> filled;  // directors whose table has served
  const auto look = [&](const WorldState& world, std::set<std::string>& now) {
    for (const auto& entry : world.directors()) {
      const std::string& name = entry.first;
      if (invariant.director && *invariant.director != name) continue;
      const Pool* pool = world.pool(name, invariant.service);
      if (pool == nullptr) {
        filled.erase(name);
      } else if (serves(*pool)) {
        filled.insert(name);
      } else if (filled.count(name) > 0) {
        now.insert("the pool of " + service_text(invariant.service) + " on " + name + " was empty");
      }
    }
  };
  const Wrongs wrongs = walk(scenario, timeline, look);
  return judge_wrongs(scenario, wrongs, invariant.except_for);
}

Judgement judge_no_mixed_pool(const Scenario& scenario, const Timeline& timeline, const NoMixedPool& invariant) {
  const auto look = [&](const WorldState& world, std::set<std::string>& now) {
    for (const auto& [name, view] : world.directors()) {
      for (const auto& [service, pool] : view.pools) {
        if (invariant.service && *invariant.service != service) continue;
        const auto sorry = sorry_server_of(scenario, name, view, service);
        if (sorry && is_mixed(pool, *sorry)) {
          now.insert("sorry and real servers of " + service_text(service) + " together on " + name);
        }
      }
    }
  };
  return judge_wrongs(scenario, walk(scenario, timeline, look), invariant.except_for);
}

Judgement judge_connection(const Scenario& scenario, const Timeline& timeline, const ConnectionSurvives& invariant) {
  Judgement judgement;
  Duration longest{0};
  std::optional<Duration> stalled_from;
  bool ever_alive = false;
  const auto end_stall = [&](Duration at) {
    if (!stalled_from) return;
    if (at - *stalled_from > longest) {
      longest = at - *stalled_from;
      judgement.at = stalled_from;
    }
    stalled_from.reset();
  };
  for (const Observation& seen : timeline.observations()) {
    const auto* change = std::get_if<ConnectionChanged>(&seen.what);
    if (change == nullptr || seen.node != invariant.client) continue;
    if (change->target != invariant.target || change->port != invariant.port) continue;
    switch (change->state) {
      case ConnectionState::alive:
        end_stall(seen.at);
        ever_alive = true;
        break;
      case ConnectionState::stalled:
        if (!stalled_from) stalled_from = seen.at;
        break;
      case ConnectionState::broken:
        judgement.at = seen.at;
        judgement.seen = "it was broken" + (change->detail.empty() ? "" : " (" + change->detail + ")") + " at " +
                         to_text(seen.at);
        return judgement;
    }
  }
  if (!ever_alive) {
    judgement.seen = "it never came about";
    return judgement;
  }
  end_stall(scenario.end);
  judgement.held = longest <= invariant.stalled_at_most;
  judgement.measured = longest;
  judgement.margin = invariant.stalled_at_most - longest;
  judgement.seen = longest == Duration{0} ? "it never stalled"
                                          : "it stalled for " + to_text(longest) + " from " + to_text(*judgement.at);
  return judgement;
}

}  // namespace vipdrift::scenarios
