// Feeds examine() any datagram under any rules. Whatever is accepted must be encodable again, and the message made
// that way accepted with the same fields.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

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
  std::vector<std::uint8_t> addresses;
  std::vector<IpAddress> peers;
  Datagram datagram;
};

Case make_case(Input& input) {
  Case made;
  ReceiveRules& rules = made.rules;
  rules.version = input.flag() ? Version::v3 : Version::v2;
  rules.family = input.flag() ? Family::ipv6 : Family::ipv4;
  rules.auth_type = static_cast<AuthType>(input.byte() % 3);
  rules.password = input.array<8>();
  rules.interval = std::chrono::milliseconds{(input.byte() << 8U | input.byte()) * 10};
  rules.unicast = input.flag();
  rules.check_unicast_source = input.flag();
  rules.min_ttl = input.byte();
  rules.max_ttl = input.byte();
  rules.address_list_must_match = input.flag();
  rules.ipv4_checksum = input.flag() ? Ipv4Checksum::message_only : Ipv4Checksum::with_pseudo_header;
  rules.both_checksums = input.flag();

  Datagram& datagram = made.datagram;
  datagram.source = input.address(rules.family);
  datagram.destination = input.address(rules.family);
  datagram.ttl = input.byte();
  if (input.flag()) made.peers.push_back(datagram.source);
  const bool length_fits = input.flag();
  const std::size_t wrong_length = static_cast<std::size_t>(input.byte()) << 8U | input.byte();
  const std::size_t expected_addresses = input.byte() % 8U;
  datagram.payload = input.rest();
  datagram.ip_payload_length = static_cast<std::uint16_t>(length_fits ? datagram.payload.size() : wrong_length);
  const std::size_t list = std::min(datagram.payload.size(), 8 + expected_addresses * address_size(rules.family));
  if (list > 8) made.addresses.assign(datagram.payload.begin() + 8, datagram.payload.begin() + static_cast<int>(list));
  return made;
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
  AdvertisementContent content;
  content.version = seen.version;
  content.family = made.rules.family;
  content.vrid = seen.vrid;
  content.priority = seen.priority;
  content.interval = seen.interval;
  content.auth_type = seen.auth_type;
  content.password = made.rules.password;
  content.ipv4_checksum = seen.ipv4_checksum;
  content.source = made.datagram.source;
  content.destination = made.datagram.destination;
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
