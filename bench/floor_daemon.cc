// The least that a VRRP backup can do: takes packets, keeps one deadline for each VRID, and speaks when one passes.
// No check of anything, no addresses, no states: the floor below the daemons of bench/daemon.
//
//   floor_daemon INTERFACES INSTANCES INTERVAL_US
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr int kBuffer = 4 << 20;

std::int64_t now() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

int open_socket(int interface) {
  const int fd = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, 112);
  const std::string name = "eth" + std::to_string(interface);
  ip_mreqn join{};
  join.imr_multiaddr.s_addr = htonl(0xe0000012);
  join.imr_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
  const int ttl = 255;
  const int off = 0;
  if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.c_str(), static_cast<socklen_t>(name.size())) != 0 ||
      setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &join, sizeof join) != 0 ||
      setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &join, sizeof join) != 0 ||
      setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) != 0 ||
      setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &off, sizeof off) != 0) {
    std::exit(2);
  }
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kBuffer, sizeof kBuffer) != 0) {
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kBuffer, sizeof kBuffer);
  }
  return fd;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const auto interfaces = static_cast<std::size_t>(std::atoi(argv[1]));
  const auto instances = static_cast<std::size_t>(std::atoi(argv[2]));
  const std::int64_t interval = std::atoll(argv[3]) * 1000;
  const std::int64_t patience = 3 * interval + interval * 156 / 256;  // priority 100

  const int poll = epoll_create1(0);
  const int timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  std::vector<int> sockets;
  for (std::size_t i = 0; i < interfaces; ++i) sockets.push_back(open_socket(static_cast<int>(i)));
  for (std::size_t i = 0; i <= interfaces; ++i) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.u64 = i;
    epoll_ctl(poll, EPOLL_CTL_ADD, i < interfaces ? sockets[i] : timer, &wanted);
  }

  std::vector<std::array<char, 128>> bytes(kBatch);
  std::vector<iovec> vectors(kBatch);
  std::vector<mmsghdr> headers(kBatch);
  for (std::size_t i = 0; i < kBatch; ++i) {
    vectors[i] = {bytes[i].data(), bytes[i].size()};
    headers[i].msg_hdr.msg_iov = &vectors[i];
    headers[i].msg_hdr.msg_iovlen = 1;
  }
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(0xe0000012);
  std::vector<std::array<char, 12>> messages(instances);
  std::vector<iovec> out_vectors(instances);
  std::vector<mmsghdr> out(instances);

  std::vector<std::int64_t> deadlines(interfaces * 256, now() + patience);
  const auto arm = [&](std::int64_t at) {
    const itimerspec wanted{{}, {at / kSecond, at % kSecond}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &wanted, nullptr);
  };
  arm(now() + patience);
  for (;;) {
    std::array<epoll_event, kBatch> ready{};
    const int count = epoll_wait(poll, ready.data(), kBatch, -1);
    for (int e = 0; e < count; ++e) {
      const std::size_t which = ready[static_cast<std::size_t>(e)].data.u64;
      if (which == interfaces) continue;
      for (int taken = kBatch; taken == kBatch;) {
        taken = recvmmsg(sockets[which], headers.data(), kBatch, 0, nullptr);
        const std::int64_t deadline = now() + patience;
        for (int i = 0; i < taken; ++i) {
          deadlines[which * 256 + static_cast<std::uint8_t>(bytes[static_cast<std::size_t>(i)][21])] = deadline;
        }
      }
    }
    std::uint64_t ticks = 0;
    if (read(timer, &ticks, sizeof ticks) < 0) continue;
    const std::int64_t time = now();
    std::int64_t earliest = time + patience;
    for (std::size_t i = 0; i < interfaces; ++i) {
      unsigned due = 0;
      for (std::size_t vrid = 1; vrid <= instances; ++vrid) {
        std::int64_t& deadline = deadlines[i * 256 + vrid];
        if (deadline <= time) {
          deadline = time + interval;
          messages[due] = {0x31, static_cast<char>(vrid), 100, 1};
          out_vectors[due] = {messages[due].data(), messages[due].size()};
          out[due].msg_hdr = {&to, sizeof to, &out_vectors[due], 1, nullptr, 0, 0};
          ++due;
        }
        earliest = std::min(earliest, deadline);
      }
      for (unsigned sent = 0; sent < due;) {
        const int more = sendmmsg(sockets[i], &out[sent], due - sent, 0);
        if (more <= 0) break;
        sent += static_cast<unsigned>(more);
      }
    }
    arm(earliest);
  }
}
