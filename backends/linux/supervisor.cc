#include "backends/linux/supervisor.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <deque>
#include <initializer_list>
#include <optional>

namespace vipdrift::linux_backend {
namespace {

using Clock = std::chrono::steady_clock;

sigset_t set_of(std::initializer_list<int> signals) {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : signals) sigaddset(&set, signal);
  return set;
}

/// What the parent waits for; blocked, so that nothing is lost between two waits.
sigset_t awaited() { return set_of({SIGCHLD, SIGTERM, SIGINT, SIGHUP}); }

std::string how_it_ended(int status) {
  if (WIFSIGNALED(status)) return std::string("was killed by signal ") + strsignal(WTERMSIG(status));
  return "exited with status " + std::to_string(WEXITSTATUS(status));
}

/// -1: no process could be made.
pid_t start(const SupervisorOptions& options, pid_t parent) {
  const pid_t pid = fork();
  if (pid != 0) return pid;
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);  // it died before the kernel knew
  const sigset_t signals = awaited();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
  _exit(options.child());
}

/// The child's status once it has ended; passes signals on until then.
int wait_for(pid_t child, bool& asked_to_stop) {
  const sigset_t signals = awaited();
  while (true) {
    int status = 0;
    const pid_t ended = waitpid(child, &status, WNOHANG);
    if (ended == child) return status;
    siginfo_t signal{};
    if (sigwaitinfo(&signals, &signal) < 0) continue;
    if (signal.si_signo == SIGCHLD) continue;
    asked_to_stop |= signal.si_signo != SIGHUP;
    kill(child, signal.si_signo == SIGINT ? SIGTERM : signal.si_signo);
  }
}

}  // namespace

int supervise(const SupervisorOptions& options) {
  const sigset_t signals = awaited();
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  const pid_t parent = getpid();
  bool asked_to_stop = false;
  for (std::deque<Clock::time_point> deaths;;) {
    const pid_t child = start(options, parent);
    if (child < 0) {
      options.log(std::string("cannot start the VRRP process: ") + std::strerror(errno));
      return 1;
    }
    const int status = wait_for(child, asked_to_stop);
    const bool well = WIFEXITED(status) && (WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == options.gives_up);
    if (well || asked_to_stop) return WIFEXITED(status) ? WEXITSTATUS(status) : 1;

    const Clock::time_point now = Clock::now();
    deaths.push_back(now);
    while (now - deaths.front() > options.period) deaths.pop_front();
    if (static_cast<int>(deaths.size()) >= options.most_deaths) {
      options.log("the VRRP process " + how_it_ended(status) + "; it has died too often, giving up");
      return 1;
    }
    options.log("the VRRP process " + how_it_ended(status) + "; starting it again");
  }
}

}  // namespace vipdrift::linux_backend
