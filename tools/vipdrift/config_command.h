// `vipdrift config`: a keepalived.conf told back, compared with another, formatted.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_CONFIG_COMMAND_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_CONFIG_COMMAND_H_

#include <string>
#include <vector>

#include "tools/vipdrift/exit_codes.h"

namespace vipdrift::tools {

struct ConfigArguments {
  std::string file;                ///< of show, the old one of diff
  std::string other_file;          ///< the new one of diff
  std::vector<std::string> files;  ///< of fmt
  std::string config_id;           ///< what @ID lines are compared with
  std::string profile = "keepalived";
  bool json = false;
  bool check = false;
  bool write = false;
};

/// `config show`: the effective configuration, every default made visible. `held`: it was printed; `wrong_input`: the
/// file cannot be read, or is refused.
ExitStatus config_show_command(const ConfigArguments& arguments);

/// `config diff`: what a reload from `file` to `other_file` would do. `held`: nothing changes; `failed`: something
/// does; `wrong_input`: a file cannot be read, or is refused.
ExitStatus config_diff_command(const ConfigArguments& arguments);

/// `config fmt`: the form alone. `held`: done, or nothing to do; `failed`: with `check`, a file has another form;
/// `wrong_input`: a file cannot be read or written, or has a quote or brace without its partner.
ExitStatus config_fmt_command(const ConfigArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_CONFIG_COMMAND_H_
