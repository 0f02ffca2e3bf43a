// The parent that watches the processes which do the work, and starts them anew when they die.
#ifndef VIPDRIFT_BACKENDS_LINUX_SUPERVISOR_H_
#define VIPDRIFT_BACKENDS_LINUX_SUPERVISOR_H_

#include <sys/types.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <string>
#include <vector>

namespace vipdrift::linux_backend {

/// What a child tells its parent. Never blocks; nothing happens when the parent is gone.
class ParentLink {
 public:
  ParentLink(int descriptor, int start) : descriptor_(descriptor), start_(start) {}
  /// How often this child has been started, this time included.
  int start() const { return start_; }
  /// The child serves: it has started, or has finished a reload.
  void tell_ready() const;

 private:
  int descriptor_;
  int start_;
};

struct SupervisedChild {
  std::string name;  ///< as keepalived's log has it: "VRRP", "Healthcheck"
  /// The child's whole life; returns its exit status. It begins with the parent's signals blocked, so that none is lost
  /// or deadly before it listens: it calls unblock_signals() once it does.
  std::function<int(const ParentLink& parent)> run;
  /// Whether there is work for it: asked at the start, and at each reload as long as it does not run. Empty: always.
  /// A child that runs is not ended for want of work.
  std::function<bool()> needed = nullptr;
};

struct SupervisorOptions {
  std::vector<SupervisedChild> children;
  /// An exit status of a child that ends everything: trying again would not help. So does any exit, though not a
  /// signal, before the child was ready for the first time.
  int gives_up = 4;
  /// -R: the end of a child ends everything.
  bool respawn = true;
  /// So many deaths of one child within `period` are enough. The first new start is immediate, the next ones wait
  /// `pause`, then twice as long, ...
  int most_deaths = 5;
  std::chrono::milliseconds period{60'000};
  std::chrono::milliseconds pause{250};
  /// Children that have not ended so long after a stop was asked for are killed.
  std::chrono::milliseconds stop_limit{10'000};
  std::function<void(const std::string& line)> log;
  std::function<void(const std::string& line)> alert;  ///< for what needs somebody's attention
  std::function<void(pid_t child, const std::string& name)> started = nullptr;
  /// All children have told that they are ready: once at the start, and after each reload.
  std::function<void()> ready = nullptr;
  std::function<void()> reloading = nullptr;
  std::function<void()> stopping = nullptr;
};

/// The signals that reach a child through its parent, or directly: stop, reload, dumps.
sigset_t supervised_signals();
/// For a child that is ready to handle them.
void unblock_signals();

/// Runs each child in a process of its own until a stop is asked for, one gives up, or one has died too often; one that
/// somebody stopped directly is started again too. SIGTERM and SIGINT stop all of them; SIGHUP and the signals for
/// dumps are passed on. When this process dies, however it does, the kernel sends SIGTERM to the children, so that no
/// orphan stays master. Returns 0, or the status of the child that gave up, or 1 after too many deaths. Call it before
/// any thread is started.
int supervise(const SupervisorOptions& options);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SUPERVISOR_H_
