// What `vipdrift check` says of a cluster: findings, the table of all combinations, JSON.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_CHECK_REPORT_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_CHECK_REPORT_H_

#include <string>
#include <vector>

#include "analysis/exhaustion.h"
#include "analysis/finding.h"
#include "analysis/timing.h"
#include "protocol/config/diagnostic.h"
#include "scenarios/report_text.h"

namespace vipdrift::tools {

/// What was found out about a cluster.
struct ClusterReport {
  std::vector<config::Diagnostic> diagnostics;  ///< of the parser
  std::vector<analysis::Finding> findings;
  analysis::Exhaustion exhaustion;  ///< its findings are among `findings`
  std::vector<analysis::TimingRow> timing;
};

/// One line a diagnostic: "FILE:LINE:COLUMN: error: MESSAGE [RULE]".
std::string render_with_rules(const std::vector<config::Diagnostic>& diagnostics, const scenarios::TextStyle& style);

/// One line a finding: "FILE:LINE: error: MESSAGE [RULE]", the gravest first; then how many combinations were visited.
std::string render_findings(const ClusterReport& report, const scenarios::TextStyle& style);

/// One row a combination, one column a virtual router.
std::string render_combinations(const analysis::Exhaustion& exhaustion, const scenarios::TextStyle& style);

/// {"diagnostics": [...], "findings": [...], "combinations": {"visited", "folded", "possible", "virtual_routers",
/// "rows"}, "timing": [...]}; `rows` and `timing` only when there are any.
std::string cluster_json(const ClusterReport& report);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_CHECK_REPORT_H_
