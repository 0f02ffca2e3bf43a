// The parent that watches the process which does the work, and starts it anew when it dies.
#ifndef VIPDRIFT_BACKENDS_LINUX_SUPERVISOR_H_
#define VIPDRIFT_BACKENDS_LINUX_SUPERVISOR_H_

#include <chrono>
#include <functional>
#include <string>

namespace vipdrift::linux_backend {

struct SupervisorOptions {
  /// The child's whole life; returns its exit status. An exit status of `gives_up` is final.
  std::function<int()> child;
  int gives_up = 4;
  /// So many deaths within `period` are enough.
  int most_deaths = 5;
  std::chrono::seconds period{60};
  /// Told about deaths and new starts.
  std::function<void(const std::string& line)> log;
};

/// Runs the child in a process of its own until it ends well, gives up, or has died too often. SIGTERM, SIGINT and
/// SIGHUP are passed on to it. When this process dies, however it does, the kernel sends SIGTERM to the child, so that
/// no orphan stays master. Returns the child's last exit status, or 1 after too many deaths. Call it before any thread
/// is started.
int supervise(const SupervisorOptions& options);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SUPERVISOR_H_
