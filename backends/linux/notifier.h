// Runs notify scripts in an order in which the last state wins.
#ifndef VIPDRIFT_BACKENDS_LINUX_NOTIFIER_H_
#define VIPDRIFT_BACKENDS_LINUX_NOTIFIER_H_

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "backends/linux/identity.h"
#include "backends/linux/script_runner.h"
#include "protocol/vrrp/action.h"

namespace vipdrift::linux_backend {

/// keepalived starts every script at once, so that those of two quick changes may end in the wrong order (profile
/// keepalived). In order, the scripts of one instance or group run one after the other; one that has not ended within
/// `patience` of the next is left alone and no longer waited for.
struct NotifierOptions {
  bool in_order = true;
  std::chrono::milliseconds patience{10'000};
  std::function<void(const std::string& line)> log;
};

class Notifier {
 public:
  Notifier(boost::asio::io_context& context, ScriptRunner& runner, Identities& identities, NotifierOptions options);

  void submit(const vrrp::NotifyScript& script);
  /// Calls `done` when every script submitted so far has ended, or after `limit`: then those that still wait are
  /// started at once.
  void finish(std::chrono::milliseconds limit, std::function<void()> done);

 private:
  struct Queue {
    explicit Queue(boost::asio::io_context& context) : patience(context) {}
    std::deque<vrrp::NotifyScript> waiting;
    std::uint64_t running = 0;  ///< number of the run that is waited for; 0: none
    boost::asio::steady_timer patience;
  };
  using Subject = std::pair<bool, std::string>;  ///< group or instance, name

  void start_next(const Subject& subject);
  bool start(const vrrp::NotifyScript& script, ScriptRunner::Ended ended);
  void lose_patience(const Subject& subject);
  void ended(const Subject& subject, std::uint64_t run);
  void finish_if_idle();

  boost::asio::io_context& context_;
  ScriptRunner& runner_;
  Identities& identities_;
  NotifierOptions options_;
  std::map<Subject, Queue> queues_;
  std::uint64_t runs_ = 0;
  boost::asio::steady_timer limit_;
  std::function<void()> done_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_NOTIFIER_H_
