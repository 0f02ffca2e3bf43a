#include "protocol/vrrp/advertisement.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>

#include "protocol/net/internet_checksum.h"
#include "protocol/vrrp/advertisement_layout.h"

namespace vipdrift::vrrp {
namespace {

Duration received_interval(Version version, const std::uint8_t* message) {
  if (version == Version::v2) return std::chrono::seconds{message[kV2Interval]};
  return Centiseconds{v3_interval(message)};
}

Discard check_length(const Datagram& datagram, const ReceiveRules& rules) {
  if (datagram.payload.size() < kHeaderSize) return Discard::too_short;
  const std::uint8_t* const header = datagram.payload.data();
  const Version claimed = header[kVersionAndType] >> 4U == 2 ? Version::v2 : Version::v3;
  const std::size_t expected = message_size(claimed, rules.family, header[kAddressCount]);
  if (datagram.payload.size() < expected) return Discard::too_short;
  if (datagram.payload.size() > expected && datagram.ip_payload_length > expected) return Discard::too_long;
  return Discard::none;
}

Discard check_authentication(std::span<const std::uint8_t> message, const ReceiveRules& rules) {
  const std::uint8_t type = message[kAuthType];
  if (type > static_cast<std::uint8_t>(AuthType::ah)) return Discard::auth_type_unknown;
  if (type != static_cast<std::uint8_t>(rules.auth_type)) return Discard::auth_type_mismatch;
  if (rules.auth_type == AuthType::none) return Discard::none;
  const std::uint8_t* const data = message.data() + message.size() - kAuthenticationSize;
  const bool same = (load64(data) ^ load64(rules.password.data())) == 0;
  return rules.auth_type == AuthType::pass && same ? Discard::none : Discard::auth_data_mismatch;
}

/// Which checksum form the message satisfies; nullopt: none that the rules allow.
std::optional<Ipv4Checksum> matching_checksum(std::span<const std::uint8_t> message, const Datagram& datagram,
                                              const ReceiveRules& rules) {
  const std::uint64_t sum = internet_sum(message);
  const auto satisfies = [&](Ipv4Checksum form) {
    if (!has_pseudo_header(rules.version, rules.family, form)) return finish_checksum(sum) == 0;
    const auto pseudo = pseudo_header_sum(datagram.source, datagram.destination, kVrrpProtocol, message.size());
    return finish_checksum(sum + pseudo) == 0;
  };
  if (satisfies(rules.ipv4_checksum)) return rules.ipv4_checksum;
  const Ipv4Checksum other =
      rules.ipv4_checksum == Ipv4Checksum::message_only ? Ipv4Checksum::with_pseudo_header : Ipv4Checksum::message_only;
  if (rules.both_checksums && satisfies(other)) return other;
  return std::nullopt;
}

/// Whether the same number of addresses is listed and each of ours is among them.
bool lists_our_addresses(std::span<const std::uint8_t> theirs, const ReceiveRules& rules) {
  const auto ours = rules.addresses;
  if (theirs.size() != ours.size()) return false;
  if (std::memcmp(theirs.data(), ours.data(), ours.size()) == 0) return true;
  const std::size_t unit = address_size(rules.family);
  for (std::size_t mine = 0; mine < ours.size(); mine += unit) {
    std::size_t at = 0;
    while (at < theirs.size() && std::memcmp(theirs.data() + at, ours.data() + mine, unit) != 0) at += unit;
    if (at == theirs.size()) return false;
  }
  return true;
}

Discard check_origin(const Datagram& datagram, const ReceiveRules& rules) {
  if (datagram.destination.is_multicast() == rules.unicast) return Discard::destination;
  if (!rules.check_unicast_source) return Discard::none;
  const bool known = std::find(rules.peers.begin(), rules.peers.end(), datagram.source) != rules.peers.end();
  return known ? Discard::none : Discard::unknown_peer;
}

constexpr std::array<std::string_view, kDiscardCount> kDiscardNames = {
    "none",
    "too_short",
    "too_long",
    "ttl",
    "version",
    "auth_type_unknown",
    "auth_type_mismatch",
    "auth_data_mismatch",
    "interval_mismatch",
    "interval_zero",
    "type",
    "ip_length",
    "checksum",
    "address_count_zero",
    "first_not_link_local",
    "address_list",
    "destination",
    "unknown_peer",
    "unknown_vrid",
    "owner_ignores",
};

}  // namespace

Discard examine_closely(const Datagram& datagram, const ReceiveRules& rules, Advertisement& out) {
  if (const Discard reason = check_length(datagram, rules); reason != Discard::none) return reason;
  if (datagram.ttl < rules.min_ttl || datagram.ttl > rules.max_ttl) return Discard::ttl;
  if (datagram.payload[kVersionAndType] >> 4U != static_cast<unsigned>(rules.version)) return Discard::version;
  // From here on the length that was checked is the length that our version asks for.
  const std::uint8_t count = datagram.payload[kAddressCount];
  const auto message = datagram.payload.first(message_size(rules.version, rules.family, count));
  if (rules.version == Version::v2) {
    if (const Discard reason = check_authentication(message, rules); reason != Discard::none) return reason;
  }
  const Duration interval = received_interval(rules.version, message.data());
  if (rules.version == Version::v2 && interval != rules.interval) return Discard::interval_mismatch;
  if (rules.version == Version::v3 && rules.interval_must_be_positive && interval == Duration{0}) {
    return Discard::interval_zero;
  }
  if ((message[kVersionAndType] & 0x0fU) != kTypeAdvertisement) return Discard::type;
  if (datagram.ip_payload_length != message.size()) return Discard::ip_length;
  const auto checksum = matching_checksum(message, datagram, rules);
  if (!checksum) return Discard::checksum;
  if (count == 0) return Discard::address_count_zero;
  const auto addresses = message.subspan(kHeaderSize, count * address_size(rules.family));
  if (rules.family == Family::ipv6 && rules.first_must_be_link_local && !is_link_local(addresses)) {
    return Discard::first_not_link_local;
  }
  const bool other_list = !lists_our_addresses(addresses, rules);
  if (other_list && rules.address_list_must_match) return Discard::address_list;
  if (const Discard reason = check_origin(datagram, rules); reason != Discard::none) return reason;

  out.version = rules.version;
  out.vrid = message[kVrid];
  out.priority = message[kPriority];
  out.address_count = count;
  out.auth_type = rules.auth_type;
  out.interval = interval;
  out.addresses = addresses;
  out.ipv4_checksum = *checksum;
  out.address_list_differs = other_list;
  out.interval_differs = interval != rules.interval;
  return Discard::none;
}

Password make_password(std::string_view word) {
  Password password{};
  std::copy_n(word.begin(), std::min(word.size(), password.size()), password.begin());
  return password;
}

std::size_t encoded_size(const AdvertisementContent& content) {
  return message_size(content.version, content.family, content.addresses.size());
}

std::size_t encode(const AdvertisementContent& content, std::span<std::uint8_t> out) {
  const std::size_t size = encoded_size(content);
  assert(content.addresses.size() <= 255 && out.size() >= size);
  const auto message = out.first(size);
  std::fill_n(message.begin(), kHeaderSize, std::uint8_t{0});
  message[kVersionAndType] = version_and_type(content.version);
  message[kVrid] = content.vrid;
  message[kPriority] = content.priority;
  message[kAddressCount] = static_cast<std::uint8_t>(content.addresses.size());
  put_interval(content.version, content.interval, message.data());

  std::uint8_t* at = message.data() + kHeaderSize;
  for (const IpAddress& address : content.addresses) {
    assert(address.family() == content.family);
    std::memcpy(at, address.bytes().data(), address_size(content.family));
    at += address_size(content.family);
  }
  if (content.version == Version::v2) {
    message[kAuthType] = static_cast<std::uint8_t>(content.auth_type);
    const Password data = content.auth_type == AuthType::pass ? content.password : Password{};
    std::memcpy(at, data.data(), data.size());
  }

  std::uint64_t sum = internet_sum(message);
  if (has_pseudo_header(content.version, content.family, content.ipv4_checksum)) {
    sum += pseudo_header_sum(content.source, content.destination, kVrrpProtocol, size);
  }
  const std::uint16_t checksum = finish_checksum(sum);
  message[kChecksum] = static_cast<std::uint8_t>(checksum >> 8U);
  message[kChecksum + 1] = static_cast<std::uint8_t>(checksum & 0xffU);
  return size;
}

std::string_view to_string(Discard reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < kDiscardNames.size() ? kDiscardNames[index] : std::string_view{};
}

Discard discard_from_string(std::string_view name) {
  const auto* const found = std::find(kDiscardNames.begin(), kDiscardNames.end(), name);
  return static_cast<Discard>(found - kDiscardNames.begin());
}

}  // namespace vipdrift::vrrp
