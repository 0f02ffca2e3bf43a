// `vipdrift run`: takes scenarios through a world and reports what was seen.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_RUN_COMMAND_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_RUN_COMMAND_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/vipdrift/exit_codes.h"

namespace vipdrift::tools {

struct RunArguments {
  std::vector<std::string> paths;  ///< scenario files and directories
  std::string world = "sim";
  std::optional<std::string> profile;  ///< for scenarios and directors that choose none
  std::optional<std::uint64_t> seed;   ///< instead of each scenario's own
  std::size_t jobs = 0;                ///< worlds at a time; 0: one per processor
  bool timeline = false;               ///< the whole timeline also with several scenarios
  bool verbose = false;                ///< record everything, not only what the expectations need
  bool json = false;
  bool hash = false;  ///< nothing but one line a scenario: hash of the timeline, last draw, file
  std::string junit_file;
  std::string pcap_file;
};

ExitStatus run_command(const RunArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_RUN_COMMAND_H_
