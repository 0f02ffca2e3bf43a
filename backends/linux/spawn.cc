#include "backends/linux/spawn.h"

#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>

namespace vipdrift::linux_backend {
namespace {

struct Errand {
  char* const* words = nullptr;
  const Identity* identity = nullptr;  ///< nullptr: as we are
  sigset_t mask{};                     ///< that the program starts with
  int error = 0;                       ///< told through the shared memory
};

/// The kernel's calls: those of the C library would change every thread of the parent, whose memory this is.
bool become(const Identity& identity) {
  return syscall(SYS_setgroups, identity.groups.size(), identity.groups.data()) == 0 &&
         syscall(SYS_setresgid, identity.group, identity.group, identity.group) == 0 &&
         syscall(SYS_setresuid, identity.user, identity.user, identity.user) == 0;
}

/// Runs in the child, on a stack of its own but in the parent's memory: system calls and nothing else. All signals are
/// blocked until no handler of the parent is left that they could run.
int run_errand(void* argument) {
  Errand& errand = *static_cast<Errand*>(argument);
  struct sigaction by_default{};
  by_default.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) sigaction(signal, &by_default, nullptr);
  setpgid(0, 0);
  if (errand.identity == nullptr || become(*errand.identity)) {
    sigprocmask(SIG_SETMASK, &errand.mask, nullptr);
    execve(errand.words[0], errand.words, environ);
  }
  errand.error = errno;
  _exit(127);
}

}  // namespace

int spawn(const std::vector<std::string>& argv, const Identity* identity, pid_t& pid) {
  if (argv.empty()) return ENOENT;
  std::vector<char*> words;
  words.reserve(argv.size() + 1);
  for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);

  // Who we are already needs no privilege, nor a system that lets groups be set.
  const bool same = identity == nullptr || (identity->user == geteuid() && identity->group == getegid());
  Errand errand{.words = words.data(), .identity = same ? nullptr : identity};
  sigemptyset(&errand.mask);
  alignas(16) std::array<std::byte, 32 * 1024> stack;
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, &before);
  // The parent sleeps until the child's exec, so this frame outlives its use.
  pid = clone(run_errand, stack.data() + stack.size(), CLONE_VM | CLONE_VFORK | SIGCHLD, &errand);
  const int error = pid < 0 ? errno : errand.error;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (pid > 0 && error != 0) waitpid(pid, nullptr, 0);
  return error;
}

}  // namespace vipdrift::linux_backend
