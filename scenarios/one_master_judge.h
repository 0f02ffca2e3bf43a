// The invariant "exactly one master", per virtual router and group of directors that hear each other.
//
// A virtual router is a VRID of one address family on one segment, as the configurations say. Its members count while
// their daemon runs (a paused one neither counts nor is missed).
//   Overlap: two or more masters in one loss-free two-way group (ConnectivityChanged::groups).
//   Gap: no master in a group in which any frame passes (ConnectivityChanged::audible) though some member could be one
//   (its instance is BACKUP or MASTER), once the virtual router had its first master anywhere.
// A disturbance of a group: its members change, a daemon of it starts, dies, pauses, resumes or reloads, or one of its
// instances enters or leaves FAULT. After a disturbance a group needs time to settle: by default one advertisement
// interval before an overlap counts, and the largest master down interval (down_timer_adverts intervals and a whole
// skew time) plus one interval before a gap counts; both plus twice the slowest way through the segment. A gap or an
// overlap is as long as the part of it behind the settling time, and may last `except_for`.
#ifndef VIPDRIFT_SCENARIOS_ONE_MASTER_JUDGE_H_
#define VIPDRIFT_SCENARIOS_ONE_MASTER_JUDGE_H_

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

/// The worst gap or overlap decides. `timeline` is in order of time.
Judgement judge_one_master(const Scenario& scenario, const Timeline& timeline, const OneMaster& invariant);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_ONE_MASTER_JUDGE_H_
