// Small things that both halves of Transport do with segments.
#ifndef VIPDRIFT_SIM_SEGMENTS_H_
#define VIPDRIFT_SIM_SEGMENTS_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/packets.h"

namespace vipdrift::sim {

inline constexpr std::uint32_t kInitialSequence = 1;

inline std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}
inline std::string_view text_of(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline bool has(const TcpSegment& segment, std::uint8_t flag) { return (segment.flags & flag) != 0; }

inline std::uint32_t length_of(const TcpSegment& segment) {
  return static_cast<std::uint32_t>(segment.data.size()) + (has(segment, kTcpSyn) ? 1U : 0U) +
         (has(segment, kTcpFin) ? 1U : 0U);
}

inline IpHeader answering(const IpHeader& header) {
  IpHeader answer;
  answer.source = header.destination;
  answer.destination = header.source;
  answer.dont_fragment = true;
  return answer;
}

inline TcpSegment answering(const TcpSegment& segment) {
  TcpSegment answer;
  answer.source_port = segment.destination_port;
  answer.destination_port = segment.source_port;
  answer.acknowledgement = segment.sequence + length_of(segment);
  answer.flags = kTcpAck;
  return answer;
}

/// What the events of a transport carry: a slot and its generation.
inline std::uint64_t packed(std::uint32_t slot, std::uint32_t generation) {
  return std::uint64_t{generation} << 32U | slot;
}

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_SEGMENTS_H_
