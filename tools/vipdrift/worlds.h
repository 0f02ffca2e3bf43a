// Builds the world that a scenario runs in.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_WORLDS_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_WORLDS_H_

#include <string>

#include "scenarios/runner.h"
#include "scenarios/scenario.h"

namespace vipdrift::tools {

/// One run in a simulator of its own. Writes every frame to `pcap_file` unless that is empty.
scenarios::RunResult run_in_simulation(const scenarios::Scenario& scenario, const scenarios::RunOptions& options,
                                       const std::string& pcap_file);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_WORLDS_H_
