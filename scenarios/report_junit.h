// Runs for continuous integration: JUnit XML, a suite per scenario and a case per expectation and invariant.
#ifndef VIPDRIFT_SCENARIOS_REPORT_JUNIT_H_
#define VIPDRIFT_SCENARIOS_REPORT_JUNIT_H_

#include <string>
#include <vector>

#include "scenarios/report.h"

namespace vipdrift::scenarios {

/// A complete XML document. A file that could not be loaded or run becomes a suite with one case in error.
std::string report_junit(const std::vector<ScenarioReport>& reports);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_REPORT_JUNIT_H_
