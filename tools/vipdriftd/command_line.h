// The command line of vipdriftd, which is keepalived's as far as it is supported.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_COMMAND_LINE_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_COMMAND_LINE_H_

#include <optional>
#include <string>

namespace vipdrift::tools {

/// Exit codes; those of `-t` are keepalived's.
enum class DaemonStatus : int {
  good = 0,
  no_start = 1,           ///< the machine refuses what is needed
  bad_configuration = 4,  ///< also what is not supported yet
  test_failed = 5,        ///< -t: the configuration is wrong
};

struct DaemonArguments {
  std::string config_file = "/etc/keepalived/keepalived.conf";
  std::string config_id;
  std::string pid_file = "/run/vipdriftd.pid";            ///< the parent's: the one to signal
  std::string vrrp_pid_file = "/run/vipdriftd_vrrp.pid";  ///< the process's that does the work
  std::string profile = "vipdrift";
  bool foreground = false;
  bool log_to_console = false;
  bool detailed_log = false;
  bool vrrp_only = false;
  bool test_only = false;
};

/// Fills `arguments`, or returns the status to exit with (help, version, a mistake). An option of keepalived that is
/// not supported is a mistake.
std::optional<int> parse_daemon_arguments(int argc, char** argv, DaemonArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_COMMAND_LINE_H_
