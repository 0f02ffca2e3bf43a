// A virtual master made of packets: feeds the daemons of bench/daemon, and sees from outside when they take over.
//
//   advertisement_peer send INTERFACES INSTANCES RATE COUNT
//     COUNT advertisements in all, RATE a second, to INSTANCES VRIDs on each of eth0, eth1, ...
//   advertisement_peer takeover INTERFACES INSTANCES INTERVAL_US CYCLES ADDRESS_NAMESPACE
//     CYCLES times: masters everything for a while with priority 200, falls silent, and waits until another has taken
//     over. ADDRESS_NAMESPACE: a file of a network namespace whose addresses to watch too, or "-".
//   advertisement_peer watch INTERFACES INSTANCES SECONDS
//     When the last of all virtual routers has been advertised for the first time.
//
// The first two speak version 3 from 10.(200 + interface).0.2 for the address 10.(100 + interface).0.VRID. All print
// one JSON document. Needs CAP_NET_RAW, and CAP_SYS_ADMIN for another namespace.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <string>
#include <vector>

#include "backends/linux/advertisement_frame.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kTick = 250'000;  ///< advertisements of one tick leave together
constexpr std::int64_t kPatience = 10 * kSecond;  ///< for a daemon that takes over late
constexpr std::int64_t kNever = -1;
constexpr std::uint8_t kPriority = 200;
constexpr int kSocketBuffer = 64 << 20;
constexpr std::size_t kIpHeader = 20;
constexpr std::size_t kVrids = 256;

[[noreturn]] void give_up(const char* what) {
  std::fprintf(stderr, "advertisement_peer: %s: %s\n", what, std::strerror(errno));
  std::exit(2);
}

std::int64_t now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

void sleep_until(std::int64_t time) {
  const timespec until{time / kSecond, time % kSecond};
  while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr) == EINTR) {
  }
}

IpAddress address(int second, int interface, int last) {
  const std::array<std::uint8_t, 4> bytes{10, static_cast<std::uint8_t>(second + interface), 0,
                                          static_cast<std::uint8_t>(last)};
  return IpAddress::from_bytes(Family::ipv4, bytes);
}

struct Message {
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(12);
  iovec vector{};
};

/// The advertisements of one interface, ready for sendmmsg.
struct Speaker {
  int socket = -1;
  std::vector<Message> messages;
  std::vector<mmsghdr> headers;
};

sockaddr_in group() {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_addr.s_addr = htonl(0xe0000012);
  return to;
}

int raw_socket(int interface) {
  const int fd = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, vrrp::kVrrpProtocol);
  const std::string name = "eth" + std::to_string(interface);
  ip_mreqn through{};
  through.imr_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
  const int ttl = vrrp::kVrrpTtl;
  const int off = 0;
  sockaddr_in from{};
  from.sin_family = AF_INET;
  std::memcpy(&from.sin_addr, address(200, interface, 2).bytes().data(), 4);
  if (fd < 0 || setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &through, sizeof through) != 0 ||
      setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &ttl, sizeof ttl) != 0 ||
      setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &off, sizeof off) != 0 ||
      bind(fd, reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0) {
    give_up("raw socket");
  }
  shutdown(fd, SHUT_RD);
  return fd;
}

Speaker speaker(int interface, int instances, Duration interval, sockaddr_in& to) {
  Speaker one;
  one.socket = raw_socket(interface);
  one.messages.resize(static_cast<std::size_t>(instances));
  one.headers.resize(one.messages.size());
  for (int vrid = 1; vrid <= instances; ++vrid) {
    Message& message = one.messages[static_cast<std::size_t>(vrid - 1)];
    const std::array<IpAddress, 1> addresses{address(100, interface, vrid)};
    vrrp::AdvertisementContent content;
    content.version = vrrp::Version::v3;
    content.vrid = static_cast<std::uint8_t>(vrid);
    content.priority = kPriority;
    content.interval = interval;
    content.source = address(200, interface, 2);
    content.destination = IpAddress::from_bytes(Family::ipv4, std::array<std::uint8_t, 4>{224, 0, 0, 18});
    content.addresses = addresses;
    encode(content, message.bytes);
    message.vector = {message.bytes.data(), message.bytes.size()};
    msghdr& header = one.headers[static_cast<std::size_t>(vrid - 1)].msg_hdr;
    header.msg_name = &to;
    header.msg_namelen = sizeof to;
    header.msg_iov = &message.vector;
    header.msg_iovlen = 1;
  }
  return one;
}

MacAddress mac_of(int fd, int interface) {
  ifreq request{};
  std::snprintf(request.ifr_name, sizeof request.ifr_name, "eth%d", interface);
  if (ioctl(fd, SIOCGIFHWADDR, &request) != 0) give_up("SIOCGIFHWADDR");
  MacAddress mac;
  std::copy_n(reinterpret_cast<const std::uint8_t*>(request.ifr_hwaddr.sa_data), mac.bytes.size(), mac.bytes.begin());
  return mac;
}

/// From now on the same messages leave as complete frames, past the sender's routing and queues: what is measured is
/// who receives. Such frames are not seen by taps at the sender.
void speak_in_frames(Speaker& one, int interface) {
  close(one.socket);
  one.socket = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
  const int on = 1;
  sockaddr_ll through{};
  through.sll_family = AF_PACKET;
  through.sll_ifindex = static_cast<int>(if_nametoindex(("eth" + std::to_string(interface)).c_str()));
  if (one.socket < 0 || setsockopt(one.socket, SOL_PACKET, PACKET_QDISC_BYPASS, &on, sizeof on) != 0 ||
      bind(one.socket, reinterpret_cast<const sockaddr*>(&through), sizeof through) != 0) {
    give_up("packet socket");
  }
  const linux_backend::AdvertisementFrame frame{
      .mac = mac_of(one.socket, interface),
      .source = address(200, interface, 2),
      .group = IpAddress::v4(224, 0, 0, 18)};
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < one.messages.size(); ++i) {
    Message& message = one.messages[i];
    write_frame(frame, message.bytes, bytes);
    message.bytes = bytes;
    message.vector = {message.bytes.data(), message.bytes.size()};
    one.headers[i].msg_hdr.msg_name = nullptr;
    one.headers[i].msg_hdr.msg_namelen = 0;
  }
}

/// `count` messages from position `first` on, around and around.
void send(Speaker& one, std::size_t first, std::size_t count) {
  while (count > 0) {
    first %= one.headers.size();
    const std::size_t most = std::min(count, one.headers.size() - first);
    const int sent = sendmmsg(one.socket, &one.headers[first], static_cast<unsigned>(most), 0);
    if (sent < 0 && errno != ENOBUFS && errno != EINTR) give_up("sendmmsg");
    if (sent < 0) continue;
    first += static_cast<std::size_t>(sent);
    count -= static_cast<std::size_t>(sent);
  }
}

// ---------------------------------------------------------------- a rate

int send_at_rate(std::vector<Speaker>& speakers, std::int64_t rate, std::int64_t count) {
  const std::int64_t began = now(CLOCK_MONOTONIC);
  std::int64_t sent = 0;
  std::size_t turn = 0;
  const std::int64_t tick = std::max(kTick, kSecond / rate);
  for (std::int64_t time = began; sent < count; time += tick) {
    sleep_until(time);
    const std::int64_t due = std::min(count, (time - began + tick) * rate / kSecond);
    while (sent < due) {
      Speaker& one = speakers[turn % speakers.size()];
      const auto share = std::min<std::int64_t>(due - sent, static_cast<std::int64_t>(one.headers.size()));
      send(one, static_cast<std::size_t>(sent) / speakers.size(), static_cast<std::size_t>(share));
      sent += share;
      ++turn;
    }
  }
  const double took = static_cast<double>(now(CLOCK_MONOTONIC) - began) / kSecond;
  std::printf("{\"sent\": %lld, \"seconds\": %.6f}\n", static_cast<long long>(sent), took);
  return 0;
}

// ---------------------------------------------------------------- takeovers

/// What has been seen of one virtual router, in nanoseconds of the wall clock.
struct Seen {
  std::int64_t last_of_ours = kNever;
  std::int64_t first_of_theirs = kNever;
  std::int64_t first_announcement = kNever;
  std::int64_t address = kNever;
};

class Watch {
 public:
  /// `silent`: we advertise nothing ourselves.
  Watch(int interfaces, int instances, const std::string& address_namespace, bool silent)
      : instances_(instances), silent_(silent), seen_(static_cast<std::size_t>(interfaces) * kVrids) {
    for (int i = 0; i < interfaces; ++i) {
      indices_.push_back(static_cast<int>(if_nametoindex(("eth" + std::to_string(i)).c_str())));
    }
    packets_ = socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, htons(ETH_P_ALL));
    const int on = 1;
    if (packets_ < 0 || setsockopt(packets_, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0) give_up("packet socket");
    enlarge(packets_);
    if (address_namespace != "-") watch_addresses(address_namespace);
  }

  void forget() { std::fill(seen_.begin(), seen_.end(), Seen{}); }
  const std::vector<Seen>& seen() const { return seen_; }

  /// Reads until `until` (monotonic clock); ends sooner when everything has been taken over.
  void read_until(std::int64_t until) {
    while (!complete()) {
      const std::int64_t left = until - now(CLOCK_MONOTONIC);
      if (left <= 0) return;
      std::array<pollfd, 2> ready{pollfd{packets_, POLLIN, 0}, pollfd{addresses_, POLLIN, 0}};
      const timespec timeout{left / kSecond, left % kSecond};
      ppoll(ready.data(), ready.size(), &timeout, nullptr);
      read();
    }
  }

  /// Takes what waits.
  void read() {
    if (addresses_ >= 0) read_addresses();
    read_packets();
  }

  /// Everything that is waited for has been seen.
  bool complete() const {
    for (std::size_t at = 0; at < seen_.size(); ++at) {
      const std::size_t vrid = at % kVrids;
      if (vrid < 1 || vrid > static_cast<std::size_t>(instances_)) continue;
      if (seen_[at].first_of_theirs == kNever) return false;
      if (addresses_ >= 0 && (seen_[at].address == kNever || seen_[at].first_announcement == kNever)) return false;
    }
    return true;
  }

 private:
  // SO_RCVBUFFORCE wants a privilege in the first namespace; without it the system's limit holds.
  static void enlarge(int fd) {
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &kSocketBuffer, sizeof kSocketBuffer) != 0) {
      setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &kSocketBuffer, sizeof kSocketBuffer);
    }
  }

  void watch_addresses(const std::string& path) {
    const int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    const int other = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (own < 0 || other < 0 || setns(other, CLONE_NEWNET) != 0) give_up(path.c_str());
    addresses_ = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    sockaddr_nl to{};
    to.nl_family = AF_NETLINK;
    to.nl_groups = RTMGRP_IPV4_IFADDR;
    if (addresses_ < 0 || bind(addresses_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) give_up("netlink");
    enlarge(addresses_);
    if (setns(own, CLONE_NEWNET) != 0) give_up("setns");
    close(own);
    close(other);
  }

  Seen* of_interface(std::size_t position, int vrid) {
    if (position >= indices_.size() || vrid < 1 || vrid > instances_) return nullptr;
    return &seen_[position * kVrids + static_cast<std::size_t>(vrid)];
  }
  /// By a virtual address, 10.(100 + interface).0.VRID.
  Seen* of_address(const std::uint8_t* bytes) {
    if (bytes[0] != 10 || bytes[1] < 100 || bytes[2] != 0) return nullptr;
    return of_interface(static_cast<std::size_t>(bytes[1] - 100), bytes[3]);
  }

  void read_packets() {
    std::array<std::uint8_t, 256> bytes{};
    for (;;) {
      sockaddr_ll from{};
      iovec vector{bytes.data(), bytes.size()};
      alignas(cmsghdr) std::array<char, 128> control{};
      msghdr header{};
      header.msg_name = &from;
      header.msg_namelen = sizeof from;
      header.msg_iov = &vector;
      header.msg_iovlen = 1;
      header.msg_control = control.data();
      header.msg_controllen = control.size();
      if (recvmsg(packets_, &header, 0) < 0) return;
      std::int64_t at = 0;
      for (cmsghdr* one = CMSG_FIRSTHDR(&header); one != nullptr; one = CMSG_NXTHDR(&header, one)) {
        if (one->cmsg_level != SOL_SOCKET || one->cmsg_type != SCM_TIMESTAMPNS) continue;
        timespec stamp{};
        std::memcpy(&stamp, CMSG_DATA(one), sizeof stamp);
        at = stamp.tv_sec * kSecond + stamp.tv_nsec;
      }
      note(from, bytes.data(), at);
    }
  }

  void note(const sockaddr_ll& from, const std::uint8_t* bytes, std::int64_t at) {
    if (from.sll_protocol == htons(ETH_P_ARP)) {
      // The sender's address of an ARP packet begins at byte 14, the target's at byte 24.
      if (Seen* seen = of_address(bytes + 14);
          seen != nullptr && seen->first_announcement == kNever && std::memcmp(bytes + 14, bytes + 24, 4) == 0) {
        seen->first_announcement = at;
      }
    } else if (from.sll_protocol == htons(ETH_P_IP) && bytes[9] == vrrp::kVrrpProtocol) {
      const auto position = static_cast<std::size_t>(
          std::find(indices_.begin(), indices_.end(), from.sll_ifindex) - indices_.begin());
      const std::uint8_t* message = bytes + kIpHeader;
      Seen* seen = of_interface(position, message[1]);
      if (seen == nullptr) return;
      if (from.sll_pkttype == PACKET_OUTGOING) {
        seen->last_of_ours = at;
      } else if (message[2] > 0 && seen->first_of_theirs == kNever && (silent_ || seen->last_of_ours != kNever)) {
        seen->first_of_theirs = at;
      }
    }
  }

  void read_addresses() {
    alignas(nlmsghdr) std::array<char, 16384> bytes{};
    for (;;) {
      const ssize_t size = recv(addresses_, bytes.data(), bytes.size(), 0);
      if (size <= 0) return;
      const std::int64_t at = now(CLOCK_REALTIME);
      auto left = static_cast<unsigned>(size);
      for (auto* message = reinterpret_cast<nlmsghdr*>(bytes.data()); NLMSG_OK(message, left);
           message = NLMSG_NEXT(message, left)) {
        if (message->nlmsg_type != RTM_NEWADDR) continue;
        auto* body = reinterpret_cast<ifaddrmsg*>(reinterpret_cast<char*>(message) + NLMSG_HDRLEN);
        auto room = static_cast<unsigned>(NLMSG_PAYLOAD(message, sizeof *body));
        auto* first = reinterpret_cast<rtattr*>(reinterpret_cast<char*>(body) + NLMSG_ALIGN(sizeof *body));
        for (rtattr* one = first; RTA_OK(one, room); one = RTA_NEXT(one, room)) {
          if (one->rta_type != IFA_LOCAL) continue;
          Seen* seen = of_address(static_cast<const std::uint8_t*>(RTA_DATA(one)));
          if (seen != nullptr && seen->address == kNever) seen->address = at;
        }
      }
    }
  }

  int instances_;
  bool silent_;
  std::vector<int> indices_;
  std::vector<Seen> seen_;
  int packets_ = -1;
  int addresses_ = -1;
};

/// Prints, for each virtual router, microseconds from its last advertisement to what followed; -1: never.
int measure_takeovers(std::vector<Speaker>& speakers, Watch& watch, int instances, std::int64_t interval, int cycles) {
  std::printf("{\"takeovers\": [");
  for (int cycle = 0; cycle < cycles; ++cycle) {
    const std::int64_t began = now(CLOCK_MONOTONIC);
    // Long enough for the other to let go, and at a phase of its own.
    const std::int64_t rounds = std::max<std::int64_t>(3, kSecond / 4 / interval) + cycle % 3;
    for (std::int64_t round = 0; round < rounds; ++round) {
      sleep_until(began + round * interval);
      watch.read();
      if (round + 1 == rounds) watch.forget();
      for (Speaker& one : speakers) send(one, 0, one.headers.size());
    }
    watch.read_until(now(CLOCK_MONOTONIC) + 5 * interval + kPatience);
    for (std::size_t i = 0; i < watch.seen().size(); ++i) {
      const std::size_t vrid = i % kVrids;
      if (vrid < 1 || vrid > static_cast<std::size_t>(instances)) continue;
      const Seen& seen = watch.seen()[i];
      const auto since = [&seen](std::int64_t time) {
        return time == kNever ? -1.0 : static_cast<double>(time - seen.last_of_ours) / 1000;
      };
      std::printf("%s[%.1f, %.1f, %.1f, %.1f]", cycle == 0 && i == 1 ? "" : ",\n", since(seen.first_of_theirs),
                  since(seen.address), since(seen.first_announcement), static_cast<double>(seen.last_of_ours) / 1000);
    }
  }
  std::printf("]}\n");
  return 0;
}

/// Prints the wall clock's seconds at which the last one spoke up; 0: not all did.
int watch_start(Watch& watch, int seconds) {
  watch.read_until(now(CLOCK_MONOTONIC) + seconds * kSecond);
  std::int64_t last = 0;
  for (const Seen& seen : watch.seen()) last = std::max(last, seen.first_of_theirs);
  std::printf("{\"last\": %.6f}\n", watch.complete() ? static_cast<double>(last) / kSecond : 0);
  return 0;
}

int run(int argc, char** argv) {
  const std::string mode = argc > 1 ? argv[1] : "";
  if (!(mode == "send" && argc == 6) && !(mode == "takeover" && argc == 7) && !(mode == "watch" && argc == 5)) {
    std::fprintf(stderr, "usage: see the head of advertisement_peer.cc\n");
    return 2;
  }
  const int interfaces = std::atoi(argv[2]);
  const int instances = std::atoi(argv[3]);
  const std::int64_t pace = std::atoll(argv[4]);
  if (mode == "watch") {
    Watch watch(interfaces, instances, "-", true);
    return watch_start(watch, std::atoi(argv[4]));
  }
  const bool sending = mode == "send";
  const Duration interval = sending ? Duration{std::chrono::seconds{1}} : Duration{std::chrono::microseconds{pace}};
  sockaddr_in to = group();
  std::vector<Speaker> speakers;
  for (int i = 0; i < interfaces; ++i) speakers.push_back(speaker(i, instances, interval, to));
  for (int i = 0; sending && i < interfaces; ++i) speak_in_frames(speakers[static_cast<std::size_t>(i)], i);
  if (sending) return send_at_rate(speakers, pace, std::atoll(argv[5]));
  Watch watch(interfaces, instances, argv[6], false);
  return measure_takeovers(speakers, watch, instances, pace * 1000, std::atoi(argv[5]));
}

}  // namespace
}  // namespace vipdrift

int main(int argc, char** argv) { return vipdrift::run(argc, argv); }
