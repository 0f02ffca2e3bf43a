#include "backends/linux/supervisor.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <deque>
#include <optional>

#include "backends/linux/file_descriptor.h"
#include "backends/linux/signals.h"

namespace vipdrift::linux_backend {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kTooManyDeaths = 1;

std::string how_it_ended(int status) {
  if (!WIFSIGNALED(status)) return "exited with status " + std::to_string(WEXITSTATUS(status));
  return "exited due to signal " + std::to_string(WTERMSIG(status)) + " (" + strsignal(WTERMSIG(status)) + ")";
}

struct Child {
  const SupervisedChild* what = nullptr;
  pid_t pid = 0;  ///< 0: not running
  FileDescriptor link = {};
  bool ready = false;   ///< since the start or the last reload
  bool served = false;  ///< was ready once
  int starts = 0;
  std::deque<Clock::time_point> deaths = {};
  std::optional<Clock::time_point> start_at = {};

  /// Runs, or will.
  bool lives() const { return pid > 0 || start_at; }
};

class Supervisor {
 public:
  explicit Supervisor(const SupervisorOptions& options) : options_(options), parent_(getpid()) {
    const sigset_t signals = supervised_signals();
    sigprocmask(SIG_BLOCK, &signals, nullptr);
    signals_ = FileDescriptor(signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    for (const SupervisedChild& one : options.children) children_.push_back({.what = &one});
  }

  int run() {
    start_those_needed();
    while (std::any_of(children_.begin(), children_.end(), [](const Child& child) { return child.lives(); })) {
      wait();
      take_signals();
      listen_to_children();
      collect();
      const Clock::time_point now = Clock::now();
      for (Child& child : children_) {
        if (child.start_at && *child.start_at <= now && !stopping_) start(child);
      }
      if (kill_at_ && *kill_at_ <= now) kill_those_that_stay();
    }
    return status_;
  }

 private:
  void start_those_needed() {
    for (Child& child : children_) {
      if (!child.lives() && (!child.what->needed || child.what->needed())) start(child);
    }
  }

  void start(Child& child) {
    child.start_at.reset();
    child.ready = false;
    ++child.starts;
    std::array<int, 2> link{-1, -1};
    if (pipe2(link.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
      cannot_start(child);
      return;
    }
    child.link = FileDescriptor(link[0]);
    const FileDescriptor far_end(link[1]);
    const pid_t pid = fork();
    if (pid == 0) _exit(live(child, far_end.get()));
    if (pid < 0) {
      cannot_start(child);
      return;
    }
    child.pid = pid;
    if (options_.started) options_.started(pid, child.what->name);
  }

  int live(const Child& child, int link) const {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent_) return 1;  // it died before the kernel knew
    return child.what->run(ParentLink(link, child.starts));
  }

  void cannot_start(const Child& child) {
    options_.alert(child.what->name + " child process: fork error(" + std::strerror(errno) + ")");
    end_with(kTooManyDeaths);
  }

  void wait() const {
    std::vector<pollfd> waiting = {{signals_.get(), POLLIN, 0}};
    std::optional<Clock::time_point> until = kill_at_;
    for (const Child& child : children_) {
      if (child.link) waiting.push_back({child.link.get(), POLLIN, 0});
      if (child.start_at && (!until || *child.start_at < *until)) until = child.start_at;
    }
    int milliseconds = -1;
    if (until) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(*until - Clock::now());
      milliseconds = std::max(0, static_cast<int>(left.count()));
    }
    poll(waiting.data(), waiting.size(), milliseconds);
  }

  void take_signals() {
    signalfd_siginfo signal{};
    while (read(signals_.get(), &signal, sizeof signal) == static_cast<ssize_t>(sizeof signal)) {
      const int number = static_cast<int>(signal.ssi_signo);
      if (number == SIGCHLD) continue;
      if (number == SIGTERM || number == SIGINT) {
        stop();
        continue;
      }
      if (number == SIGHUP) {
        for (Child& child : children_) child.ready = false;
        if (options_.reloading) options_.reloading();
      }
      pass_on(number);
      if (number == SIGHUP && !stopping_) start_those_needed();
    }
  }

  void pass_on(int signal) const {
    for (const Child& child : children_) {
      if (child.pid > 0) kill(child.pid, signal);
    }
  }

  void listen_to_children() {
    bool news = false;
    for (Child& child : children_) {
      std::array<char, 16> told{};
      if (!child.link) continue;
      const ssize_t size = read(child.link.get(), told.data(), told.size());
      if (size > 0) news = child.ready = child.served = true;
      if (size == 0) child.link = FileDescriptor();
    }
    const bool all = std::all_of(children_.begin(), children_.end(),
                                 [](const Child& child) { return child.ready || !child.lives(); });
    if (news && all && !stopping_ && options_.ready) options_.ready();
  }

  void collect() {
    int status = 0;
    for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
      const auto child =
          std::find_if(children_.begin(), children_.end(), [pid](const Child& one) { return one.pid == pid; });
      if (child == children_.end()) continue;
      listen_to_children();  // its last words
      child->pid = 0;
      child->link = FileDescriptor();
      if (!stopping_) on_end(*child, pid, status);
    }
  }

  void on_end(Child& child, pid_t pid, int status) {
    const std::string& name = child.what->name;
    options_.alert(name + " process " + how_it_ended(status));
    const bool in_vain = WIFEXITED(status) && (!child.served || WEXITSTATUS(status) == options_.gives_up);
    if (in_vain) {
      options_.alert(name + " process cannot run. Terminating");
      end_with(WEXITSTATUS(status));
      return;
    }
    const std::string who = name + " child process(" + std::to_string(pid) + ")";
    if (!options_.respawn) {
      options_.alert(who + " died: Exiting");
      end_with(kTooManyDeaths);
      return;
    }
    const Clock::time_point now = Clock::now();
    child.deaths.push_back(now);
    while (now - child.deaths.front() > options_.period) child.deaths.pop_front();
    const auto deaths = static_cast<int>(child.deaths.size());
    if (deaths >= options_.most_deaths) {
      options_.alert(who + " died " + std::to_string(deaths) + " times in " +
                     std::to_string(options_.period.count() / 1000) + " s: giving up");
      end_with(kTooManyDeaths);
      return;
    }
    std::chrono::milliseconds pause{0};
    if (deaths > 1) pause = options_.pause * (1 << (deaths - 2));
    options_.alert(who + " died: Respawning" +
                   (pause.count() == 0 ? "" : " in " + std::to_string(pause.count()) + " ms"));
    child.start_at = now + pause;
  }

  void end_with(int status) {
    status_ = status;
    stop();
  }

  void stop() {
    if (!stopping_ && options_.stopping) options_.stopping();
    stopping_ = true;
    kill_at_ = Clock::now() + options_.stop_limit;
    for (Child& child : children_) child.start_at.reset();
    pass_on(SIGTERM);
  }

  void kill_those_that_stay() {
    kill_at_.reset();
    for (const Child& child : children_) {
      if (child.pid > 0) options_.alert(child.what->name + " process does not stop: killing it");
    }
    pass_on(SIGKILL);
  }

  const SupervisorOptions& options_;
  pid_t parent_;
  FileDescriptor signals_;
  std::vector<Child> children_;
  bool stopping_ = false;
  std::optional<Clock::time_point> kill_at_;
  int status_ = 0;
};

}  // namespace

void ParentLink::tell_ready() const {
  const char ready = 'R';
  // A parent that does not read has more to do than to hear of this.
  [[maybe_unused]] const ssize_t written = write(descriptor_, &ready, 1);
}

sigset_t supervised_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, kDataSignal, kStatisticsSignal, json_signal(),
                           clear_statistics_signal()}) {
    sigaddset(&set, signal);
  }
  return set;
}

void unblock_signals() {
  const sigset_t signals = supervised_signals();
  sigprocmask(SIG_UNBLOCK, &signals, nullptr);
}

int supervise(const SupervisorOptions& options) { return Supervisor(options).run(); }

}  // namespace vipdrift::linux_backend
