// `vipdrift up`, `status`, `exec` and `down`: a cluster in namespaces that stays, to learn and to look for faults in.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_COMMANDS_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_COMMANDS_H_

#include <string>
#include <vector>

#include "tools/vipdrift/exit_codes.h"

namespace vipdrift::tools {

struct LabArguments {
  std::string lab = "lab";            ///< its name
  std::string cluster;                ///< up: a cluster file, or a scenario whose cluster it is
  std::vector<std::string> subjects;  ///< up: at most one casting
  std::string vipdriftd;              ///< up: path; empty: beside this program
  bool json = false;                  ///< status
  bool watch = false;                 ///< status: again every second
  std::string node;                   ///< exec
  std::vector<std::string> command;   ///< exec; empty: the user's shell
};

/// Returns when the daemons have been started. The laboratory goes on in the background.
ExitStatus up_command(const LabArguments& arguments);
ExitStatus status_command(const LabArguments& arguments);
/// The exit code of the command, as a shell gives it.
int exec_command(const LabArguments& arguments);
/// Returns when nothing is left.
ExitStatus down_command(const LabArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_COMMANDS_H_
