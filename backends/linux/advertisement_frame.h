// Whole Ethernet frames of advertisements: those that a virtual router's own MAC address sends.
#ifndef VIPDRIFT_BACKENDS_LINUX_ADVERTISEMENT_FRAME_H_
#define VIPDRIFT_BACKENDS_LINUX_ADVERTISEMENT_FRAME_H_

#include <cstdint>
#include <span>
#include <vector>

#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::linux_backend {

/// Ethernet and IP header around one VRRP message (RFC 9568, 5.1 and 7.3): protocol 112, TOS or traffic class 0xc0, no
/// options, fragments allowed as keepalived does.
struct AdvertisementFrame {
  MacAddress mac;    ///< whom it is from
  IpAddress source;  ///< same family as `group`
  IpAddress group;   ///< multicast
  std::uint8_t ttl = 255;
  std::uint16_t identification = 0;  ///< of the IPv4 header
};

/// Writes the frame to `out`, which is emptied first and keeps its memory.
void write_frame(const AdvertisementFrame& frame, std::span<const std::uint8_t> message,
                 std::vector<std::uint8_t>& out);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_ADVERTISEMENT_FRAME_H_
