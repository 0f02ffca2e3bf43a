// Real servers for bench/checks: takes every connection to one port of this namespace, and closes it; what asks for a
// page gets one first.
//
//   check_server PORT     says "ready", and how many connections there have been for each line of standard input
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

int main(int argc, char** argv) {
  using namespace std::string_view_literals;
  if (argc != 2) return 2;
  constexpr auto kPage = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nRS1\n"sv;
  constexpr int kBacklog = 65535;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in any{};
  any.sin_family = AF_INET;
  any.sin_port = htons(static_cast<std::uint16_t>(std::atoi(argv[1])));
  if (bind(listener, reinterpret_cast<const sockaddr*>(&any), sizeof any) != 0 || listen(listener, kBacklog) != 0) {
    std::perror("check_server");
    return 1;
  }
  const int waiting = epoll_create1(0);
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = listener;
  epoll_ctl(waiting, EPOLL_CTL_ADD, listener, &wanted);
  wanted.data.fd = STDIN_FILENO;
  epoll_ctl(waiting, EPOLL_CTL_ADD, STDIN_FILENO, &wanted);
  std::puts("ready");
  std::fflush(stdout);
  std::uint64_t connections = 0;
  std::array<epoll_event, 256> events{};
  std::array<char, 4096> room{};
  for (;;) {
    const int count = epoll_wait(waiting, events.data(), static_cast<int>(events.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = events[static_cast<std::size_t>(i)].data.fd;
      if (fd == STDIN_FILENO) {
        if (read(fd, room.data(), room.size()) <= 0) return 0;
        std::printf("%llu\n", static_cast<unsigned long long>(connections));
        std::fflush(stdout);
        continue;
      }
      if (fd == listener) {
        for (int taken = 0; (taken = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK)) >= 0 || errno != EAGAIN;) {
          if (taken < 0) continue;
          ++connections;
          wanted.events = EPOLLIN | EPOLLRDHUP;
          wanted.data.fd = taken;
          epoll_ctl(waiting, EPOLL_CTL_ADD, taken, &wanted);
        }
        continue;
      }
      if (read(fd, room.data(), room.size()) > 0) {
        [[maybe_unused]] const ssize_t sent = send(fd, kPage.data(), kPage.size(), MSG_NOSIGNAL);
      }
      close(fd);
    }
  }
}
