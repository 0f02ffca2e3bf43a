// What stands in a frame: builders and parsers for the protocols of the simulated wire.
#ifndef VIPDRIFT_SIM_PACKETS_H_
#define VIPDRIFT_SIM_PACKETS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "sim/frame.h"

namespace vipdrift::sim {

enum class EtherType : std::uint16_t { ipv4 = 0x0800, arp = 0x0806, ipv6 = 0x86dd };
enum class IpProtocol : std::uint8_t {
  icmp = 1,
  igmp = 2,
  ipip = 4,
  tcp = 6,
  udp = 17,
  ipv6 = 41,
  icmpv6 = 58,
  vrrp = 112
};

/// Shortest frame on a real wire without FCS (IEEE 802.3, 4.4.2): shorter ones are padded with zeros.
inline constexpr std::size_t kMinimumFrame = 60;

/// Whether a builder pads to kMinimumFrame. IPv4 and ARP frames of hosts are padded by their NICs; captures taken on
/// the sending host show them unpadded.
enum class Padding : std::uint8_t { none, to_minimum };

// ---------------------------------------------------------------- Ethernet

struct EthernetHeader {
  MacAddress destination;
  MacAddress source;
  EtherType type{};  ///< the value on the wire, known or not
};
struct EthernetView {
  EthernetHeader header;
  std::span<const std::uint8_t> payload;  ///< with padding, if any
};
/// nullopt: shorter than 14 bytes.
std::optional<EthernetView> parse_ethernet(std::span<const std::uint8_t> frame);

// ---------------------------------------------------------------- IP

/// Header fields of an IPv4 (RFC 791) or IPv6 (RFC 8200) packet. No options, no fragments.
struct IpHeader {
  IpAddress source;
  IpAddress destination;  ///< same family as source
  IpProtocol protocol{};
  std::uint8_t ttl = 64;             ///< or hop limit
  std::uint8_t traffic_class = 0;    ///< TOS byte
  std::uint16_t identification = 0;  ///< IPv4 only; the sender counts it
  bool dont_fragment = false;        ///< IPv4 only
};
struct IpView {
  IpHeader header;
  std::uint16_t payload_length = 0;       ///< bytes after the header according to the header's length field
  std::span<const std::uint8_t> payload;  ///< bytes after the header that arrived, padding included
  bool header_checksum_ok = true;         ///< IPv4; a kernel drops the packet when false
  bool sound = false;                     ///< Frame::sound(): no checksum in it needs to be added up
  /// The payload without padding: payload, but no more than payload_length.
  std::span<const std::uint8_t> message() const {
    return payload.first(payload.size() < payload_length ? payload.size() : payload_length);
  }
};
/// The packet in an IPv4 or IPv6 frame. nullopt: another type, wrong version nibble, header cut short, header length
/// field below 20, or length field smaller than the header. Options are skipped; extension headers are not read.
/// `sound`: of the frame.
std::optional<IpView> parse_ip(const EthernetView& frame, bool sound = false);

/// A frame with an IP header and `message` behind it. The type follows from the family of the addresses.
Frame make_ip_frame(FramePool& pool, const MacAddress& source, const MacAddress& destination, const IpHeader& header,
                    std::span<const std::uint8_t> message, Padding padding = Padding::none);

/// The headers of IP packets that differ in identification and message alone, written once.
class IpFrameTemplate {
 public:
  /// Every message has `length` bytes.
  IpFrameTemplate(const MacAddress& source, const MacAddress& destination, const IpHeader& header, std::size_t length);

  /// What make_ip_frame() makes without padding. `message` has the template's length.
  Frame make(FramePool& pool, std::uint16_t identification, std::span<const std::uint8_t> message) const;

 private:
  static constexpr std::size_t kMostHeaders = 54;  ///< Ethernet and IPv6

  std::array<std::uint8_t, kMostHeaders> headers_{};
  std::uint32_t size_ = 0;
  std::uint64_t sum_ = 0;  ///< of the IPv4 header without identification and checksum
  bool v4_ = false;
};

/// The header of an advertisement as keepalived sends it: TOS (traffic class) 0xc0, protocol 112, no DF.
IpHeader vrrp_header(const IpAddress& source, const IpAddress& destination, std::uint8_t ttl,
                     std::uint16_t identification);

/// The Ethernet destination of an IP multicast group, or broadcast for 255.255.255.255; nullopt for unicast, whose
/// address a neighbour cache must tell.
std::optional<MacAddress> group_destination(const IpAddress& destination);

// ---------------------------------------------------------------- ARP (RFC 826) and neighbour discovery (RFC 4861)

enum class ArpOperation : std::uint16_t { request = 1, reply = 2 };
struct ArpMessage {
  ArpOperation operation{};
  MacAddress sender_mac;
  IpAddress sender_ip;
  MacAddress target_mac;
  IpAddress target_ip;
  /// Sender and target address are the same: an announcement (RFC 5227, 3).
  bool gratuitous() const { return sender_ip == target_ip; }
};
/// nullopt: not ARP for IPv4 over Ethernet, or cut short.
std::optional<ArpMessage> parse_arp(const EthernetView& frame);
Frame make_arp(FramePool& pool, const MacAddress& source, const MacAddress& destination, const ArpMessage& message,
               Padding padding = Padding::none);
/// protocol/net/announcement.h, as a frame.
Frame make_gratuitous_arp(FramePool& pool, const MacAddress& mac, const IpAddress& address);

/// A neighbour solicitation or advertisement, with its link-layer address option if there is one.
struct NeighbourMessage {
  enum class Kind : std::uint8_t { solicitation = 135, advertisement = 136 } kind{};
  IpAddress target;
  std::uint8_t flags = 0;  ///< advertisement: 0x80 router, 0x40 solicited, 0x20 override
  std::optional<MacAddress> link_layer;
};
inline constexpr std::uint8_t kNeighbourSolicited = 0x40;
inline constexpr std::uint8_t kNeighbourOverride = 0x20;
/// nullopt: not one of the two, hop limit not 255, wrong checksum, cut short (RFC 4861, 7.1).
std::optional<NeighbourMessage> parse_neighbour(const IpView& packet);
Frame make_neighbour(FramePool& pool, const MacAddress& source, const MacAddress& destination,
                     const IpAddress& source_ip, const IpAddress& destination_ip, const NeighbourMessage& message);
/// protocol/net/announcement.h, as a frame.
Frame make_unsolicited_advertisement(FramePool& pool, const MacAddress& mac, const IpAddress& address);
/// ff02::1:ffXX:XXXX of `target` (RFC 4291, 2.7.1).
IpAddress solicited_node_group(const IpAddress& target);
/// fe80::/64 with the modified EUI-64 of `mac` (RFC 4291, appendix A).
IpAddress link_local_address(const MacAddress& mac);

// ---------------------------------------------------------------- probes

/// ICMP (RFC 792) or ICMPv6 (RFC 4443) echo.
struct EchoMessage {
  bool reply = false;
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  std::span<const std::uint8_t> data;  ///< parsed: points into the frame
};
/// nullopt: no echo, wrong checksum, cut short.
std::optional<EchoMessage> parse_echo(const IpView& packet);
/// `header.protocol` is set by the builder from the family.
Frame make_echo(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
                const EchoMessage& message);

inline constexpr std::uint8_t kTcpFin = 0x01;
inline constexpr std::uint8_t kTcpSyn = 0x02;
inline constexpr std::uint8_t kTcpReset = 0x04;
inline constexpr std::uint8_t kTcpPush = 0x08;
inline constexpr std::uint8_t kTcpAck = 0x10;
/// A TCP segment (RFC 9293). Options are skipped and never sent.
struct TcpSegment {
  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  std::uint8_t flags = 0;
  std::uint16_t window = 64240;
  std::span<const std::uint8_t> data = {};  ///< parsed: points into the frame
};
/// nullopt: not TCP, wrong checksum, cut short.
std::optional<TcpSegment> parse_tcp(const IpView& packet);
Frame make_tcp(FramePool& pool, const MacAddress& source, const MacAddress& destination, IpHeader header,
               const TcpSegment& segment);
/// The answer to `syn`: SYN+ACK from an open port, RST+ACK from a closed one (RFC 9293, 3.10.7).
TcpSegment tcp_answer(const TcpSegment& syn, bool open, std::uint32_t initial_sequence);

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_PACKETS_H_
