// Pools of servers and long-lived connections over the whole run. The state of a pool at a moment is what it is after
// everything that happened in that nanosecond.
#ifndef VIPDRIFT_SCENARIOS_POOL_JUDGE_H_
#define VIPDRIFT_SCENARIOS_POOL_JUDGE_H_

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

// The judgements have no kind, place or words of what is expected yet. `timeline` is in order of time.

Judgement judge_pool_not_empty(const Scenario& scenario, const Timeline& timeline, const PoolNotEmpty& invariant);
Judgement judge_no_mixed_pool(const Scenario& scenario, const Timeline& timeline, const NoMixedPool& invariant);
Judgement judge_connection(const Scenario& scenario, const Timeline& timeline, const ConnectionSurvives& invariant);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_POOL_JUDGE_H_
