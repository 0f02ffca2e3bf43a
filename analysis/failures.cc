#include "analysis/failures.h"

#include <algorithm>
#include <compare>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "protocol/check/check_plan.h"

namespace vipdrift::analysis {
namespace {

using Kind = vrrp::TrackReference::Kind;
/// Instance, weight, reverse; what an interface does to instances that live on it has no weight.
using Effect = std::tuple<std::uint32_t, int, bool>;
constexpr int kLivesThere = 1000;
constexpr std::uint64_t kMost = std::uint64_t{1} << 63;

/// A script that the daemon will not run cannot fail.
bool may_fail(const vrrp::VrrpStack& stack, const Failure& failure) {
  return failure.kind != Kind::script || !stack.configuration().scripts[failure.index].disabled;
}

}  // namespace

std::vector<FailureClass> failure_classes(const vrrp::VrrpStack& stack) {
  std::map<Failure, std::set<Effect>> effects;
  for (std::uint32_t i = 0; i < stack.routers().size(); ++i) {
    const vrrp::InstancePlan& plan = stack.routers()[i].plan();
    effects[{Kind::interface, plan.interface.value}].insert({i, kLivesThere, false});
    for (const vrrp::TrackReference& reference : plan.tracked) {
      effects[{reference.kind, reference.index}].insert({i, reference.weight, reference.reverse});
    }
  }
  // Interfaces carry advertisements, too, and files weigh what they hold: only their like are alike.
  std::map<std::pair<Kind, std::set<Effect>>, FailureClass> classes;
  std::vector<FailureClass> all;
  for (const auto& [failure, effect] : effects) {
    if (!may_fail(stack, failure)) continue;
    if (failure.kind == Kind::interface) {
      all.push_back({{failure}});
    } else {
      classes[{failure.kind == Kind::file ? Kind::file : Kind::script, effect}].members.push_back(failure);
    }
  }
  for (auto& [effect, one] : classes) all.push_back(std::move(one));
  return all;
}

std::string failure_text(const Rehearsal& rehearsal, std::size_t director, const Failure& failure) {
  const config::Configuration& configuration = rehearsal.stack(director)->configuration();
  switch (failure.kind) {
    case Kind::script:
      return configuration.scripts[failure.index].name;
    case Kind::interface:
      return "interface " + rehearsal.interface_name(director, InterfaceId{failure.index});
    case Kind::file:
      return "track_file " + configuration.track_files[failure.index].name;
    case Kind::process:
      return "track_process " + configuration.track_processes[failure.index].name;
    case Kind::quorum:
      return "quorum of " + check::service_name(configuration.virtual_servers[failure.index]);
  }
  return {};
}

Fault fault_of(const Rehearsal& rehearsal, std::size_t director, const Failure& failure) {
  const config::Configuration& configuration = rehearsal.stack(director)->configuration();
  Fault fault;
  switch (failure.kind) {
    case Kind::script:
      fault.kind = Fault::Kind::script;
      fault.name = configuration.scripts[failure.index].name;
      break;
    case Kind::interface:
      fault.kind = Fault::Kind::interface;
      fault.name = rehearsal.interface_name(director, InterfaceId{failure.index});
      break;
    case Kind::file:
      fault.kind = Fault::Kind::file;
      fault.name = configuration.track_files[failure.index].name;
      fault.value = bad_value(configuration.track_files[failure.index]);
      break;
    case Kind::process:
      fault.kind = Fault::Kind::process;
      fault.name = configuration.track_processes[failure.index].name;
      break;
    case Kind::quorum:
      fault.kind = Fault::Kind::quorum;
      fault.name = check::service_name(configuration.virtual_servers[failure.index]);
      break;
  }
  return fault;
}

std::vector<DirectorState> director_states(const std::vector<FailureClass>& classes, std::size_t most) {
  const DirectorState well{.failing = std::vector<std::uint32_t>(classes.size())};
  DirectorState down = well;
  down.up = false;
  down.failures = 1;
  std::vector<DirectorState> states{well, down};
  // Those with one failure more than the last: each made once, by adding to the last class that fails or a later one.
  std::vector<DirectorState> fewer{well};
  while (!fewer.empty()) {
    std::vector<DirectorState> more;
    for (const DirectorState& state : fewer) {
      std::size_t last = 0;
      for (std::size_t k = 0; k < classes.size(); ++k) {
        if (state.failing[k] > 0) last = k;
      }
      for (std::size_t k = last; k < classes.size(); ++k) {
        if (state.failing[k] == classes[k].members.size()) continue;
        more.push_back(state);
        ++more.back().failing[k];
        ++more.back().failures;
      }
    }
    if (states.size() > 2 && states.size() + more.size() > most) break;
    states.insert(states.end(), more.begin(), more.end());
    fewer = std::move(more);
  }
  return states;
}

std::uint64_t bounded_product(std::uint64_t a, std::uint64_t b) { return b != 0 && a > kMost / b ? kMost : a * b; }

std::uint64_t bounded_sum(std::uint64_t a, std::uint64_t b) { return a > kMost - std::min(b, kMost) ? kMost : a + b; }

StateCount count_states(const std::vector<FailureClass>& classes) {
  StateCount count{1, 1};
  for (const FailureClass& one : classes) {
    count.folded = bounded_product(count.folded, one.members.size() + 1);
    count.possible = bounded_product(count.possible, std::uint64_t{1} << std::min<std::size_t>(one.members.size(), 63));
  }
  return {count.folded + 1, count.possible + 1};  // and down
}

}  // namespace vipdrift::analysis
