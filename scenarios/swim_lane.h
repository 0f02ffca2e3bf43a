// Who held which virtual address, and who answered the clients, drawn over time.
#ifndef VIPDRIFT_SCENARIOS_SWIM_LANE_H_
#define VIPDRIFT_SCENARIOS_SWIM_LANE_H_

#include <string>

#include "scenarios/report_text.h"
#include "scenarios/scenario.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {

/// One row per address and director, then one per page that clients ask for and machine that answers, with a time axis
/// and the steps above. Of addresses: '=' a running daemon holds it, '-' the kernel still has it after the daemon died
/// or froze, '.' not held. Of pages: '=' it answers, 'x' nobody does, '.' others do, or nobody asks.
std::string render_swim_lane(const Scenario& scenario, const Timeline& timeline, const TextStyle& style);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_SWIM_LANE_H_
