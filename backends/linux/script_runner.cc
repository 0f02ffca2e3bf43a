#include "backends/linux/script_runner.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace vipdrift::linux_backend {
namespace {

/// posix_spawn: a large daemon's page tables are not copied for every script.
int spawn(const std::vector<std::string>& argv, pid_t& pid) {
  if (argv.empty()) return ENOENT;
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  posix_spawnattr_setpgroup(&attributes, 0);
  sigset_t all;
  sigfillset(&all);
  posix_spawnattr_setsigdefault(&attributes, &all);
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  const int error = posix_spawn(&pid, words[0], nullptr, &attributes, words.data(), environ);
  posix_spawnattr_destroy(&attributes);
  return error;
}

}  // namespace

int ScriptRunner::start(ScriptId script, const std::vector<std::string>& argv) {
  pid_t pid = 0;
  if (const int error = spawn(argv, pid); error != 0) return error;
  for (auto& [other, runs] : running_) {
    if (runs == script) runs.reset();
  }
  running_[pid] = script;
  return 0;
}

void ScriptRunner::kill(ScriptId script, bool force) {
  for (const auto& [pid, runs] : running_) {
    if (runs == script) ::kill(-pid, force ? SIGKILL : SIGTERM);
  }
}

int ScriptRunner::notify(const std::vector<std::string>& argv) {
  pid_t pid = 0;
  if (const int error = spawn(argv, pid); error != 0) return error;
  running_[pid] = std::nullopt;
  return 0;
}

void ScriptRunner::collect(const Finished& finished) {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    const auto found = running_.find(pid);
    if (found == running_.end()) continue;
    const std::optional<ScriptId> script = found->second;
    running_.erase(found);
    if (!script) continue;
    const bool killed = WIFSIGNALED(status);
    finished(*script, killed ? WTERMSIG(status) : WEXITSTATUS(status), killed);
  }
}

void ScriptRunner::abandon() {
  for (auto& [pid, script] : running_) {
    if (!script) continue;
    ::kill(-pid, SIGTERM);
    script.reset();
  }
}

}  // namespace vipdrift::linux_backend
