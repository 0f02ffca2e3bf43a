#include "backends/linux/vrrp_socket.h"

#include <linux/filter.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <optional>
#include <set>
#include <utility>

#include "backends/linux/socket_address.h"

namespace vipdrift::linux_backend {
namespace {

/// Room for the advertisements of 4,000 masters that speak in the same instant, each way.
constexpr int kBuffer = 4 << 20;
/// The most that sendmmsg(2) takes.
constexpr std::size_t kMostMessages = 1024;
constexpr std::int64_t kSecond = 1'000'000'000;
constexpr int kInternetworkControl = 0xc0;

template <class Value>
bool set(int socket, int level, int name, const Value& value) {
  return setsockopt(socket, level, name, &value, sizeof value) == 0;
}

/// Value of the control message of that kind; nullopt when it did not come along.
template <class Value>
std::optional<Value> control_of(msghdr& message, int level, int type) {
  for (cmsghdr* one = CMSG_FIRSTHDR(&message); one != nullptr; one = CMSG_NXTHDR(&message, one)) {
    if (one->cmsg_level != level || one->cmsg_type != type) continue;
    Value value;
    std::memcpy(&value, CMSG_DATA(one), sizeof value);
    return value;
  }
  return std::nullopt;
}

template <class Value>
void add_control(msghdr& message, int level, int type, const Value& value) {
  message.msg_controllen = CMSG_SPACE(sizeof value);
  cmsghdr* const one = CMSG_FIRSTHDR(&message);
  one->cmsg_level = level;
  one->cmsg_type = type;
  one->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(one), &value, sizeof value);
}

std::int64_t nanoseconds_of(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return time.tv_sec * kSecond + time.tv_nsec;
}

/// First and last of each run of consecutive numbers: most sites count their VRIDs up.
std::vector<std::pair<std::uint8_t, std::uint8_t>> ranges_of(std::span<const std::uint8_t> vrids) {
  const std::set<std::uint8_t> sorted(vrids.begin(), vrids.end());
  std::vector<std::pair<std::uint8_t, std::uint8_t>> ranges;
  for (const std::uint8_t vrid : sorted) {
    if (!ranges.empty() && ranges.back().second + 1 == vrid) {
      ranges.back().second = vrid;
    } else {
      ranges.emplace_back(vrid, vrid);
    }
  }
  return ranges;
}

}  // namespace

VrrpSocket::VrrpSocket(InterfaceId interface, const std::string& interface_name, Family family,
                       std::span<const std::uint8_t> vrids)
    : interface_(interface), family_(family) {
  error_ = open(interface_name, vrids);
  if (error_ != 0) socket_ = {};
}

int VrrpSocket::open(const std::string& interface_name, std::span<const std::uint8_t> vrids) {
  const bool v4 = family_ == Family::ipv4;
  socket_ = FileDescriptor(::socket(v4 ? AF_INET : AF_INET6, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC,
                                    vrrp::kVrrpProtocol));
  const int fd = socket_.get();
  if (fd < 0) return errno;
  if (const int error = attach_filter(vrids); error != 0) return error;
  if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, interface_name.c_str(),
                 static_cast<socklen_t>(interface_name.size())) != 0) {
    return errno;
  }
  // Beyond the system's limit where we may, up to it otherwise.
  if (!set(fd, SOL_SOCKET, SO_RCVBUFFORCE, kBuffer)) set(fd, SOL_SOCKET, SO_RCVBUF, kBuffer);
  if (!set(fd, SOL_SOCKET, SO_SNDBUFFORCE, kBuffer)) set(fd, SOL_SOCKET, SO_SNDBUF, kBuffer);
  const int index = static_cast<int>(interface_.value);
  if (v4) {
    const ip_mreqn speak{.imr_multiaddr = {}, .imr_address = {}, .imr_ifindex = index};
    if (!set(fd, IPPROTO_IP, IP_MULTICAST_IF, speak) || !set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0) ||
        !set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0) || !set(fd, IPPROTO_IP, IP_TOS, kInternetworkControl)) {
      return errno;
    }
  } else if (!set(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, index) || !set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0) ||
             !set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1) || !set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) ||
             !set(fd, IPPROTO_IPV6, IPV6_TCLASS, kInternetworkControl)) {
    return errno;
  }
  return set_time_to_live(vrrp::kVrrpTtl, true);  // what nearly all want, so that no takeover has to
}

// Raw IPv4 sockets see the IP header, raw IPv6 sockets do not (raw(7), RFC 3542, 3). The VRID is the message's second
// byte.
int VrrpSocket::attach_filter(std::span<const std::uint8_t> vrids) {
  std::vector<sock_filter> program;
  if (family_ == Family::ipv4) {
    program.push_back(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0));  // X: length of the IP header
    program.push_back(BPF_STMT(BPF_LD | BPF_B | BPF_IND, 1));
  } else {
    program.push_back(BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 1));
  }
  for (const auto& [first, last] : ranges_of(vrids)) {
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first, 0, 2));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, last, 1, 0));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, 0xffff));
  }
  program.push_back(BPF_STMT(BPF_RET | BPF_K, 0));
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  return set(socket_.get(), SOL_SOCKET, SO_ATTACH_FILTER, filter) ? 0 : errno;
}

int VrrpSocket::join(const IpAddress& group) {
  const int index = static_cast<int>(interface_.value);
  if (family_ == Family::ipv4) {
    ip_mreqn request{.imr_multiaddr = {}, .imr_address = {}, .imr_ifindex = index};
    std::memcpy(&request.imr_multiaddr, group.bytes().data(), 4);
    if (set(socket_.get(), IPPROTO_IP, IP_ADD_MEMBERSHIP, request)) return 0;
  } else {
    ipv6_mreq request{.ipv6mr_multiaddr = {}, .ipv6mr_interface = interface_.value};
    std::memcpy(&request.ipv6mr_multiaddr, group.bytes().data(), 16);
    if (set(socket_.get(), IPPROTO_IPV6, IPV6_ADD_MEMBERSHIP, request)) return 0;
  }
  return errno == EADDRINUSE ? 0 : errno;  // several instances of one group
}

int VrrpSocket::set_time_to_live(std::uint8_t ttl, bool multicast) {
  std::uint8_t& known = multicast ? multicast_ttl_ : unicast_ttl_;
  if (known == ttl) return 0;
  const int value = ttl;
  const bool done = family_ == Family::ipv4
                        ? set(socket_.get(), IPPROTO_IP, multicast ? IP_MULTICAST_TTL : IP_TTL, value)
                        : set(socket_.get(), IPPROTO_IPV6, multicast ? IPV6_MULTICAST_HOPS : IPV6_UNICAST_HOPS, value);
  if (!done) return errno;
  known = ttl;
  return 0;
}

// ---------------------------------------------------------------- sending

void VrrpSocket::queue(const IpAddress& source, const IpAddress& destination, std::uint8_t ttl,
                       std::span<const std::uint8_t> message) {
  if (outgoing_size_ == outgoing_.size()) {
    outgoing_.emplace_back();
    outgoing_headers_.emplace_back();
  }
  Outgoing& slot = outgoing_[outgoing_size_];
  msghdr& header = outgoing_headers_[outgoing_size_++].msg_hdr;
  slot.ttl = ttl;
  slot.to_group = destination.is_multicast();
  slot.vector = {const_cast<std::uint8_t*>(message.data()), message.size()};
  header = {.msg_name = &slot.to,
            .msg_namelen = to_socket_address(destination, interface_, slot.to),
            .msg_iov = &slot.vector,
            .msg_iovlen = 1,
            .msg_control = slot.control.data(),
            .msg_controllen = slot.control.size(),
            .msg_flags = 0};
  if (family_ == Family::ipv4) {
    in_pktinfo info{};
    info.ipi_ifindex = static_cast<int>(interface_.value);
    std::memcpy(&info.ipi_spec_dst, source.bytes().data(), 4);
    add_control(header, IPPROTO_IP, IP_PKTINFO, info);
  } else {
    in6_pktinfo info{};
    info.ipi6_ifindex = interface_.value;
    std::memcpy(&info.ipi6_addr, source.bytes().data(), 16);
    add_control(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
  }
}

// The time to live is the socket's: a run of messages that share it goes out at once.
void VrrpSocket::flush(const std::function<void(std::size_t, const IpAddress&, int)>& refused) {
  const auto refuse = [&](std::size_t position, int error) {
    refused(position, from_socket_address(outgoing_[position].to), error);
  };
  for (std::size_t first = 0; first < outgoing_size_;) {
    const std::uint8_t ttl = outgoing_[first].ttl;
    const bool to_group = outgoing_[first].to_group;
    std::size_t end = first + 1;
    while (end < outgoing_size_ && end - first < kMostMessages && outgoing_[end].ttl == ttl &&
           outgoing_[end].to_group == to_group) {
      ++end;
    }
    const int error = set_time_to_live(ttl, to_group);
    const int sent = error != 0 ? -1
                                : sendmmsg(socket_.get(), &outgoing_headers_[first],
                                           static_cast<unsigned>(end - first), MSG_DONTWAIT);
    if (sent < 0 && error == 0 && errno == EINTR) continue;
    if (sent <= 0) {
      refuse(first, error != 0 ? error : errno);
      ++first;
    } else {
      first += static_cast<std::size_t>(sent);
    }
  }
  outgoing_size_ = 0;
}

// ---------------------------------------------------------------- receiving

int VrrpSocket::date_arrivals(Duration longest) {
  if (oldest_ == Duration{0} && !set(socket_.get(), SOL_SOCKET, SO_TIMESTAMPNS, 1)) return errno;
  oldest_ = longest;
  return 0;
}

// A batch that is not full has emptied the socket: no further call is needed to know.
namespace {

/// A raw socket yields the IP header, too. False: it is none.
bool read_ipv4(std::span<const std::uint8_t> packet, vrrp::Datagram& datagram) {
  if (packet.size() < sizeof(iphdr)) return false;
  const std::size_t header_size = std::size_t{packet[0] & 0x0fU} * 4;
  const std::size_t total = std::size_t{packet[2]} << 8U | packet[3];
  if (header_size < sizeof(iphdr) || packet.size() < header_size || total < header_size) return false;
  datagram.source = IpAddress::from_bytes(Family::ipv4, packet.subspan(12, 4));
  datagram.destination = IpAddress::from_bytes(Family::ipv4, packet.subspan(16, 4));
  datagram.ttl = packet[8];
  datagram.ip_payload_length = static_cast<std::uint16_t>(total - header_size);
  datagram.payload = packet.subspan(header_size);
  return true;
}

/// The kernel keeps the header to itself and tells what it said. False: it has not told all.
bool read_ipv6(msghdr& header, const in6_addr& source, std::span<const std::uint8_t> packet,
               vrrp::Datagram& datagram) {
  const auto info = control_of<in6_pktinfo>(header, IPPROTO_IPV6, IPV6_PKTINFO);
  const auto hops = control_of<int>(header, IPPROTO_IPV6, IPV6_HOPLIMIT);
  if (!info || !hops) return false;
  datagram.source = from_in6(source);
  datagram.destination = from_in6(info->ipi6_addr);
  datagram.ttl = static_cast<std::uint8_t>(*hops);
  datagram.ip_payload_length = static_cast<std::uint16_t>(packet.size());
  datagram.payload = packet;
  return true;
}

}  // namespace

VrrpSocket::Batch VrrpSocket::receive(Inbox& inbox) {
  const bool dated = oldest_ > Duration{0};
  // The source of an IPv4 datagram is in its header, which raw sockets see.
  inbox.prepare_for({.sender = family_ == Family::ipv6, .control = family_ == Family::ipv6 || dated});
  int count = 0;
  do {
    count = recvmmsg(socket_.get(), inbox.headers_.data(), Inbox::kBatch, MSG_DONTWAIT, nullptr);
  } while (count < 0 && errno == EINTR);
  if (count > 0 && dated) read_at_ = nanoseconds_of(CLOCK_REALTIME);
  std::size_t taken = 0;
  for (int i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    mmsghdr& header = inbox.headers_[at];
    const Inbox::Slot& slot = inbox.slots_[at];
    const std::size_t size = std::min<std::size_t>(header.msg_len, slot.bytes.size());
    const auto packet = std::span<const std::uint8_t>{slot.bytes}.first(size);
    vrrp::Datagram& datagram = inbox.datagrams_[taken];
    const bool whole = family_ == Family::ipv4 ? read_ipv4(packet, datagram)
                                               : read_ipv6(header.msg_hdr, slot.from.sin6_addr, packet, datagram);
    if (whole) {
      datagram.interface = interface_;
      datagram.age = dated ? age_of(header.msg_hdr) : Duration{0};
      ++taken;
    }
    inbox.prepare_again(header.msg_hdr);
  }
  return {std::span{inbox.datagrams_}.first(taken), count == static_cast<int>(Inbox::kBatch)};
}

void Inbox::prepare_for(Wants wants) {
  if (ready_for_ == wants) return;
  ready_for_ = wants;
  for (std::size_t i = 0; i < kBatch; ++i) prepare(i);
}

void Inbox::prepare(std::size_t position) {
  Slot& slot = slots_[position];
  slot.vector = {slot.bytes.data(), slot.bytes.size()};
  headers_[position].msg_hdr = {
      .msg_name = ready_for_->sender ? &slot.from : nullptr,
      .msg_namelen = ready_for_->sender ? static_cast<socklen_t>(sizeof slot.from) : 0,
      .msg_iov = &slot.vector,
      .msg_iovlen = 1,
      .msg_control = ready_for_->control ? slot.control.data() : nullptr,
      .msg_controllen = ready_for_->control ? slot.control.size() : 0,
      .msg_flags = 0};
}

// The kernel has written how much of the room it has used.
void Inbox::prepare_again(msghdr& header) const {
  if (ready_for_->sender) header.msg_namelen = sizeof(sockaddr_in6);
  if (ready_for_->control) header.msg_controllen = kControl;
  header.msg_flags = 0;
}

/// Whether it is a datagram; then all of `datagram` is filled.
// The wall clock may have been set meanwhile, and the process may have been stopped: neither makes a datagram older
// than we leave it lying on purpose.
Duration VrrpSocket::age_of(msghdr& header) const {
  const auto stamp = control_of<timespec>(header, SOL_SOCKET, SCM_TIMESTAMPNS);
  if (!stamp) return Duration{0};
  return std::clamp(Duration{read_at_ - (stamp->tv_sec * kSecond + stamp->tv_nsec)}, Duration{0}, oldest_);
}

}  // namespace vipdrift::linux_backend
