// `vipdrift run`: takes scenarios through one world or several and reports what was seen.
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
  std::vector<std::string> paths;     ///< scenario files and directories
  std::string worlds = "sim";         ///< "sim", "netns", "uml", or several with commas between
  std::vector<std::string> subjects;  ///< castings, see casting.h; empty: the profiles of scenario and cluster
  std::optional<std::string> profile;    ///< for scenarios and directors that choose none
  std::optional<std::uint64_t> seed;     ///< instead of each scenario's own
  std::optional<std::string> tolerance;  ///< instead of each world's own: "300ms"
  std::optional<std::string> start_delay;  ///< of the simulator's daemons: "600ms", "20ms..1.2s"
  std::string vipdriftd;                 ///< path; empty: beside this program
  std::string uml;                       ///< the kernel of "uml", a name or a path; empty: linux.uml
  std::size_t jobs = 0;   ///< runs at a time; 0: one per processor, with namespaces kJobsOfNamespaces, see below
  bool timeline = false;  ///< the whole timeline also with several scenarios
  bool verbose = false;   ///< record everything, not only what the expectations need
  bool compare = false;   ///< the exit code says whether the worlds agree
  bool json = false;
  bool hash = false;  ///< nothing but one line a scenario: hash of the timeline, last draw, file
  std::string junit_file;
  std::string pcap_file;
};

/// Worlds of real time are idle mostly.
inline constexpr std::size_t kJobsOfNamespaces = 16;
/// A User-Mode Linux has one processor; a world whose daemons run scripts takes a third of it.
inline constexpr std::size_t kJobsOfMachine = 2;

ExitStatus run_command(const RunArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_RUN_COMMAND_H_
