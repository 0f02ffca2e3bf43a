// Requests that went alike, one after another: what a client saw, in a line instead of hundreds.
#ifndef VIPDRIFT_SCENARIOS_REQUEST_RUNS_H_
#define VIPDRIFT_SCENARIOS_REQUEST_RUNS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

/// Requests of one client for one URL with the same outcome: failed in the same way, or answered with the same status
/// by whomever. Nothing happened between the first and the last but requests of others and what machines believe of
/// neighbours.
struct RequestRun {
  std::vector<std::size_t> members;  ///< indices into the timeline, ascending; at least one
};

/// All requests of a part of a timeline, in the order of their first members.
std::vector<RequestRun> request_runs(const Timeline& timeline, Slice part);

/// "http://10.1.10.7/ answered 50 times with 200 until 14.900000s: rs1 25, rs2 25, in turn (150us to 350us)"; a run of
/// one as the observation is described.
std::string describe(const RequestRun& run, const Timeline& timeline);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_REQUEST_RUNS_H_
