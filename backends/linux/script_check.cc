#include "backends/linux/script_check.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

namespace vipdrift::linux_backend {
namespace {

/// Whether somebody besides root can put something else in the place of what this describes.
bool others_may_change(const struct stat& file) {
  if (file.st_uid != 0) return true;
  const bool keeps_what_is_roots = S_ISDIR(file.st_mode) && (file.st_mode & S_ISVTX) != 0;
  if (keeps_what_is_roots) return false;
  return (file.st_mode & S_IWOTH) != 0 || ((file.st_mode & S_IWGRP) != 0 && file.st_gid != 0);
}

bool may_execute(const struct stat& file, const Identity& identity) {
  if (!S_ISREG(file.st_mode)) return false;
  if (identity.user == 0) return (file.st_mode & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
  if (identity.user == file.st_uid) return (file.st_mode & S_IXUSR) != 0;
  const auto& groups = identity.groups;
  const bool in_group =
      identity.group == file.st_gid || std::find(groups.begin(), groups.end(), file.st_gid) != groups.end();
  return (file.st_mode & (in_group ? S_IXGRP : S_IXOTH)) != 0;
}

using RealPath = std::unique_ptr<char, void (*)(void*)>;

class Checker {
 public:
  Checker(config::Configuration& configuration, Identities& identities, const std::string& path)
      : configuration_(configuration), identities_(identities), path_(path) {}

  ScriptFindings run() {
    config::GlobalDefs& global = configuration_.global;
    check(global.processes.startup.command, {});
    check(global.processes.shutdown.command, {});
    judge_security("start/shutdown scripts");
    for (config::VrrpScript& script : configuration_.scripts) check(script);
    for (config::VrrpInstance& instance : configuration_.instances) check(instance.notifies, instance.place);
    for (config::SyncGroup& group : configuration_.sync_groups) check(group.notifies, group.place);
    check(global.vrrp_notify_fifo.script, {});
    check(global.notify_fifo.script, {});
    judge_security("scripts");
    for (config::VirtualServer& server : configuration_.virtual_servers) check(server);
    check(global.lvs_notify_fifo.script, {});
    judge_security("check scripts");
    return std::move(findings_);
  }

 private:
  bool secure_only() const { return configuration_.global.enable_script_security; }

  /// Of all commands since the last call.
  void judge_security(const std::string& what) {
    if (root_runs_something_ && !secure_only()) {
      findings_.violation = true;
      findings_.lines.push_back("SECURITY VIOLATION - " + what +
                                " are being executed but script_security not enabled." +
                                (insecure_ ? " There are insecure scripts." : ""));
    }
    root_runs_something_ = false;
    insecure_ = false;
  }

  void say(const config::Place& place, const std::string& text) {
    const std::string where = place.line == 0 ? "" : "(" + place.file + ": Line " + std::to_string(place.line) + ") ";
    findings_.lines.push_back(where + text);
  }

  void check(config::VrrpScript& script) {
    if (script.disabled) {  // only a shell could run it; the parser has told how to write it
      findings_.something_disabled = true;
      return;
    }
    const std::optional<ScriptFault> fault = look_at(script.command, script.place);
    if (!fault) return;
    script.disabled = true;
    findings_.something_disabled = true;
    say(script.place, "Disabling track script " + script.name +
                          (*fault == ScriptFault::insecure ? " due to insecure" : " since not found/accessible"));
  }

  void check(config::Command& command, const config::Place& place) {
    if (command.empty()) return;
    if (look_at(command, command.place.line == 0 ? place : command.place)) command.argv.clear();
  }

  void check(config::VirtualServer& server) {
    check(server.quorum_up, server.place);
    check(server.quorum_down, server.place);
    for (config::RealServer& real : server.real_servers) {
      check(real.notify_up, real.place);
      check(real.notify_down, real.place);
      std::erase_if(real.checkers, [this](config::Checker& checker) { return must_not_run(checker); });
    }
  }

  /// A MISC_CHECK whose command cannot be found stays, and fails; one that is unsafe must not run.
  bool must_not_run(config::Checker& checker) {
    if (checker.kind != "MISC_CHECK") return false;
    config::Command command;
    std::vector<std::string>* argv = nullptr;
    for (auto& [keyword, words] : checker.settings) {
      if (keyword == "misc_path") argv = &words;
      if (keyword == "user" && !words.empty()) command.user = words.front();
      if (keyword == "user" && words.size() > 1) command.group = words[1];
    }
    if (argv == nullptr || argv->empty()) return false;
    command.argv = *argv;
    const std::optional<ScriptFault> fault = look_at(command, checker.place);
    if (!fault) *argv = std::move(command.argv);
    return fault == ScriptFault::insecure;
  }

  void check(Boxed<config::Notifies>& boxed, const config::Place& place) {
    if (boxed.empty()) return;
    config::Notifies& notifies = boxed.edit();
    for (config::Command* command : {&notifies.master, &notifies.backup, &notifies.fault, &notifies.stop,
                                     &notifies.deleted, &notifies.master_rx_lower_priority, &notifies.generic}) {
      check(*command, place);
    }
  }

  /// The reason not to run the command; says more about it than the caller knows.
  std::optional<ScriptFault> look_at(config::Command& command, const config::Place& place) {
    const std::string name = command.argv.front();
    const Identity* const identity = identities_.find(command.user, command.group);
    if (identity == nullptr) {
      const config::GlobalDefs& global = configuration_.global;
      const std::string& user = command.user.empty() ? global.script_user : command.user;
      const std::string& group = command.user.empty() ? global.script_group : command.group;
      say(place, "there is no user '" + user + "'" + (group.empty() ? "" : " or no group '" + group + "'") +
                     " to run script " + name + " as - disabling");
      return ScriptFault::not_found;
    }
    const std::optional<std::string> program = find_program(name, path_);
    if (!program) {
      say(place, "Cannot find script " + name + " in path - disabling");
      return ScriptFault::not_found;
    }
    const std::optional<ScriptFault> fault = find_script_fault(*program, *identity);
    // As keepalived, which counts what root could not execute, too.
    root_runs_something_ |= fault != ScriptFault::not_found && identity->user == 0 && geteuid() == 0;
    if (fault == ScriptFault::insecure) {
      insecure_ = true;
      say(place, "Unsafe permissions found for script '" + *program + "'" + (secure_only() ? " - disabling." : "."));
      if (secure_only()) return fault;
    } else if (fault == ScriptFault::not_found) {
      say(place, "Script " + *program + " cannot be accessed - " + std::strerror(errno));
      return fault;
    } else if (fault == ScriptFault::not_executable) {
      say(place, "WARNING - script '" + *program + "' is not executable for uid:gid " + std::to_string(identity->user) +
                     ":" + std::to_string(identity->group) + " - disabling.");
      return fault;
    }
    command.argv.front() = *program;
    return std::nullopt;
  }

  config::Configuration& configuration_;
  Identities& identities_;
  const std::string& path_;
  ScriptFindings findings_;
  bool root_runs_something_ = false;
  bool insecure_ = false;
};

}  // namespace

std::optional<ScriptFault> find_script_fault(const std::string& path, const Identity& identity) {
  struct stat file {};
  const RealPath real(realpath(path.c_str(), nullptr), &std::free);
  if (real == nullptr || stat(real.get(), &file) != 0) return ScriptFault::not_found;
  if (!may_execute(file, identity)) return ScriptFault::not_executable;
  if (identity.user != 0) return std::nullopt;
  if (others_may_change(file)) return ScriptFault::insecure;
  for (std::filesystem::path above = std::filesystem::path(real.get()).parent_path();; above = above.parent_path()) {
    if (stat(above.c_str(), &file) != 0) return ScriptFault::not_found;
    if (others_may_change(file)) return ScriptFault::insecure;
    if (above == above.root_path()) return std::nullopt;
  }
}

std::optional<std::string> find_program(const std::string& program, const std::string& path) {
  if (program.find('/') != std::string::npos) return program;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find(':', begin), path.size());
    const std::string directory = path.substr(begin, end - begin);
    const std::string candidate = (directory.empty() ? "." : directory) + "/" + program;
    struct stat file {};
    if (stat(candidate.c_str(), &file) == 0 && S_ISREG(file.st_mode) && (file.st_mode & 0111U) != 0) return candidate;
    begin = end + 1;
  }
  return std::nullopt;
}

ScriptFindings check_scripts(config::Configuration& configuration, Identities& identities, const std::string& path) {
  return Checker(configuration, identities, path).run();
}

}  // namespace vipdrift::linux_backend
