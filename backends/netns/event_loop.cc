#include "backends/netns/event_loop.h"

#include <poll.h>

#include <algorithm>
#include <ctime>
#include <utility>

namespace vipdrift::netns {
namespace {

constexpr std::chrono::nanoseconds kSecond = std::chrono::seconds{1};

timespec as_timespec(std::chrono::nanoseconds span) {
  timespec result{};
  result.tv_sec = static_cast<std::time_t>(span / kSecond);
  result.tv_nsec = static_cast<long>((span % kSecond).count());
  return result;
}

}  // namespace

void EventLoop::run_until(Moment until) {
  while (std::chrono::steady_clock::now() < until) round(until);
}

void EventLoop::round(Moment until) {
  std::vector<pollfd> waits;
  for (const Watched& one : watched_) waits.push_back({one.descriptor, POLLIN, 0});
  const Moment first = timers_.empty() ? until : std::min(until, timers_.begin()->first);
  const auto now = std::chrono::steady_clock::now();
  const timespec patience = as_timespec(first > now ? first - now : std::chrono::nanoseconds::zero());
  const bool some = ppoll(waits.data(), waits.size(), &patience, nullptr) > 0;
  for (std::size_t i = 0; some && i < waits.size(); ++i) {
    // What a deed has watched anew is behind; what is there keeps its place.
    if (waits[i].revents != 0) watched_[i].deed();
  }
  const auto due = std::chrono::steady_clock::now();
  while (!timers_.empty() && timers_.begin()->first <= due) {
    const Deed deed = std::move(timers_.begin()->second);
    timers_.erase(timers_.begin());
    deed();
  }
}

}  // namespace vipdrift::netns
