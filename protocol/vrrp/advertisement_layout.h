// Where the fields of an advertisement stand, for the files that read and write it. Private to advertisement*.cc.
#ifndef VIPDRIFT_PROTOCOL_VRRP_ADVERTISEMENT_LAYOUT_H_
#define VIPDRIFT_PROTOCOL_VRRP_ADVERTISEMENT_LAYOUT_H_

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::vrrp {

constexpr std::uint8_t kTypeAdvertisement = 1;
constexpr std::uint16_t kLargestV3Interval = 0x0fff;

/// Positions in the message, both versions (RFC 3768, 5.1; RFC 9568, 5.2).
enum Offset : std::size_t {
  kVersionAndType = 0,
  kVrid = 1,
  kPriority = 2,
  kAddressCount = 3,
  kAuthType = 4,    // v2
  kV2Interval = 5,  // v2
  kV3Interval = 4,  // v3: 4 reserved bits, 12 bits of interval
  kChecksum = 6,
};

constexpr std::uint8_t version_and_type(Version version) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(version) << 4U | kTypeAdvertisement);
}

constexpr std::size_t authentication_size(Version version) { return version == Version::v2 ? kAuthenticationSize : 0; }

inline std::size_t message_size(Version version, Family family, std::size_t address_count) {
  return kHeaderSize + address_count * address_size(family) + authentication_size(version);
}

inline std::uint16_t v3_interval(const std::uint8_t* message) {
  return static_cast<std::uint16_t>((message[kV3Interval] << 8U | message[kV3Interval + 1]) & kLargestV3Interval);
}

inline bool has_pseudo_header(Version version, Family family, Ipv4Checksum form) {
  return version == Version::v3 && (family == Family::ipv6 || form == Ipv4Checksum::with_pseudo_header);
}

inline bool is_link_local(std::span<const std::uint8_t> address) {
  return address[0] == 0xfe && (address[1] & 0xc0U) == 0x80;
}

/// The v2 or v3 interval bytes of the header.
inline void put_interval(Version version, Duration interval, std::uint8_t* message) {
  if (version == Version::v2) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval).count();
    assert(seconds >= 1 && seconds <= 255);
    message[kV2Interval] = static_cast<std::uint8_t>(seconds);
    return;
  }
  const auto ticks = std::chrono::duration_cast<Centiseconds>(interval).count();
  assert(ticks >= 1 && ticks <= kLargestV3Interval);
  message[kV3Interval] = static_cast<std::uint8_t>(static_cast<unsigned>(ticks) >> 8U & 0x0fU);
  message[kV3Interval + 1] = static_cast<std::uint8_t>(static_cast<unsigned>(ticks) & 0xffU);
}

inline std::uint64_t load64(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

inline std::uint32_t load32(const std::uint8_t* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

/// examine() without the short cut: every rule, one after another, in the order of Discard.
Discard examine_closely(const Datagram& datagram, const ReceiveRules& rules, Advertisement& out);

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_ADVERTISEMENT_LAYOUT_H_
