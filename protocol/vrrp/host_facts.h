// What a director's kernel looks like when the stack starts, as far as VRRP cares.
#ifndef VIPDRIFT_PROTOCOL_VRRP_HOST_FACTS_H_
#define VIPDRIFT_PROTOCOL_VRRP_HOST_FACTS_H_

#include <string>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::vrrp {

struct InterfaceFacts {
  InterfaceId id;
  std::string name;
  MacAddress mac;
  bool up = true;  ///< administratively up and with carrier
  /// Primary address first; link-local IPv6 included. Leftover virtual addresses may be among them.
  std::vector<IpAddress> addresses;
  /// Those of them with a limited lifetime: a predecessor that died a moment ago held them. Addresses on a macvlan that
  /// an earlier daemon made above this interface are in both lists too.
  std::vector<IpAddress> leased = {};

  friend bool operator==(const InterfaceFacts&, const InterfaceFacts&) = default;
};

struct HostFacts {
  std::vector<InterfaceFacts> interfaces;
  bool detailed_log = false;  ///< keepalived -D

  friend bool operator==(const HostFacts&, const HostFacts&) = default;
};

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_HOST_FACTS_H_
