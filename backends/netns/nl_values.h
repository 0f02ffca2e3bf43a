// libnl's values as ours, and its objects with owners.
#ifndef VIPDRIFT_BACKENDS_NETNS_NL_VALUES_H_
#define VIPDRIFT_BACKENDS_NETNS_NL_VALUES_H_

#include <netlink/addr.h>
#include <netlink/cache.h>
#include <netlink/route/addr.h>
#include <netlink/route/link.h>
#include <netlink/route/neighbour.h>
#include <netlink/route/route.h>
#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::netns {

struct PutObject {
  void operator()(nl_addr* it) const { nl_addr_put(it); }
  void operator()(rtnl_addr* it) const { rtnl_addr_put(it); }
  void operator()(rtnl_link* it) const { rtnl_link_put(it); }
  void operator()(rtnl_neigh* it) const { rtnl_neigh_put(it); }
  void operator()(rtnl_route* it) const { rtnl_route_put(it); }
  void operator()(nl_cache* it) const { nl_cache_free(it); }
};
template <class T>
using Owned = std::unique_ptr<T, PutObject>;

inline std::optional<IpAddress> from_nl(nl_addr* address) {
  if (address == nullptr) return std::nullopt;
  const auto* bytes = static_cast<const std::uint8_t*>(nl_addr_get_binary_addr(address));
  if (nl_addr_get_family(address) == AF_INET) return IpAddress::from_bytes(Family::ipv4, {bytes, 4});
  if (nl_addr_get_family(address) == AF_INET6) return IpAddress::from_bytes(Family::ipv6, {bytes, 16});
  return std::nullopt;
}

inline std::optional<MacAddress> mac_from_nl(nl_addr* address) {
  MacAddress mac;
  if (address == nullptr || nl_addr_get_len(address) != mac.bytes.size()) return std::nullopt;
  const auto* bytes = static_cast<const std::uint8_t*>(nl_addr_get_binary_addr(address));
  for (std::size_t i = 0; i < mac.bytes.size(); ++i) mac.bytes[i] = bytes[i];
  return mac;
}

inline Owned<nl_addr> to_nl(const IpPrefix& prefix) {
  const auto bytes = prefix.address.bytes();
  Owned<nl_addr> address(
      nl_addr_build(prefix.address.family() == Family::ipv4 ? AF_INET : AF_INET6, bytes.data(), bytes.size()));
  nl_addr_set_prefixlen(address.get(), prefix.length);
  return address;
}

inline Owned<nl_addr> to_nl(const MacAddress& mac) {
  return Owned<nl_addr>(nl_addr_build(AF_LLC, mac.bytes.data(), mac.bytes.size()));
}

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_NL_VALUES_H_
