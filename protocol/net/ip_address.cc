#include "protocol/net/ip_address.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace vipdrift {
namespace {

constexpr std::size_t kGroups = 8;

/// A decimal number of at most three digits, without sign and without leading zeros, not above `largest`.
std::optional<std::uint8_t> parse_decimal(std::string_view text, unsigned largest) {
  if (text.empty() || text.size() > 3 || (text.size() > 1 && text[0] == '0')) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > largest) return std::nullopt;
  return static_cast<std::uint8_t>(value);
}

std::optional<std::array<std::uint8_t, 4>> parse_dotted_quad(std::string_view text) {
  std::array<std::uint8_t, 4> bytes{};
  for (std::size_t i = 0; i < 4; ++i) {
    const bool last = i == 3;
    const std::size_t dot = text.find('.');
    if ((dot == std::string_view::npos) != last) return std::nullopt;
    const auto value = parse_decimal(text.substr(0, dot), 255);
    if (!value) return std::nullopt;
    bytes[i] = *value;
    if (!last) text.remove_prefix(dot + 1);
  }
  return bytes;
}

/// One to four hexadecimal digits.
std::optional<std::uint16_t> parse_group(std::string_view text) {
  if (text.empty() || text.size() > 4) return std::nullopt;
  std::uint16_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, 16);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Groups of 16 bits in order of appearance.
struct GroupList {
  std::array<std::uint16_t, kGroups> values{};
  std::size_t count = 0;

  bool add(std::uint16_t value) {
    if (count == kGroups) return false;
    values[count++] = value;
    return true;
  }
};

/// Groups separated by single colons, the last of which may be a dotted quad. Empty text: no group.
bool parse_groups(std::string_view text, bool quad_allowed, GroupList& groups) {
  while (!text.empty()) {
    const std::size_t colon = text.find(':');
    const std::string_view word = text.substr(0, colon);
    const bool last = colon == std::string_view::npos;
    if (last && quad_allowed && word.find('.') != std::string_view::npos) {
      const auto quad = parse_dotted_quad(word);
      return quad && groups.add(static_cast<std::uint16_t>((*quad)[0] << 8 | (*quad)[1])) &&
             groups.add(static_cast<std::uint16_t>((*quad)[2] << 8 | (*quad)[3]));
    }
    const auto group = parse_group(word);
    if (!group || !groups.add(*group)) return false;
    if (last) return true;
    text.remove_prefix(colon + 1);
    if (text.empty()) return false;  // a colon with nothing after it
  }
  return true;
}

std::optional<IpAddress> parse_v6(std::string_view text) {
  GroupList head;
  GroupList tail;
  const std::size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, true, head) || head.count != kGroups) return std::nullopt;
  } else {
    if (!parse_groups(text.substr(0, gap), false, head) || !parse_groups(text.substr(gap + 2), true, tail)) {
      return std::nullopt;
    }
    if (head.count + tail.count >= kGroups) return std::nullopt;  // "::" stands for at least one group
  }
  std::array<std::uint8_t, 16> bytes{};
  const auto put = [&bytes](std::size_t group, std::uint16_t value) {
    bytes[2 * group] = static_cast<std::uint8_t>(value >> 8);
    bytes[2 * group + 1] = static_cast<std::uint8_t>(value & 0xffU);
  };
  for (std::size_t i = 0; i < head.count; ++i) put(i, head.values[i]);
  for (std::size_t i = 0; i < tail.count; ++i) put(kGroups - tail.count + i, tail.values[i]);
  return IpAddress::v6(bytes);
}

std::string dotted_quad(std::span<const std::uint8_t> bytes) {
  std::string text;
  for (std::size_t i = 0; i < 4; ++i) {
    if (i != 0) text += '.';
    text += std::to_string(bytes[i]);
  }
  return text;
}

/// First group and length of the longest run of two or more zero groups; the first of equals (RFC 5952, 4.2).
struct ZeroRun {
  std::size_t begin = kGroups;
  std::size_t length = 0;
};

ZeroRun longest_zero_run(const std::array<std::uint16_t, kGroups>& groups) {
  ZeroRun best;
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t end = i;
    while (end < kGroups && groups[end] == 0) ++end;
    if (end - i >= 2 && end - i > best.length) best = {i, end - i};
  }
  return best;
}

std::string format_v6(std::span<const std::uint8_t> bytes) {
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) return "::ffff:" + dotted_quad(bytes.subspan(12));

  std::array<std::uint16_t, kGroups> groups{};
  for (std::size_t i = 0; i < kGroups; ++i) {
    groups[i] = static_cast<std::uint16_t>(bytes[2 * i] << 8 | bytes[2 * i + 1]);
  }
  const ZeroRun gap = longest_zero_run(groups);
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap.begin) {
      text += "::";
      i += gap.length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), groups[i], 16);
    text.append(digits.data(), end);
  }
  return text;
}

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return parse_v6(text);
  const auto quad = parse_dotted_quad(text);
  if (!quad) return std::nullopt;
  return from_bytes(Family::ipv4, *quad);
}

std::string IpAddress::to_string() const { return family_ == Family::ipv4 ? dotted_quad(bytes()) : format_v6(bytes()); }

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto host_length = static_cast<std::uint8_t>(8 * address_size(address->family()));
  if (slash == std::string_view::npos) return IpPrefix{*address, host_length};
  const auto length = parse_decimal(text.substr(slash + 1), host_length);
  if (!length) return std::nullopt;
  return IpPrefix{*address, *length};
}

bool IpPrefix::contains(const IpAddress& other) const {
  if (other.family() != address.family()) return false;
  const auto ours = address.bytes();
  const auto theirs = other.bytes();
  const std::size_t whole = length / 8U;
  if (!std::equal(ours.begin(), ours.begin() + static_cast<std::ptrdiff_t>(whole), theirs.begin())) return false;
  const unsigned rest = length % 8U;
  if (rest == 0) return true;
  const unsigned mask = 0xff00U >> rest;
  return ((ours[whole] ^ theirs[whole]) & mask & 0xffU) == 0;
}

std::string IpPrefix::to_string() const { return address.to_string() + "/" + std::to_string(length); }

}  // namespace vipdrift
