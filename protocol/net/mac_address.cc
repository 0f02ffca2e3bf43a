#include "protocol/net/mac_address.h"

#include <charconv>
#include <cstddef>

namespace vipdrift {

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  MacAddress address;
  if (text.size() != 3 * address.bytes.size() - 1) return std::nullopt;
  for (std::size_t i = 0; i < address.bytes.size(); ++i) {
    const char* const pair = text.data() + 3 * i;
    const auto [end, error] = std::from_chars(pair, pair + 2, address.bytes[i], 16);
    if (error != std::errc{} || end != pair + 2) return std::nullopt;
    if (i + 1 < address.bytes.size() && *end != ':') return std::nullopt;
  }
  return address;
}

std::string MacAddress::to_string() const {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : bytes) {
    if (!text.empty()) text += ':';
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

MacAddress multicast_mac(const IpAddress& group) {
  const auto bytes = group.bytes();
  if (group.family() == Family::ipv6) return {{0x33, 0x33, bytes[12], bytes[13], bytes[14], bytes[15]}};
  return {{0x01, 0x00, 0x5e, static_cast<std::uint8_t>(bytes[1] & 0x7fU), bytes[2], bytes[3]}};
}

}  // namespace vipdrift
