#include "sim/packets.h"

#include <algorithm>
#include <array>

#include "protocol/net/announcement.h"
#include "protocol/net/internet_checksum.h"
#include "sim/byte_order.h"
#include "sim/require.h"

namespace vipdrift::sim {

namespace {

using Bytes = std::span<const std::uint8_t>;
using Out = std::span<std::uint8_t>;

constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kArpSize = 28;
constexpr std::size_t kNeighbourSize = 24;
constexpr std::size_t kLinkLayerOption = 8;
constexpr std::size_t kEchoHeader = 8;
constexpr std::size_t kTcpHeader = 20;

constexpr std::uint8_t kSourceLinkLayer = 1;  // RFC 4861, 4.6.1
constexpr std::uint8_t kTargetLinkLayer = 2;

constexpr std::uint8_t kVrrpTrafficClass = 0xc0;  // internetwork control

void put(Out out, std::size_t at, Bytes bytes) {
  std::copy(bytes.begin(), bytes.end(), out.begin() + static_cast<std::ptrdiff_t>(at));
}

MacAddress get_mac(Bytes bytes, std::size_t at) {
  MacAddress mac;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), mac.bytes.size(), mac.bytes.begin());
  return mac;
}

IpAddress get_address(Family family, Bytes bytes, std::size_t at) {
  return IpAddress::from_bytes(family, bytes.subspan(at, address_size(family)));
}

/// A frame with its Ethernet header and room for `payload` bytes. What lies behind the first `zeroed` bytes of the room
/// is for the caller to write.
Frame begin_frame(FramePool& pool, const EthernetHeader& header, std::size_t payload, Padding padding,
                  std::size_t zeroed = SIZE_MAX) {
  const std::size_t size = kEthernetHeader + payload;
  Frame frame = pool.make(padding == Padding::to_minimum ? std::max(size, kMinimumFrame) : size);
  const Out out = frame.writable();
  const Out room = out.subspan(kEthernetHeader);
  std::fill_n(room.begin(), std::min(zeroed, room.size()), std::uint8_t{0});
  put(out, 0, header.destination.bytes);
  put(out, 6, header.source.bytes);
  put16(out, 12, static_cast<std::uint16_t>(header.type));
  return frame;
}

void write_ipv4(Out out, const IpHeader& header, std::size_t length) {
  out[0] = 0x45;
  out[1] = header.traffic_class;
  put16(out, 2, static_cast<std::uint16_t>(kIpv4Header + length));
  put16(out, 4, header.identification);
  put16(out, 6, header.dont_fragment ? 0x4000 : 0);
  out[8] = header.ttl;
  out[9] = static_cast<std::uint8_t>(header.protocol);
  put(out, 12, header.source.bytes());
  put(out, 16, header.destination.bytes());
  put16(out, 10, finish_checksum(internet_sum(out.first(kIpv4Header))));
}

void write_ipv6(Out out, const IpHeader& header, std::size_t length) {
  put32(out, 0, 0x60000000U | std::uint32_t{header.traffic_class} << 20U);
  put16(out, 4, static_cast<std::uint16_t>(length));
  out[6] = static_cast<std::uint8_t>(header.protocol);
  out[7] = header.ttl;
  put(out, 8, header.source.bytes());
  put(out, 24, header.destination.bytes());
}

struct IpFrame {
  Frame frame;
  Out message;  ///< room behind the IP header
};

/// The first `zeroed` bytes of the message's room are zero.
IpFrame begin_ip_frame(FramePool& pool, const MacAddress& source, const MacAddress& destination, const IpHeader& header,
                       std::size_t length, Padding padding, std::size_t zeroed) {
  require(header.source.family() == header.destination.family(), "a packet between two families");
  const bool v4 = header.source.family() == Family::ipv4;
  const std::size_t header_size = v4 ? kIpv4Header : kIpv6Header;
  require(header_size + length <= 0xffff, "a packet longer than its length field can say");
  const std::size_t zeroed_room = padding == Padding::none ? header_size + zeroed : SIZE_MAX;
  Frame frame = begin_frame(pool, {destination, source, v4 ? EtherType::ipv4 : EtherType::ipv6}, header_size + length,
                            padding, zeroed_room);
  const Out ip = frame.writable().subspan(kEthernetHeader);
  if (v4) {
    write_ipv4(ip, header, length);
  } else {
    write_ipv6(ip, header, length);
  }
  return {std::move(frame), ip.subspan(header_size, length)};
}

std::uint16_t transport_checksum(const IpHeader& header, Bytes message) {
  return finish_checksum(
      internet_sum(message, pseudo_header_sum(header.source, header.destination,
                                              static_cast<std::uint8_t>(header.protocol), message.size())));
}

/// ICMP has no pseudo-header, ICMPv6 has (RFC 4443, 2.3).
std::uint16_t icmp_checksum(const IpHeader& header, Bytes message) {
  return header.protocol == IpProtocol::icmp ? finish_checksum(internet_sum(message))
                                             : transport_checksum(header, message);
}

std::optional<IpView> parse_ipv4(Bytes bytes, bool sound) {
  if (bytes.size() < kIpv4Header || bytes[0] >> 4U != 4) return std::nullopt;
  const std::size_t header_size = static_cast<std::size_t>(bytes[0] & 0x0fU) * 4;
  const std::size_t total = get16(bytes, 2);
  if (header_size < kIpv4Header || bytes.size() < header_size || total < header_size) return std::nullopt;
  IpView view;
  view.header = {.source = get_address(Family::ipv4, bytes, 12),
                 .destination = get_address(Family::ipv4, bytes, 16),
                 .protocol = static_cast<IpProtocol>(bytes[9]),
                 .ttl = bytes[8],
                 .traffic_class = bytes[1],
                 .identification = get16(bytes, 4),
                 .dont_fragment = (bytes[6] & 0x40U) != 0};
  view.payload_length = static_cast<std::uint16_t>(total - header_size);
  view.payload = bytes.subspan(header_size);
  view.header_checksum_ok = sound || finish_checksum(internet_sum(bytes.first(header_size))) == 0;
  view.sound = sound;
  return view;
}

std::optional<IpView> parse_ipv6(Bytes bytes, bool sound) {
  if (bytes.size() < kIpv6Header || bytes[0] >> 4U != 6) return std::nullopt;
  IpView view;
  view.header = {.source = get_address(Family::ipv6, bytes, 8),
                 .destination = get_address(Family::ipv6, bytes, 24),
                 .protocol = static_cast<IpProtocol>(bytes[6]),
                 .ttl = bytes[7],
                 .traffic_class = static_cast<std::uint8_t>(bytes[0] << 4U | bytes[1] >> 4U)};
  view.payload_length = get16(bytes, 4);
  view.payload = bytes.subspan(kIpv6Header);
  view.sound = sound;
  return view;
}

/// The message of a packet whose payload arrived whole.
std::optional<Bytes> whole_message(const IpView& packet, IpProtocol protocol, std::size_t at_least) {
  if (packet.header.protocol != protocol || packet.payload.size() < packet.payload_length ||
      packet.payload_length < at_least) {
    return std::nullopt;
  }
  return packet.message();
}

}  // namespace

std::optional<EthernetView> parse_ethernet(Bytes frame) {
  if (frame.size() < kEthernetHeader) return std::nullopt;
  return EthernetView{{get_mac(frame, 0), get_mac(frame, 6), static_cast<EtherType>(get16(frame, 12))},
                      frame.subspan(kEthernetHeader)};
}

std::optional<IpView> parse_ip(const EthernetView& frame, bool sound) {
  if (frame.header.type == EtherType::ipv4) return parse_ipv4(frame.payload, sound);
  if (frame.header.type == EtherType::ipv6) return parse_ipv6(frame.payload, sound);
  return std::nullopt;
}

Frame make_ip_frame(FramePool& pool, const MacAddress& source, const MacAddress& destination, const IpHeader& header,
                    Bytes message, Padding padding) {
  IpFrame built = begin_ip_frame(pool, source, destination, header, message.size(), padding, 0);
  put(built.message, 0, message);
  return std::move(built.frame);
}

IpFrameTemplate::IpFrameTemplate(const MacAddress& source, const MacAddress& destination, const IpHeader& header,
                                 std::size_t length)
    : v4_(header.source.family() == Family::ipv4) {
  require(header.source.family() == header.destination.family(), "a packet between two families");
  const Out out = headers_;
  put(out, 0, destination.bytes);
  put(out, 6, source.bytes);
  put16(out, 12, static_cast<std::uint16_t>(v4_ ? EtherType::ipv4 : EtherType::ipv6));
  const Out ip = out.subspan(kEthernetHeader);
  if (v4_) {
    IpHeader unnumbered = header;
    unnumbered.identification = 0;
    write_ipv4(ip, unnumbered, length);
    put16(ip, 10, 0);
    sum_ = internet_sum(ip.first(kIpv4Header));
  } else {
    write_ipv6(ip, header, length);
  }
  size_ = kEthernetHeader + (v4_ ? kIpv4Header : kIpv6Header);
}

Frame IpFrameTemplate::make(FramePool& pool, std::uint16_t identification, Bytes message) const {
  Frame frame = pool.make(size_ + message.size());
  const Out out = frame.writable();
  if (v4_) {
    std::copy_n(headers_.begin(), kEthernetHeader + kIpv4Header, out.begin());
    put16(out, kEthernetHeader + 4, identification);
    put16(out, kEthernetHeader + 10, finish_checksum(sum_ + identification));
  } else {
    std::copy_n(headers_.begin(), kEthernetHeader + kIpv6Header, out.begin());
  }
  std::copy(message.begin(), message.end(), out.begin() + size_);
  return frame;
}

IpHeader vrrp_header(const IpAddress& source, const IpAddress& destination, std::uint8_t ttl,
                     std::uint16_t identification) {
  return {.source = source,
          .destination = destination,
          .protocol = IpProtocol::vrrp,
          .ttl = ttl,
          .traffic_class = kVrrpTrafficClass,
          .identification = identification};
}

std::optional<MacAddress> group_destination(const IpAddress& destination) {
  if (destination.is_multicast()) return multicast_mac(destination);
  if (destination == IpAddress::v4(255, 255, 255, 255)) return kBroadcastMac;
  return std::nullopt;
}

// ---------------------------------------------------------------- ARP

std::optional<ArpMessage> parse_arp(const EthernetView& frame) {
  const Bytes bytes = frame.payload;
  if (frame.header.type != EtherType::arp || bytes.size() < kArpSize) return std::nullopt;
  // Hardware type Ethernet, protocol type IPv4, lengths 6 and 4.
  if (get32(bytes, 0) != 0x00010800U || get16(bytes, 4) != 0x0604) return std::nullopt;
  return ArpMessage{.operation = static_cast<ArpOperation>(get16(bytes, 6)),
                    .sender_mac = get_mac(bytes, 8),
                    .sender_ip = get_address(Family::ipv4, bytes, 14),
                    .target_mac = get_mac(bytes, 18),
                    .target_ip = get_address(Family::ipv4, bytes, 24)};
}

Frame make_arp(FramePool& pool, const MacAddress& source, const MacAddress& destination, const ArpMessage& message,
               Padding padding) {
  require(message.sender_ip.family() == Family::ipv4 && message.target_ip.family() == Family::ipv4,
          "ARP for an IPv6 address");
  Frame frame = begin_frame(pool, {destination, source, EtherType::arp}, kArpSize, padding);
  const Out out = frame.writable().subspan(kEthernetHeader);
  put32(out, 0, 0x00010800U);
  put16(out, 4, 0x0604);
  put16(out, 6, static_cast<std::uint16_t>(message.operation));
  put(out, 8, message.sender_mac.bytes);
  put(out, 14, message.sender_ip.bytes());
  put(out, 18, message.target_mac.bytes);
  put(out, 24, message.target_ip.bytes());
  return frame;
}

Frame make_gratuitous_arp(FramePool& pool, const MacAddress& mac, const IpAddress& address) {
  return pool.copy(gratuitous_arp(mac, address));
}

// ---------------------------------------------------------------- neighbour discovery

std::optional<NeighbourMessage> parse_neighbour(const IpView& packet) {
  const auto message = whole_message(packet, IpProtocol::icmpv6, kNeighbourSize);
  if (!message || packet.header.ttl != 255 || icmp_checksum(packet.header, *message) != 0) return std::nullopt;
  const auto kind = static_cast<NeighbourMessage::Kind>((*message)[0]);
  const bool solicitation = kind == NeighbourMessage::Kind::solicitation;
  if (!solicitation && kind != NeighbourMessage::Kind::advertisement) return std::nullopt;

  NeighbourMessage parsed{kind, get_address(Family::ipv6, *message, 8), (*message)[4], std::nullopt};
  const std::uint8_t wanted = solicitation ? kSourceLinkLayer : kTargetLinkLayer;
  for (Bytes options = message->subspan(kNeighbourSize); options.size() >= kLinkLayerOption;) {
    const std::size_t size = std::size_t{options[1]} * 8;
    if (size == 0 || size > options.size()) return std::nullopt;
    if (options[0] == wanted) parsed.link_layer = get_mac(options, 2);
    options = options.subspan(size);
  }
  return parsed;
}

Frame make_neighbour(FramePool& pool, const MacAddress& source, const MacAddress& destination,
                     const IpAddress& source_ip, const IpAddress& destination_ip, const NeighbourMessage& message) {
  const std::size_t length = kNeighbourSize + (message.link_layer ? kLinkLayerOption : 0);
  const IpHeader header{.source = source_ip, .destination = destination_ip, .protocol = IpProtocol::icmpv6, .ttl = 255};
  IpFrame built = begin_ip_frame(pool, source, destination, header, length, Padding::none, length);
  const Out out = built.message;
  out[0] = static_cast<std::uint8_t>(message.kind);
  out[4] = message.flags;
  put(out, 8, message.target.bytes());
  if (message.link_layer) {
    out[24] = message.kind == NeighbourMessage::Kind::solicitation ? kSourceLinkLayer : kTargetLinkLayer;
    out[25] = 1;
    put(out, 26, message.link_layer->bytes);
  }
  put16(out, 2, icmp_checksum(header, out));
  return std::move(built.frame);
}

Frame make_unsolicited_advertisement(FramePool& pool, const MacAddress& mac, const IpAddress& address) {
  return pool.copy(unsolicited_advertisement(mac, address));
}

IpAddress solicited_node_group(const IpAddress& target) {
  const Bytes bytes = target.bytes();
  return IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, bytes[13], bytes[14], bytes[15]});
}

IpAddress link_local_address(const MacAddress& mac) {
  const auto& b = mac.bytes;
  return IpAddress::v6({0xfe, 0x80, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(b[0] ^ 0x02U), b[1], b[2], 0xff, 0xfe,
                        b[3], b[4], b[5]});
}

// ---------------------------------------------------------------- probes

namespace {

struct EchoTypes {
  std::uint8_t request;
  std::uint8_t reply;
};
constexpr EchoTypes echo_types(IpProtocol protocol) {
  return protocol == IpProtocol::icmp ? EchoTypes{8, 0} : EchoTypes{128, 129};
}

}  // namespace

std::optional<EchoMessage> parse_echo(const IpView& packet) {
  const IpProtocol protocol = packet.header.source.family() == Family::ipv4 ? IpProtocol::icmp : IpProtocol::icmpv6;
  const auto message = whole_message(packet, protocol, kEchoHeader);
  if (!message || icmp_checksum(packet.header, *message) != 0) return std::nullopt;
  const EchoTypes types = echo_types(protocol);
  const std::uint8_t type = (*message)[0];
  if ((type != types.request && type != types.reply) || (*message)[1] != 0) return std::nullopt;
  return EchoMessage{type == types.reply, get16(*message, 4), get16(*message, 6), message->subspan(kEchoHeader)};
}

Frame make_echo(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
                const EchoMessage& message) {
  header.protocol = header.source.family() == Family::ipv4 ? IpProtocol::icmp : IpProtocol::icmpv6;
  const EchoTypes types = echo_types(header.protocol);
  IpFrame built = begin_ip_frame(pool, source, destination, header, kEchoHeader + message.data.size(), Padding::none,
                                 kEchoHeader);
  const Out out = built.message;
  out[0] = message.reply ? types.reply : types.request;
  put16(out, 4, message.identifier);
  put16(out, 6, message.sequence);
  put(out, kEchoHeader, message.data);
  put16(out, 2, icmp_checksum(header, out));
  return std::move(built.frame);
}

std::optional<TcpSegment> parse_tcp(const IpView& packet) {
  const auto message = whole_message(packet, IpProtocol::tcp, kTcpHeader);
  if (!message || (!packet.sound && transport_checksum(packet.header, *message) != 0)) return std::nullopt;
  const std::size_t header_size = static_cast<std::size_t>((*message)[12] >> 4U) * 4;
  if (header_size < kTcpHeader || header_size > message->size()) return std::nullopt;
  return TcpSegment{.source_port = get16(*message, 0),
                    .destination_port = get16(*message, 2),
                    .sequence = get32(*message, 4),
                    .acknowledgement = get32(*message, 8),
                    .flags = (*message)[13],
                    .window = get16(*message, 14),
                    .data = message->subspan(header_size)};
}

Frame make_tcp(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
               const TcpSegment& segment) {
  header.protocol = IpProtocol::tcp;
  IpFrame built = begin_ip_frame(pool, source, destination, header, kTcpHeader + segment.data.size(), Padding::none,
                                 kTcpHeader);
  const Out out = built.message;
  put16(out, 0, segment.source_port);
  put16(out, 2, segment.destination_port);
  put32(out, 4, segment.sequence);
  put32(out, 8, segment.acknowledgement);
  out[12] = kTcpHeader / 4 << 4U;
  out[13] = segment.flags;
  put16(out, 14, segment.window);
  put(out, kTcpHeader, segment.data);
  put16(out, 16, transport_checksum(header, out));
  built.frame.mark_sound();
  return std::move(built.frame);
}

TcpSegment tcp_answer(const TcpSegment& syn, bool open, std::uint32_t initial_sequence) {
  return {.source_port = syn.destination_port,
          .destination_port = syn.source_port,
          .sequence = open ? initial_sequence : 0,
          .acknowledgement = syn.sequence + 1,
          .flags = static_cast<std::uint8_t>(kTcpAck | (open ? kTcpSyn : kTcpReset)),
          .window = static_cast<std::uint16_t>(open ? syn.window : 0)};
}

}  // namespace vipdrift::sim
