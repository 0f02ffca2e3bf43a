// The least that a health checker can do: a non-blocking loop over sockets and nothing else, no time-outs, no
// judgement. The floor below the checkers of bench/checks.
//
//   check_floor tcp|http SERVERS SECONDS
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "bench/check_schedule.h"

namespace {

using vipdrift::bench::CheckLoad;
using vipdrift::bench::CheckSchedule;
using vipdrift::bench::Clock;

constexpr std::uint32_t kTimer = 0xffffffff;
constexpr std::uint32_t kFirstAddress = 0x0a010001;  // 10.1.0.1

class Floor {
 public:
  explicit Floor(const CheckLoad& load) : http_(load.http), schedule_(load), sockets_(load.servers) {}

  void run() {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u32 = kTimer;
    epoll_ctl(waiting_, EPOLL_CTL_ADD, timer_, &wanted);
    schedule_.begin();
    arm();
    std::array<epoll_event, 256> events{};
    while (!schedule_.over()) {
      const int count = epoll_wait(waiting_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        const epoll_event& one = events[static_cast<std::size_t>(i)];
        one.data.u32 == kTimer ? on_timer() : on_event(one.data.u32, one.events);
      }
    }
    schedule_.print();
  }

 private:
  void arm() {
    const auto since = schedule_.due().time_since_epoch();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(since);
    itimerspec at{};
    at.it_value.tv_sec = seconds.count();
    at.it_value.tv_nsec = (since - seconds).count();
    timerfd_settime(timer_, TFD_TIMER_ABSTIME, &at, nullptr);
  }

  void on_timer() {
    std::uint64_t times = 0;
    [[maybe_unused]] const ssize_t size = read(timer_, &times, sizeof times);
    schedule_.begin_due([this](std::uint32_t server) { start(server); });
    if (!schedule_.all_begun()) arm();
  }

  void start(std::uint32_t server) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    sockets_[server] = fd;
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(80);
    to.sin_addr.s_addr = htonl(kFirstAddress + server);
    connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to);
    epoll_event wanted{};
    wanted.events = EPOLLOUT;
    wanted.data.u32 = server;
    epoll_ctl(waiting_, EPOLL_CTL_ADD, fd, &wanted);
  }

  void on_event(std::uint32_t server, std::uint32_t events) {
    using namespace std::string_view_literals;
    constexpr auto kRequest = "GET / HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 10.1.0.1:80\r\n\r\n"sv;
    const int fd = sockets_[server];
    if ((events & EPOLLOUT) != 0) {
      int error = 0;
      socklen_t size = sizeof error;
      getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error != 0 || !http_) return end(server, error == 0);
      if (send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0) return end(server, false);
      epoll_event wanted{};
      wanted.events = EPOLLIN;
      wanted.data.u32 = server;
      epoll_ctl(waiting_, EPOLL_CTL_MOD, fd, &wanted);
      return;
    }
    std::array<char, 4096> room{};
    const ssize_t got = read(fd, room.data(), room.size());
    if (got < 0) return end(server, false);
    if (got == 0) return end(server, true);
  }

  void end(std::uint32_t server, bool well) {
    close(sockets_[server]);
    schedule_.ended(server, well);
  }

  bool http_;
  CheckSchedule schedule_;
  std::vector<int> sockets_;
  int waiting_ = epoll_create1(EPOLL_CLOEXEC);
  int timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
};

}  // namespace

int main(int argc, char** argv) {
  CheckLoad load;
  if (!load.read(argc, argv)) return 2;
  Floor(load).run();
}
