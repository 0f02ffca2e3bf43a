#include "backends/linux/datagram_probes.h"

#include <fmt/format.h>
#include <linux/icmp.h>
#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <sys/random.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "protocol/net/internet_checksum.h"

namespace vipdrift::linux_backend {
namespace {

using check::Outcome;
using check::ProbeResult;

constexpr std::size_t kDnsHeader = 12;
constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestName = 255;
constexpr std::uint16_t kRecursionDesired = 0x0100;
constexpr std::uint8_t kIsAnswer = 0x80;
constexpr std::uint8_t kErrorCode = 0x0f;
constexpr std::uint16_t kInternetClass = 1;
constexpr std::size_t kEchoHeader = 8;
constexpr std::size_t kEchoSize = 64;

ProbeResult ended(Outcome outcome, int code = 0, std::string detail = {}) {
  ProbeResult result;
  result.outcome = outcome;
  result.code = code;
  result.detail = std::move(detail);
  return result;
}

/// Not to be guessed by whoever may forge an answer.
std::uint16_t unpredictable() {
  std::uint16_t number = 0;
  [[maybe_unused]] const ssize_t size = getrandom(&number, sizeof number, 0);
  return number;
}

void put16(std::vector<std::uint8_t>& out, std::uint16_t value) {
  out.push_back(static_cast<std::uint8_t>(value >> 8U));
  out.push_back(static_cast<std::uint8_t>(value & 0xffU));
}

std::uint16_t get16(std::span<const std::uint8_t> bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8U | bytes[at + 1]);
}

/// Errors that routers and the server send become errors of the socket, all of them.
void hear_icmp_errors(const check::Connection& connection, int socket) {
  const int on = 1;
  if (connection.address.family() == Family::ipv4) {
    setsockopt(socket, IPPROTO_IP, IP_RECVERR, &on, sizeof on);
  } else {
    setsockopt(socket, IPPROTO_IPV6, IPV6_RECVERR, &on, sizeof on);
  }
}

ProbeProgress send_datagram(const FileDescriptor& socket, std::span<const std::uint8_t> bytes) {
  if (::send(socket.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) >= 0) return std::nullopt;
  return probe_error("send", errno);
}

/// Calls `take(datagram)` for each that waits, until it has a result.
template <class Take>
ProbeProgress receive_datagrams(const FileDescriptor& socket, std::span<char> room, Take take) {
  for (;;) {
    const ssize_t size = recv(socket.get(), room.data(), room.size(), 0);
    if (size < 0) {
      if (errno == EAGAIN || errno == EINTR) return std::nullopt;
      return probe_error("receive", errno);
    }
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(room.data());
    if (ProbeProgress result = take(std::span(bytes, static_cast<std::size_t>(size)))) return result;
  }
}

ProbeProgress open_connected(const check::Connection& connection, FileDescriptor& socket) {
  if (auto failed = open_probe_socket(connection, SOCK_DGRAM, 0, socket)) return failed;
  hear_icmp_errors(connection, socket.get());
  return connect_probe_socket(connection, socket);
}

}  // namespace

// ---------------------------------------------------------------- UDP

ProbeProgress UdpRun::begin(ProbeTools& /*tools*/) {
  constexpr std::array<std::uint8_t, 8> kSomething{'v', 'i', 'p', 'd', 'r', 'i', 'f', 't'};
  if (auto failed = open_connected(probe_.connection, socket_)) return failed;
  if (probe_.payload.empty()) return send_datagram(socket_, kSomething);
  return send_datagram(socket_, probe_.payload);
}

// Whoever answers is alive, even when no reply is asked for.
ProbeProgress UdpRun::on_ready(std::uint32_t /*events*/, ProbeTools& tools) {
  return receive_datagrams(socket_, tools.room, [this](std::span<const std::uint8_t> reply) -> ProbeProgress {
    return probe_.wants_reply ? judged(reply) : ended(Outcome::answered);
  });
}

ProbeResult UdpRun::judged(std::span<const std::uint8_t> reply) const {
  if (reply.size() < probe_.min_reply || reply.size() > probe_.max_reply) {
    return ended(Outcome::broken, 0,
                 fmt::format("a reply of {} bytes, not {} to {}", reply.size(), probe_.min_reply, probe_.max_reply));
  }
  for (std::size_t digit = 0; digit < std::min(probe_.reply.size(), 2 * reply.size()); ++digit) {
    const auto is = static_cast<std::uint8_t>(digit % 2 == 0 ? reply[digit / 2] >> 4U : reply[digit / 2] & 0xfU);
    if (probe_.reply[digit] && *probe_.reply[digit] != is) {
      return ended(Outcome::broken, 0, fmt::format("the reply differs in byte {}", digit / 2));
    }
  }
  return ended(Outcome::answered);
}

ProbeResult UdpRun::on_time_out() const {
  return ended(probe_.wants_reply ? Outcome::timed_out : Outcome::answered);
}

// ---------------------------------------------------------------- DNS

std::optional<std::vector<std::uint8_t>> dns_query(std::uint16_t id, const std::string& name, std::uint16_t type) {
  std::vector<std::uint8_t> query;
  for (const std::uint16_t word : {id, kRecursionDesired, std::uint16_t{1}, std::uint16_t{0}, std::uint16_t{0},
                                   std::uint16_t{0}}) {
    put16(query, word);
  }
  std::string_view left = name;
  if (left.ends_with('.')) left.remove_suffix(1);
  while (!left.empty()) {
    const std::string_view label = left.substr(0, left.find('.'));
    if (label.empty() || label.size() > kLongestLabel) return std::nullopt;
    query.push_back(static_cast<std::uint8_t>(label.size()));
    query.insert(query.end(), label.begin(), label.end());
    left.remove_prefix(std::min(left.size(), label.size() + 1));
  }
  query.push_back(0);
  if (query.size() - kDnsHeader > kLongestName) return std::nullopt;
  put16(query, type);
  put16(query, kInternetClass);
  return query;
}

std::optional<int> dns_answer_code(std::span<const std::uint8_t> message, std::uint16_t id) {
  if (message.size() < kDnsHeader || get16(message, 0) != id || (message[2] & kIsAnswer) == 0) return std::nullopt;
  return message[3] & kErrorCode;
}

ProbeProgress DnsRun::begin(ProbeTools& /*tools*/) {
  id_ = unpredictable();
  const auto query = dns_query(id_, probe_.name, probe_.type);
  if (!query) return ended(Outcome::failed, 0, "'" + probe_.name + "' is no domain name");
  if (auto failed = open_connected(probe_.connection, socket_)) return failed;
  return send_datagram(socket_, *query);
}

ProbeProgress DnsRun::on_ready(std::uint32_t /*events*/, ProbeTools& tools) {
  return receive_datagrams(socket_, tools.room, [this](std::span<const std::uint8_t> message) -> ProbeProgress {
    const auto code = dns_answer_code(message, id_);
    return code ? ProbeProgress(ended(Outcome::answered, *code)) : std::nullopt;
  });
}

ProbeResult DnsRun::on_time_out() const { return ended(Outcome::timed_out); }

// ---------------------------------------------------------------- ICMP echo

ProbeProgress PingRun::open() {
  const bool ipv4 = probe_.connection.address.family() == Family::ipv4;
  const int protocol = ipv4 ? static_cast<int>(IPPROTO_ICMP) : static_cast<int>(IPPROTO_ICMPV6);
  ProbeProgress failed = open_probe_socket(probe_.connection, SOCK_DGRAM, protocol, socket_);
  if (!failed || socket_) return failed;
  raw_ = true;
  failed = open_probe_socket(probe_.connection, SOCK_RAW, protocol, socket_);
  if (failed) return failed;
  if (ipv4) {
    const icmp_filter only{~(1U << ICMP_ECHOREPLY)};
    setsockopt(socket_.get(), SOL_RAW, ICMP_FILTER, &only, sizeof only);
  } else {
    icmp6_filter only{};
    ICMP6_FILTER_SETBLOCKALL(&only);
    ICMP6_FILTER_SETPASS(ICMP6_ECHO_REPLY, &only);
    setsockopt(socket_.get(), IPPROTO_ICMPV6, ICMP6_FILTER, &only, sizeof only);
  }
  return std::nullopt;
}

ProbeProgress PingRun::begin(ProbeTools& /*tools*/) {
  if (auto failed = open()) return failed;
  hear_icmp_errors(probe_.connection, socket_.get());
  check::Connection to = probe_.connection;
  to.port = 0;
  if (auto failed = connect_probe_socket(to, socket_)) return failed;
  id_ = unpredictable();
  sequence_ = unpredictable();
  const bool ipv4 = to.address.family() == Family::ipv4;
  std::array<std::uint8_t, kEchoSize> request{};
  request[0] = ipv4 ? ICMP_ECHO : ICMP6_ECHO_REQUEST;
  const auto put = [&request](std::size_t at, std::uint16_t value) {
    request[at] = static_cast<std::uint8_t>(value >> 8U);
    request[at + 1] = static_cast<std::uint8_t>(value & 0xffU);
  };
  put(4, id_);
  put(6, sequence_);
  if (ipv4) put(2, finish_checksum(internet_sum(request)));  // the kernel knows the pseudo-header of ICMPv6
  return send_datagram(socket_, request);
}

// A socket for echo hears its own replies alone; the kernel has chosen their id.
bool PingRun::is_the_reply(std::span<const std::uint8_t> datagram) const {
  const bool ipv4 = probe_.connection.address.family() == Family::ipv4;
  if (raw_ && ipv4) {
    if (datagram.empty()) return false;
    datagram = datagram.subspan(std::min<std::size_t>(datagram.size(), (datagram[0] & 0xfU) * std::size_t{4}));
  }
  if (datagram.size() < kEchoHeader || datagram[0] != (ipv4 ? ICMP_ECHOREPLY : ICMP6_ECHO_REPLY)) return false;
  return get16(datagram, 6) == sequence_ && (!raw_ || get16(datagram, 4) == id_);
}

ProbeProgress PingRun::on_ready(std::uint32_t /*events*/, ProbeTools& tools) {
  return receive_datagrams(socket_, tools.room, [this](std::span<const std::uint8_t> datagram) -> ProbeProgress {
    return is_the_reply(datagram) ? ProbeProgress(ended(Outcome::answered)) : std::nullopt;
  });
}

ProbeResult PingRun::on_time_out() const { return ended(Outcome::timed_out); }

}  // namespace vipdrift::linux_backend
