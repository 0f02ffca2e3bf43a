#include "backends/linux/script_runner.h"

#include <sys/wait.h>

#include <csignal>
#include <utility>

#include "backends/linux/spawn.h"

namespace vipdrift::linux_backend {

int ScriptRunner::start(ScriptId script, const std::vector<std::string>& argv, const Identity* identity) {
  pid_t pid = 0;
  if (const int error = spawn(argv, identity, pid); error != 0) return error;
  for (auto& [other, runs] : running_) {
    if (runs.script == script) runs.script.reset();
  }
  running_[pid] = {script, nullptr};
  return 0;
}

void ScriptRunner::kill(ScriptId script, bool force) {
  for (const auto& [pid, runs] : running_) {
    if (runs.script == script) ::kill(-pid, force ? SIGKILL : SIGTERM);
  }
}

int ScriptRunner::run(const std::vector<std::string>& argv, const Identity* identity, Ended ended, pid_t* pid) {
  pid_t started = 0;
  if (const int error = spawn(argv, identity, started); error != 0) return error;
  running_[started] = {std::nullopt, std::move(ended)};
  if (pid != nullptr) *pid = started;
  return 0;
}

void ScriptRunner::collect(const Finished& finished) {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto found = running_.find(pid);
    if (found == running_.end()) continue;
    const Running ran = std::move(found->second);
    running_.erase(found);
    if (ran.ended) ran.ended(status);
    if (!ran.script) continue;
    const bool killed = WIFSIGNALED(status);
    finished(*ran.script, killed ? WTERMSIG(status) : WEXITSTATUS(status), killed);
  }
}

void ScriptRunner::abandon() {
  for (auto& [pid, runs] : running_) {
    if (!runs.script) continue;
    ::kill(-pid, SIGTERM);
    runs.script.reset();
  }
}

}  // namespace vipdrift::linux_backend
