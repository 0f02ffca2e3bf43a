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

namespace vipdrift::netns {
namespace {

using scenarios::ServedPort;
using scenarios::ServiceProtocol;
using Clock = std::chrono::steady_clock;

/// Above every descriptor, which number the listening sockets.
constexpr std::uint64_t kFirstConnection = 1ULL << 32;
constexpr int kBacklog = 512;
constexpr std::size_t kLongestRequest = 65536;

bool is_stream(ServiceProtocol protocol) { return protocol != ServiceProtocol::udp; }

}  // namespace

Services::Services(std::string node, const NetworkNamespace& place, EventLoop& loop)
    : node_(std::move(node)), place_(place), loop_(loop), last_connection_(kFirstConnection) {
  poller_.attach(loop, [this](std::uint64_t number, std::uint32_t events) { on_ready(number, events); });
}

Services::Error Services::cannot_serve(const std::vector<ServedPort>& ports) {
  for (const ServedPort& port : ports) {
    if (port.protocol == ServiceProtocol::http || port.protocol == ServiceProtocol::tcp ||
        port.protocol == ServiceProtocol::udp) {
      continue;
    }
    return "port " + std::to_string(port.port) + " serves " + std::string{to_string(port.protocol)} +
           ", which machines do in the simulator only";
  }
  return std::nullopt;
}

Services::Error Services::serve(const std::vector<ServedPort>& ports) {
  for (const ServedPort& port : ports) {
    Service& service = services_[port.port];
    service.settings = port;
    if (Error error = open(service)) return error;
  }
  return std::nullopt;
}

Services::Error Services::open(Service& service) {
  if (!place_.enter()) return "the namespace of '" + node_ + "' cannot be entered";
  service.sockets.clear();
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
                                                  : answer_datagrams(socket.get());
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
    connections_.emplace(number, Connection{std::move(made), service.settings.port, {}, {}, false});
  }
}

void Services::answer_datagrams(int socket) const {
  const std::string text = node_ + "\n";
  for (;;) {
    std::array<char, 2048> bytes{};
    std::array<char, 256> control{};
    sockaddr_storage from{};
    iovec part{bytes.data(), bytes.size()};
    msghdr message{};
    message.msg_name = &from;
    message.msg_namelen = sizeof from;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    if (recvmsg(socket, &message, 0) < 0) return;
    // The same control data says where the answer comes from.
    std::string copy = text;
    part = {copy.data(), copy.size()};
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
}

void Services::read(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) return;
  Connection& connection = found->second;
  for (;;) {
    std::array<char, 4096> bytes{};
    const ssize_t size = recv(connection.socket.get(), bytes.data(), bytes.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (size <= 0 || connection.asked.size() > kLongestRequest) {
      connections_.erase(found);
      return;
    }
    connection.asked.append(bytes.data(), static_cast<std::size_t>(size));
  }
  const ServedPort& settings = services_[connection.port].settings;
  const bool web = settings.protocol == ServiceProtocol::http;
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
  const ServedPort& settings = services_[found->second.port].settings;
  found->second.answer += settings.protocol == ServiceProtocol::http ? page(settings) : body(settings);
  send(number);
}

void Services::send(std::uint64_t number) {
  const auto found = connections_.find(number);
  if (found == connections_.end() || frozen_) return;
  Connection& connection = found->second;
  const Duration drip = services_[connection.port].settings.drip;
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
    loop_.at(Clock::now() + pause, [this, number] { send(number); });
    return;
  }
  if (connection.closes) connections_.erase(found);
}

}  // namespace vipdrift::netns
