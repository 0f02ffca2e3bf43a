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
// What is said of all requests of a window is judged by request_judge.h.
//
// "since" is the moment of the step above the line. States are looked at after everything that happened in a
// nanosecond; events of the very nanosecond count when they came after the step.
#ifndef VIPDRIFT_SCENARIOS_EXPECTATION_JUDGE_H_
#define VIPDRIFT_SCENARIOS_EXPECTATION_JUDGE_H_

#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

/// What is expected, in words: "10.1.10.7 on lvs1 within 4s (since 20s, to within 300ms)".
std::string expected_text(const Expectation& expectation, Duration tolerance);

/// Whether `expectation` speaks of a stretch that begins with the step (`for` without a deadline, `never`).
bool asks_from_the_step_on(const Expectation& expectation);

/// A judgement per expectation, in order. `timeline` is in order of time. Where the others are concerned, a state that
/// was there before the step and ends within `aftermath` of it does not count: the step took that long.
std::vector<Judgement> judge_expectations(const Scenario& scenario, const Timeline& timeline,
                                          Duration aftermath = Duration{0});

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_EXPECTATION_JUDGE_H_
