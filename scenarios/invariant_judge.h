// The lines of `always` against the timeline (masters, holders, requests and pools have files of their own).
//
//   client       The outage is the longest time between the sending of the last answered probe and of the next answered
//                one, with at least one unanswered probe between them. Probes before the first answer do not count;
//                an outage that is still going on lasts to the end of the run. A target that never answers fails.
//                Probes leave every `every`, so an outage is known to that grain: it is never shorter than the real one
//                less `every`, nor longer than the real one plus `every`.
//   no_address_in_fault   No director holds a virtual address of an instance that is in FAULT (while its daemon runs)
//                longer than except_for without a break.
//   transitions  Changes of state of the instance, on one director or on all, that neither leave nor enter Initialize.
#ifndef VIPDRIFT_SCENARIOS_INVARIANT_JUDGE_H_
#define VIPDRIFT_SCENARIOS_INVARIANT_JUDGE_H_

#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

/// A judgement per invariant, in order. `timeline` is in order of time.
std::vector<Judgement> judge_invariants(const Scenario& scenario, const Timeline& timeline);

/// One interruption as a client saw it.
struct Outage {
  Duration from{0};  ///< when the last answered probe was sent
  Duration to{0};    ///< when the next answered one was sent, or the end of the run
  bool over = true;
  Duration length() const { return to - from; }
};

/// All outages of a client's probe of one target, in order; nullopt when no probe was ever answered.
std::optional<std::vector<Outage>> outages(const Scenario& scenario, const Timeline& timeline,
                                           const ClientOutage& probe);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_INVARIANT_JUDGE_H_
