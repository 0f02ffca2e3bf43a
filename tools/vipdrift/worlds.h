// Builds the world that a scenario runs in.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_WORLDS_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_WORLDS_H_

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "backends/netns/lab.h"
#include "scenarios/runner.h"
#include "scenarios/scenario.h"
#include "scenarios/start_delays.h"
#include "sim/action_costs.h"

namespace vipdrift::tools {

/// When daemons of the simulator begin.
struct SimulatedStarts {
  std::optional<sim::Spread> spread = {};  ///< instead of the simulator's own
  scenarios::StartDelays seen = {};        ///< in another world, whose starts are to be repeated
};

/// One run in a simulator of its own. Writes every frame to `pcap_file` unless that is empty.
scenarios::RunResult run_in_simulation(const scenarios::Scenario& scenario, const scenarios::RunOptions& options,
                                       const std::string& pcap_file, const SimulatedStarts& starts = {});

/// What worlds of namespaces share: found out once, inside the lab.
struct Namespaces {
  netns::Facilities facilities;
  std::string vipdriftd;  ///< path of the program
  std::optional<Duration> tolerance = {};  ///< instead of that of namespaces on the running kernel
  std::shared_ptr<std::mutex> launching = std::make_shared<std::mutex>();  ///< one world at a time is built and started
};

/// How often a scenario is begun in namespaces whose machine stumbles.
inline constexpr int kAttempts = 3;

/// One run in namespaces, begun anew (kAttempts times in all) when the machine stumbled; needs netns::enter_lab().
/// `subjects`: one word a director, see casting.h.
scenarios::RunResult run_in_namespaces(const scenarios::Scenario& scenario, const std::vector<std::string>& subjects,
                                       const Namespaces& namespaces, const scenarios::RunOptions& options,
                                       const std::string& pcap_file);

/// How far off the times of such a run may be.
Duration tolerance_of_namespaces();

/// Where vipdriftd is installed: in the directory of this program.
std::string vipdriftd_beside_this();

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_WORLDS_H_
