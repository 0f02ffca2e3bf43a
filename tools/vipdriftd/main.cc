// vipdriftd: VRRP where keepalived runs, with keepalived's configuration file and command line.
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sys/types.h>
#include <syslog.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/linux/supervisor.h"
#include "backends/linux/vrrp_director.h"
#include "tools/config_files.h"
#include "tools/vipdriftd/command_line.h"

namespace vipdrift::tools {
namespace {

using Configuration = std::shared_ptr<const config::Configuration>;

/// Standard error with keepalived's time stamp, or syslog.
class Log {
 public:
  explicit Log(const DaemonArguments& arguments)
      : to_console_(arguments.log_to_console), detailed_(arguments.detailed_log) {
    if (!to_console_) openlog("vipdriftd", LOG_PID, LOG_DAEMON);
  }

  void write(const std::string& line, bool detail = false) const {
    if (detail && !detailed_) return;
    if (to_console_) {
      fmt::print(stderr, "{:%a %b %e %H:%M:%S %Y}: {}\n", fmt::localtime(std::time(nullptr)), line);
    } else {
      syslog(LOG_INFO, "%s", line.c_str());
    }
  }

 private:
  bool to_console_;
  bool detailed_;
};

/// The file that says which process to signal; gone when the daemon ends.
class PidFile {
 public:
  explicit PidFile(std::string path) : path_(std::move(path)) {
    std::ofstream out(path_);
    out << getpid() << '\n';
    written_ = static_cast<bool>(out.flush());
  }
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  ~PidFile() {
    if (written_) unlink(path_.c_str());
  }
  bool written() const { return written_; }

 private:
  std::string path_;
  bool written_ = false;
};

/// The configuration of the arguments, or null when it must not be run; says why to `tell`.
template <class Tell>
Configuration read_configuration(const DaemonArguments& arguments, Tell tell) {
  std::optional<config::ParseResult> read = parse_file(arguments.config_file, arguments.config_id);
  if (!read) {
    tell(arguments.config_file + ": cannot be read");
    return nullptr;
  }
  for (const config::Diagnostic& diagnostic : read->diagnostics) tell(diagnostic.to_string());
  if (!read->ok()) return nullptr;
  const std::vector<std::string> left_out = linux_backend::VrrpDirector::not_supported(*read->configuration);
  for (const std::string& line : left_out) tell(line);
  if (!left_out.empty()) return nullptr;
  return std::make_shared<const config::Configuration>(std::move(*read->configuration));
}

DaemonStatus test_configuration(const DaemonArguments& arguments) {
  const auto tell = [](const std::string& line) { fmt::print(stderr, "{}\n", line); };
  return read_configuration(arguments, tell) == nullptr ? DaemonStatus::test_failed : DaemonStatus::good;
}

/// The life of the process that does the work.
DaemonStatus run_vrrp(const DaemonArguments& arguments, const Log& log) {
  const auto tell = [&log](const std::string& line) { log.write(line); };
  const Configuration configuration = read_configuration(arguments, tell);
  if (configuration == nullptr) return DaemonStatus::bad_configuration;
  const PidFile pid_file(arguments.vrrp_pid_file);
  if (!pid_file.written()) log.write("cannot write the pid file " + arguments.vrrp_pid_file);

  boost::asio::io_context context;
  boost::asio::signal_set signals(context, SIGTERM, SIGINT, SIGHUP);
  const vrrp::Profile profile = *vrrp::profile_named(arguments.profile);
  linux_backend::VrrpDirector director(
      context, configuration, profile, arguments.detailed_log,
      {.log = [&log](const std::string& line, bool detail) { log.write(line, detail); },
       .stopped = [&] { context.stop(); }});
  if (const std::optional<std::string> error = director.start()) {
    log.write("cannot start: " + *error);
    return DaemonStatus::no_start;
  }
  std::function<void()> wait_for_signal = [&] {
    signals.async_wait([&](const boost::system::error_code& error, int signal) {
      if (error) return;
      if (signal == SIGHUP) {
        // Parsed whole first: a wrong file changes nothing.
        if (Configuration next = read_configuration(arguments, tell)) {
          director.reload(std::move(next));
        } else {
          log.write("the configuration is not reloaded");
        }
      } else {
        log.write("Stopping");
        director.stop();
      }
      wait_for_signal();
    });
  };
  wait_for_signal();
  context.run();
  return DaemonStatus::good;
}

DaemonStatus run(const DaemonArguments& arguments) {
  const Log log(arguments);
  const auto tell = [&log](const std::string& line) { log.write(line); };
  if (read_configuration(arguments, [](const std::string&) {}) == nullptr) {
    read_configuration(arguments, tell);
    return DaemonStatus::bad_configuration;
  }
  if (!arguments.foreground && daemon(0, 0) != 0) return DaemonStatus::no_start;
  const PidFile pid_file(arguments.pid_file);
  if (!pid_file.written()) {
    log.write("cannot write the pid file " + arguments.pid_file);
    return DaemonStatus::no_start;
  }
  return static_cast<DaemonStatus>(linux_backend::supervise({
      .child = [&] { return static_cast<int>(run_vrrp(arguments, log)); },
      .gives_up = static_cast<int>(DaemonStatus::bad_configuration),
      .log = tell,
  }));
}

}  // namespace
}  // namespace vipdrift::tools

int main(int argc, char** argv) {
  using namespace vipdrift::tools;
  DaemonArguments arguments;
  if (const std::optional<int> status = parse_daemon_arguments(argc, argv, arguments)) return *status;
  const DaemonStatus status = arguments.test_only ? test_configuration(arguments) : run(arguments);
  return static_cast<int>(status);
}
