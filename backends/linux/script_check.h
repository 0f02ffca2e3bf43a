// Whether the commands of a configuration can be run, and whether it is safe to: looked at before anything runs.
#ifndef VIPDRIFT_BACKENDS_LINUX_SCRIPT_CHECK_H_
#define VIPDRIFT_BACKENDS_LINUX_SCRIPT_CHECK_H_

#include <optional>
#include <string>
#include <vector>

#include "backends/linux/identity.h"
#include "protocol/config/configuration.h"

namespace vipdrift::linux_backend {

/// What is wrong with a file as a script, or nullopt.
enum class ScriptFault {
  not_found,       ///< or a directory on the way cannot be entered
  not_executable,  ///< for whom it would run as
  insecure,        ///< others than root can change it, or a directory above it
};

/// Looks at `path` and, when it exists, at every directory above it, symbolic links followed. A directory with the
/// sticky bit protects what root owns in it. Scripts that do not run as root are never insecure: they can do no more
/// than their user can.
std::optional<ScriptFault> find_script_fault(const std::string& path, const Identity& identity);

/// The file that `program` names: itself when it has a slash, else the first executable one in the directories of
/// `path` (as PATH has them). nullopt: there is none.
std::optional<std::string> find_program(const std::string& program, const std::string& path);

/// The outcome of a look at all commands; lines are worded as keepalived's.
struct ScriptFindings {
  std::vector<std::string> lines;
  bool something_disabled = false;  ///< a track script, for which keepalived's -t fails; others are only told of
  /// Scripts run as root though enable_script_security is not set (keepalived's "SECURITY VIOLATION").
  bool violation = false;
};

/// Looks at every command of `configuration`, replaces program names by the paths found, and disables what cannot be
/// run or must not be: track scripts are marked, checkers that must not run taken out, other commands emptied.
ScriptFindings check_scripts(config::Configuration& configuration, Identities& identities, const std::string& path);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SCRIPT_CHECK_H_
