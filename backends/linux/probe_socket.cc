#include "backends/linux/probe_socket.h"

#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "backends/linux/socket_address.h"

namespace vipdrift::linux_backend {
namespace {

using check::Outcome;
using check::ProbeResult;

Outcome outcome_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return Outcome::refused;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EHOSTDOWN:
    case ENETDOWN:
    case ENONET:
      return Outcome::unreachable;
    case ETIMEDOUT:
      return Outcome::timed_out;
    case ECONNRESET:
    case EPIPE:
    case EPROTO:
      return Outcome::broken;
    default:
      return Outcome::failed;
  }
}

/// Fills `out` and returns its length.
socklen_t socket_address(const IpAddress& address, std::uint16_t port, const std::string& interface,
                         sockaddr_in6& out) {
  InterfaceId scope{};
  if (address.family() == Family::ipv6 && address.is_link_local()) scope.value = if_nametoindex(interface.c_str());
  const socklen_t size = to_socket_address(address, scope, out);
  out.sin6_port = htons(port);  // where sockaddr_in has it too
  return size;
}

template <class Value>
bool set(int socket, int level, int option, const Value& value) {
  return setsockopt(socket, level, option, &value, sizeof value) == 0;
}

ProbeProgress bind_to_address(const check::Connection& connection, int socket) {
  if (!connection.from_address && connection.from_port == 0) return std::nullopt;
  const int on = 1;
  // A port of one's own is needed when the connection is made, not now: then one port serves many servers.
  if (connection.from_port == 0) set(socket, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, on);
  if (connection.from_port != 0) set(socket, SOL_SOCKET, SO_REUSEADDR, on);
  IpAddress any = connection.address;
  if (any.family() == Family::ipv4) {
    any = IpAddress{};
  } else {
    any = IpAddress::v6({});
  }
  sockaddr_in6 from{};
  const socklen_t size =
      socket_address(connection.from_address.value_or(any), connection.from_port, connection.from_interface, from);
  if (bind(socket, reinterpret_cast<const sockaddr*>(&from), size) == 0) return std::nullopt;
  return probe_error("bindto", errno);
}

}  // namespace

ProbeResult probe_error(std::string_view doing, int error) {
  ProbeResult result;
  result.outcome = outcome_of(error);
  if (result.outcome == Outcome::failed) result.detail = std::string(doing) + ": " + std::strerror(error);
  return result;
}

ProbeProgress pending_probe_error(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error == 0) return std::nullopt;
  return probe_error("connect", error);
}

ProbeProgress open_probe_socket(const check::Connection& connection, int type, int protocol, FileDescriptor& socket) {
  const int family = connection.address.family() == Family::ipv4 ? AF_INET : AF_INET6;
  socket = FileDescriptor(::socket(family, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  const int fd = socket.get();
  if (fd < 0) return probe_error("socket", errno);
  if (type == SOCK_STREAM && !set(fd, SOL_SOCKET, SO_LINGER, linger{1, 0})) return probe_error("linger", errno);
  if (connection.fwmark != 0 && !set(fd, SOL_SOCKET, SO_MARK, connection.fwmark)) return probe_error("fwmark", errno);
  if (const std::string& name = connection.from_interface; !name.empty()) {
    const auto size = static_cast<socklen_t>(name.size() + 1);
    if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, name.c_str(), size) != 0) return probe_error("bind_if", errno);
  }
  return bind_to_address(connection, fd);
}

ProbeProgress connect_probe_socket(const check::Connection& connection, const FileDescriptor& socket) {
  sockaddr_in6 to{};
  const socklen_t size = socket_address(connection.address, connection.port, connection.from_interface, to);
  if (connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), size) == 0 || errno == EINPROGRESS) {
    return std::nullopt;
  }
  return probe_error("connect", errno);
}

}  // namespace vipdrift::linux_backend
