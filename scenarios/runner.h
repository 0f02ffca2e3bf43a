// Takes a loaded scenario through a world and judges what was seen.
#ifndef VIPDRIFT_SCENARIOS_RUNNER_H_
#define VIPDRIFT_SCENARIOS_RUNNER_H_

#include <optional>

#include "scenarios/scenario.h"
#include "scenarios/testbed.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

/// How a run ends, as a process exit status.
enum class ExitStatus : int {
  held = 0,         ///< all expectations and invariants held
  failed = 1,       ///< some expectation or invariant failed
  wrong_input = 2,  ///< the scenario, cluster or configuration file is wrong
  no_world = 3,     ///< the world could not be built, cannot do what a step asks, or sees nothing of what is expected
};

struct RunOptions {
  /// What to record beyond what the judges need (a terminal with -v wants it all).
  RecordingOptions also_record{.advertisements = false, .discards = false, .script_results = false, .logs = false,
                                .requests = false};
  std::optional<Duration> tolerance = {};  ///< instead of the world's own, so that two worlds are judged alike
};

struct RunResult {
  Timeline timeline;
  Verdict verdict;  ///< empty when `error` is set
  WorldStatistics statistics;
  std::optional<WorldError> error;  ///< with the line of the step that the world cannot do

  ExitStatus status() const {
    if (error || verdict.nothing_judged()) return ExitStatus::no_world;
    return verdict.held() ? ExitStatus::held : ExitStatus::failed;
  }
};

/// What the expectations of `scenario` need to see.
RecordingOptions needed_recording(const Scenario& scenario);

/// Asks the world whether it can be built and can do every step, builds it, interleaves time and steps up to the
/// scenario's end (and its tolerance longer), judges.
RunResult run(const Scenario& scenario, Testbed& world, const RunOptions& options = {});

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_RUNNER_H_
