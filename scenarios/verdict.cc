#include "scenarios/verdict.h"

#include <algorithm>
#include <utility>

#include "scenarios/durations.h"
#include "scenarios/expectation_judge.h"
#include "scenarios/invariant_judge.h"
#include "scenarios/tolerance.h"

namespace vipdrift::scenarios {
namespace {

constexpr std::size_t kLinesBefore = 8;
constexpr std::size_t kLinesAfter = 4;

/// The last observations up to `moment` and the first ones after it.
Slice slice_around(const Timeline& timeline, Duration moment) {
  const auto& all = timeline.observations();
  const auto behind = std::upper_bound(all.begin(), all.end(), moment,
                                       [](Duration at, const Observation& seen) { return at < seen.at; });
  const auto middle = static_cast<std::size_t>(behind - all.begin());
  return {middle - std::min(middle, kLinesBefore), std::min(all.size(), middle + kLinesAfter)};
}

// ------------------------------------------------------------------ what can be seen

/// What must be seen for an invariant to be judged.
struct NeededCondition {
  Condition operator()(const OneMaster&) const { return InstanceState{}; }
  Condition operator()(const OneHolder&) const { return VipHolders{}; }
  Condition operator()(const NoAddressInFault&) const { return InstanceState{}; }
  Condition operator()(const TransitionsAtMost& it) const {
    return InstanceState{it.instance, it.director.value_or(std::string{}), {}};
  }
  Condition operator()(const ClientOutage& it) const { return AnsweredBy{it.client, it.target, {}, it.port}; }
  Condition operator()(const RequestsServed& it) const { return NotServed{it.client, it.url, {}}; }
  Condition operator()(const PoolNotEmpty& it) const { return PoolIs{it.service, it.director.value_or(""), {}}; }
  Condition operator()(const NoMixedPool& it) const {
    return PoolIs{it.service.value_or(ipvs::ServiceKey{}), {}, {}};
  }
  Condition operator()(const ConnectionSurvives& it) const {
    return ConnectionIs{it.client, it.target, it.port, {}, {}};
  }
};

std::string why_unseen(const Condition& condition, const Sight& sight) {
  return sight.cannot_see ? sight.cannot_see(condition).value_or(std::string{}) : std::string{};
}

std::string why_not_judged(const Expectation& expectation, const Sight& sight) {
  const std::string unseen = why_unseen(expectation.condition, sight);
  return unseen.empty() ? too_short_for(expectation, sight.tolerance).value_or(std::string{}) : unseen;
}

// ------------------------------------------------------------------ with a tolerance

/// A scenario whose bounds are widened, and which of its expectations stand for which of the original one.
struct WidenedScenario {
  Scenario scenario;
  std::vector<std::size_t> original;
};

WidenedScenario widen(const Scenario& scenario, Duration tolerance) {
  WidenedScenario result{scenario, {}};
  result.scenario.end += tolerance;
  result.scenario.expectations.clear();
  const auto add = [&](const Expectation& expectation, std::size_t index) {
    result.scenario.expectations.push_back(widened(expectation, tolerance));
    result.original.push_back(index);
  };
  for (std::size_t i = 0; i < scenario.expectations.size(); ++i) {
    const std::optional<SplitCounts> split = split_counts(scenario.expectations[i]);
    add(split ? split->at_least : scenario.expectations[i], i);
    if (split) add(split->at_most, i);
  }
  for (Always& always : result.scenario.always) always.invariant = widened(always.invariant, tolerance);
  return result;
}

/// Judgements in the order of the original; of two for one expectation the one that failed.
std::vector<Judgement> judge_with(const Scenario& scenario, const Timeline& timeline, Duration tolerance) {
  const WidenedScenario wide = widen(scenario, tolerance);
  std::vector<Judgement> judgements;
  const std::vector<Judgement> expectations = judge_expectations(wide.scenario, timeline, tolerance);
  for (std::size_t i = 0; i < expectations.size(); ++i) {
    const bool second = wide.original[i] < judgements.size();
    if (!second) judgements.push_back(expectations[i]);
    if (second && judgements.back().held) judgements.back() = expectations[i];
    judgements.back().expected = expected_text(scenario.expectations[wide.original[i]], tolerance);
  }
  for (Judgement& judgement : judge_invariants(wide.scenario, timeline)) {
    judgement.expected += " (to within " + to_text(tolerance) + ")";
    judgements.push_back(std::move(judgement));
  }
  return judgements;
}

std::vector<Judgement> judge_exactly(const Scenario& scenario, const Timeline& timeline) {
  std::vector<Judgement> judgements = judge_expectations(scenario, timeline);
  for (Judgement& judgement : judge_invariants(scenario, timeline)) judgements.push_back(std::move(judgement));
  return judgements;
}

void leave_unjudged(Judgement& judgement, std::string why) {
  judgement.held = false;
  judgement.seen.clear();
  judgement.at.reset();
  judgement.measured.reset();
  judgement.margin.reset();
  judgement.not_judged = std::move(why);
}

}  // namespace

std::size_t Verdict::failed() const {
  return static_cast<std::size_t>(std::count_if(judgements.begin(), judgements.end(),
                                                [](const Judgement& judgement) { return judgement.failed(); }));
}

std::size_t Verdict::judged() const {
  return static_cast<std::size_t>(std::count_if(judgements.begin(), judgements.end(),
                                                [](const Judgement& judgement) { return judgement.judged(); }));
}

Verdict judge(const Scenario& scenario, const Timeline& timeline, const Sight& sight) {
  Verdict verdict;
  verdict.tolerance = sight.tolerance;
  verdict.judgements = sight.tolerance == Duration{0} ? judge_exactly(scenario, timeline)
                                                      : judge_with(scenario, timeline, sight.tolerance);
  for (std::size_t i = 0; i < verdict.judgements.size(); ++i) {
    const std::size_t invariant = i - std::min(i, scenario.expectations.size());
    std::string why = i < scenario.expectations.size()
                          ? why_not_judged(scenario.expectations[i], sight)
                          : why_unseen(std::visit(NeededCondition{}, scenario.always[invariant].invariant), sight);
    if (!why.empty()) leave_unjudged(verdict.judgements[i], std::move(why));
  }
  for (Judgement& judgement : verdict.judgements) {
    if (judgement.at) judgement.around = slice_around(timeline, *judgement.at);
  }
  return verdict;
}

}  // namespace vipdrift::scenarios
