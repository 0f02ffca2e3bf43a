// Many sockets behind one descriptor of the event loop.
#ifndef VIPDRIFT_BACKENDS_NETNS_POLLER_H_
#define VIPDRIFT_BACKENDS_NETNS_POLLER_H_

#include <sys/epoll.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "backends/netns/descriptor.h"
#include "backends/netns/event_loop.h"

namespace vipdrift::netns {

/// An epoll set. Sockets are told apart by numbers of the owner's; a socket that is closed leaves by itself.
class Poller {
 public:
  Poller() : epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

  /// `deed(number, events)` is called from `loop`; both outlive each other's use.
  template <class Deed>
  void attach(EventLoop& loop, Deed deed) {
    loop.watch(epoll_.get(), [this, deed = std::move(deed)] {
      std::array<epoll_event, 64> ready{};
      const int count = epoll_wait(epoll_.get(), ready.data(), static_cast<int>(ready.size()), 0);
      for (int i = 0; i < count; ++i) {
        const epoll_event& one = ready[static_cast<std::size_t>(i)];
        deed(one.data.u64, one.events);
      }
    });
  }
  void watch(int descriptor, std::uint64_t number, std::uint32_t events) {
    epoll_event wanted{};
    wanted.events = events;
    wanted.data.u64 = number;
    if (epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, descriptor, &wanted) != 0 && errno == ENOENT) {
      epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &wanted);
    }
  }

 private:
  Descriptor epoll_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_POLLER_H_
