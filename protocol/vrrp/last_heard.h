// What a Backup heard last. Nearly every advertisement that a host receives is the very same message again: its verdict
// is known.
#ifndef VIPDRIFT_PROTOCOL_VRRP_LAST_HEARD_H_
#define VIPDRIFT_PROTOCOL_VRRP_LAST_HEARD_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "protocol/net/ip_address.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::vrrp {

/// The last advertisement, if it was accepted and would be accepted again in the same way. Who keeps it forgets it
/// whenever anything else happens that a verdict depends on. Small, since thousands are kept: longer messages are not
/// remembered, and judged each time. No state: two of them are always equal.
class LastHeard {
 public:
  /// Bytes of the longest message that is remembered: two IPv6 addresses, or six IPv4 addresses and a password.
  static constexpr std::size_t kLargest = 40;

  void forget() { size_ = 0; }

  /// `datagram` was accepted. Its interface, VRID and family are those of the router, always.
  void remember(const Datagram& datagram) {
    forget();
    if (datagram.ip_payload_length > kLargest) return;
    size_ = static_cast<std::uint8_t>(datagram.ip_payload_length);
    ttl_ = datagram.ttl;
    source_ = datagram.source;
    destination_ = datagram.destination;
    std::copy_n(datagram.payload.begin(), size_, message_.begin());
  }

  /// Whether `datagram` is the same again, in all that a verdict depends on. Like examine() it takes the same time
  /// wherever two messages differ.
  bool is_repeated_by(const Datagram& datagram) const {
    const std::size_t size = size_;
    if (datagram.ip_payload_length != size || size < kHeaderSize || datagram.payload.size() < size) return false;
    const std::uint8_t* const theirs = datagram.payload.data();
    std::uint64_t difference = word(message_.data() + size - kWord) ^ word(theirs + size - kWord);
    for (std::size_t at = 0; at + kWord < size; at += kWord) {
      difference |= word(message_.data() + at) ^ word(theirs + at);
    }
    return difference == 0 && ttl_ == datagram.ttl && source_ == datagram.source &&
           destination_ == datagram.destination;
  }

  friend bool operator==(const LastHeard&, const LastHeard&) { return true; }

 private:
  static constexpr std::size_t kWord = 8;
  static_assert(kHeaderSize >= kWord, "every message has a word");

  static std::uint64_t word(const std::uint8_t* bytes) {
    std::uint64_t loaded = 0;
    std::memcpy(&loaded, bytes, sizeof loaded);
    return loaded;
  }

  std::array<std::uint8_t, kLargest> message_{};
  std::uint8_t size_ = 0;  ///< 0: nothing
  std::uint8_t ttl_ = 0;
  IpAddress source_;
  IpAddress destination_;
};

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_LAST_HEARD_H_
