// Where a daemon lives, and what of its configuration holds from its start to its end.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_RESIDENCE_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_RESIDENCE_H_

#include <optional>
#include <string>

#include "protocol/config/configuration.h"
#include "tools/vipdriftd/command_line.h"
#include "tools/vipdriftd/log.h"

namespace vipdrift::tools {

/// Fills in what the command line leaves open: network namespace, umask, pid files; keeps the rest in
/// `arguments.processes`. Pid files are in /run; in /run/keepalived with use_pid_dir or a name of the daemon, which
/// becomes part of theirs; in /run/keepalived/NAMESPACE in a network namespace, where keepalived's are seen from
/// outside.
void settle(DaemonArguments& arguments, const config::ProcessSettings& settings);

/// An error in words when there is no such namespace, or it may not be entered.
std::optional<std::string> enter_namespace(const std::string& name);

/// Makes the directory of the daemon's pid files; an error in words.
std::optional<std::string> make_pid_directory(const DaemonArguments& arguments);

/// The name, scheduling and memory of this process, which is that of `tuning`. What the kernel refuses is logged.
/// `own_name` is what process_names calls it.
void take_place(const DaemonArguments& arguments, const config::ProcessTuning& tuning, const std::string& own_name,
                const Log& log);

/// startup_script or shutdown_script, called `what`: run to its end, and its failure logged.
void run_script(const config::AwaitedCommand& script, const config::GlobalDefs& global, const std::string& what,
                const Log& log);

/// Of a reload: settings that only a new start takes are told.
void tell_what_waits(const DaemonArguments& arguments, const config::ProcessSettings& reloaded, const Log& log);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_RESIDENCE_H_
