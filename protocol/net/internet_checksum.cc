#include "protocol/net/internet_checksum.h"

#include <array>
#include <bit>
#include <cstring>

namespace vipdrift {
namespace {

std::uint64_t fold(std::uint64_t sum) {
  sum = (sum >> 32U) + (sum & 0xffffffffU);
  sum = (sum >> 32U) + (sum & 0xffffffffU);
  sum = (sum >> 16U) + (sum & 0xffffU);
  return (sum >> 16U) + (sum & 0xffffU);
}

}  // namespace

// The sum is independent of the byte order (RFC 1071, 2 (B)): it is taken over the words as memory holds them, eight
// bytes at a time, and put into network order once.
std::uint64_t internet_sum(std::span<const std::uint8_t> bytes, std::uint64_t partial) {
  std::uint64_t sum = 0;
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    sum += (word >> 32U) + (word & 0xffffffffU);
  }
  if (left != 0) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, left);
    sum += (word >> 32U) + (word & 0xffffffffU);
  }
  const std::uint64_t folded = fold(sum);
  if constexpr (std::endian::native == std::endian::little) {
    return partial + ((folded & 0xffU) << 8U | folded >> 8U);
  } else {
    return partial + folded;
  }
}

std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                std::size_t length) {
  // Both pseudo-headers hold the same words apart from zeros: the addresses, the protocol and the length.
  return internet_sum(source.bytes(),
                      internet_sum(destination.bytes(), protocol + (length >> 16U) + (length & 0xffffU)));
}

std::uint16_t finish_checksum(std::uint64_t sum) { return static_cast<std::uint16_t>(~fold(sum)); }

}  // namespace vipdrift
