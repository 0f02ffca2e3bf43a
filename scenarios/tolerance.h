// What a scenario asks for in a world of real time, where every moment is known only to within a tolerance.
//
//   within/by, not_before   the deadline later, the lower bound earlier
//   for, never              shorter at both edges; `never` of an event only at its end
//   at_least, at_most       counted to a later, to an earlier deadline
//   one_master, no_address_in_fault   except_for longer
//   client                  outage_at_most longer, outage_at_least shorter
//   requests                the same; failures are counted as they are
//   pool_not_empty, no_mixed_pool, connection   except_for and stalled_at_most longer
//   answers, shares, refused, not_answered      the window is shorter at both edges
//   a state that ends within the tolerance of the step was still the state before the step, and does not count
//
// A window that is not longer than what is cut from it cannot be judged there. A tolerance of zero changes nothing.
#ifndef VIPDRIFT_SCENARIOS_TOLERANCE_H_
#define VIPDRIFT_SCENARIOS_TOLERANCE_H_

#include <optional>
#include <string>

#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// `expectation` with its bounds widened by `tolerance`. One that gives both counts is to be taken apart before, see
/// split_counts().
Expectation widened(Expectation expectation, Duration tolerance);
Invariant widened(Invariant invariant, Duration tolerance);

/// Why `expectation` cannot be judged to within `tolerance`; nullopt when it can.
std::optional<std::string> too_short_for(const Expectation& expectation, Duration tolerance);

/// An expectation with a lower and an upper count as two, whose deadlines move in opposite directions.
struct SplitCounts {
  Expectation at_least;
  Expectation at_most;
};
std::optional<SplitCounts> split_counts(const Expectation& expectation);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_TOLERANCE_H_
