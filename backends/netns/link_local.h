// The address that an interface makes for itself.
#ifndef VIPDRIFT_BACKENDS_NETNS_LINK_LOCAL_H_
#define VIPDRIFT_BACKENDS_NETNS_LINK_LOCAL_H_

#include <array>
#include <cstdint>

#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::netns {

/// RFC 4291, appendix A.
inline IpAddress link_local_of(const MacAddress& mac) {
  const std::array<std::uint8_t, 16> bytes{
      0xfe, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(mac.bytes[0] ^ 0x02), mac.bytes[1], mac.bytes[2],
      0xff, 0xfe, mac.bytes[3], mac.bytes[4], mac.bytes[5]};
  return IpAddress::v6(bytes);
}

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_LINK_LOCAL_H_
