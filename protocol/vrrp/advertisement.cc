#include "protocol/vrrp/advertisement.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>

#include "protocol/net/internet_checksum.h"

namespace vipdrift::vrrp {
namespace {

constexpr std::uint8_t kTypeAdvertisement = 1;
constexpr std::uint16_t kLargestV3Interval = 0x0fff;

/// Positions in the message, both versions (RFC 3768, 5.1; RFC 9568, 5.2).
enum Offset : std::size_t {
  kVersionAndType = 0,
  kVrid = 1,
  kPriority = 2,
  kAddressCount = 3,
  kAuthType = 4,    // v2
  kV2Interval = 5,  // v2
  kV3Interval = 4,  // v3: 4 reserved bits, 12 bits of interval
  kChecksum = 6,
};

constexpr std::uint8_t version_and_type(Version version) {
  return static_cast<std::uint8_t>(static_cast<unsigned>(version) << 4U | kTypeAdvertisement);
}

constexpr std::size_t authentication_size(Version version) { return version == Version::v2 ? kAuthenticationSize : 0; }

std::size_t message_size(Version version, Family family, std::size_t address_count) {
  return kHeaderSize + address_count * address_size(family) + authentication_size(version);
}

std::uint16_t v3_interval(const std::uint8_t* message) {
  return static_cast<std::uint16_t>((message[kV3Interval] << 8U | message[kV3Interval + 1]) & kLargestV3Interval);
}

Duration received_interval(Version version, const std::uint8_t* message) {
  if (version == Version::v2) return std::chrono::seconds{message[kV2Interval]};
  return Centiseconds{v3_interval(message)};
}

bool has_pseudo_header(Version version, Family family, Ipv4Checksum form) {
  return version == Version::v3 && (family == Family::ipv6 || form == Ipv4Checksum::with_pseudo_header);
}

std::uint64_t load64(const std::uint8_t* bytes) {
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

std::uint32_t load32(const std::uint8_t* bytes) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

/// A word's share of a checksum summed in the machine's byte order.
constexpr std::uint64_t halves(std::uint64_t word) { return (word >> 32U) + (word & 0xffffffffU); }

constexpr std::uint64_t fold(std::uint64_t sum) {
  sum = (sum >> 32U) + (sum & 0xffffffffU);
  sum = (sum >> 16U) + (sum & 0xffffU);
  sum = (sum >> 16U) + (sum & 0xffffU);
  return (sum >> 16U) + (sum & 0xffffU);
}

std::uint64_t machine_order_sum(std::span<const std::uint8_t> words) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at + 4 <= words.size(); at += 4) sum += load32(words.data() + at);
  return sum;
}

std::uint64_t machine_order_sum(const IpAddress& address) {
  const std::uint8_t* const bytes = address.bytes().data();
  if (address.family() == Family::ipv4) return load32(bytes);
  return halves(load64(bytes)) + halves(load64(bytes + 8));
}

/// Whether two address lists of the same size, a multiple of 4, are equal.
bool same_addresses(const std::uint8_t* a, const std::uint8_t* b, std::size_t size) {
  constexpr std::size_t kWorthACall = 64;
  if (size > kWorthACall) return std::memcmp(a, b, size) == 0;
  std::uint64_t difference = 0;
  if (size % 8 != 0) {
    difference = load32(a) ^ load32(b);
    a += 4;
    b += 4;
  }
  for (std::size_t words = size / 8; words != 0; --words, a += 8, b += 8) difference |= load64(a) ^ load64(b);
  return difference == 0;
}

/// Accepts the usual advertisement. False says nothing about the datagram.
bool accept_at_a_glance(const Datagram& datagram, const ReceiveRules& rules, Advertisement& out) {
  const Glance& glance = rules.glance;
  if (datagram.ip_payload_length != glance.size || datagram.payload.size() < glance.size) return false;
  if (datagram.ttl < rules.min_ttl || datagram.ttl > rules.max_ttl) return false;
  if (datagram.destination.is_multicast() == rules.unicast) return false;

  const std::uint8_t* const message = datagram.payload.data();
  const std::uint64_t header = load64(message);
  std::uint64_t difference = (header ^ glance.header) & glance.header_mask;
  std::uint64_t sum = halves(header) + glance.addresses_sum;
  if (rules.version == Version::v2) {
    const std::uint64_t authentication = load64(message + glance.size - kAuthenticationSize);
    difference |= (authentication ^ glance.password) & glance.password_mask;
    sum += halves(authentication);
  } else if (glance.pseudo_header) {
    sum += machine_order_sum(datagram.source) + machine_order_sum(datagram.destination);
  }
  if (difference != 0 || fold(sum) != 0xffff) return false;
  if (!same_addresses(message + kHeaderSize, rules.addresses.data(), rules.addresses.size())) return false;

  out = glance.accepted;
  out.vrid = message[kVrid];
  out.priority = message[kPriority];
  out.addresses = {message + kHeaderSize, rules.addresses.size()};
  return true;
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

bool is_link_local(std::span<const std::uint8_t> address) { return address[0] == 0xfe && (address[1] & 0xc0U) == 0x80; }

/// Whether the same number of addresses is listed and each of ours is among them.
bool lists_our_addresses(std::span<const std::uint8_t> theirs, const ReceiveRules& rules) {
  const auto ours = rules.addresses;
  if (theirs.size() != ours.size()) return false;
  if (same_addresses(theirs.data(), ours.data(), ours.size())) return true;
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

/// Every rule, one after another, in the order of Discard.
Discard examine_closely(const Datagram& datagram, const ReceiveRules& rules, Advertisement& out) {
  if (const Discard reason = check_length(datagram, rules); reason != Discard::none) return reason;
  const std::uint8_t count = datagram.payload[kAddressCount];
  const auto message = datagram.payload.first(message_size(rules.version, rules.family, count));

  if (datagram.ttl < rules.min_ttl || datagram.ttl > rules.max_ttl) return Discard::ttl;
  if (message[kVersionAndType] >> 4U != static_cast<unsigned>(rules.version)) return Discard::version;
  if (rules.version == Version::v2) {
    if (const Discard reason = check_authentication(message, rules); reason != Discard::none) return reason;
  }
  const Duration interval = received_interval(rules.version, message.data());
  if (rules.version == Version::v2 && interval != rules.interval) return Discard::interval_mismatch;
  if (rules.version == Version::v3 && interval == Duration{0}) return Discard::interval_zero;
  if ((message[kVersionAndType] & 0x0fU) != kTypeAdvertisement) return Discard::type;
  if (datagram.ip_payload_length != message.size()) return Discard::ip_length;
  const auto checksum = matching_checksum(message, datagram, rules);
  if (!checksum) return Discard::checksum;
  if (count == 0) return Discard::address_count_zero;
  const auto addresses = message.subspan(kHeaderSize, count * address_size(rules.family));
  if (rules.family == Family::ipv6 && !is_link_local(addresses)) return Discard::first_not_link_local;
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
  out.address_list_differs =
      !std::equal(addresses.begin(), addresses.end(), rules.addresses.begin(), rules.addresses.end());
  out.interval_differs = interval != rules.interval;
  return Discard::none;
}

/// The v2 or v3 interval bytes of the header.
void put_interval(Version version, Duration interval, std::uint8_t* message) {
  if (version == Version::v2) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(interval).count();
    assert(seconds >= 1 && seconds <= 255);
    message[kV2Interval] = static_cast<std::uint8_t>(seconds);
    return;
  }
  const auto ticks = std::chrono::duration_cast<Centiseconds>(interval).count();
  assert(ticks >= 1 && ticks <= kLargestV3Interval);
  message[kV3Interval] = static_cast<std::uint8_t>(static_cast<unsigned>(ticks) >> 8U & 0x0fU);
  message[kV3Interval + 1] = static_cast<std::uint8_t>(static_cast<unsigned>(ticks) & 0xffU);
}

/// Whether examine() would accept an advertisement that agrees with the rules in everything.
bool can_be_satisfied_at_a_glance(const ReceiveRules& rules) {
  const std::size_t unit = address_size(rules.family);
  if (rules.addresses.empty() || rules.addresses.size() % unit != 0 || rules.addresses.size() > 255 * unit)
    return false;
  if (rules.family == Family::ipv6 && !is_link_local(rules.addresses)) return false;
  if (rules.check_unicast_source) return false;
  if (rules.version == Version::v2) {
    return rules.auth_type != AuthType::ah && rules.interval >= std::chrono::seconds{1} &&
           rules.interval <= std::chrono::seconds{255} && rules.interval % std::chrono::seconds{1} == Duration{0};
  }
  return rules.interval >= Centiseconds{1} && rules.interval <= Centiseconds{kLargestV3Interval} &&
         rules.interval % Centiseconds{1} == Duration{0};
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

void prepare(ReceiveRules& rules) {
  rules.glance = {};
  if (!can_be_satisfied_at_a_glance(rules)) return;
  Glance& glance = rules.glance;
  const auto count = static_cast<std::uint8_t>(rules.addresses.size() / address_size(rules.family));
  const std::size_t size = message_size(rules.version, rules.family, count);

  std::array<std::uint8_t, kHeaderSize> header{};
  header[kVersionAndType] = version_and_type(rules.version);
  header[kAddressCount] = count;
  put_interval(rules.version, rules.interval, header.data());
  std::array<std::uint8_t, kHeaderSize> mask{0xff, 0, 0, 0xff, 0xff, 0xff, 0, 0};
  std::uint64_t constant = machine_order_sum(rules.addresses);
  if (rules.version == Version::v2) {
    header[kAuthType] = static_cast<std::uint8_t>(rules.auth_type);
    if (rules.auth_type == AuthType::pass) {
      glance.password = load64(rules.password.data());
      glance.password_mask = ~std::uint64_t{0};
    }
  } else {
    mask[kV3Interval] = 0x0f;  // the reserved bits are ignored on receipt
    glance.pseudo_header = has_pseudo_header(rules.version, rules.family, rules.ipv4_checksum);
    const std::array<std::uint8_t, 4> pseudo{0, kVrrpProtocol, static_cast<std::uint8_t>(size >> 8U),
                                             static_cast<std::uint8_t>(size & 0xffU)};
    if (glance.pseudo_header) constant += load32(pseudo.data());
  }
  glance.header = load64(header.data());
  glance.header_mask = load64(mask.data());
  glance.addresses_sum = static_cast<std::uint32_t>(fold(constant));
  glance.accepted.version = rules.version;
  glance.accepted.address_count = count;
  glance.accepted.auth_type = rules.auth_type;
  glance.accepted.interval = rules.interval;
  glance.accepted.ipv4_checksum = rules.ipv4_checksum;
  glance.size = static_cast<std::uint32_t>(size);
}

Discard examine(const Datagram& datagram, const ReceiveRules& rules, Advertisement& out) {
  if (accept_at_a_glance(datagram, rules, out)) [[likely]]
    return Discard::none;
  return examine_closely(datagram, rules, out);
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
