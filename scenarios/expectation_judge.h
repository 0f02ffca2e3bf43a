// One `expect` line against the timeline. The meaning of each qualifier, to the nanosecond:
//
//   within/by    a state is true, or an event happens, at some moment of [since, deadline]
//   not_before   in [since, not_before) the state is never true, the event does not happen
//   for          with a deadline: by then at the latest a stretch begins that lasts at least this long;
//                without one: true without a break in [since, holds_until)
//   never        a state is true, an event happens, at no moment of [since, never_until]
//   at_least     the event happens so often in [since, deadline] (once when neither count is given)
//   at_most      and no more often
//
// "since" is the moment of the step above the line. States are looked at after everything that happened in a
// nanosecond; events of the very nanosecond count when they came after the step.
#ifndef VIPDRIFT_SCENARIOS_EXPECTATION_JUDGE_H_
#define VIPDRIFT_SCENARIOS_EXPECTATION_JUDGE_H_

#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

/// A judgement per expectation, in order. `timeline` is in order of time.
std::vector<Judgement> judge_expectations(const Scenario& scenario, const Timeline& timeline);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_EXPECTATION_JUDGE_H_
