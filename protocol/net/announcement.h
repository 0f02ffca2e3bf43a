// The frames by which a new holder of an address tells everybody on the segment.
#ifndef VIPDRIFT_PROTOCOL_NET_ANNOUNCEMENT_H_
#define VIPDRIFT_PROTOCOL_NET_ANNOUNCEMENT_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift {

/// Ethernet header and ARP message, without padding (RFC 826).
inline constexpr std::size_t kGratuitousArpSize = 42;
/// Ethernet, IPv6 and ICMPv6 header, and the target link-layer address option (RFC 4861, 4.4).
inline constexpr std::size_t kUnsolicitedAdvertisementSize = 86;

/// As keepalived sends it: a broadcast request with sender = target = `address` and target MAC ff:ff:ff:ff:ff:ff.
/// `address` is IPv4.
std::array<std::uint8_t, kGratuitousArpSize> gratuitous_arp(const MacAddress& mac, const IpAddress& address);

/// To ff02::1 from `address` itself, hop limit 255, flags 0x20 (override only), as keepalived sends it. `address` is
/// IPv6.
std::array<std::uint8_t, kUnsolicitedAdvertisementSize> unsolicited_advertisement(const MacAddress& mac,
                                                                                  const IpAddress& address);

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_NET_ANNOUNCEMENT_H_
