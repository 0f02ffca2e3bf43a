#include "scenarios/invariant_judge.h"

#include <algorithm>
#include <map>
#include <string>

#include "scenarios/durations.h"
#include "scenarios/one_holder_judge.h"
#include "scenarios/one_master_judge.h"
#include "scenarios/pool_judge.h"
#include "scenarios/request_judge.h"
#include "scenarios/truth_line.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {
namespace {

// ------------------------------------------------------------------ client

Judgement judge_outage(const Scenario& scenario, const Timeline& timeline, const ClientOutage& probe) {
  Judgement result;
  const auto found = outages(scenario, timeline, probe);
  if (!found) {
    result.seen = target_text(probe.target, probe.port) + " never answered " + probe.client;
    return result;
  }
  const auto longest = std::max_element(found->begin(), found->end(),
                                        [](const Outage& a, const Outage& b) { return a.length() < b.length(); });
  const Duration length = longest == found->end() ? Duration{0} : longest->length();
  result.held = length <= probe.at_most && (!probe.at_least || length >= *probe.at_least);
  result.measured = length;
  result.margin = probe.at_most - length;
  if (probe.at_least) result.margin = std::min(*result.margin, length - *probe.at_least);
  if (longest == found->end()) {
    result.seen = "no probe went unanswered";
    return result;
  }
  result.at = longest->from;
  result.seen = "the longest outage was " + to_text(length) + " from " + to_text(longest->from) +
                (longest->over ? "" : ", and not over at the end");
  return result;
}

// ------------------------------------------------------------------ no address in fault

/// The addresses that `instance` of the director brings, by the configuration it runs on.
std::vector<IpAddress> addresses_of(const Scenario& scenario, const std::string& director, const NodeView& view,
                                    const std::string& instance) {
  std::vector<IpAddress> result;
  const DirectorConfig* config = scenario.config_of(director, view.config_file);
  if (config == nullptr || !config->configuration) return result;
  for (const config::VrrpInstance& candidate : config->configuration->instances) {
    if (candidate.name != instance) continue;
    for (const auto& address : candidate.virtual_addresses) result.push_back(address.address);
    for (const auto& address : candidate.excluded_addresses) result.push_back(address.address);
  }
  return result;
}

Judgement judge_no_address_in_fault(const Scenario& scenario, const Timeline& timeline,
                                    const NoAddressInFault& invariant) {
  std::map<std::string, TruthLine> wrong;  // by description, so that each address has its own stretches
  WorldState world{scenario};
  const auto look = [&](Duration at) {
    std::map<std::string, bool> now;
    for (const auto& [name, view] : world.directors()) {
      for (const auto& [instance, seen] : view.instances) {
        const bool fault = view.life == Life::running && seen.state == vrrp::State::fault;
        for (const IpAddress& address : addresses_of(scenario, name, view, instance)) {
          const std::string text = name + " held " + address.to_string() + " with " + instance + " in FAULT";
          now[text] = fault && world.holds(name, address);
        }
      }
    }
    for (const auto& [text, is_wrong] : now) wrong[text].set(at, is_wrong);
    for (auto& [text, line] : wrong) {
      if (now.count(text) == 0) line.set(at, false);
    }
  };
  const auto& all = timeline.observations();
  for (std::size_t i = 0; i < all.size(); ++i) {
    world.apply(all[i]);
    if (i + 1 == all.size() || all[i + 1].at != all[i].at) look(all[i].at);
  }
  Judgement result;
  Duration worst{0};
  result.seen = "never";
  for (const auto& [text, line] : wrong) {
    for (const Stretch& stretch : line.since(Duration{0})) {
      const Duration length = stretch.end.value_or(scenario.end) - stretch.begin;
      if (length <= worst) continue;
      worst = length;
      result.at = stretch.begin;
      result.seen = text + " for " + to_text(length) + " from " + to_text(stretch.begin);
    }
  }
  result.held = worst <= invariant.except_for;
  result.margin = invariant.except_for - worst;
  return result;
}

// ------------------------------------------------------------------ transitions

Judgement judge_transitions(const Timeline& timeline, const TransitionsAtMost& invariant) {
  Judgement result;
  int count = 0;
  for (const Observation& seen : timeline.observations()) {
    const auto* change = std::get_if<InstanceChanged>(&seen.what);
    if (change == nullptr || change->instance != invariant.instance) continue;
    if (invariant.director && *invariant.director != seen.node) continue;
    if (change->from == vrrp::State::initialize || change->to == vrrp::State::initialize) continue;
    ++count;
    if (count == invariant.times + 1) result.at = seen.at;
  }
  result.held = count <= invariant.times;
  result.seen = std::to_string(count) + (count == 1 ? " transition" : " transitions");
  return result;
}

struct InvariantJudge {
  const Scenario& scenario;
  const Timeline& timeline;

  Judgement operator()(const OneMaster& it) const { return judge_one_master(scenario, timeline, it); }
  Judgement operator()(const OneHolder& it) const { return judge_one_holder(scenario, timeline, it); }
  Judgement operator()(const ClientOutage& it) const { return judge_outage(scenario, timeline, it); }
  Judgement operator()(const NoAddressInFault& it) const { return judge_no_address_in_fault(scenario, timeline, it); }
  Judgement operator()(const TransitionsAtMost& it) const { return judge_transitions(timeline, it); }
  Judgement operator()(const RequestsServed& it) const { return judge_requests(scenario, timeline, it); }
  Judgement operator()(const PoolNotEmpty& it) const { return judge_pool_not_empty(scenario, timeline, it); }
  Judgement operator()(const NoMixedPool& it) const { return judge_no_mixed_pool(scenario, timeline, it); }
  Judgement operator()(const ConnectionSurvives& it) const { return judge_connection(scenario, timeline, it); }
};

}  // namespace

std::optional<std::vector<Outage>> outages(const Scenario& scenario, const Timeline& timeline,
                                           const ClientOutage& probe) {
  std::vector<Outage> result;
  bool ever_answered = false;
  std::optional<Duration> last_answered;  // set while nobody answers
  for (const Observation& seen : timeline.observations()) {
    const auto* answers = std::get_if<ProbeAnswers>(&seen.what);
    if (answers == nullptr || seen.node != probe.client) continue;
    if (answers->target != probe.target || answers->port != probe.port) continue;
    if (!answers->node.empty()) {
      if (last_answered) result.push_back({*last_answered, seen.at, true});
      last_answered.reset();
      ever_answered = true;
    } else if (ever_answered && !last_answered) {
      last_answered = seen.at - probe.every;
    }
  }
  if (!ever_answered) return std::nullopt;
  if (last_answered) result.push_back({*last_answered, scenario.end, false});
  return result;
}

std::vector<Judgement> judge_invariants(const Scenario& scenario, const Timeline& timeline) {
  std::vector<Judgement> judgements;
  for (const Always& always : scenario.always) {
    Judgement judgement = std::visit(InvariantJudge{scenario, timeline}, always.invariant);
    judgement.kind = Judgement::Kind::invariant;
    judgement.place = always.place;
    judgement.expected = always.text;
    judgements.push_back(std::move(judgement));
  }
  return judgements;
}

}  // namespace vipdrift::scenarios
