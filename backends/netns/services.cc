#include "backends/netns/services.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "backends/netns/endpoint.h"
#include "scenarios/service_answers.h"

namespace vipdrift::netns {
namespace {

using scenarios::ServedPort;
using scenarios::ServiceProtocol;
using Clock = std::chrono::steady_clock;

/// Above every descriptor, which number the listening sockets.
constexpr std::uint64_t kFirstConnection = 1ULL << 32;
constexpr int kBacklog = 512;
constexpr std::size_t kLongestRequest = 65536;

bool is_stream(ServiceProtocol protocol) {
  return protocol != ServiceProtocol::udp && protocol != ServiceProtocol::dns;
}

bool is_page(ServiceProtocol protocol) {
  return protocol == ServiceProtocol::http || protocol == ServiceProtocol::https;
}

/// The other end of a connection.
IpAddress peer_of(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (getpeername(socket, reinterpret_cast<sockaddr*>(&storage), &size) != 0) return {};
  if (storage.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &storage, sizeof v4);
    return IpAddress::from_bytes(Family::ipv4, {reinterpret_cast<const std::uint8_t*>(&v4.sin_addr), 4});
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &storage, sizeof v6);
  return IpAddress::from_bytes(Family::ipv6, {reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr), 16});
}

}  // namespace

Services::Services(std::string node, const NetworkNamespace& place, EventLoop& loop)
    : node_(std::move(node)), place_(place), loop_(loop), last_connection_(kFirstConnection) {
  poller_.attach(loop, [this](std::uint64_t number, std::uint32_t events) { on_ready(number, events); });
}

Services::Error Services::serve(const std::vector<ServedPort>& ports) {
  for (const ServedPort& port : ports) {
    Service& service = services_[port.port];
    service.settings = port;
    if (port.protocol == ServiceProtocol::https && !identity_) {
      std::string error;
      identity_ = TlsIdentity::of_server(node_, error);
      if (!identity_) return error;
    }
    if (Error error = open(service)) return error;
  }
  return std::nullopt;
}

Services::Error Services::open(Service& service) {
  if (!place_.enter()) return "the namespace of '" + node_ + "' cannot be entered";
  service.sockets.clear();
  ++service.opened;
  if (Error error = listen_on(service, AF_INET)) return error;
  return listen_on(service, AF_INET6);
}

Services::Error Services::listen_on(Service& service, int family) {
  const bool stream = is_stream(service.settings.protocol);
  Descriptor made(socket(family, (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const IpAddress any = family == AF_INET ? IpAddress{} : IpAddress::v6({});
  const Endpoint here = endpoint(any, service.settings.port, 0);
  if (family == AF_INET6) setsockopt(made.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  // A datagram is answered from the address that it was sent to.
  if (!stream && family == AF_INET) setsockopt(made.get(), IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
  if (!stream && family == AF_INET6) setsockopt(made.get(), IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
  if (!made || bind(made.get(), here.get(), here.size) != 0 || (stream && listen(made.get(), kBacklog) != 0)) {
    return "'" + node_ + "' cannot serve port " + std::to_string(service.settings.port) + ": " + std::strerror(errno);
  }
  poller_.watch(made.get(), static_cast<std::uint64_t>(made.get()), EPOLLIN);
  service.sockets.push_back(std::move(made));
  return std::nullopt;
}

// ---------------------------------------------------------------- steps

Services::Error Services::stop(std::uint16_t port) {
  const auto service = services_.find(port);
  if (service == services_.end()) return "'" + node_ + "' serves no port " + std::to_string(port);
  service->second.serves = false;
  service->second.sockets.clear();
  std::erase_if(connections_, [port](const auto& entry) { return entry.second.port == port; });
  return std::nullopt;
}

Services::Error Services::start(std::uint16_t port) {
  const auto service = services_.find(port);
  if (service == services_.end()) return "'" + node_ + "' serves no port " + std::to_string(port);
  if (service->second.serves) return std::nullopt;
  service->second.serves = true;
  return powered_ ? open(service->second) : std::nullopt;
}

Services::Error Services::set(const scenarios::SetService& step) {
  const auto service = services_.find(step.port);
  if (service == services_.end()) return "'" + node_ + "' serves no port " + std::to_string(step.port);
  ServedPort& settings = service->second.settings;
  settings.status = step.status.value_or(settings.status);
  settings.delay = step.delay.value_or(settings.delay);
  settings.drip = step.drip.value_or(settings.drip);
  settings.body = step.body.value_or(settings.body);
  return std::nullopt;
}

void Services::set_frozen(bool frozen) {
  frozen_ = frozen;
  for (auto& [port, service] : services_) {
    for (const Descriptor& socket : service.sockets) {
      poller_.watch(socket.get(), static_cast<std::uint64_t>(socket.get()), frozen ? 0U : EPOLLIN);
    }
  }
  for (auto& [number, connection] : connections_) {
    poller_.watch(connection.socket.get(), number, frozen ? 0U : EPOLLIN);
    if (!frozen && !connection.answer.empty()) send(number);
  }
}

Services::Error Services::set_powered(bool powered) {
  powered_ = powered;
  connections_.clear();
  for (auto& [port, service] : services_) {
    service.sockets.clear();
    if (!powered || !service.serves) continue;
    if (Error error = open(service)) return error;
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- serving

void Services::on_ready(std::uint64_t number, std::uint32_t) {
  if (frozen_) return;
  if (number >= kFirstConnection) return read(number);
  for (auto& [port, service] : services_) {
    for (const Descriptor& socket : service.sockets) {
      if (static_cast<std::uint64_t>(socket.get()) != number) continue;
      return is_stream(service.settings.protocol) ? accept_from(socket.get(), service)
                                                  : answer_datagrams(socket.get(), service);
    }
  }
}

void Services::accept_from(int socket, const Service& service) {
  for (;;) {
    Descriptor made(accept4(socket, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!made) return;
    const int on = 1;
    setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const std::uint64_t number = ++last_connection_;
    poller_.watch(made.get(), number, EPOLLIN);
    const ServedPort& settings = service.settings;
    const IpAddress peer = peer_of(made.get());
    Connection& connection = connections_[number];
    connection.socket = std::move(made);
    connection.port = settings.port;
    if (settings.protocol == ServiceProtocol::https) connection.tls = std::make_unique<TlsSession>(identity_);
    if (settings.protocol != ServiceProtocol::smtp) continue;
    connection.smtp = std::make_unique<SmtpDialogue>(
        scenarios::smtp_greeting(settings, node_), [this, peer](const std::string& subject) {
          if (mail_sink_) mail_sink_(peer, subject);
        });
    if (settings.delay == Duration::zero()) {
      greet(number);
    } else {
      loop_.at(Clock::now() + settings.delay, [this, number] { greet(number); });
    }
  }
}

void Services::greet(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  found->second.answers = true;
  found->second.answer += scenarios::smtp_greeting(services_[found->second.port].settings, node_);
  send(number);
  hear(number);
}

void Services::answer_datagrams(int socket, const Service& service) {
  for (;;) {
    std::array<char, 2048> bytes{};
    Asked asked;
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_name = &asked.from;
    message.msg_namelen = sizeof asked.from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = asked.control.data();
    message.msg_controllen = asked.control.size();
    const ssize_t size = recvmsg(socket, &message, 0);
    if (size < 0) return;
    asked.from_size = message.msg_namelen;
    asked.control_size = message.msg_controllen;
    const std::string_view query{bytes.data(), static_cast<std::size_t>(size)};
    const std::string text = scenarios::datagram_answer(service.settings, node_, query);
    if (text.empty()) continue;
    if (service.settings.delay == Duration::zero()) {
      answer(socket, asked, text);
      continue;
    }
    const std::uint16_t port = service.settings.port;
    const std::uint64_t opened = service.opened;
    loop_.at(Clock::now() + service.settings.delay, [this, socket, port, opened, asked, text]() mutable {
      const Service& now = services_[port];
      const bool same = now.opened == opened && !now.sockets.empty();
      if (same && !frozen_) answer(socket, asked, text);
    });
  }
}

// The control data that came says where the answer comes from.
void Services::answer(int socket, Asked& asked, std::string text) {
  iovec part{text.data(), text.size()};
  msghdr message{};
  message.msg_name = &asked.from;
  message.msg_namelen = asked.from_size;
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = asked.control.data();
  message.msg_controllen = asked.control_size;
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != IPPROTO_IP || header->cmsg_type != IP_PKTINFO) continue;
    in_pktinfo info{};
    std::memcpy(&info, CMSG_DATA(header), sizeof info);
    info.ipi_spec_dst = info.ipi_addr;
    info.ipi_ifindex = 0;
    std::memcpy(CMSG_DATA(header), &info, sizeof info);
  }
  sendmsg(socket, &message, 0);
}

void Services::read(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  std::string wire;
  for (;;) {
    std::array<char, 4096> bytes{};
    const ssize_t size = recv(connection.socket.get(), bytes.data(), bytes.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (size <= 0 || connection.asked.size() + wire.size() > kLongestRequest) {
      connections_.erase(found);
      return;
    }
    wire.append(bytes.data(), static_cast<std::size_t>(size));
  }
  if (connection.tls) {
    const std::optional<std::string> said = connection.tls->take(wire);
    connection.answer += connection.tls->wire();
    if (!said) {
      connections_.erase(found);
      return;
    }
    wire = *said;
  }
  connection.asked += wire;
  if (!connection.answer.empty()) send(number);
  hear(number);
}

/// What was asked, when it is complete.
void Services::hear(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  const ServedPort& settings = services_[connection.port].settings;
  if (connection.smtp) {
    if (!connection.answers) return;  // who speaks before the greeting is heard after it
    for (std::size_t end = connection.asked.find('\n'); end != std::string::npos && !connection.closes;
         end = connection.asked.find('\n')) {
      connection.answer += connection.smtp->on_line(std::string_view{connection.asked}.substr(0, end));
      connection.asked.erase(0, end + 1);
      connection.closes = connection.smtp->closes();
    }
    return send(number);
  }
  const bool web = is_page(settings.protocol);
  const std::string_view end = web ? "\r\n\r\n" : "\n";
  if (connection.closes || connection.asked.find(end) == std::string::npos) return;
  connection.asked.clear();
  connection.closes = web;
  if (settings.delay == Duration::zero()) return begin_answer(number);
  loop_.at(Clock::now() + settings.delay, [this, number] { begin_answer(number); });
}

std::string Services::body(const ServedPort& settings) const {
  return settings.body.empty() ? node_ + "\n" : settings.body;
}

std::string Services::page(const ServedPort& settings) const {
  const std::string text = body(settings);
  return "HTTP/1.1 " + std::to_string(settings.status) + (settings.status < 400 ? " OK" : " Error") +
         "\r\nServer: " + node_ + "\r\nContent-Type: text/plain\r\nContent-Length: " + std::to_string(text.size()) +
         "\r\nConnection: close\r\n\r\n" + text;
}

void Services::begin_answer(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  const ServedPort& settings = services_[connection.port].settings;
  connection.answers = true;
  const std::string text = is_page(settings.protocol) ? page(settings) : body(settings);
  if (connection.tls) {
    connection.tls->say(text, true);
    connection.answer += connection.tls->wire();
  } else {
    connection.answer += text;
  }
  send(number);
}

void Services::send(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end() || frozen_ || found->second.sends) return;
  Connection& connection = found->second;
  const Duration drip = connection.answers ? services_[connection.port].settings.drip : Duration::zero();
  while (!connection.answer.empty()) {
    const std::size_t most = drip == Duration::zero() ? connection.answer.size() : 1;
    const ssize_t sent = ::send(connection.socket.get(), connection.answer.data(), most, MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) {
      connections_.erase(found);
      return;
    }
    if (sent > 0) connection.answer.erase(0, static_cast<std::size_t>(sent));
    if (drip == Duration::zero() && sent > 0) continue;
    if (connection.answer.empty()) break;
    const Duration pause = drip == Duration::zero() ? Duration{std::chrono::milliseconds{5}} : drip;
    connection.sends = true;
    loop_.at(Clock::now() + pause, [this, number] { send_on(number); });
    return;
  }
  if (connection.closes && connection.answers) connections_.erase(found);
}

void Services::send_on(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  found->second.sends = false;
  send(number);
}

}  // namespace vipdrift::netns
