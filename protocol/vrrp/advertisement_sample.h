// An advertisement with everything around it: what tests of the wire format take as their valid message and then spoil.
#ifndef VIPDRIFT_PROTOCOL_VRRP_ADVERTISEMENT_SAMPLE_H_
#define VIPDRIFT_PROTOCOL_VRRP_ADVERTISEMENT_SAMPLE_H_

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "protocol/net/internet_checksum.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::vrrp {

using Bytes = std::vector<std::uint8_t>;

inline IpAddress ip(std::string_view text) {
  const auto address = IpAddress::parse(text);
  EXPECT_TRUE(address) << text;
  return address.value_or(IpAddress());
}

/// "21 33 ff" as bytes.
inline Bytes from_hex(std::string_view text) {
  Bytes bytes;
  for (std::size_t at = 0; at + 1 < text.size(); at += 3) {
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(std::string(text.substr(at, 2)), nullptr, 16)));
  }
  return bytes;
}

/// What a test changes of one valid advertisement before it is judged. Every view is made when it is needed, so that
/// copies and changes are safe.
struct Sample {
  AdvertisementContent content;      ///< without `addresses`
  std::vector<IpAddress> addresses;  ///< listed in the message
  std::vector<IpAddress> ours;       ///< of the receiver
  ReceiveRules rules;                ///< without views
  std::vector<IpAddress> peers;
  std::uint8_t ttl = 255;
  std::uint8_t padding = 0;                      ///< bytes behind the IP datagram
  int length_error = 0;                          ///< added to the length in the IP header
  std::function<void(Bytes&)> spoil;             ///< applied to the message before its checksum is made good again
  std::function<void(Bytes&)> spoil_unrepaired;  ///< applied last

  AdvertisementContent full_content() const {
    AdvertisementContent full = content;
    full.addresses = addresses;
    return full;
  }

  Bytes message() const {
    Bytes bytes(encoded_size(full_content()));
    encode(full_content(), bytes);
    if (spoil) {
      spoil(bytes);
      repair(bytes);
    }
    if (spoil_unrepaired) spoil_unrepaired(bytes);
    return bytes;
  }

  /// Makes the checksum right again.
  void repair(Bytes& bytes) const {
    if (bytes.size() < 8) return;
    bytes[6] = bytes[7] = 0;
    std::uint64_t sum = internet_sum(bytes);
    if (content.version == Version::v3 &&
        (content.family == Family::ipv6 || content.ipv4_checksum == Ipv4Checksum::with_pseudo_header)) {
      sum += pseudo_header_sum(content.source, content.destination, 112, bytes.size());
    }
    bytes[6] = static_cast<std::uint8_t>(finish_checksum(sum) >> 8U);
    bytes[7] = static_cast<std::uint8_t>(finish_checksum(sum) & 0xffU);
  }

  Discard judge(Advertisement* accepted = nullptr) const { return judge_bytes(message(), accepted); }

  /// examine() on `bytes`. Rules that were prepared and rules that were not must agree in everything.
  Discard judge_bytes(const Bytes& bytes, Advertisement* accepted = nullptr) const {
    Bytes wire;
    for (const IpAddress& address : ours) wire.insert(wire.end(), address.bytes().begin(), address.bytes().end());
    ReceiveRules plain = rules;
    plain.addresses = wire;
    plain.peers = peers;
    ReceiveRules prepared = plain;
    prepare(prepared);

    Bytes arrived = bytes;
    arrived.resize(bytes.size() + padding);
    Datagram datagram;
    datagram.source = content.source;
    datagram.destination = content.destination;
    datagram.ttl = ttl;
    datagram.ip_payload_length = static_cast<std::uint16_t>(static_cast<int>(bytes.size()) + length_error);
    datagram.payload = arrived;

    Advertisement a;
    Advertisement b;
    const Discard reason = examine(datagram, plain, a);
    EXPECT_EQ(examine(datagram, prepared, b), reason) << "prepared and plain rules disagree";
    if (reason != Discard::none) return reason;
    expect_equal(a, b);
    EXPECT_EQ(a.addresses.data(), arrived.data() + 8);
    // The view of the addresses ends with `arrived`; tests look at the copy.
    seen.assign(a.addresses.begin(), a.addresses.end());
    a.addresses = seen;
    if (accepted != nullptr) *accepted = a;
    return reason;
  }

  static void expect_equal(const Advertisement& a, const Advertisement& b) {
    EXPECT_EQ(a.version, b.version);
    EXPECT_EQ(a.vrid, b.vrid);
    EXPECT_EQ(a.priority, b.priority);
    EXPECT_EQ(a.address_count, b.address_count);
    EXPECT_EQ(a.auth_type, b.auth_type);
    EXPECT_EQ(a.interval, b.interval);
    EXPECT_EQ(a.addresses.data(), b.addresses.data());
    EXPECT_EQ(a.addresses.size(), b.addresses.size());
    EXPECT_EQ(a.ipv4_checksum, b.ipv4_checksum);
    EXPECT_EQ(a.address_list_differs, b.address_list_differs);
    EXPECT_EQ(a.interval_differs, b.interval_differs);
  }

  mutable Bytes seen;
};

/// VRID 51, priority 100, every second, from 10.1.10.5 or fe80::5 to the group; v2 with the password "frSAmesX".
inline Sample sample(Version version, Family family, std::size_t address_count = 1) {
  Sample made;
  made.content.version = version;
  made.content.family = family;
  made.content.vrid = 51;
  made.content.priority = 100;
  made.content.interval = std::chrono::seconds{1};
  if (version == Version::v2) {
    made.content.auth_type = AuthType::pass;
    made.content.password = make_password("frSAmesX");
  }
  made.content.source = family == Family::ipv4 ? IpAddress::v4(10, 1, 10, 5) : ip("fe80::5");
  made.content.destination = family == Family::ipv4 ? kVrrpGroupIpv4 : kVrrpGroupIpv6;
  for (std::size_t i = 0; i < address_count; ++i) {
    const auto low = static_cast<std::uint8_t>(i);
    made.addresses.push_back(family == Family::ipv4 ? IpAddress::v4(10, 1, 12, low)
                             : i == 0               ? ip("fe80::7")
                                      : IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, low}));
  }
  made.ours = made.addresses;
  made.rules.version = version;
  made.rules.family = family;
  made.rules.auth_type = made.content.auth_type;
  made.rules.password = made.content.password;
  made.rules.interval = made.content.interval;
  return made;
}

/// A small generator for property tests (splitmix64): the same numbers everywhere.
class Draws {
 public:
  explicit Draws(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t word = state_ += 0x9e3779b97f4a7c15U;
    word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
    word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
    return word ^ (word >> 31U);
  }
  /// 0 to `limit` - 1.
  std::uint64_t below(std::uint64_t limit) { return next() % limit; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(next()); }

 private:
  std::uint64_t state_;
};

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_ADVERTISEMENT_SAMPLE_H_
