// UDP, ICMP errors and tunnels of the simulated wire. Beside packets.h.
#ifndef VIPDRIFT_SIM_TRANSPORT_PACKETS_H_
#define VIPDRIFT_SIM_TRANSPORT_PACKETS_H_

#include <cstdint>
#include <optional>
#include <span>

#include "sim/packets.h"

namespace vipdrift::sim {

/// A UDP datagram (RFC 768). Parsed: `data` points into the frame.
struct UdpDatagram {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::span<const std::uint8_t> data;
};
/// nullopt: not UDP, wrong checksum, cut short.
std::optional<UdpDatagram> parse_udp(const IpView& packet);
/// `header.protocol` is set by the builder.
Frame make_udp(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
               const UdpDatagram& datagram);

/// Destination unreachable, port (RFC 792: 3/3; RFC 4443: 1/4): the packet of ours that it is about.
struct PortUnreachable {
  IpProtocol protocol{};
  IpAddress destination;
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
};
/// nullopt: another message, wrong checksum, or too little of the packet quoted.
std::optional<PortUnreachable> parse_port_unreachable(const IpView& packet);
/// About `quoted`, an IP packet from its header on.
Frame make_port_unreachable(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
                            std::span<const std::uint8_t> quoted);

/// An IP packet inside of an IP packet (RFC 2003, RFC 2473).
Frame make_tunnelled(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
                     std::span<const std::uint8_t> inner);
/// The packet inside as if it had come by itself; nullopt: no tunnel, or nothing that can be read.
std::optional<EthernetView> parse_tunnelled(const EthernetView& frame, const IpView& packet);

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_TRANSPORT_PACKETS_H_
