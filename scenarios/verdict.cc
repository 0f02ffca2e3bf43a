#include "scenarios/verdict.h"

#include <algorithm>

#include "scenarios/expectation_judge.h"
#include "scenarios/invariant_judge.h"

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

}  // namespace

std::size_t Verdict::failed() const {
  return static_cast<std::size_t>(
      std::count_if(judgements.begin(), judgements.end(), [](const Judgement& judgement) { return !judgement.held; }));
}

Verdict judge(const Scenario& scenario, const Timeline& timeline) {
  Verdict verdict{judge_expectations(scenario, timeline)};
  for (Judgement& judgement : judge_invariants(scenario, timeline)) verdict.judgements.push_back(std::move(judgement));
  for (Judgement& judgement : verdict.judgements) {
    if (judgement.at) judgement.around = slice_around(timeline, *judgement.at);
  }
  return verdict;
}

}  // namespace vipdrift::scenarios
