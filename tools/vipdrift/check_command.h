// `vipdrift check`: what is wrong with keepalived.conf files, each alone and all as one cluster.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_CHECK_COMMAND_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_CHECK_COMMAND_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/vrrp/profile.h"
#include "tools/vipdrift/exit_codes.h"

namespace vipdrift::tools {

struct CheckArguments {
  std::vector<std::string> files;  ///< [NAME=]FILE[@ID], one a director, or directories of them
  std::string config_id;           ///< what @ID lines are compared with
  std::string profile = "keepalived";
  bool rules = false;   ///< only print them
  bool pages = false;   ///< with everything about them
  std::string explain;  ///< only print the page of this rule
  bool sarif = false;
  std::string help_uri;  ///< of docs/rules.md, for links in SARIF
  bool table = false;
  bool json = false;
  bool scripts = false;            ///< look for the programs on this machine
  bool timing = false;             ///< a table of the worst cases
  std::optional<Duration> within;  ///< takeovers that may take longer are errors
  std::string scenario_folder;     ///< where scenarios are written that play what was found; empty: none
  std::uint64_t most_combinations = 20'000;
};

/// Parses each file and what it includes; of several that can be read, compares the directors and tries every
/// combination of failures. `held`: no error was found; `failed`: the cluster has one; `wrong_input`: a file has one.
ExitStatus check_command(const CheckArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_CHECK_COMMAND_H_
