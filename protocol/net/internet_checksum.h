// The Internet checksum (RFC 1071).
#ifndef VIPDRIFT_PROTOCOL_NET_INTERNET_CHECKSUM_H_
#define VIPDRIFT_PROTOCOL_NET_INTERNET_CHECKSUM_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocol/net/ip_address.h"

namespace vipdrift {

/// Ones-complement sum of big-endian 16-bit words, folded only by finish(); an odd last byte is padded with zero.
/// `partial` lets several ranges be added (each of even length but the last).
inline std::uint64_t internet_sum(std::span<const std::uint8_t> bytes, std::uint64_t partial = 0);

/// The sum over the pseudo-header of RFC 8200 8.1 (IPv6) or RFC 793 3.1 (IPv4). `length`: upper-layer bytes.
inline std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                       std::size_t length);

/// Folds and complements. A message whose stored checksum is right sums to 0 here.
inline std::uint16_t finish_checksum(std::uint64_t sum);

// ---------------------------------------------------------------- inline: several times for every packet

namespace checksum_detail {

/// To 16 bits, any number of carries included.
inline std::uint64_t fold(std::uint64_t sum) {
  sum = (sum >> 32U) + (sum & 0xffffffffU);
  sum = (sum >> 32U) + (sum & 0xffffffffU);
  sum = (sum >> 16U) + (sum & 0xffffU);
  return (sum >> 16U) + (sum & 0xffffU);
}

}  // namespace checksum_detail

// The sum is independent of the byte order (RFC 1071, 2 (B)): it is taken over the words as memory holds them, eight
// bytes at a time, and put into network order once.
inline std::uint64_t internet_sum(std::span<const std::uint8_t> bytes, std::uint64_t partial) {
  std::uint64_t sum = 0;
  const std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, at, 8);
    sum += (word >> 32U) + (word & 0xffffffffU);
  }
  if (left >= 4) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, 4);
    sum += word;
    left -= 4;
    at += 4;
  }
  if (left != 0) {
    std::uint32_t word = 0;
    std::memcpy(&word, at, left);
    sum += word;
  }
  const std::uint64_t folded = checksum_detail::fold(sum);
  if constexpr (std::endian::native == std::endian::little) {
    return partial + ((folded & 0xffU) << 8U | folded >> 8U);
  } else {
    return partial + folded;
  }
}

inline std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                       std::size_t length) {
  // Both pseudo-headers hold the same words apart from zeros: the addresses, the protocol and the length.
  return internet_sum(source.bytes(),
                      internet_sum(destination.bytes(), protocol + (length >> 16U) + (length & 0xffffU)));
}

inline std::uint16_t finish_checksum(std::uint64_t sum) {
  return static_cast<std::uint16_t>(~checksum_detail::fold(sum));
}

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_NET_INTERNET_CHECKSUM_H_
