// `vipdrift config`: a keepalived.conf told back, compared with another, formatted.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_CONFIG_COMMAND_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_CONFIG_COMMAND_H_

#include <string>
#include <vector>

#include "tools/vipdrift/exit_codes.h"

namespace vipdrift::tools {

struct ConfigArguments {
  std::string file;
  std::string config_id;  ///< what @ID lines are compared with
  std::string profile = "keepalived";
  bool json = false;
};

/// `config show`: the effective configuration, every default made visible. `held`: it was printed; `wrong_input`: the
/// file cannot be read, or is refused.
ExitStatus config_show_command(const ConfigArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_CONFIG_COMMAND_H_
