// The VRRP advertisement on the wire: VRRPv2 (RFC 3768) and VRRPv3 (RFC 5798, RFC 9568) over IPv4 and IPv6.
#ifndef VIPDRIFT_PROTOCOL_VRRP_ADVERTISEMENT_H_
#define VIPDRIFT_PROTOCOL_VRRP_ADVERTISEMENT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "protocol/base/strong_id.h"
#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::vrrp {

/// IP protocol number of VRRP.
inline constexpr std::uint8_t kVrrpProtocol = 112;
/// TTL or hop limit of every advertisement (RFC 9568, 5.1.1.3 and 5.1.2.3).
inline constexpr std::uint8_t kVrrpTtl = 255;
/// Bytes before the addresses, both versions.
inline constexpr std::size_t kHeaderSize = 8;
/// Bytes of the VRRPv2 authentication data, after the addresses (RFC 3768, 5.3.10).
inline constexpr std::size_t kAuthenticationSize = 8;
/// The largest message that encode() writes: header, 255 IPv6 addresses, authentication data.
inline constexpr std::size_t kMaxAdvertisementSize = kHeaderSize + 255 * 16 + kAuthenticationSize;

enum class Version : std::uint8_t { v2 = 2, v3 = 3 };

/// VRRPv2 authentication types (RFC 2338, 5.3.6; RFC 3768 keeps only 0). AH is known but never sent by this code.
enum class AuthType : std::uint8_t { none = 0, pass = 1, ah = 2 };

/// The 8 bytes of a PASS word, NUL padded; longer words are cut as keepalived cuts them.
using Password = std::array<std::uint8_t, kAuthenticationSize>;
Password make_password(std::string_view word);

/// What the IPv4 VRRPv3 checksum covers: RFC 9568 5.2.8 says the message alone; keepalived and most readers of
/// RFC 5798 add a pseudo-header. IPv6 always has the pseudo-header, VRRPv2 never.
enum class Ipv4Checksum : std::uint8_t { with_pseudo_header, message_only };

/// A datagram of protocol 112 as a host received it.
struct Datagram {
  InterfaceId interface;
  IpAddress source;
  IpAddress destination;
  std::uint8_t ttl = kVrrpTtl;
  /// Bytes after the IP header according to the IP header's length field.
  std::uint16_t ip_payload_length = 0;
  /// How long ago it arrived, for a receiver that reads late: a Backup's deadline counts from the arrival.
  Duration age{0};
  /// Bytes after the IP header that arrived; may be longer than ip_payload_length (Ethernet padding) or shorter.
  /// Must live until the call that takes the datagram returns.
  std::span<const std::uint8_t> payload;
};

/// What a virtual router puts into its advertisements.
struct AdvertisementContent {
  Version version = Version::v2;
  Family family = Family::ipv4;
  std::uint8_t vrid = 0;
  std::uint8_t priority = 0;
  /// v2: whole seconds, 1 to 255. v3: centiseconds, 1 to 4095 (truncated to the unit).
  Duration interval{};
  AuthType auth_type = AuthType::none;  ///< v2 only
  Password password{};                  ///< v2 with AuthType::pass
  Ipv4Checksum ipv4_checksum = Ipv4Checksum::with_pseudo_header;
  IpAddress source;       ///< for the pseudo-header
  IpAddress destination;  ///< for the pseudo-header
  /// Virtual addresses, in order; all of `family`; at most 255.
  std::span<const IpAddress> addresses;
};

/// Bytes that encode() will write for `content`.
std::size_t encoded_size(const AdvertisementContent& content);

/// Writes the VRRP message (without IP header) to `out`, which holds at least encoded_size() bytes; returns the size.
std::size_t encode(const AdvertisementContent& content, std::span<std::uint8_t> out);

/// A received advertisement that passed examine(). Views point into the datagram's payload.
struct Advertisement {
  Version version = Version::v2;
  std::uint8_t vrid = 0;
  std::uint8_t priority = 0;
  std::uint8_t address_count = 0;
  AuthType auth_type = AuthType::none;
  Duration interval{};  ///< the sender's, from its wire unit
  /// address_count addresses of 4 or 16 bytes each, in order.
  std::span<const std::uint8_t> addresses;
  /// Which IPv4 v3 checksum form matched; meaningless for v2 and IPv6.
  Ipv4Checksum ipv4_checksum = Ipv4Checksum::with_pseudo_header;
  /// The sender lists other addresses than we do, in whatever order. Since 2.3.3 keepalived logs it and goes on
  /// (RFC 9568, 7.1 allows that), before it refused the advertisement: ReceiveRules::address_list_must_match.
  bool address_list_differs = false;
  /// v3: the sender's interval is not ours; logged only, a Backup adopts it (RFC 9568, 6.4.2).
  bool interval_differs = false;
};

/// Why an advertisement was thrown away; `none` means accepted. examine() applies the rules in this order, which is
/// keepalived's, with the rules that only RFC 9568 and its errata know put behind the ones they refine.
/// Which bytes the length rules expect depends on the version that the message claims, as in keepalived: a v3 message
/// sent to a v2 virtual router is `version`, a message of version 1 in the size of v2 is `too_long`.
enum class Discard : std::uint8_t {
  none,
  too_short,             ///< fewer bytes arrived than the header, its addresses and (v2) authentication need
  too_long,              ///< more bytes inside the IP datagram than those; link-layer padding behind it is fine
  ttl,                   ///< TTL or hop limit not 255, or outside the unicast peer's limits
  version,               ///< not the version of the virtual router
  auth_type_unknown,     ///< v2: a type that no RFC defines
  auth_type_mismatch,    ///< v2: another type than configured
  auth_data_mismatch,    ///< v2: PASS words differ
  interval_mismatch,     ///< v2: another interval than ours (RFC 3768, 7.1)
  interval_zero,         ///< v3: interval 0 (erratum 8301)
  type,                  ///< not an ADVERTISEMENT
  ip_length,             ///< the length in the IP header is not the message's, though enough bytes arrived
  checksum,              ///< wrong checksum in every form understood
  address_count_zero,    ///< no address (erratum 8299)
  first_not_link_local,  ///< IPv6: the first address is not link-local (erratum 8300)
  address_list,          ///< the addresses are not ours, where they must be
  destination,           ///< multicast where unicast is configured, or the reverse
  unknown_peer,          ///< unicast from an address that is no configured peer
  unknown_vrid,          ///< no virtual router of this VRID on this interface (counted by the stack)
  owner_ignores,         ///< owner_ignore_adverts is set and we own the addresses (counted by the stack)
  count                  ///< number of reasons, for counter arrays
};
inline constexpr std::size_t kDiscardCount = static_cast<std::size_t>(Discard::count);

/// A stable machine name ("auth_data_mismatch") for counters, JSON and scenario files.
std::string_view to_string(Discard reason);
/// The reason of that name; Discard::count when there is none.
Discard discard_from_string(std::string_view name);

/// What lets examine() accept the usual advertisement, the one that lists exactly our addresses, by a few wide
/// comparisons. Made by prepare(); by default nothing is accepted this way.
struct Glance {
  static constexpr std::uint32_t kNothing = 0xffffffff;

  std::uint32_t size = kNothing;    ///< bytes of the message
  std::uint32_t first_address = 0;  ///< the first 4 bytes of our list as memory holds them
  bool pseudo_header = false;       ///< the checksum covers source and destination
  std::uint8_t group_mask = 0;      ///< a destination is multicast when its first byte under this mask is
  std::uint8_t group_prefix = 0;    ///< this
  std::uint64_t addresses_sum = 0;  ///< checksum share of our addresses and of the pseudo-header's constant words
  std::uint64_t header = 0;         ///< the first 8 bytes as memory holds them, outside `header_mask` 0
  std::uint64_t header_mask = 0;    ///< leaves out VRID, priority and checksum
  std::uint64_t password = 0;       ///< v2: the last 8 bytes, outside `password_mask` 0
  std::uint64_t password_mask = 0;
  Advertisement accepted;  ///< all that does not depend on the datagram
};

/// What one virtual router demands of the advertisements it receives. Prepared once; examine() only reads it.
struct ReceiveRules {
  Version version = Version::v2;
  Family family = Family::ipv4;
  AuthType auth_type = AuthType::none;
  Password password{};
  Duration interval{};                ///< ours; v2 must match exactly, v3 only noted
  bool unicast = false;               ///< the instance has unicast peers: destination must not be multicast
  bool check_unicast_source = false;  ///< keepalived's check_unicast_src
  std::uint8_t min_ttl = 255;         ///< multicast: 255; unicast: keepalived's default is 0 unless configured
  std::uint8_t max_ttl = 255;
  /// Unicast peers' addresses, for check_unicast_source. Owned by the rules' owner.
  std::span<const IpAddress> peers;
  /// The virtual addresses advertised by us, wire form (4 or 16 bytes each), to notice a differing list.
  std::span<const std::uint8_t> addresses;
  /// Refuse advertisements that list other addresses, whatever their priority, as keepalived before 2.3.3 does
  /// (RFC 3768, 7.1 wants that unless the priority is 255).
  bool address_list_must_match = false;
  /// v3: interval 0 is refused (RFC 9568, 7.1 with erratum 8301).
  bool interval_must_be_positive = true;
  /// IPv6: the first address is link-local (RFC 9568, 5.2.9 with erratum 8300).
  bool first_must_be_link_local = true;
  /// v3 over IPv4: the checksum form that the virtual router sends.
  Ipv4Checksum ipv4_checksum = Ipv4Checksum::with_pseudo_header;
  /// v3 over IPv4: the other form is understood too. keepalived 2.2.7 refuses it.
  bool both_checksums = true;
  Glance glance;  ///< see prepare()
};

/// Fills `rules.glance` from the other members: same answers from examine(), several times faster. To be called again
/// after every change of another member or of what the views show; to be left out at no cost but time.
void prepare(ReceiveRules& rules);

/// Runs every receive rule on `datagram`, in the order of Discard. On Discard::none `out` is filled, otherwise it is
/// unspecified. `datagram` is of the rules' family and VRID (whoever dispatches it sees to that).
/// The time taken does not depend on where two passwords differ. Does not allocate.
/// An advertisement with AH cannot be verified here and is always refused, as auth_data_mismatch.
Discard examine(const Datagram& datagram, const ReceiveRules& rules, Advertisement& out);

/// The VRID byte of a datagram without any check, for dispatch; 0 when there are fewer than 2 bytes.
constexpr std::uint8_t peek_vrid(const Datagram& datagram) {
  return datagram.payload.size() >= 2 ? datagram.payload[1] : std::uint8_t{0};
}

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_ADVERTISEMENT_H_
