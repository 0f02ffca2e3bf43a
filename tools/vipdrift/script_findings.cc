#include "tools/vipdrift/script_findings.h"

#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <set>
#include <string_view>

#include "backends/linux/identity.h"
#include "backends/linux/script_check.h"

namespace vipdrift::tools {
namespace {

using analysis::Finding;
using analysis::RuleId;
using linux_backend::ScriptFault;

/// Also into a directory: the sticky bit only keeps what is there already.
bool anybody_may_write(const std::string& path) {
  struct stat file{};
  return stat(path.c_str(), &file) == 0 && (file.st_mode & S_IWOTH) != 0;
}

class Look {
 public:
  Look(const analysis::Director& director, const std::string& path, std::vector<Finding>& findings)
      : director_(director),
        path_(path),
        identities_(director.configuration->global.script_user, director.configuration->global.script_group),
        findings_(findings) {}

  void run() {
    const config::Configuration& all = *director_.configuration;
    for (const config::VrrpScript& script : all.scripts) {
      if (!script.disabled) look_at(script.command, script.place, "vrrp_script " + script.name);
    }
    for (const config::VrrpInstance& one : all.instances) look_at(*one.notifies, one.place, one.name);
    for (const config::SyncGroup& one : all.sync_groups) look_at(*one.notifies, one.place, one.name);
  }

 private:
  void look_at(const config::Notifies& notifies, const config::Place& place, const std::string& owner) {
    for (const config::Command* command :
         {&notifies.master, &notifies.backup, &notifies.fault, &notifies.stop, &notifies.deleted,
          &notifies.master_rx_lower_priority, &notifies.generic}) {
      look_at(*command, place, "a notify script of " + owner);
    }
  }

  void look_at(const config::Command& command, const config::Place& place, const std::string& owner) {
    if (command.empty() || !seen_.insert(command.argv.front()).second) return;
    const config::Place& where = command.place.line > 0 ? command.place : place;
    const auto say = [&](RuleId rule, const std::string& what) {
      findings_.push_back({rule, where, what + " (" + owner + " of " + director_.name + ")", {}});
    };
    const std::string& name = command.argv.front();
    const linux_backend::Identity* const identity = identities_.find(command.user, command.group);
    if (identity == nullptr) {
      return say(RuleId::script_missing, "there is no user '" + command.user + "' to run " + name + " here");
    }
    const std::optional<std::string> program = linux_backend::find_program(name, path_);
    if (!program) return say(RuleId::script_missing, name + " is in no directory of PATH on this machine");
    const std::optional<ScriptFault> fault = linux_backend::find_script_fault(*program, *identity);
    if (fault == ScriptFault::not_found) {
      say(RuleId::script_missing, *program + " is not on this machine");
      if (!anybody_may_write(std::filesystem::path(*program).parent_path())) return;
      return say(RuleId::script_unsafe, *program + " is not there, and anybody may put it there");
    }
    if (fault == ScriptFault::not_executable) {
      return say(RuleId::script_missing, *program + " may not be executed by the user that it would run as");
    }
    if (fault == ScriptFault::insecure || anybody_may_write(*program)) {
      say(RuleId::script_unsafe, *program + ", or a directory above it, can be changed by others than root");
    }
  }

  const analysis::Director& director_;
  const std::string& path_;
  linux_backend::Identities identities_;
  std::set<std::string> seen_;
  std::vector<Finding>& findings_;
};

}  // namespace

std::vector<Finding> look_at_scripts(std::span<const analysis::Director> directors, const std::string& path) {
  std::vector<Finding> findings;
  for (const analysis::Director& director : directors) Look(director, path, findings).run();
  return findings;
}

}  // namespace vipdrift::tools
