#include "backends/netns/frames.h"

#include <algorithm>
#include <array>

#include "protocol/net/internet_checksum.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::netns {
namespace {

constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kIpv4Header = 20;
constexpr std::size_t kIpv6Header = 40;
constexpr std::size_t kArpMessage = 28;
constexpr std::uint16_t kIpv4Type = 0x0800;
constexpr std::uint16_t kArpType = 0x0806;
constexpr std::uint16_t kIpv6Type = 0x86dd;
constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kIcmp6 = 58;
constexpr std::uint8_t kInternetControl = 0xc0;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kReset = 0x04;

std::uint16_t get16(Bytes bytes, std::size_t at) {
  return static_cast<std::uint16_t>(bytes[at] << 8 | bytes[at + 1]);
}

void put16(std::vector<std::uint8_t>& bytes, std::size_t at, std::size_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

MacAddress mac_at(Bytes bytes, std::size_t at) {
  MacAddress mac;
  std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), mac.bytes.size(), mac.bytes.begin());
  return mac;
}

IpAddress address_at(Bytes bytes, std::size_t at, Family family) {
  return IpAddress::from_bytes(family, bytes.subspan(at, family == Family::ipv4 ? 4 : 16));
}

struct Packet {
  IpAddress source;
  IpAddress destination;
  std::uint8_t protocol = 0;
  std::uint8_t ttl = 0;
  Bytes payload;
};

/// The IP packet of a frame, without the frame's padding. Fragments and extension headers are none of ours.
std::optional<Packet> packet_in(Bytes frame) {
  if (frame.size() < kEthernetHeader) return std::nullopt;
  const std::uint16_t type = get16(frame, 12);
  const Bytes ip = frame.subspan(kEthernetHeader);
  Packet packet;
  if (type == kIpv4Type && ip.size() >= kIpv4Header) {
    const std::size_t header = std::size_t{4} * (ip[0] & 0x0fU);
    const std::size_t total = get16(ip, 2);
    if (header < kIpv4Header || total < header || ip.size() < total) return std::nullopt;
    packet = {address_at(ip, 12, Family::ipv4), address_at(ip, 16, Family::ipv4), ip[9], ip[8],
              ip.subspan(header, total - header)};
    return packet;
  }
  if (type == kIpv6Type && ip.size() >= kIpv6Header) {
    const std::size_t length = get16(ip, 4);
    if (ip.size() < kIpv6Header + length) return std::nullopt;
    packet = {address_at(ip, 8, Family::ipv6), address_at(ip, 24, Family::ipv6), ip[6], ip[7],
              ip.subspan(kIpv6Header, length)};
    return packet;
  }
  return std::nullopt;
}

std::optional<AnnouncementFrame> gratuitous_arp_in(Bytes frame) {
  if (frame.size() < kEthernetHeader + kArpMessage || get16(frame, 12) != kArpType) return std::nullopt;
  const Bytes arp = frame.subspan(kEthernetHeader);
  const IpAddress sender = address_at(arp, 14, Family::ipv4);
  const IpAddress target = address_at(arp, 24, Family::ipv4);
  if (get16(arp, 2) != kIpv4Type || sender != target) return std::nullopt;
  return AnnouncementFrame{sender, mac_at(arp, 8)};
}

std::optional<AnnouncementFrame> unsolicited_advertisement_in(Bytes frame) {
  constexpr std::uint8_t kNeighbourAdvertisement = 136;
  constexpr std::size_t kWithMac = 32;
  constexpr std::uint8_t kTargetMac = 2;
  const std::optional<Packet> packet = packet_in(frame);
  const auto all_nodes = IpAddress::parse("ff02::1");
  if (!packet || packet->protocol != kIcmp6 || packet->payload.size() < kWithMac) return std::nullopt;
  const Bytes message = packet->payload;
  if (message[0] != kNeighbourAdvertisement || packet->destination != all_nodes || message[24] != kTargetMac) {
    return std::nullopt;
  }
  return AnnouncementFrame{address_at(message, 8, Family::ipv6), mac_at(message, 26)};
}

}  // namespace

MacAddress source_mac(Bytes frame) { return frame.size() < kEthernetHeader ? MacAddress{} : mac_at(frame, 6); }

std::optional<VrrpFrame> vrrp_in(Bytes frame) {
  const std::optional<Packet> packet = packet_in(frame);
  if (!packet || packet->protocol != vrrp::kVrrpProtocol) return std::nullopt;
  return VrrpFrame{{packet->source, packet->destination, packet->ttl, source_mac(frame)}, packet->payload};
}

std::optional<AnnouncementFrame> announcement_in(Bytes frame) {
  if (auto arp = gratuitous_arp_in(frame)) return arp;
  return unsolicited_advertisement_in(frame);
}

std::optional<AnswerFrame> answer_in(Bytes frame) {
  constexpr std::uint8_t kEchoReply = 0;
  constexpr std::uint8_t kEchoReply6 = 129;
  constexpr std::size_t kEchoHeader = 8;
  constexpr std::size_t kTcpHeader = 20;
  const std::optional<Packet> packet = packet_in(frame);
  if (!packet) return std::nullopt;
  const Bytes message = packet->payload;
  const bool echo = (packet->protocol == kIcmp && message.size() >= kEchoHeader && message[0] == kEchoReply) ||
                    (packet->protocol == kIcmp6 && message.size() >= kEchoHeader && message[0] == kEchoReply6);
  if (echo) return AnswerFrame{packet->source, 0, get16(message, 6), get16(message, 4), source_mac(frame)};
  if (packet->protocol != kTcp || message.size() < kTcpHeader || (message[13] & (kSyn | kReset)) == 0) {
    return std::nullopt;
  }
  return AnswerFrame{packet->source, get16(message, 0), get16(message, 2), 0, source_mac(frame)};
}

std::optional<MacAddress> group_mac(const IpAddress& address) {
  const auto bytes = address.bytes();
  if (address.family() == Family::ipv4 && (bytes[0] & 0xf0U) == 0xe0U) {
    return MacAddress{{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(bytes[1] & 0x7fU), bytes[2], bytes[3]}};
  }
  if (address.family() == Family::ipv6 && bytes[0] == 0xffU) {
    return MacAddress{{0x33, 0x33, bytes[12], bytes[13], bytes[14], bytes[15]}};
  }
  return std::nullopt;
}

std::vector<std::uint8_t> make_vrrp_frame(const scenarios::AdvertisementEnvelope& envelope, const MacAddress& to,
                                          Bytes message) {
  const bool v4 = envelope.source.family() == Family::ipv4;
  const std::size_t header = v4 ? kIpv4Header : kIpv6Header;
  std::vector<std::uint8_t> frame(kEthernetHeader + header);
  std::copy(to.bytes.begin(), to.bytes.end(), frame.begin());
  std::copy(envelope.source_mac.bytes.begin(), envelope.source_mac.bytes.end(), frame.begin() + 6);
  put16(frame, 12, v4 ? kIpv4Type : kIpv6Type);
  const auto put_address = [&](const IpAddress& address, std::size_t at) {
    const auto bytes = address.bytes();
    std::copy(bytes.begin(), bytes.end(), frame.begin() + static_cast<std::ptrdiff_t>(kEthernetHeader + at));
  };
  const std::size_t ip = kEthernetHeader;
  if (v4) {
    frame[ip] = 0x45;
    frame[ip + 1] = kInternetControl;
    put16(frame, ip + 2, kIpv4Header + message.size());
    frame[ip + 8] = envelope.ttl;
    frame[ip + 9] = vrrp::kVrrpProtocol;
    put_address(envelope.source, 12);
    put_address(envelope.destination, 16);
    put16(frame, ip + 10, finish_checksum(internet_sum(Bytes{frame}.subspan(ip, kIpv4Header))));
  } else {
    frame[ip] = 0x60 | kInternetControl >> 4;
    put16(frame, ip + 4, message.size());
    frame[ip + 6] = vrrp::kVrrpProtocol;
    frame[ip + 7] = envelope.ttl;
    put_address(envelope.source, 8);
    put_address(envelope.destination, 24);
  }
  frame.insert(frame.end(), message.begin(), message.end());
  return frame;
}

}  // namespace vipdrift::netns
