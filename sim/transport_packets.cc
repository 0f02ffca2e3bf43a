#include "sim/transport_packets.h"

#include <algorithm>
#include <vector>

#include "protocol/net/internet_checksum.h"
#include "sim/byte_order.h"

namespace vipdrift::sim {
namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::size_t kUdpHeader = 8;
constexpr std::size_t kIcmpHeader = 8;
constexpr std::size_t kQuotedTransport = 8;
constexpr std::size_t kMostQuoted = 128;

std::uint16_t checksum(const IpHeader& header, Bytes message) {
  if (header.protocol == IpProtocol::icmp) return finish_checksum(internet_sum(message));
  return finish_checksum(
      internet_sum(message, pseudo_header_sum(header.source, header.destination,
                                              static_cast<std::uint8_t>(header.protocol), message.size())));
}

bool whole(const IpView& packet, std::size_t at_least) {
  return packet.payload.size() >= packet.payload_length && packet.payload_length >= at_least;
}

}  // namespace

std::optional<UdpDatagram> parse_udp(const IpView& packet) {
  if (packet.header.protocol != IpProtocol::udp || !whole(packet, kUdpHeader)) return std::nullopt;
  const Bytes message = packet.message();
  if (get16(message, 4) != message.size() || checksum(packet.header, message) != 0) return std::nullopt;
  return UdpDatagram{get16(message, 0), get16(message, 2), message.subspan(kUdpHeader)};
}

Frame make_udp(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
               const UdpDatagram& datagram) {
  header.protocol = IpProtocol::udp;
  std::vector<std::uint8_t> message(kUdpHeader + datagram.data.size());
  put16(message, 0, datagram.source_port);
  put16(message, 2, datagram.destination_port);
  put16(message, 4, static_cast<std::uint16_t>(message.size()));
  std::copy(datagram.data.begin(), datagram.data.end(), message.begin() + kUdpHeader);
  const std::uint16_t sum = checksum(header, message);
  put16(message, 6, sum == 0 ? 0xffff : sum);
  return make_ip_frame(pool, source, destination, header, message);
}

std::optional<PortUnreachable> parse_port_unreachable(const IpView& packet) {
  const bool v4 = packet.header.source.family() == Family::ipv4;
  const std::size_t ip_header = v4 ? 20 : 40;
  if (packet.header.protocol != (v4 ? IpProtocol::icmp : IpProtocol::icmpv6)) return std::nullopt;
  if (!whole(packet, kIcmpHeader + ip_header + kQuotedTransport)) return std::nullopt;
  const Bytes message = packet.message();
  if (message[0] != (v4 ? 3 : 1) || message[1] != (v4 ? 3 : 4)) return std::nullopt;
  if (checksum(packet.header, message) != 0) return std::nullopt;
  const EthernetView inside{{{}, {}, v4 ? EtherType::ipv4 : EtherType::ipv6}, message.subspan(kIcmpHeader)};
  const std::optional<IpView> quoted = parse_ip(inside);
  if (!quoted || quoted->payload.size() < kQuotedTransport) return std::nullopt;
  return PortUnreachable{quoted->header.protocol, quoted->header.destination, get16(quoted->payload, 0),
                         get16(quoted->payload, 2)};
}

Frame make_port_unreachable(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
                            Bytes quoted) {
  const bool v4 = header.source.family() == Family::ipv4;
  header.protocol = v4 ? IpProtocol::icmp : IpProtocol::icmpv6;
  const Bytes part = quoted.first(std::min(quoted.size(), kMostQuoted));
  std::vector<std::uint8_t> message(kIcmpHeader + part.size());
  message[0] = v4 ? 3 : 1;
  message[1] = v4 ? 3 : 4;
  std::copy(part.begin(), part.end(), message.begin() + kIcmpHeader);
  put16(message, 2, checksum(header, message));
  return make_ip_frame(pool, source, destination, header, message);
}

Frame make_tunnelled(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
                     Bytes inner) {
  header.protocol = inner[0] >> 4U == 4 ? IpProtocol::ipip : IpProtocol::ipv6;
  return make_ip_frame(pool, source, destination, header, inner);
}

std::optional<EthernetView> parse_tunnelled(const EthernetView& frame, const IpView& packet) {
  const bool v4 = packet.header.protocol == IpProtocol::ipip;
  if (!v4 && packet.header.protocol != IpProtocol::ipv6) return std::nullopt;
  return EthernetView{{frame.header.destination, frame.header.source, v4 ? EtherType::ipv4 : EtherType::ipv6},
                      packet.message()};
}

}  // namespace vipdrift::sim
