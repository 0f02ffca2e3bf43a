// Runs track scripts and other commands as processes of their own, without a shell.
#ifndef VIPDRIFT_BACKENDS_LINUX_SCRIPT_RUNNER_H_
#define VIPDRIFT_BACKENDS_LINUX_SCRIPT_RUNNER_H_

#include <sys/types.h>

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backends/linux/identity.h"
#include "protocol/base/strong_id.h"

namespace vipdrift::linux_backend {

/// Each process leads a process group, so that what it started can be ended with it; its signals are at their defaults.
/// Errors are errno values; 0 means done. Not for several threads.
class ScriptRunner {
 public:
  /// The end of a track script: wait(2)'s exit status, or the signal's number.
  using Finished = std::function<void(ScriptId, int exit_status, bool killed)>;
  /// The end of another command; status as wait(2) tells it.
  using Ended = std::function<void(int status)>;

  /// Starts a track script. A run that is still under way is left alone and forgotten.
  int start(ScriptId script, const std::vector<std::string>& argv, const Identity* identity = nullptr);
  /// Signals the process group of the script's run, if there is one.
  void kill(ScriptId script, bool force);
  /// Starts another command. `pid`, if not null, gets its process.
  int run(const std::vector<std::string>& argv, const Identity* identity, Ended ended, pid_t* pid = nullptr);

  /// To be called at SIGCHLD: collects the dead, and reports the track scripts among them to `finished`, others to
  /// whoever started them.
  void collect(const Finished& finished);
  /// SIGTERM to every track script under way, whose end interests nobody any more; other commands go on.
  void abandon();

 private:
  struct Running {
    std::optional<ScriptId> script;
    Ended ended;
  };

  std::map<pid_t, Running> running_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SCRIPT_RUNNER_H_
