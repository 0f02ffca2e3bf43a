// Between our addresses and the kernel's.
#ifndef VIPDRIFT_BACKENDS_LINUX_SOCKET_ADDRESS_H_
#define VIPDRIFT_BACKENDS_LINUX_SOCKET_ADDRESS_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>
#include <span>

#include "protocol/base/strong_id.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::linux_backend {

inline IpAddress from_in6(const in6_addr& address) {
  return IpAddress::from_bytes(Family::ipv6, std::span<const std::uint8_t>{address.s6_addr, 16});
}

/// Of AF_INET6, or in truth a sockaddr_in.
inline IpAddress from_socket_address(const sockaddr_in6& address) {
  if (address.sin6_family == AF_INET6) return from_in6(address.sin6_addr);
  sockaddr_in v4{};
  std::memcpy(&v4, &address, sizeof v4);
  std::array<std::uint8_t, 4> bytes{};
  std::memcpy(bytes.data(), &v4.sin_addr, bytes.size());
  return IpAddress::from_bytes(Family::ipv4, bytes);
}

/// Fills `out`, for IPv4 with a sockaddr_in, without a port; link-local destinations are on `interface`. Returns its
/// length.
inline socklen_t to_socket_address(const IpAddress& address, InterfaceId interface, sockaddr_in6& out) {
  if (address.family() == Family::ipv4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.bytes().data(), 4);
    std::memcpy(&out, &v4, sizeof v4);
    return sizeof v4;
  }
  out = {};
  out.sin6_family = AF_INET6;
  std::memcpy(&out.sin6_addr, address.bytes().data(), 16);
  out.sin6_scope_id = interface.value;
  return sizeof out;
}

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SOCKET_ADDRESS_H_
