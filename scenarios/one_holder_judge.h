// The invariant "no address is held twice": by kernels, whatever their daemons believe.
//
// A virtual address is one that some configuration of the scenario gives to an instance. Two directors collide over it
// while both kernels hold it and the segment of its instance lets them hear each other without loss, both ways
// (ConnectivityChanged::groups). That a dead daemon's kernel goes on answering for its address counts: hosts suffer it.
#ifndef VIPDRIFT_SCENARIOS_ONE_HOLDER_JUDGE_H_
#define VIPDRIFT_SCENARIOS_ONE_HOLDER_JUDGE_H_

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

/// The longest collision of any two directors decides. `timeline` is in order of time.
Judgement judge_one_holder(const Scenario& scenario, const Timeline& timeline, const OneHolder& invariant);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_ONE_HOLDER_JUDGE_H_
