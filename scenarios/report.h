// One scenario's way through a run, as the renderers of reports take it.
#ifndef VIPDRIFT_SCENARIOS_REPORT_H_
#define VIPDRIFT_SCENARIOS_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/config/diagnostic.h"
#include "scenarios/runner.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

struct ScenarioReport {
  std::string file;
  std::string world;                 ///< "sim", "netns"
  std::string subject;               ///< what its directors run: "keepalived/vipdriftd"; empty: what the scenario says
  std::optional<Scenario> scenario;  ///< absent: the file could not be loaded
  std::vector<config::Diagnostic> diagnostics;
  std::optional<RunResult> result;  ///< absent: not run
  Duration wall{0};                 ///< how long the run took in real time
  std::string started_like;         ///< the world whose daemons' start delays this one was given: "netns/vipdriftd"

  ExitStatus status() const {
    if (!scenario) return ExitStatus::wrong_input;
    return result ? result->status() : ExitStatus::no_world;
  }
  /// The scenario's name, or its file when it has none.
  const std::string& title() const { return scenario && !scenario->name.empty() ? scenario->name : file; }
};

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_REPORT_H_
