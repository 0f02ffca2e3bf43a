// The short cut of examine(). Nearly every advertisement a host receives is the same message again, with another
// priority at most: a few wide comparisons and a sum over the words that may change are enough to see that it breaks
// no rule. What fails here is judged again, rule by rule.
#include <algorithm>
#include <array>
#include <cstring>

#include "protocol/vrrp/advertisement.h"
#include "protocol/vrrp/advertisement_layout.h"

namespace vipdrift::vrrp {
namespace {

/// A word's share of a checksum summed in the machine's byte order.
constexpr std::uint64_t halves(std::uint64_t word) { return (word >> 32U) + (word & 0xffffffffU); }

std::uint64_t machine_order_sum(std::span<const std::uint8_t> words) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at + 4 <= words.size(); at += 4) sum += load32(words.data() + at);
  return sum;
}

std::uint64_t machine_order_sum(const IpAddress& address, Family family) {
  const std::uint8_t* const bytes = address.bytes().data();
  if (family == Family::ipv4) return load32(bytes);
  return halves(load64(bytes)) + halves(load64(bytes + 8));
}

/// Whether everything but the addresses behind the first four bytes of the list is as expected. The checksum is
/// judged as if they were: it counts only if they are.
bool agrees_up_to_the_list(const Datagram& datagram, const ReceiveRules& rules) {
  const Glance& glance = rules.glance;
  if (datagram.ip_payload_length != glance.size || datagram.payload.size() < glance.size) return false;
  if (datagram.ttl < rules.min_ttl || datagram.ttl > rules.max_ttl) return false;
  if (((datagram.destination.bytes()[0] & glance.group_mask) == glance.group_prefix) == rules.unicast) return false;

  const std::uint8_t* const message = datagram.payload.data();
  const std::uint64_t header = load64(message);
  std::uint64_t difference = (header ^ glance.header) & glance.header_mask;
  difference |= load32(message + kHeaderSize) ^ glance.first_address;
  std::uint64_t sum = halves(header) + glance.addresses_sum;
  if (rules.version == Version::v2) {
    const std::uint64_t authentication = load64(message + glance.size - kAuthenticationSize);
    difference |= (authentication ^ glance.password) & glance.password_mask;
    sum += halves(authentication);
  } else if (glance.pseudo_header) {
    sum += machine_order_sum(datagram.source, rules.family) + machine_order_sum(datagram.destination, rules.family);
  }
  // A ones-complement sum is right when it is all ones, that is a multiple of 0xffff; it is not 0, the version is not.
  return difference == 0 && sum % 0xffffU == 0;
}

// Not inlined, so that the common case of a single IPv4 address saves no register.
[[gnu::noinline]] Discard compare_list(const Datagram& datagram, const ReceiveRules& rules, Advertisement& out) {
  const auto ours = rules.addresses;
  if (std::memcmp(datagram.payload.data() + kHeaderSize, ours.data(), ours.size()) == 0) return Discard::none;
  return examine_closely(datagram, rules, out);
}

/// Whether examine() would accept an advertisement that agrees with the rules in everything.
bool can_be_satisfied_at_a_glance(const ReceiveRules& rules) {
  const std::size_t unit = address_size(rules.family);
  if (rules.addresses.empty() || rules.addresses.size() % unit != 0 || rules.addresses.size() > 255 * unit)
    return false;
  if (rules.family == Family::ipv6 && rules.first_must_be_link_local && !is_link_local(rules.addresses)) return false;
  if (rules.check_unicast_source) return false;
  if (rules.version == Version::v2) {
    return rules.auth_type != AuthType::ah && rules.interval >= std::chrono::seconds{1} &&
           rules.interval <= std::chrono::seconds{255} && rules.interval % std::chrono::seconds{1} == Duration{0};
  }
  return rules.interval >= Centiseconds{1} && rules.interval <= Centiseconds{kLargestV3Interval} &&
         rules.interval % Centiseconds{1} == Duration{0};
}

}  // namespace

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
  glance.first_address = load32(rules.addresses.data());
  glance.addresses_sum = constant;
  glance.group_mask = rules.family == Family::ipv4 ? 0xf0 : 0xff;
  glance.group_prefix = rules.family == Family::ipv4 ? 0xe0 : 0xff;
  glance.accepted.version = rules.version;
  glance.accepted.address_count = count;
  glance.accepted.auth_type = rules.auth_type;
  glance.accepted.interval = rules.interval;
  glance.accepted.ipv4_checksum = rules.ipv4_checksum;
  glance.size = static_cast<std::uint32_t>(size);
}

Discard examine(const Datagram& datagram, const ReceiveRules& rules, Advertisement& out) {
  if (!agrees_up_to_the_list(datagram, rules)) [[unlikely]]
    return examine_closely(datagram, rules, out);
  const std::uint8_t* const message = datagram.payload.data();
  out = rules.glance.accepted;
  out.vrid = message[kVrid];
  out.priority = message[kPriority];
  out.addresses = {message + kHeaderSize, rules.addresses.size()};
  if (rules.addresses.size() == sizeof rules.glance.first_address) return Discard::none;
  return compare_list(datagram, rules, out);
}

}  // namespace vipdrift::vrrp
