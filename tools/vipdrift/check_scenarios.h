// Scenarios that play what `vipdrift check` found by trying all failures.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_CHECK_SCENARIOS_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_CHECK_SCENARIOS_H_

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "tools/vipdrift/check_report.h"

namespace vipdrift::tools {

/// The cluster that scenarios are about.
struct PlayedCluster {
  std::span<const analysis::Director> directors;
  std::vector<std::string> files;  ///< of the directors
  std::string profile;             ///< as on the command line
};

/// Writes one scenario below `folder`, which is made when it is not there, for each finding that can be played, and
/// leaves its path in the finding. The scenario reads the very files that were checked and expects what a cluster
/// without the finding would do: it fails until they are mended. Takes the place of what an earlier call wrote, and of
/// nothing else: then no scenario is written. Returns what went wrong, if anything did.
std::optional<FileFailure> write_scenarios(ClusterReport& report, const PlayedCluster& cluster,
                                           const std::string& folder);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_CHECK_SCENARIOS_H_
