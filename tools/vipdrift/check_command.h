// `vipdrift check`: what is wrong with a keepalived.conf.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_CHECK_COMMAND_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_CHECK_COMMAND_H_

#include <string>
#include <vector>

#include "tools/vipdrift/exit_codes.h"

namespace vipdrift::tools {

struct CheckArguments {
  std::vector<std::string> files;
  std::string config_id;  ///< what @ID lines are compared with
};

/// Parses each file and what it includes; prints every diagnostic and one line of outcome a file.
ExitStatus check_command(const CheckArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_CHECK_COMMAND_H_
