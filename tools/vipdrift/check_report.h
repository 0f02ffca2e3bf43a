// What `vipdrift check` says of a cluster: findings, the table of all combinations, JSON.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_CHECK_REPORT_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_CHECK_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "analysis/exhaustion.h"
#include "analysis/finding.h"
#include "analysis/timing.h"
#include "protocol/config/diagnostic.h"
#include "scenarios/report_text.h"

namespace vipdrift::tools {

/// What the parser says.
struct SaidDiagnostic {
  config::Diagnostic it;
  std::optional<std::string> allowed{};  ///< why a comment allows it
};

struct SaidFinding {
  analysis::Finding it;
  std::optional<std::string> allowed{};
  std::string scenario{};  ///< the file that plays it, when one was written

  analysis::Severity severity() const { return it.its_rule().severity; }
};

/// A file or directory that could not be read or written.
struct FileFailure {
  std::string file;
  std::string message;  ///< why, and what was expected
};

/// What was found out about a cluster.
struct ClusterReport {
  std::vector<FileFailure> failures;
  std::vector<SaidDiagnostic> diagnostics;
  std::vector<SaidFinding> findings;
  analysis::Exhaustion exhaustion;  ///< its findings are among `findings`
  std::vector<analysis::TimingRow> timing;
};

/// One line a diagnostic: "FILE:LINE:COLUMN: error: MESSAGE [RULE]", or "allowed: MESSAGE (REASON) [RULE]".
std::string render_diagnostics(const std::vector<SaidDiagnostic>& diagnostics, const scenarios::TextStyle& style);

/// One line a finding: "FILE:LINE: error: MESSAGE [RULE]", the gravest first, what is allowed last; then how many
/// combinations were visited.
std::string render_findings(const ClusterReport& report, const scenarios::TextStyle& style);

/// One row a combination, one column a virtual router.
std::string render_combinations(const analysis::Exhaustion& exhaustion, const scenarios::TextStyle& style);

/// {"errors": [{"file", "message"}], "diagnostics": [...], "findings": [...], "combinations": {"visited", "folded",
/// "possible", "virtual_routers", "rows"}, "timing": [...]}; `errors` are files that cannot be read or written, `rows`
/// and `timing` are there only when there are any.
std::string cluster_json(const ClusterReport& report);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_CHECK_REPORT_H_
