// What `vipdrift check` says, for reviews of code: SARIF 2.1.0.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_CHECK_SARIF_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_CHECK_SARIF_H_

#include <string>

#include "tools/vipdrift/check_report.h"

namespace vipdrift::tools {

/// One run: the rules with their help, a result for each diagnostic and finding, with the places it is about; what a
/// comment allows is suppressed in source. Files that cannot be read or written are notifications of an invocation that
/// failed. `help_uri`: where docs/rules.md is published, for a link to each rule;
/// empty: no links, since SARIF wants absolute ones.
std::string cluster_sarif(const ClusterReport& report, const std::string& help_uri);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_CHECK_SARIF_H_
