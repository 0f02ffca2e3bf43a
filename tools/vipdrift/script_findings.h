// Whether the programs that configurations name are on this machine, and safe to run.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_SCRIPT_FINDINGS_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_SCRIPT_FINDINGS_H_

#include <span>
#include <string>
#include <vector>

#include "analysis/finding.h"

namespace vipdrift::tools {

/// Track scripts and notify scripts, each program once a director. `path` is where names without a slash are looked
/// for, as PATH has it. What a shell is asked to run (`sh -c '...'`) is not looked into.
std::vector<analysis::Finding> look_at_scripts(std::span<const analysis::Director> directors, const std::string& path);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_SCRIPT_FINDINGS_H_
