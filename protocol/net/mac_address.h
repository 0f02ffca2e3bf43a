// Ethernet addresses as values.
#ifndef VIPDRIFT_PROTOCOL_NET_MAC_ADDRESS_H_
#define VIPDRIFT_PROTOCOL_NET_MAC_ADDRESS_H_

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/net/ip_address.h"

namespace vipdrift {

struct MacAddress {
  std::array<std::uint8_t, 6> bytes{};

  /// Six hexadecimal pairs separated by ':'.
  static std::optional<MacAddress> parse(std::string_view text);
  std::string to_string() const;

  constexpr bool is_group() const { return (bytes[0] & 1U) != 0; }
  constexpr bool is_zero() const { return *this == MacAddress{}; }

  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;
  /// Word by word: asked several times for every frame that a kernel receives.
  friend constexpr bool operator==(const MacAddress& a, const MacAddress& b) {
    using Words = std::array<std::uint16_t, 3>;
    const auto x = std::bit_cast<Words>(a.bytes);
    const auto y = std::bit_cast<Words>(b.bytes);
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2])) == 0;
  }
};

inline constexpr MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// The virtual router MAC address: 00-00-5E-00-01-{VRID}, or 00-00-5E-00-02-{VRID} for IPv6 (RFC 9568, 7.3).
constexpr MacAddress virtual_router_mac(Family family, std::uint8_t vrid) {
  return {{0x00, 0x00, 0x5e, 0x00, static_cast<std::uint8_t>(family == Family::ipv4 ? 1 : 2), vrid}};
}

/// The Ethernet address of a multicast group: 01:00:5e + 23 bits (RFC 1112, 6.4), 33:33 + 32 bits (RFC 2464, 7).
MacAddress multicast_mac(const IpAddress& group);

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_NET_MAC_ADDRESS_H_
