// Encoding and decoding: literal bytes, bytes of a real keepalived, and properties over drawn contents.
#include "protocol/vrrp/advertisement.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "protocol/vrrp/advertisement_sample.h"

namespace vipdrift::vrrp {
namespace {

// ---------------------------------------------------------------- bytes written by hand

TEST(AdvertisementBytes, OfVersion2WithPassword) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.addresses = {ip("10.1.10.7")};
  made.content.priority = 255;
  // version 2 and type 1, VRID 51, priority 255, 1 address, PASS, 1 s, checksum, the address, "frSAmesX".
  // 2133 + ff01 + 0101 + 0a01 + 0a07 + 6672 + 5341 + 6d65 + 7358 = 2cfad, folded cfaf; its complement is 3050.
  EXPECT_EQ(made.message(), from_hex("21 33 ff 01 01 01 30 50 0a 01 0a 07 66 72 53 41 6d 65 73 58"));
}

TEST(AdvertisementBytes, OfVersion2WithoutAuthenticationEndInEightZeros) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.addresses = {ip("10.1.10.7")};
  made.content.auth_type = AuthType::none;
  made.content.interval = std::chrono::seconds{255};
  // 2133 + 6401 + 00ff + 0a01 + 0a07 = 9a3b, complement 65c4.
  EXPECT_EQ(made.message(), from_hex("21 33 64 01 00 ff 65 c4 0a 01 0a 07 00 00 00 00 00 00 00 00"));
}

TEST(AdvertisementBytes, OfVersion3OverTheMessageAlone) {
  Sample made = sample(Version::v3, Family::ipv4);
  made.addresses = {ip("10.1.10.7"), ip("10.1.10.77")};
  made.content.ipv4_checksum = Ipv4Checksum::message_only;
  made.content.interval = Centiseconds{4095};
  // 3133 + 6402 + 0fff + 0a01 + 0a07 + 0a01 + 0a4d = cd8a, complement 3275.
  EXPECT_EQ(made.message(), from_hex("31 33 64 02 0f ff 32 75 0a 01 0a 07 0a 01 0a 4d"));
}

TEST(AdvertisementBytes, OfVersion3WithThePseudoHeader) {
  Sample made = sample(Version::v3, Family::ipv4);
  made.addresses = {ip("10.1.10.7")};
  // 3133 + 6401 + 0064 + 0a01 + 0a07 and 0a01 + 0a05 + e000 + 0012 + 0070 + 000c = 19e34, folded 9e35; 61ca.
  EXPECT_EQ(made.message(), from_hex("31 33 64 01 00 64 61 ca 0a 01 0a 07"));
}

TEST(AdvertisementBytes, OfVersion3OverIpv6) {
  Sample made = sample(Version::v3, Family::ipv6);
  made.content.interval = Centiseconds{1};
  // 3133 + 6401 + 0001 + fe80 + 0007, and fe80 + 0005 + ff02 + 0012 + 0070 + 0018 = 391dd, folded 91e0; 6e1f.
  EXPECT_EQ(made.message(), from_hex("31 33 64 01 00 01 6e 1f fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 07"));
}

TEST(AdvertisementBytes, TruncateTheIntervalToItsUnit) {
  Sample made = sample(Version::v3, Family::ipv4);
  made.content.interval = std::chrono::milliseconds{259};
  EXPECT_EQ(made.message()[5], 25);
  made = sample(Version::v2, Family::ipv4);
  made.content.interval = std::chrono::milliseconds{2999};
  EXPECT_EQ(made.message()[5], 2);
}

TEST(AdvertisementBytes, LeaveTheReservedBitsZero) {
  Sample made = sample(Version::v3, Family::ipv4);
  made.content.interval = Centiseconds{4095};
  EXPECT_EQ(made.message()[4], 0x0f);
}

TEST(AdvertisementBytes, CountAsManyAsAreNeeded) {
  for (std::size_t count : {1U, 2U, 20U, 255U}) {
    EXPECT_EQ(sample(Version::v2, Family::ipv4, count).message().size(), 16 + 4 * count);
    EXPECT_EQ(sample(Version::v3, Family::ipv4, count).message().size(), 8 + 4 * count);
    EXPECT_EQ(sample(Version::v3, Family::ipv6, count).message().size(), 8 + 16 * count);
    EXPECT_EQ(sample(Version::v3, Family::ipv6, count).message()[3], count);
  }
  EXPECT_EQ(kMaxAdvertisementSize, 4096U);
}

// ---------------------------------------------------------------- bytes of keepalived 2.2.7
//
// Captured in a network namespace: `keepalived -n -l -D -P`, state MASTER, priority 255, VRID 51, virtual address
// 10.1.10.7 or fe80::7 unless listed, interface address 10.1.10.5/24 and fe80::5/64; first and (on SIGTERM) last
// message.

struct Captured {
  const char* what;
  const char* bytes;
  Version version;
  Family family;
  AuthType auth_type;
  const char* password;
  std::vector<const char*> addresses;
  Duration interval;
  const char* destination;
  std::uint8_t priority;
};

const std::vector<Captured>& captured() {
  static constexpr auto kSecond = std::chrono::seconds{1};
  static const std::vector<Captured> all = {
      {"v2",
       "21 33 ff 01 00 01 cb c1 0a 01 0a 07 00 00 00 00 00 00 00 00",
       Version::v2,
       Family::ipv4,
       AuthType::none,
       "",
       {"10.1.10.7"},
       kSecond,
       "224.0.0.18",
       255},
      {"v2, on stop",
       "21 33 00 01 00 01 ca c2 0a 01 0a 07 00 00 00 00 00 00 00 00",
       Version::v2,
       Family::ipv4,
       AuthType::none,
       "",
       {"10.1.10.7"},
       kSecond,
       "224.0.0.18",
       0},
      {"v2, auth_type PASS",
       "21 33 ff 01 01 01 30 50 0a 01 0a 07 66 72 53 41 6d 65 73 58",
       Version::v2,
       Family::ipv4,
       AuthType::pass,
       "frSAmesX",
       {"10.1.10.7"},
       kSecond,
       "224.0.0.18",
       255},
      {"v2, auth_type PASS, on stop",
       "21 33 00 01 01 01 2f 51 0a 01 0a 07 66 72 53 41 6d 65 73 58",
       Version::v2,
       Family::ipv4,
       AuthType::pass,
       "frSAmesX",
       {"10.1.10.7"},
       kSecond,
       "224.0.0.18",
       0},
      {"v2, three addresses, a short password, advert_int 2",
       "21 33 ff 03 01 02 69 63 0a 01 0a 07 0a 01 0a 4d c0 a8 c8 01 61 62 63 00 00 00 00 00",
       Version::v2,
       Family::ipv4,
       AuthType::pass,
       "abc",
       {"10.1.10.7", "10.1.10.77", "192.168.200.1"},
       2 * kSecond,
       "224.0.0.18",
       255},
      {"v2, unicast",
       "21 33 ff 01 00 01 cb c1 0a 01 0a 07 00 00 00 00 00 00 00 00",
       Version::v2,
       Family::ipv4,
       AuthType::none,
       "",
       {"10.1.10.7"},
       kSecond,
       "10.1.10.6",
       255},
      {"v3",
       "31 33 ff 01 00 64 c6 c9 0a 01 0a 07",
       Version::v3,
       Family::ipv4,
       AuthType::none,
       "",
       {"10.1.10.7"},
       kSecond,
       "224.0.0.18",
       255},
      {"v3, unicast, advert_int 0.25",
       "31 33 ff 01 00 19 93 20 0a 01 0a 07",
       Version::v3,
       Family::ipv4,
       AuthType::none,
       "",
       {"10.1.10.7"},
       std::chrono::milliseconds{250},
       "10.1.10.6",
       255},
      {"v3 over IPv6, two addresses",
       "31 33 ff 02 00 64 a4 ea fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 07 "
       "20 01 0d b8 00 00 00 00 00 00 00 00 00 00 00 07",
       Version::v3,
       Family::ipv6,
       AuthType::none,
       "",
       {"fe80::7", "2001:db8::7"},
       kSecond,
       "ff02::12",
       255},
      {"v3 over IPv6, on stop",
       "31 33 00 01 00 64 d1 bc fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 07",
       Version::v3,
       Family::ipv6,
       AuthType::none,
       "",
       {"fe80::7"},
       kSecond,
       "ff02::12",
       0},
      {"v3 over IPv6, unicast",
       "31 33 ff 01 00 64 d3 49 fe 80 00 00 00 00 00 00 00 00 00 00 00 00 00 07",
       Version::v3,
       Family::ipv6,
       AuthType::none,
       "",
       {"fe80::7"},
       kSecond,
       "fe80::6",
       255},
  };
  return all;
}

Sample as_sample(const Captured& message) {
  Sample made = sample(message.version, message.family);
  made.content.priority = message.priority;
  made.content.interval = message.interval;
  made.content.auth_type = message.auth_type;
  made.content.password = make_password(message.password);
  made.content.destination = ip(message.destination);
  made.addresses.clear();
  for (const char* address : message.addresses) made.addresses.push_back(ip(address));
  made.ours = made.addresses;
  made.rules.interval = message.interval;
  made.rules.auth_type = message.auth_type;
  made.rules.password = made.content.password;
  made.rules.unicast = !made.content.destination.is_multicast();
  return made;
}

TEST(KeepalivedBytes, AreAcceptedWithAllTheirFields) {
  for (const Captured& message : captured()) {
    SCOPED_TRACE(message.what);
    const Sample made = as_sample(message);
    Advertisement seen;
    ASSERT_EQ(made.judge_bytes(from_hex(message.bytes), &seen), Discard::none);
    EXPECT_EQ(seen.version, message.version);
    EXPECT_EQ(seen.vrid, 51);
    EXPECT_EQ(seen.priority, message.priority);
    EXPECT_EQ(seen.interval, message.interval);
    EXPECT_EQ(seen.address_count, message.addresses.size());
    EXPECT_EQ(seen.ipv4_checksum, Ipv4Checksum::with_pseudo_header);
    EXPECT_FALSE(seen.address_list_differs);
    EXPECT_FALSE(seen.interval_differs);
  }
}

TEST(KeepalivedBytes, AreWhatEncodeWrites) {
  for (const Captured& message : captured()) {
    EXPECT_EQ(as_sample(message).message(), from_hex(message.bytes)) << message.what;
  }
}

TEST(KeepalivedBytes, AreRefusedWithAnyBitChangedThatCounts) {
  for (const Captured& message : captured()) {
    SCOPED_TRACE(message.what);
    const Sample made = as_sample(message);
    Bytes bytes = from_hex(message.bytes);
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_NE(made.judge_bytes(bytes), Discard::none) << "bit " << bit;
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
  }
}

// ---------------------------------------------------------------- passwords

TEST(Password, IsPaddedWithNulAndCutAfterEight) {
  EXPECT_EQ(make_password("abc"), (Password{'a', 'b', 'c', 0, 0, 0, 0, 0}));
  EXPECT_EQ(make_password("12345678"), (Password{'1', '2', '3', '4', '5', '6', '7', '8'}));
  EXPECT_EQ(make_password("123456789"), make_password("12345678"));
  EXPECT_EQ(make_password("secret-1234"), make_password("secret-1999"));
  EXPECT_NE(make_password("secret-1"), make_password("secret-2"));
  EXPECT_EQ(make_password(""), Password{});
}

// ---------------------------------------------------------------- properties

/// Any advertisement that may be sent.
Sample drawn(Draws& draws) {
  const Version version = draws.below(2) == 0 ? Version::v2 : Version::v3;
  const Family family = draws.below(2) == 0 ? Family::ipv4 : Family::ipv6;
  const std::size_t count = draws.below(4) == 0 ? 1 + draws.below(255) : 1 + draws.below(6);
  Sample made = sample(version, family, count);
  for (IpAddress& address : made.addresses) {
    std::array<std::uint8_t, 16> bytes{};
    for (std::uint8_t& byte : bytes) byte = draws.byte();
    address = IpAddress::from_bytes(family, bytes);
  }
  if (family == Family::ipv6) made.addresses[0] = ip("fe80::1234");
  made.ours = draws.below(4) == 0 ? std::vector<IpAddress>{made.addresses[0]} : made.addresses;
  made.content.vrid = draws.byte();
  made.content.priority = draws.byte();
  made.content.interval = version == Version::v2 ? Duration{std::chrono::seconds{1 + draws.below(255)}}
                                                 : Duration{Centiseconds{1 + static_cast<int>(draws.below(4095))}};
  made.rules.interval = made.content.interval;
  if (version == Version::v2 && draws.below(2) == 0) made.content.auth_type = AuthType::none;
  for (std::uint8_t& byte : made.content.password) byte = draws.byte();
  made.rules.auth_type = made.content.auth_type;
  made.rules.password = made.content.password;
  if (draws.below(2) == 0) made.content.ipv4_checksum = Ipv4Checksum::message_only;
  if (draws.below(2) == 0) made.rules.ipv4_checksum = Ipv4Checksum::message_only;
  if (draws.below(4) == 0) {
    made.content.destination = family == Family::ipv4 ? ip("10.1.10.6") : ip("fe80::6");
    made.rules.unicast = true;
  }
  made.padding = static_cast<std::uint8_t>(draws.below(3) == 0 ? draws.below(20) : 0);
  return made;
}

TEST(AdvertisementProperty, WhatIsSentIsWhatIsRead) {
  Draws draws{1};
  for (int round = 0; round < 5000; ++round) {
    SCOPED_TRACE(round);
    const Sample made = drawn(draws);
    Advertisement seen;
    ASSERT_EQ(made.judge(&seen), Discard::none);
    EXPECT_EQ(seen.version, made.content.version);
    EXPECT_EQ(seen.vrid, made.content.vrid);
    EXPECT_EQ(seen.priority, made.content.priority);
    EXPECT_EQ(seen.interval, made.content.interval);
    EXPECT_EQ(seen.auth_type, made.content.auth_type);
    EXPECT_EQ(seen.address_count, made.addresses.size());
    EXPECT_FALSE(seen.interval_differs);
    EXPECT_EQ(seen.address_list_differs, made.ours.size() != made.addresses.size());
    if (made.content.version == Version::v3 && made.content.family == Family::ipv4) {
      EXPECT_EQ(seen.ipv4_checksum, made.content.ipv4_checksum);
    }
    std::size_t at = 0;
    for (const IpAddress& address : made.addresses) {
      EXPECT_EQ(IpAddress::from_bytes(address.family(), seen.addresses.subspan(at)), address);
      at += address.bytes().size();
    }
  }
}

TEST(AdvertisementProperty, AnyNumberOfAddressesIsRead) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    for (const Version version : {Version::v2, Version::v3}) {
      for (std::size_t count = 1; count <= 255; ++count) {
        Advertisement seen;
        ASSERT_EQ(sample(version, family, count).judge(&seen), Discard::none) << count;
        EXPECT_EQ(seen.address_count, count);
        EXPECT_FALSE(seen.address_list_differs) << count;
      }
    }
  }
}

TEST(AdvertisementProperty, ASingleFlippedBitIsNoticed) {
  // A flipped bit changes the ones-complement sum by a power of two, never by a multiple of 65535. Only when the other
  // checksum form happens to fit could the message pass, so the receiver here insists on one.
  Draws draws{2};
  for (int round = 0; round < 100; ++round) {
    Sample made = drawn(draws);
    made.rules.ipv4_checksum = made.content.ipv4_checksum;
    made.rules.both_checksums = false;
    Bytes bytes = made.message();
    for (std::size_t bit = 0; bit < 8 * std::min<std::size_t>(bytes.size(), 64); ++bit) {
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      ASSERT_NE(made.judge_bytes(bytes), Discard::none) << "round " << round << " bit " << bit;
      bytes[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
    }
  }
}

TEST(AdvertisementProperty, SwappedWordsAreWhatAChecksumCannotSee) {
  Sample made = sample(Version::v3, Family::ipv4, 2);
  made.addresses = made.ours = {ip("10.1.10.7"), ip("10.2.10.8")};
  Bytes bytes = made.message();
  std::swap(bytes[8], bytes[12]);
  std::swap(bytes[9], bytes[13]);  // 10.2.10.7 and 10.1.10.8
  Advertisement seen;
  EXPECT_EQ(made.judge_bytes(bytes, &seen), Discard::none);
  EXPECT_TRUE(seen.address_list_differs);
}

TEST(AdvertisementProperty, AnyBytesAreJudged) {
  Draws draws{3};
  for (int round = 0; round < 20000; ++round) {
    Sample made = drawn(draws);
    made.length_error = static_cast<int>(draws.below(8)) - 4;
    Bytes bytes(draws.below(64));
    for (std::uint8_t& byte : bytes) byte = draws.byte();
    if (bytes.size() > 3 && draws.below(2) == 0) {  // further into the rules
      bytes[0] = made.content.version == Version::v2 ? 0x21 : 0x31;
      bytes[3] = static_cast<std::uint8_t>(bytes.size() / 8);
    }
    made.length_error = std::max(made.length_error, -static_cast<int>(bytes.size()));
    EXPECT_LT(made.judge_bytes(bytes), Discard::count);
  }
}

TEST(AdvertisementProperty, AFewSpoiledBytesNeverMakePreparedRulesDiffer) {
  Draws draws{4};
  for (int round = 0; round < 10000; ++round) {
    Sample made = drawn(draws);
    made.rules.both_checksums = draws.below(2) == 0;
    made.rules.address_list_must_match = draws.below(2) == 0;
    const auto spoil = [&](Bytes& bytes) {
      bytes[draws.below(std::min<std::size_t>(bytes.size(), 24))] = draws.byte();
    };
    if (draws.below(2) == 0) {
      made.spoil = spoil;
    } else {
      made.spoil_unrepaired = spoil;
    }
    EXPECT_LT(made.judge(), Discard::count);  // judge() compares
  }
}

}  // namespace
}  // namespace vipdrift::vrrp
