// Socket addresses of values.
#ifndef VIPDRIFT_BACKENDS_NETNS_ENDPOINT_H_
#define VIPDRIFT_BACKENDS_NETNS_ENDPOINT_H_

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <cstring>

#include "protocol/net/ip_address.h"

namespace vipdrift::netns {

struct Endpoint {
  sockaddr_storage storage{};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// `interface` is the number of the one that link-local addresses are behind.
inline Endpoint endpoint(const IpAddress& address, std::uint16_t port, unsigned interface) {
  Endpoint result;
  const auto bytes = address.bytes();
  if (address.family() == Family::ipv4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(port);
    std::memcpy(&v4.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&result.storage, &v4, sizeof v4);
    result.size = sizeof v4;
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(port);
    std::memcpy(&v6.sin6_addr, bytes.data(), bytes.size());
    if (address.is_link_local()) v6.sin6_scope_id = interface;
    std::memcpy(&result.storage, &v6, sizeof v6);
    result.size = sizeof v6;
  }
  return result;
}

inline int domain(const IpAddress& address) { return address.family() == Family::ipv4 ? AF_INET : AF_INET6; }

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_ENDPOINT_H_
