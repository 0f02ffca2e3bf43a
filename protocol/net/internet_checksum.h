// The Internet checksum (RFC 1071).
#ifndef VIPDRIFT_PROTOCOL_NET_INTERNET_CHECKSUM_H_
#define VIPDRIFT_PROTOCOL_NET_INTERNET_CHECKSUM_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "protocol/net/ip_address.h"

namespace vipdrift {

/// Ones-complement sum of big-endian 16-bit words, folded only by finish(); an odd last byte is padded with zero.
/// `partial` lets several ranges be added (each of even length but the last).
std::uint64_t internet_sum(std::span<const std::uint8_t> bytes, std::uint64_t partial = 0);

/// The sum over the pseudo-header of RFC 8200 8.1 (IPv6) or RFC 793 3.1 (IPv4). `length`: upper-layer bytes.
std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination, std::uint8_t protocol,
                                std::size_t length);

/// Folds and complements. A message whose stored checksum is right sums to 0 here.
std::uint16_t finish_checksum(std::uint64_t sum);

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_NET_INTERNET_CHECKSUM_H_
