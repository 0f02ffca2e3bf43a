// How many processes match each vrrp_track_process (keepalived.conf(5), VRRP track processes).
#ifndef VIPDRIFT_BACKENDS_LINUX_PROCESS_WATCHER_H_
#define VIPDRIFT_BACKENDS_LINUX_PROCESS_WATCHER_H_

#include <sys/types.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/config/configuration.h"

struct proc_event;

namespace vipdrift::linux_backend {

struct ProcessWatcherOptions {
  /// Told once for each track_process at watch(), and then whenever the count changes.
  std::function<void(ProcessId process, int running)> changed;
  /// Without the kernel's process events, /proc is read this often; ends are noticed at once all the same (pidfd).
  std::chrono::milliseconds interval{500};
  /// Whether to ask for process events at all; they come only to the initial network namespace, with CAP_NET_ADMIN.
  bool use_events = true;
  std::function<void(const std::string& line)> log;
};

/// Counts living processes, zombies not among them, by name (the kernel's, cut to 15 characters) or by the words of the
/// full command line. Follows the kernel's process connector where that works, else reads /proc in intervals.
class ProcessWatcher {
 public:
  ProcessWatcher(boost::asio::io_context& context, ProcessWatcherOptions options);
  ~ProcessWatcher();
  ProcessWatcher(const ProcessWatcher&) = delete;
  ProcessWatcher& operator=(const ProcessWatcher&) = delete;

  /// From now on these and no others; nothing is read or listened to when there are none.
  void watch(const std::vector<config::TrackProcess>& processes);
  /// Whether the kernel tells of starts and ends.
  bool has_events() const { return events_.is_open(); }

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;
  struct Watched {
    config::TrackProcess settings;
    std::string name;       ///< as the kernel cuts it
    std::string arguments;  ///< of the full command: words, each ended by a NUL
    int running = -1;       ///< as told last; -1: not told yet
  };
  struct Match {
    std::vector<std::size_t> which;     ///< positions of what it matches
    std::unique_ptr<Descriptor> ended;  ///< pidfd; only without events
  };

  void listen();
  void wait_for_events();
  void receive_events();
  void take(const proc_event& event);
  void scan();
  void scan_again_later();
  void examine(pid_t pid);
  void forget(pid_t pid);
  void wait_for_end(pid_t pid, Match& match);
  void tell();

  boost::asio::io_context& context_;
  ProcessWatcherOptions options_;
  std::vector<Watched> watched_;
  bool by_command_ = false;  ///< some watch the full command line
  std::map<pid_t, Match> matches_;
  Descriptor events_;
  boost::asio::steady_timer next_scan_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_PROCESS_WATCHER_H_
