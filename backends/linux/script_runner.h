// Runs track scripts and notifications as processes of their own, without a shell.
#ifndef VIPDRIFT_BACKENDS_LINUX_SCRIPT_RUNNER_H_
#define VIPDRIFT_BACKENDS_LINUX_SCRIPT_RUNNER_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/strong_id.h"

namespace vipdrift::linux_backend {

/// Each process leads a process group, so that what it started can be ended with it; its signals are at their defaults.
/// Errors are errno values; 0 means done. Not for several threads.
class ScriptRunner {
 public:
  /// The end of a track script: wait(2)'s exit status, or the signal's number.
  using Finished = std::function<void(ScriptId, int exit_status, bool killed)>;

  /// Starts a track script. A run that is still under way is left alone and forgotten.
  int start(ScriptId script, const std::vector<std::string>& argv);
  /// Signals the process group of the script's run, if there is one.
  void kill(ScriptId script, bool force);
  /// Starts a notification, whose end interests nobody.
  int notify(const std::vector<std::string>& argv);

  /// To be called at SIGCHLD: collects the dead and reports the track scripts among them.
  void collect(const Finished& finished);
  /// SIGTERM to every track script under way, whose end interests nobody any more; notifications go on.
  void abandon();

 private:
  std::map<pid_t, std::optional<ScriptId>> running_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SCRIPT_RUNNER_H_
