// What is said of the requests that clients make. A request belongs to the moment at which it began; one that had not
// ended when the run did is not looked at.
//
//   answers, shares, refused, not_answered
//                without a deadline the window is [since, since + for], both ends included; with one, some window of
//                that length that begins in [since, deadline]. A window without a request satisfies nothing.
//   requests     see RequestsServed.
#ifndef VIPDRIFT_SCENARIOS_REQUEST_JUDGE_H_
#define VIPDRIFT_SCENARIOS_REQUEST_JUDGE_H_

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

/// `expectation.condition` is_window(). The judgement has no kind, place or words of what is expected yet.
Judgement judge_window(const Scenario& scenario, const Timeline& timeline, const Expectation& expectation);

Judgement judge_requests(const Scenario& scenario, const Timeline& timeline, const RequestsServed& invariant);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_REQUEST_JUDGE_H_
