// Datagrams: when they are read, and their way into the core.
#include <algorithm>
#include <utility>

#include "backends/linux/vrrp_director.h"

namespace vipdrift::linux_backend {
namespace {

/// Datagrams that are read before others get their turn; more than the socket's buffer holds at any moment.
constexpr std::size_t kMostAtOnce = 8192;

}  // namespace

// A listener may be closed while this waits to be called.
void VrrpDirector::wait_for_datagrams(const std::shared_ptr<Listener>& one) {
  one->readable.async_wait(Descriptor::wait_read, [this, one](const boost::system::error_code& error) {
    if (error || ended_ || !one->readable.is_open()) return;
    read(*one);
    arm();
    if (ended_ || !one->readable.is_open()) return;
    if (const std::optional<TimePoint> next = rhythm_.woken(stepped_at_, allowed_pause())) {
      begin_rhythm(*next);
    } else {
      wait_for_datagrams(one);
    }
  });
}

// Taken out of Asio's hands, so that nothing that arrives wakes anybody.
void VrrpDirector::begin_rhythm(TimePoint next) {
  in_rhythm_ = true;
  for (const auto& one : listeners_) {
    one->socket->date_arrivals(ReadingRhythm::kLongest);
    close_listener(*one);
  }
  read_at(next);
}

void VrrpDirector::read_at(TimePoint next) {
  next_reading_.expires_at(std::chrono::steady_clock::time_point(next.time_since_epoch()));
  next_reading_.async_wait([this](const boost::system::error_code& error) {
    if (error || ended_ || !in_rhythm_) return;
    const std::size_t count = read_all();
    arm();
    if (ended_ || !in_rhythm_) return;
    if (const std::optional<TimePoint> after = rhythm_.read(stepped_at_, count, allowed_pause())) {
      read_at(*after);
    } else {
      end_rhythm();
    }
  });
}

void VrrpDirector::end_rhythm() {
  if (!in_rhythm_) return;
  in_rhythm_ = false;
  next_reading_.cancel();
  for (const auto& one : listeners_) {
    one->readable.assign(one->socket->descriptor());
    wait_for_datagrams(one);
  }
}

Duration VrrpDirector::allowed_pause() {
  if (!allowed_pause_) allowed_pause_ = ReadingRhythm::allowed_pause(stack_->routers());
  return *allowed_pause_;
}

/// How many datagrams came.
std::size_t VrrpDirector::read_all() {
  std::size_t count = 0;
  for (const auto& one : listeners_) count += read(*one);
  return count;
}

std::size_t VrrpDirector::read(Listener& one) {
  std::size_t count = 0;
  for (bool more = true; more && !ended_ && count < kMostAtOnce;) {
    const VrrpSocket::Batch batch = one.socket->receive(inbox_);
    more = batch.more;
    count += batch.datagrams.size();
    const TimePoint time = now();
    for (const vrrp::Datagram& datagram : batch.datagrams) step_through(time, datagram);
  }
  return count;
}

}  // namespace vipdrift::linux_backend
