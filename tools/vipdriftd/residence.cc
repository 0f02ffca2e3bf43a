#include "tools/vipdriftd/residence.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

#include "backends/linux/awaited_command.h"
#include "backends/linux/file_descriptor.h"
#include "backends/linux/identity.h"
#include "backends/linux/process_tuning.h"

namespace vipdrift::tools {
namespace {

constexpr const char* kPidDirectory = "/run/keepalived";
constexpr unsigned kUsualMask = 022;

std::string default_pid_file(const DaemonArguments& arguments, const std::string& process) {
  const config::ProcessSettings& settings = arguments.processes;
  std::string directory = "/run";
  if (!arguments.name_space.empty()) {
    directory = std::string(kPidDirectory) + '/' + arguments.name_space;
  } else if (settings.use_pid_dir || !settings.instance.empty()) {
    directory = kPidDirectory;
  }
  return directory + '/' + process + (settings.instance.empty() ? "" : '_' + settings.instance) + ".pid";
}

}  // namespace

void settle(DaemonArguments& arguments, const config::ProcessSettings& settings) {
  arguments.processes = settings;
  if (arguments.name_space.empty()) arguments.name_space = settings.name_space;
  if (!arguments.file_mask) arguments.file_mask = settings.umask.value_or(kUsualMask);
  if (arguments.pid_file.empty()) arguments.pid_file = default_pid_file(arguments, "keepalived");
  if (arguments.vrrp_pid_file.empty()) arguments.vrrp_pid_file = default_pid_file(arguments, "vrrp");
  if (arguments.checkers_pid_file.empty()) arguments.checkers_pid_file = default_pid_file(arguments, "checkers");
  // Relative to where we were called, not to where a daemon lives.
  for (std::string* path :
       {&arguments.config_file, &arguments.pid_file, &arguments.vrrp_pid_file, &arguments.checkers_pid_file}) {
    *path = std::filesystem::absolute(*path).string();
  }
}

std::optional<std::string> enter_namespace(const std::string& name) {
  const std::string path = "/run/netns/" + name;
  const linux_backend::FileDescriptor there(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (there && setns(there.get(), CLONE_NEWNET) == 0) return std::nullopt;
  return "cannot enter the network namespace " + path + ": " + std::strerror(errno);
}

std::optional<std::string> make_pid_directory(const DaemonArguments& arguments) {
  for (const std::string& file : {arguments.pid_file, arguments.vrrp_pid_file, arguments.checkers_pid_file}) {
    const std::filesystem::path directory = std::filesystem::path(file).parent_path();
    if (!directory.string().starts_with(kPidDirectory)) continue;  // another one is not ours to make
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return "cannot make the directory " + directory.string() + ": " + error.message();
  }
  return std::nullopt;
}

void take_place(const DaemonArguments& arguments, const config::ProcessTuning& tuning, const std::string& own_name,
                const Log& log) {
  if (!tuning.name.empty()) {
    linux_backend::name_process(tuning.name);
  } else if (arguments.processes.names) {
    linux_backend::name_process(own_name);
  }
  for (const std::string& line : linux_backend::tune_process(tuning)) log.alert(line);
}

void run_script(const config::AwaitedCommand& script, const config::GlobalDefs& global, const std::string& what,
                const Log& log) {
  if (script.command.empty()) return;
  linux_backend::Identities identities(global.script_user, global.script_group);
  const linux_backend::Identity* const identity = identities.find(script.command.user, script.command.group);
  const std::string named = fmt::format("{} {}", what, script.command.argv.front());
  log.write("Running " + named);
  const auto error = linux_backend::run_awaited(script.command.argv, identity, script.timeout);
  if (error) {
    log.alert(named + ' ' + *error);
  } else {
    log.write(named + " succeeded");
  }
}

void tell_what_waits(const DaemonArguments& arguments, const config::ProcessSettings& reloaded, const Log& log) {
  if (reloaded == arguments.processes) return;
  log.alert(
      "the new settings of processes, their scripts, names, priorities, namespace or pid files take effect when "
      "vipdriftd is restarted");
}

}  // namespace vipdrift::tools
