// vipdriftd: VRRP where keepalived runs, with keepalived's configuration file and command line.
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/linux/sibling_link.h"
#include "backends/linux/supervisor.h"
#include "tools/vipdriftd/command_line.h"
#include "tools/vipdriftd/configuration_loader.h"
#include "tools/vipdriftd/daemon_processes.h"
#include "tools/vipdriftd/heap.h"
#include "tools/vipdriftd/log.h"
#include "tools/vipdriftd/pid_file.h"
#include "tools/vipdriftd/readiness.h"
#include "tools/vipdriftd/residence.h"

namespace vipdrift::tools {
namespace {

constexpr int kNoStart = static_cast<int>(DaemonStatus::no_start);

DaemonStatus test_configuration(const DaemonArguments& arguments) {
  std::FILE* out = stderr;
  if (!arguments.test_log.empty()) out = std::fopen(arguments.test_log.c_str(), "we");
  if (out == nullptr) {
    fmt::print(stderr, "cannot write {}: {}\n", arguments.test_log, std::strerror(errno));
    return DaemonStatus::no_start;
  }
  const LoadedConfiguration loaded = load_configuration(arguments);
  for (const std::string& line : loaded.lines) fmt::print(out, "{}\n", line);
  if (out != stderr) std::fclose(out);
  return loaded.test_status;
}

/// Says to the log, and to standard error where the log does not: somebody has just called this program.
void complain(const Log& log, const DaemonArguments& arguments, const std::string& line) {
  log.alert(line);
  if (arguments.foreground && !arguments.log_to_console) fmt::print(stderr, "{}\n", line);
}

using Configuration = std::shared_ptr<const config::Configuration>;

bool something_to_check(const DaemonArguments& arguments, const config::Configuration& configuration) {
  return arguments.check_only || arguments.all_processes || !configuration.virtual_servers.empty() ||
         configuration.global.lvs_sync_daemon;
}

/// `known`: what was read last; read again when a reload may have brought the first virtual server.
std::vector<linux_backend::SupervisedChild> children_of(const DaemonArguments& arguments, Configuration& known,
                                                        const linux_backend::SiblingSockets& siblings) {
  using linux_backend::ParentLink;
  std::vector<linux_backend::SupervisedChild> children;
  if (!arguments.check_only) {
    children.push_back({.name = "VRRP", .run = [&arguments, &siblings, &known](const ParentLink& parent) {
                          return static_cast<int>(run_vrrp_process(arguments, known, parent, siblings.vrrp));
                        }});
  }
  if (arguments.vrrp_only) return children;
  children.push_back({
      .name = "Healthcheck",
      .run =
          [&arguments, &siblings, &known](const ParentLink& parent) {
            return static_cast<int>(run_check_process(arguments, known, parent, siblings.check));
          },
      .needed =
          [&arguments, &known, fresh = true]() mutable {
            // The children say what is wrong with the files.
            if (!fresh) {
              if (Configuration now = load_configuration(arguments).configuration) known = std::move(now);
            }
            fresh = false;
            return something_to_check(arguments, *known);
          },
  });
  return children;
}

std::chrono::milliseconds stop_limit(const config::ProcessSettings& settings) {
  if (settings.child_wait_time.count() != 0) return settings.child_wait_time;
  return linux_backend::SupervisorOptions{}.stop_limit;
}

int run_parent(const DaemonArguments& arguments, const Log& log, Configuration configuration, Background& background) {
  const config::ProcessSettings& settings = arguments.processes;
  config::ProcessTuning own;
  own.name = settings.name;
  take_place(arguments, own, "vipdriftd", log);
  const PidFile pid_file(arguments.pid_file);
  if (!pid_file.written()) {
    complain(log, arguments, "cannot write the pid file " + arguments.pid_file);
    return kNoStart;
  }
  const std::optional<linux_backend::SiblingSockets> siblings = linux_backend::make_sibling_sockets();
  if (!siblings) {
    complain(log, arguments, std::string("cannot make the line between the processes: ") + std::strerror(errno));
    return kNoStart;
  }
  log.write(std::string("Starting vipdriftd ") + VIPDRIFT_VERSION);
  // A stop that comes while the script runs is for the children: they end well.
  const sigset_t signals = linux_backend::supervised_signals();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const auto start = configuration;  // a reload does not change what is run at the end
  run_script(settings.startup, start->global, "startup script", log);
  const int status = linux_backend::supervise({
      .children = children_of(arguments, configuration, *siblings),
      .gives_up = static_cast<int>(DaemonStatus::bad_configuration),
      .respawn = arguments.respawn,
      .stop_limit = stop_limit(settings),
      .log = [&log](const std::string& line) { log.write(line); },
      .alert = [&log](const std::string& line) { log.alert(line); },
      .started =
          [&log](pid_t child, const std::string& name) {
            log.write(fmt::format("Starting {} child process, pid={}", name, child));
          },
      .ready =
          [&background] {
            notify_service_manager("READY=1");
            background.tell(0);
          },
      .reloading =
          [&log] {
            log.write("Reloading ...");
            notify_reloading();
          },
      .stopping =
          [&log] {
            log.write("Stopping");
            notify_service_manager("STOPPING=1");
          },
  });
  run_script(settings.shutdown, start->global, "shutdown script", log);
  log.write(std::string("Stopped vipdriftd ") + VIPDRIFT_VERSION);
  return status;
}

/// What must be so before anything starts; else an error in words.
std::optional<std::string> prepare(const DaemonArguments& arguments) {
  umask(*arguments.file_mask);
  if (!arguments.name_space.empty()) {
    if (const auto error = enter_namespace(arguments.name_space)) return error;
  }
  if (const auto error = make_pid_directory(arguments)) return error;
  if (const auto other = living_daemon(arguments.pid_file)) {
    return fmt::format("daemon is already running (process {} of {})", *other, arguments.pid_file);
  }
  return std::nullopt;
}

int run(DaemonArguments& arguments) {
  keep_heap();
  const Log log(arguments, "");
  const LoadedConfiguration loaded = load_configuration(arguments);
  for (const std::string& line : loaded.lines) complain(log, arguments, line);
  if (loaded.configuration == nullptr) return static_cast<int>(DaemonStatus::bad_configuration);
  settle(arguments, loaded.configuration->global.processes);
  if (const auto error = prepare(arguments)) {
    complain(log, arguments, *error);
    return kNoStart;
  }
  if (arguments.core_dump) {
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_CORE, &unlimited) != 0) log.alert("-m: core dumps are limited by the system");
  }
  Background background;
  if (!arguments.foreground) {
    if (const std::optional<int> outcome = background.enter()) return *outcome;
  }
  trim_heap();  // of what the parser has left: the children would have it too
  const int status = run_parent(arguments, log, loaded.configuration, background);
  background.tell(status);
  return status;
}

}  // namespace
}  // namespace vipdrift::tools

int main(int argc, char** argv) {
  using namespace vipdrift::tools;
  DaemonArguments arguments;
  if (const std::optional<int> status = parse_daemon_arguments(argc, argv, arguments)) return *status;
  return arguments.test_only ? static_cast<int>(test_configuration(arguments)) : run(arguments);
}
