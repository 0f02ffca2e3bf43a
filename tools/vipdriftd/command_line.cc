#include "tools/vipdriftd/command_line.h"

#include <CLI/CLI.hpp>

namespace vipdrift::tools {

std::optional<int> parse_daemon_arguments(int argc, char** argv, DaemonArguments& arguments) {
  CLI::App app{"Keeps the virtual addresses of a keepalived.conf alive (VRRP)."};
  app.name("vipdriftd");
  app.set_version_flag("-v,--version", VIPDRIFT_VERSION, "Print the version");
  app.add_option("-f,--use-file", arguments.config_file, "Configuration file")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("-i,--config-id", arguments.config_id, "Which lines with @ID count")->type_name("ID");
  app.add_flag("-t,--config-test", arguments.test_only, "Read the configuration, say what is wrong, and exit");
  app.add_flag("-n,--dont-fork", arguments.foreground, "Stay in the foreground");
  app.add_flag("-l,--log-console", arguments.log_to_console, "Log to standard error");
  app.add_flag("-D,--log-detail", arguments.detailed_log, "Log in detail");
  app.add_flag("-P,--vrrp", arguments.vrrp_only, "VRRP only (all there is so far)");
  app.add_option("-p,--pid", arguments.pid_file, "Pid file of the parent, the process to signal")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("-r,--vrrp_pid", arguments.vrrp_pid_file, "Pid file of the VRRP process")
      ->type_name("FILE")
      ->capture_default_str();
  app.add_option("--profile", arguments.profile, "Habits: vipdrift, or keepalived's own, faults included")
      ->check(CLI::IsMember({"vipdrift", "keepalived"}))
      ->capture_default_str();
  app.footer(
      "Examples:\n"
      "  vipdriftd -t -f /etc/keepalived/keepalived.conf   what is wrong with a configuration\n"
      "  vipdriftd -n -l -D -f keepalived.conf             in the foreground, telling everything\n\n"
      "Signals: HUP reloads, TERM and INT stop gracefully.\n\n"
      "Exit codes:\n"
      "  0  stopped, or the configuration is right (-t)\n"
      "  1  the machine refuses what is needed\n"
      "  4  the configuration is wrong, or asks for what is not supported yet\n"
      "  5  the same of -t\n");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  return std::nullopt;
}

}  // namespace vipdrift::tools
