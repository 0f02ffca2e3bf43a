// `vipdrift realserver`: prepares this machine as a real server of LVS-DR, or says what is wrong with it as one.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_REALSERVER_COMMAND_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_REALSERVER_COMMAND_H_

#include <string>
#include <vector>

#include "tools/vipdrift/exit_codes.h"

namespace vipdrift::tools {

struct RealServerArguments {
  std::vector<std::string> addresses;
  bool check = false;
  bool undo = false;
  std::string state_directory = "/run/vipdrift";
};

/// What was done is noted in the state directory, for each network namespace apart, so that --undo takes back exactly
/// that. held: done, or nothing to do; failed: --check found faults, or --undo found what somebody else has changed;
/// wrong_input: no address; no_world: the kernel refuses.
ExitStatus realserver_command(const RealServerArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_REALSERVER_COMMAND_H_
