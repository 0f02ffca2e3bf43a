// IPv4 and IPv6 addresses as values.
#ifndef VIPDRIFT_PROTOCOL_NET_IP_ADDRESS_H_
#define VIPDRIFT_PROTOCOL_NET_IP_ADDRESS_H_

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace vipdrift {

enum class Family : std::uint8_t { ipv4, ipv6 };

/// Bytes of one address on the wire: 4 or 16.
constexpr std::size_t address_size(Family family) { return family == Family::ipv4 ? 4 : 16; }

/// An IPv4 or IPv6 address in network byte order. Default: 0.0.0.0 ("none").
/// Order: IPv4 before IPv6, then numeric, which is the order of the VRRP tie-break (RFC 9568, 6.4.3).
class IpAddress {
 public:
  constexpr IpAddress() = default;

  static constexpr IpAddress v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d) {
    IpAddress address;
    address.bytes_[0] = a;
    address.bytes_[1] = b;
    address.bytes_[2] = c;
    address.bytes_[3] = d;
    return address;
  }
  static constexpr IpAddress v6(const std::array<std::uint8_t, 16>& bytes) {
    IpAddress address;
    address.family_ = Family::ipv6;
    address.bytes_ = bytes;
    return address;
  }
  /// `bytes` holds at least address_size(family) bytes in network order.
  static constexpr IpAddress from_bytes(Family family, std::span<const std::uint8_t> bytes) {
    IpAddress address;
    address.family_ = family;
    if (family == Family::ipv4) {
      std::copy_n(bytes.begin(), 4, address.bytes_.begin());
    } else {
      std::copy_n(bytes.begin(), 16, address.bytes_.begin());
    }
    return address;
  }

  /// Dotted quad (no octal, no short forms) or RFC 4291 text, with "::" and an embedded dotted quad.
  /// No prefix length, no zone. nullopt when the text is anything else.
  static std::optional<IpAddress> parse(std::string_view text);

  constexpr Family family() const { return family_; }
  /// 4 or 16 bytes, network order; valid while the address lives.
  std::span<const std::uint8_t> bytes() const { return {bytes_.data(), address_size(family_)}; }

  /// All bytes zero: 0.0.0.0 or "::".
  constexpr bool is_unspecified() const { return halves() == Halves{}; }
  /// 224.0.0.0/4 or ff00::/8.
  constexpr bool is_multicast() const {
    return family_ == Family::ipv4 ? (bytes_[0] & 0xf0U) == 0xe0U : bytes_[0] == 0xffU;
  }
  /// 169.254.0.0/16 or fe80::/10.
  constexpr bool is_link_local() const {
    if (family_ == Family::ipv4) return bytes_[0] == 169 && bytes_[1] == 254;
    return bytes_[0] == 0xfeU && (bytes_[1] & 0xc0U) == 0x80U;
  }

  /// Dotted quad, or IPv6 in the form of RFC 5952.
  std::string to_string() const;

  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;
  friend constexpr bool operator==(const IpAddress& a, const IpAddress& b) {
    return a.family_ == b.family_ && a.halves() == b.halves();
  }

 private:
  /// The bytes as two words: equality is asked for every frame that a kernel receives.
  struct Halves {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    friend constexpr bool operator==(const Halves& a, const Halves& b) {
      return ((a.first ^ b.first) | (a.second ^ b.second)) == 0;
    }
  };
  constexpr Halves halves() const { return std::bit_cast<Halves>(bytes_); }

  Family family_ = Family::ipv4;
  std::array<std::uint8_t, 16> bytes_{};
};

/// 224.0.0.18, the group of VRRP over IPv4 (RFC 9568, 5.1.1.2).
inline constexpr IpAddress kVrrpGroupIpv4 = IpAddress::v4(224, 0, 0, 18);
/// ff02::12, the group of VRRP over IPv6 (RFC 9568, 5.1.2.2).
inline constexpr IpAddress kVrrpGroupIpv6 = IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12});

/// An address with the length of its network prefix, as in "10.1.10.1/24".
struct IpPrefix {
  IpAddress address;
  std::uint8_t length = 0;  ///< 0 to 32 or 128

  /// "ADDRESS/LENGTH", or "ADDRESS" alone for a host prefix (/32, /128).
  static std::optional<IpPrefix> parse(std::string_view text);
  /// Whether `other` is of the same family and inside this network.
  bool contains(const IpAddress& other) const;
  std::string to_string() const;

  friend constexpr auto operator<=>(const IpPrefix&, const IpPrefix&) = default;
};

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_NET_IP_ADDRESS_H_
