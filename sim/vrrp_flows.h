// What a kernel remembers of the headers it has let pass, so that the next advertisement is known by a comparison.
#ifndef VIPDRIFT_SIM_VRRP_FLOWS_H_
#define VIPDRIFT_SIM_VRRP_FLOWS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocol/net/ip_address.h"

namespace vipdrift::sim {

/// A small cache in front of the rules by which an interface takes or drops a frame. Nearly every frame that a
/// director receives is an advertisement whose Ethernet and IPv4 headers differ from the last one of its sender in
/// identification and header checksum alone; such a frame passes every rule that the last one passed, as long as
/// addresses and groups are the same. Only IPv4 without options is remembered.
class VrrpFlows {
 public:
  /// Offset of the message behind the headers.
  static constexpr std::size_t kHeaders = 34;

  struct Flow {
    IpAddress source;
    IpAddress destination;
    std::uint8_t ttl = 0;
    std::uint16_t payload_length = 0;
  };

  /// The flow of `frame` when its headers, checksum included, agree with those remembered; else null.
  const Flow* find(std::span<const std::uint8_t> frame) const {
    if (frame.size() < kHeaders || frame[kProtocolAt] != kVrrp) return nullptr;
    const Known& known = known_[place(frame)];
    const Words words = words_of(frame);
    const std::uint64_t difference = (words.ethernet ^ known.words.ethernet) | (words.middle ^ known.words.middle) |
                                     (words.fields ^ known.words.fields) | (words.addresses ^ known.words.addresses) |
                                     (words.numbered ^ known.words.numbered);
    return difference == 0 && known.valid ? &known.flow : nullptr;
  }

  /// `frame` passed every rule: version 4, header length 20, checksum right, its addresses taken.
  void remember(std::span<const std::uint8_t> frame, const Flow& flow) {
    known_[place(frame)] = {words_of(frame), flow, true};
  }

  /// The rules have changed: an address or a group came or went.
  void forget() {
    for (Known& known : known_) known.valid = false;
  }

 private:
  /// The 34 bytes in the machine's byte order. Identification and checksum count as their ones-complement sum: when all
  /// else is the same, the checksum is right if that sum is.
  struct Words {
    std::uint64_t ethernet = 0;   ///< bytes 0 to 7
    std::uint64_t middle = 0;     ///< 8 to 15
    std::uint64_t fields = 0;     ///< 16 and 17, 20 to 23
    std::uint64_t addresses = 0;  ///< 26 to 33
    std::uint64_t numbered = 0;   ///< 18 and 19, 24 and 25
  };
  struct Known {
    Words words;
    Flow flow;
    bool valid = false;
  };

  template <class Word>
  static Word load(const std::uint8_t* at) {
    Word word = 0;
    std::memcpy(&word, at, sizeof word);
    return word;
  }

  static Words words_of(std::span<const std::uint8_t> frame) {
    const std::uint8_t* const at = frame.data();
    const std::uint32_t sum = std::uint32_t{load<std::uint16_t>(at + 18)} + load<std::uint16_t>(at + 24);
    // 0 and 0xffff are the same number; no header sums to a plain 0.
    return {load<std::uint64_t>(at), load<std::uint64_t>(at + 8),
            std::uint64_t{load<std::uint16_t>(at + 16)} << 32U | load<std::uint32_t>(at + 20),
            load<std::uint64_t>(at + 26), sum % 0xffffU};
  }

  /// Senders are told apart by the last byte of their address.
  static std::size_t place(std::span<const std::uint8_t> frame) { return frame[29] % kSenders; }

  static constexpr std::size_t kProtocolAt = 23;
  static constexpr std::uint8_t kVrrp = 112;
  static constexpr std::size_t kSenders = 4;
  std::array<Known, kSenders> known_;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_VRRP_FLOWS_H_
