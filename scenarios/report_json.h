// Runs for programs: one JSON document.
#ifndef VIPDRIFT_SCENARIOS_REPORT_JSON_H_
#define VIPDRIFT_SCENARIOS_REPORT_JSON_H_

#include <string>
#include <vector>

#include "scenarios/report.h"

namespace vipdrift::scenarios {

/// {"vipdrift": 1, "scenarios": [{file, name, status, seed, diagnostics, judgements, timeline, hash, ...}]}, indented
/// by two, newline at the end. Times are integer nanoseconds in members that end in `_ns`.
std::string report_json(const std::vector<ScenarioReport>& reports);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_REPORT_JSON_H_
