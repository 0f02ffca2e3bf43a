#include "backends/linux/notifier.h"

#include <cerrno>
#include <cstring>
#include <utility>

namespace vipdrift::linux_backend {

Notifier::Notifier(boost::asio::io_context& context, ScriptRunner& runner, Identities& identities,
                   NotifierOptions options)
    : context_(context), runner_(runner), identities_(identities), options_(std::move(options)), limit_(context) {}

void Notifier::submit(const vrrp::NotifyScript& script) {
  if (!options_.in_order) {
    start(script, nullptr);
    return;
  }
  const Subject subject{script.group, script.name};
  Queue& queue = queues_.try_emplace(subject, context_).first->second;
  queue.waiting.push_back(script);
  if (queue.running == 0) {
    start_next(subject);
  } else if (queue.waiting.size() == 1) {
    lose_patience(subject);
  }
}

void Notifier::start_next(const Subject& subject) {
  Queue& queue = queues_.at(subject);
  queue.running = 0;
  queue.patience.cancel();
  while (queue.running == 0 && !queue.waiting.empty()) {
    const vrrp::NotifyScript next = std::move(queue.waiting.front());
    queue.waiting.pop_front();
    const std::uint64_t run = ++runs_;
    if (start(next, [this, subject, run](int) { ended(subject, run); })) queue.running = run;
  }
  if (!queue.waiting.empty()) lose_patience(subject);
  finish_if_idle();
}

bool Notifier::start(const vrrp::NotifyScript& script, ScriptRunner::Ended ended) {
  if (script.command->argv.empty()) return false;
  const Identity* const identity = identities_.find(script.command->user, script.command->group);
  const std::vector<std::string>& argv = script.command->argv;
  const int error = identity == nullptr ? EINVAL : runner_.run(argv, identity, std::move(ended));
  if (error != 0) options_.log("Couldn't run notify script " + argv.front() + ": " + std::strerror(error));
  return error == 0;
}

/// From now on the running script has `patience` to end.
void Notifier::lose_patience(const Subject& subject) {
  Queue& queue = queues_.at(subject);
  queue.patience.expires_after(options_.patience);
  queue.patience.async_wait([this, subject](const boost::system::error_code& error) {
    if (error) return;
    options_.log("a notify script of " + subject.second + " has not ended; the next one starts beside it");
    start_next(subject);
  });
}

void Notifier::ended(const Subject& subject, std::uint64_t run) {
  if (queues_.at(subject).running == run) start_next(subject);
}

void Notifier::finish(std::chrono::milliseconds limit, std::function<void()> done) {
  done_ = std::move(done);
  limit_.expires_after(limit);
  limit_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    for (auto& [subject, queue] : queues_) {
      for (const vrrp::NotifyScript& script : queue.waiting) start(script, nullptr);
      queue.waiting.clear();
      queue.running = 0;
      queue.patience.cancel();
    }
    finish_if_idle();
  });
  finish_if_idle();
}

void Notifier::finish_if_idle() {
  if (!done_) return;
  for (const auto& [subject, queue] : queues_) {
    if (queue.running != 0 || !queue.waiting.empty()) return;
  }
  limit_.cancel();
  const std::function<void()> done = std::exchange(done_, nullptr);
  done();
}

}  // namespace vipdrift::linux_backend
