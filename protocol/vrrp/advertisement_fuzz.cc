// Feeds examine() any datagram under any rules. Whatever is accepted must be encodable again, and the message made
// that way accepted with the same fields.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "protocol/net/internet_checksum.h"
#include "protocol/vrrp/advertisement.h"

namespace {

using namespace vipdrift;
using namespace vipdrift::vrrp;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Takes bytes from the front of the input; zeros when there are none left.
class Input {
 public:
  explicit Input(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}
  std::uint8_t byte() {
    if (bytes_.empty()) return 0;
    const std::uint8_t first = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return first;
  }
  bool flag() { return (byte() & 1U) != 0; }
  template <std::size_t Size>
  std::array<std::uint8_t, Size> array() {
    std::array<std::uint8_t, Size> values{};
    for (std::uint8_t& value : values) value = byte();
    return values;
  }
  IpAddress address(Family family) { return IpAddress::from_bytes(family, array<16>()); }
  std::span<const std::uint8_t> rest() const { return bytes_; }

 private:
  std::span<const std::uint8_t> bytes_;
};

struct Case {
  ReceiveRules rules;
  std::vector<IpAddress> ours;
  std::vector<std::uint8_t> addresses;  ///< the same in wire form
  std::vector<IpAddress> peers;
  std::vector<std::uint8_t> message;
  Datagram datagram;
};

/// Rules that a configuration could ask for, and a datagram without message that keeps them.
Case make_case(Input& input) {
  Case made;
  ReceiveRules& rules = made.rules;
  rules.version = input.flag() ? Version::v3 : Version::v2;
  rules.family = input.flag() ? Family::ipv6 : Family::ipv4;
  rules.auth_type = rules.version == Version::v2 ? static_cast<AuthType>(input.byte() % 3) : AuthType::none;
  rules.password = input.array<8>();
  const int interval = 1 + (input.byte() << 8U | input.byte()) % 4095;
  rules.interval = rules.version == Version::v2 ? Duration{std::chrono::seconds{1 + interval % 255}}
                                                : Duration{Centiseconds{interval}};
  rules.unicast = input.flag();
  rules.check_unicast_source = input.flag();
  rules.min_ttl = input.byte();
  rules.max_ttl = std::max(rules.min_ttl, input.byte());
  rules.address_list_must_match = input.flag();
  rules.ipv4_checksum = input.flag() ? Ipv4Checksum::message_only : Ipv4Checksum::with_pseudo_header;
  rules.both_checksums = input.flag();
  for (unsigned left = input.byte() % 8U; left != 0; --left) {
    auto bytes = input.array<16>();
    if (made.ours.empty() && rules.family == Family::ipv6) bytes[0] = 0xfe, bytes[1] = 0x80;
    made.ours.push_back(IpAddress::from_bytes(rules.family, bytes));
  }

  Datagram& datagram = made.datagram;
  datagram.source = input.address(rules.family);
  auto destination = input.array<16>();
  destination[0] = rules.unicast ? 10 : rules.family == Family::ipv4 ? 224 : 255;
  datagram.destination = IpAddress::from_bytes(rules.family, destination);
  datagram.ttl = rules.max_ttl;
  made.peers.push_back(datagram.source);
  return made;
}

AdvertisementContent content_for(const Case& made) {
  AdvertisementContent content;
  content.version = made.rules.version;
  content.family = made.rules.family;
  content.interval = made.rules.interval;
  content.auth_type = made.rules.auth_type;
  content.password = made.rules.password;
  content.ipv4_checksum = made.rules.ipv4_checksum;
  content.source = made.datagram.source;
  content.destination = made.datagram.destination;
  content.addresses = made.ours;
  return content;
}

/// A checksum that chance would hardly find, so that the rules behind it are reached.
void repair_checksum(Case& made) {
  if (made.message.size() < kHeaderSize) return;
  made.message[6] = made.message[7] = 0;
  std::uint64_t sum = internet_sum(made.message);
  if (made.rules.version == Version::v3) {
    sum += pseudo_header_sum(made.datagram.source, made.datagram.destination, kVrrpProtocol, made.message.size());
  }
  made.message[6] = static_cast<std::uint8_t>(finish_checksum(sum) >> 8U);
  made.message[7] = static_cast<std::uint8_t>(finish_checksum(sum) & 0xffU);
}

/// The message that the rules ask for with some bytes changed, cut or added; or any bytes at all.
void make_message(Input& input, Case& made) {
  const bool any_bytes = input.byte() % 8U == 1;
  const bool repaired = input.flag();
  if (any_bytes) {
    made.message.assign(input.rest().begin(), input.rest().end());
  } else {
    const AdvertisementContent content = content_for(made);
    made.message.resize(encoded_size(content));
    encode(content, made.message);
    while (input.rest().size() >= 3) {
      const std::uint8_t what = input.byte();
      const std::size_t at = input.byte();
      const std::uint8_t value = input.byte();
      if (what == 1) {
        made.message.resize(at);
      } else if (what == 2) {
        made.datagram.ttl = value;
      } else if (what == 3) {
        made.datagram.destination = IpAddress::from_bytes(made.rules.family, std::array<std::uint8_t, 16>{value});
      } else if (what == 4) {
        made.peers.clear();
      } else if (at < made.message.size()) {
        made.message[at] = value;
      }
    }
  }
  if (repaired) repair_checksum(made);
}

void finish_datagram(Input& input, Case& made) {
  const std::uint8_t trouble = input.byte();  // zero once the input is used up
  const std::size_t padding = trouble % 4U == 1 ? 6 : 0;
  const int length_error = trouble % 4U == 2 ? trouble / 4 - 32 : 0;
  const int length = static_cast<int>(made.message.size()) + length_error;
  made.datagram.ip_payload_length = static_cast<std::uint16_t>(std::max(length, 0));
  made.message.resize(made.message.size() + padding);
  made.datagram.payload = made.message;
}

/// Sends again what was read; the receiver must read the same.
void check_accepted(const Advertisement& seen, const Case& made) {
  const std::size_t unit = address_size(made.rules.family);
  require(seen.address_count >= 1 && seen.addresses.size() == seen.address_count * unit);
  require(seen.addresses.data() == made.datagram.payload.data() + kHeaderSize);
  require(seen.interval > Duration{0} && seen.version == made.rules.version);
  require(made.datagram.ttl >= made.rules.min_ttl && made.datagram.ttl <= made.rules.max_ttl);

  std::vector<IpAddress> addresses;
  for (std::size_t at = 0; at < seen.addresses.size(); at += unit) {
    addresses.push_back(IpAddress::from_bytes(made.rules.family, seen.addresses.subspan(at)));
  }
  AdvertisementContent content = content_for(made);
  content.vrid = seen.vrid;
  content.priority = seen.priority;
  content.interval = seen.interval;
  content.auth_type = seen.auth_type;
  content.ipv4_checksum = seen.ipv4_checksum;
  content.addresses = addresses;
  std::vector<std::uint8_t> message(encoded_size(content));
  require(encode(content, message) == message.size());

  Datagram again = made.datagram;
  again.payload = message;
  again.ip_payload_length = static_cast<std::uint16_t>(message.size());
  Advertisement read;
  require(examine(again, made.rules, read) == Discard::none);
  require(read.vrid == seen.vrid && read.priority == seen.priority && read.interval == seen.interval);
  require(read.address_list_differs == seen.address_list_differs && read.interval_differs == seen.interval_differs);
  require(std::equal(read.addresses.begin(), read.addresses.end(), seen.addresses.begin(), seen.addresses.end()));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input{{data, size}};
  Case made = make_case(input);
  make_message(input, made);
  finish_datagram(input, made);
  for (const IpAddress& address : made.ours) {
    made.addresses.insert(made.addresses.end(), address.bytes().begin(), address.bytes().end());
  }
  made.rules.addresses = made.addresses;
  made.rules.peers = made.peers;
  ReceiveRules prepared = made.rules;
  prepare(prepared);

  Advertisement plain;
  Advertisement quick;
  const Discard reason = examine(made.datagram, made.rules, plain);
  require(reason < Discard::count);
  require(examine(made.datagram, prepared, quick) == reason);
  if (reason != Discard::none) return 0;
  require(plain.vrid == quick.vrid && plain.priority == quick.priority && plain.interval == quick.interval);
  require(plain.address_count == quick.address_count && plain.addresses.data() == quick.addresses.data());
  require(plain.address_list_differs == quick.address_list_differs);
  require(plain.interval_differs == quick.interval_differs);
  check_accepted(plain, made);
  return 0;
}
