// Interfaces, bridges, addresses and neighbours of one network namespace (rtnetlink(7), through libnl).
#ifndef VIPDRIFT_BACKENDS_NETNS_LINKS_H_
#define VIPDRIFT_BACKENDS_NETNS_LINKS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

struct nl_sock;

namespace vipdrift::netns {

/// The address alone: /32 or /128.
inline IpPrefix host_prefix(const IpAddress& address) {
  return {address, static_cast<std::uint8_t>(address_size(address.family()) * 8)};
}

/// What it takes to change a namespace, from any thread's namespace. Errors are sentences.
class Links {
 public:
  using Error = std::optional<std::string>;

  /// Belongs to the namespace in which the thread is now.
  Links();
  bool good() const { return socket_ != nullptr; }

  /// A learning switch without spanning tree and without multicast snooping, up.
  Error add_bridge(const std::string& name);
  /// A cable: `name` here, `far_name` in the namespace open as `far_namespace`.
  Error add_cable(const std::string& name, const std::string& far_name, int far_namespace, const MacAddress& far_mac);
  Error plug_into(const std::string& bridge, const std::string& name);
  Error set_link(const std::string& name, bool up);
  /// A cable goes with both ends.
  Error remove_link(const std::string& name);
  /// An address that is there is no error.
  Error add_address(const std::string& interface, const IpPrefix& address);
  Error remove_address(const std::string& interface, const IpPrefix& address);
  /// Through whichever interface has a network that `gateway` is in.
  Error add_default_route(const IpAddress& gateway, const std::string& interface);
  Error flush_neighbours();

 private:
  struct CloseSocket {
    void operator()(nl_sock* socket) const;
  };
  std::unique_ptr<nl_sock, CloseSocket> socket_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_LINKS_H_
