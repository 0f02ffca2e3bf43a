// `vipdrift list`: what there is to run.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_LIST_COMMAND_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_LIST_COMMAND_H_

#include <string>
#include <vector>

#include "tools/vipdrift/exit_codes.h"

namespace vipdrift::tools {

/// File, name, tags and the first line of the description of each scenario; of the scenario library without `paths`.
ExitStatus list_command(const std::vector<std::string>& paths);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_LIST_COMMAND_H_
