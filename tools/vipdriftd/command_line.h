// The command line of vipdriftd, which is keepalived's (keepalived(8)).
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_COMMAND_LINE_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_COMMAND_LINE_H_

#include <optional>
#include <string>

#include "protocol/config/process_settings.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::tools {

/// Exit codes; those of `-t` are keepalived 2.2.7's own, which its manual numbers one lower.
enum class DaemonStatus : int {
  good = 0,
  no_start = 1,           ///< the machine refuses what is needed, or the command line is wrong
  bad_configuration = 4,  ///< also what is not supported yet
  test_failed = 5,        ///< -t: something in the configuration is wrong or will not work
  insecure_scripts = 6,   ///< -t: scripts run as root, and enable_script_security is not set
};

struct DaemonArguments {
  std::string config_file = "/etc/keepalived/keepalived.conf";
  std::string config_id;          ///< which lines with @ID count; by default the host's name without its domain
  std::string pid_file;           ///< the parent's: the process to signal; empty, as the next two: see settle()
  std::string vrrp_pid_file;      ///< of the process that does the work
  std::string checkers_pid_file;  ///< of the process that checks real servers
  vrrp::Profile profile = vrrp::vipdrift_profile();
  std::string name_space;        ///< network namespace to run in; empty: the one we are in
  std::string log_file;          ///< empty: none
  std::string test_log;          ///< of -t; empty: standard error
  int syslog_facility = 3 << 3;  ///< LOG_DAEMON
  std::optional<unsigned> file_mask;
  bool foreground = false;
  bool log_to_console = false;
  bool no_syslog = false;
  bool flush_log_file = false;
  bool detailed_log = false;
  bool dump_configuration = false;
  bool vrrp_only = false;
  bool check_only = false;
  bool all_processes = false;
  bool respawn = true;
  bool keep_addresses = false;  ///< -V: virtual addresses stay when the daemon stops
  bool keep_ipvs = false;       ///< -I: the IPVS table stays when the daemon stops
  bool core_dump = false;
  bool all_files_must_exist = false;
  bool test_only = false;
  /// What the configuration of the start says of the daemon as a program.
  config::ProcessSettings processes{};
};

/// Fills `arguments`, or returns the status to exit with (help, version, a mistake). An option of keepalived that is
/// not supported is a mistake that is told, never passed over.
std::optional<int> parse_daemon_arguments(int argc, char** argv, DaemonArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_COMMAND_LINE_H_
