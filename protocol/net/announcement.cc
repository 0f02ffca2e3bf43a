#include "protocol/net/announcement.h"

#include <algorithm>
#include <cassert>
#include <span>

#include "protocol/net/internet_checksum.h"

namespace vipdrift {
namespace {

constexpr IpAddress kAllNodes = IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
constexpr std::uint8_t kIcmpv6 = 58;
constexpr std::uint8_t kNeighbourAdvertisement = 136;
constexpr std::uint8_t kOverride = 0x20;
constexpr std::uint8_t kTargetLinkLayer = 2;
constexpr std::size_t kEthernetHeader = 14;
constexpr std::size_t kIpv6Header = 40;

/// Writes one field after the other.
class Writer {
 public:
  explicit Writer(std::span<std::uint8_t> out) : out_(out) {}

  Writer& bytes(std::span<const std::uint8_t> field) {
    std::copy(field.begin(), field.end(), out_.begin());
    out_ = out_.subspan(field.size());
    return *this;
  }
  Writer& byte(std::uint8_t field) { return bytes({&field, 1}); }
  Writer& word(std::uint16_t field) {
    return byte(static_cast<std::uint8_t>(field >> 8U)).byte(static_cast<std::uint8_t>(field));
  }

 private:
  std::span<std::uint8_t> out_;
};

}  // namespace

std::array<std::uint8_t, kGratuitousArpSize> gratuitous_arp(const MacAddress& mac, const IpAddress& address) {
  assert(address.family() == Family::ipv4);
  std::array<std::uint8_t, kGratuitousArpSize> frame{};
  Writer out(frame);
  out.bytes(kBroadcastMac.bytes).bytes(mac.bytes).word(0x0806);
  out.word(1).word(0x0800).byte(6).byte(4).word(1);  // Ethernet, IPv4, request
  out.bytes(mac.bytes).bytes(address.bytes()).bytes(kBroadcastMac.bytes).bytes(address.bytes());
  return frame;
}

std::array<std::uint8_t, kUnsolicitedAdvertisementSize> unsolicited_advertisement(const MacAddress& mac,
                                                                                  const IpAddress& address) {
  assert(address.family() == Family::ipv6);
  std::array<std::uint8_t, kUnsolicitedAdvertisementSize> frame{};
  const std::span<std::uint8_t> message = std::span{frame}.subspan(kEthernetHeader + kIpv6Header);
  Writer out(frame);
  out.bytes(multicast_mac(kAllNodes).bytes).bytes(mac.bytes).word(0x86dd);
  out.word(0x6000).word(0).word(static_cast<std::uint16_t>(message.size())).byte(kIcmpv6).byte(255);
  out.bytes(address.bytes()).bytes(kAllNodes.bytes());
  out.byte(kNeighbourAdvertisement).byte(0).word(0).byte(kOverride).byte(0).word(0).bytes(address.bytes());
  out.byte(kTargetLinkLayer).byte(1).bytes(mac.bytes);
  const std::uint16_t checksum =
      finish_checksum(internet_sum(message, pseudo_header_sum(address, kAllNodes, kIcmpv6, message.size())));
  Writer(message.subspan(2)).word(checksum);
  return frame;
}

}  // namespace vipdrift
