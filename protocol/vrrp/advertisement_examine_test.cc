// Every reason to refuse an advertisement: a message just inside the rule, which is accepted, and one just outside; and
// the order in which the rules are asked.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "protocol/vrrp/advertisement.h"
#include "protocol/vrrp/advertisement_sample.h"

namespace vipdrift::vrrp {
namespace {

using Octets = std::initializer_list<std::uint8_t>;

std::function<void(Bytes&)> set_byte(std::size_t at, std::uint8_t value) {
  return [=](Bytes& bytes) { bytes[at] = value; };
}
std::function<void(Bytes&)> resize_to(std::size_t size) {
  return [=](Bytes& bytes) { bytes.resize(size); };
}

// ---------------------------------------------------------------- length

TEST(ExamineLength, ATruncatedMessageIsTooShort) {
  for (const Version version : {Version::v2, Version::v3}) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      Sample made = sample(version, family, 3);
      const std::size_t whole = made.message().size();
      EXPECT_EQ(made.judge(), Discard::none);
      for (std::size_t size = 0; size < whole; ++size) {
        made.spoil = resize_to(size);
        EXPECT_EQ(made.judge(), Discard::too_short) << size << " of " << whole;
      }
    }
  }
}

TEST(ExamineLength, ACountBeyondTheMessageIsTooShort) {
  Sample made = sample(Version::v2, Family::ipv4, 2);
  made.spoil = set_byte(3, 2);
  EXPECT_EQ(made.judge(), Discard::none);
  made.spoil = set_byte(3, 3);
  EXPECT_EQ(made.judge(), Discard::too_short);
  made.spoil = set_byte(3, 255);
  EXPECT_EQ(made.judge(), Discard::too_short);
}

TEST(ExamineLength, ACountShortOfTheMessageIsTooLong) {
  Sample made = sample(Version::v3, Family::ipv4, 3);
  made.spoil = set_byte(3, 2);
  EXPECT_EQ(made.judge(), Discard::too_long);
}

TEST(ExamineLength, OneByteMoreInsideTheDatagramIsTooLong) {
  Sample made = sample(Version::v3, Family::ipv4);
  EXPECT_EQ(made.judge(), Discard::none);
  made.spoil = resize_to(13);
  EXPECT_EQ(made.judge(), Discard::too_long);
  made.spoil = resize_to(12 + 28);  // the trailer of an authentication extension that is not configured
  EXPECT_EQ(made.judge(), Discard::too_long);
}

TEST(ExamineLength, PaddingBehindTheDatagramIsAccepted) {
  for (const Version version : {Version::v2, Version::v3}) {
    for (const std::uint8_t padding : Octets{1, 6, 18, 255}) {
      Sample made = sample(version, Family::ipv4);
      made.padding = padding;
      EXPECT_EQ(made.judge(), Discard::none);
    }
  }
}

TEST(ExamineLength, ADatagramShorterThanItsHeaderSaysIsRefused) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.length_error = 1;
  EXPECT_EQ(made.judge(), Discard::ip_length);
  made.length_error = -1;
  EXPECT_EQ(made.judge(), Discard::ip_length);
  made.padding = 4;  // padding does not make up for what the IP header leaves out
  EXPECT_EQ(made.judge(), Discard::ip_length);
  made.length_error = 0;
  EXPECT_EQ(made.judge(), Discard::none);
}

// ---------------------------------------------------------------- TTL

TEST(ExamineTtl, OfAMulticastIs255) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Sample made = sample(Version::v3, family);
    made.ttl = 255;
    EXPECT_EQ(made.judge(), Discard::none);
    for (const std::uint8_t ttl : Octets{254, 1, 0}) {
      made.ttl = ttl;
      EXPECT_EQ(made.judge(), Discard::ttl);
    }
  }
}

TEST(ExamineTtl, OfAUnicastLiesWithinThePeersLimits) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.content.destination = ip("10.1.10.6");
  made.rules.unicast = true;
  made.rules.min_ttl = 60;
  made.rules.max_ttl = 64;
  for (const std::uint8_t ttl : Octets{60, 61, 64}) {
    made.ttl = ttl;
    EXPECT_EQ(made.judge(), Discard::none) << int{ttl};
  }
  for (const std::uint8_t ttl : Octets{59, 65, 0, 255}) {
    made.ttl = ttl;
    EXPECT_EQ(made.judge(), Discard::ttl) << int{ttl};
  }
}

// ---------------------------------------------------------------- version and type

TEST(ExamineVersion, IsTheConfiguredOne) {
  Sample made = sample(Version::v3, Family::ipv4);
  for (unsigned version = 0; version < 16; ++version) {
    if (version == 2) continue;  // asks for 8 bytes more: see below
    made.spoil = set_byte(0, static_cast<std::uint8_t>(version << 4U | 1U));
    EXPECT_EQ(made.judge(), version == 3 ? Discard::none : Discard::version) << version;
  }
}

TEST(ExamineVersion, AnotherVersionsMessageIsRefusedWhole) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.rules.version = Version::v3;
  EXPECT_EQ(made.judge(), Discard::version);
  made = sample(Version::v3, Family::ipv4);
  made.rules.version = Version::v2;
  made.rules.auth_type = AuthType::pass;
  EXPECT_EQ(made.judge(), Discard::version);
}

TEST(ExamineVersion, DecidesTheExpectedLength) {
  Sample made = sample(Version::v3, Family::ipv4);
  made.spoil = set_byte(0, 0x21);
  EXPECT_EQ(made.judge(), Discard::too_short);
  made = sample(Version::v2, Family::ipv4);
  made.spoil = set_byte(0, 0x11);
  EXPECT_EQ(made.judge(), Discard::too_long);
}

TEST(ExamineType, IsAdvertisement) {
  for (const Version version : {Version::v2, Version::v3}) {
    Sample made = sample(version, Family::ipv4);
    for (unsigned type = 0; type < 16; ++type) {
      made.spoil = set_byte(0, static_cast<std::uint8_t>(static_cast<unsigned>(version) << 4U | type));
      EXPECT_EQ(made.judge(), type == 1 ? Discard::none : Discard::type) << type;
    }
  }
}

// ---------------------------------------------------------------- authentication (VRRPv2)

TEST(ExamineAuthentication, OfATypeThatNobodyDefinedIsUnknown) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.spoil = set_byte(4, 3);
  EXPECT_EQ(made.judge(), Discard::auth_type_unknown);
  made.spoil = set_byte(4, 255);
  EXPECT_EQ(made.judge(), Discard::auth_type_unknown);
  made.spoil = set_byte(4, 2);
  EXPECT_EQ(made.judge(), Discard::auth_type_mismatch);
  made.spoil = set_byte(4, 1);
  EXPECT_EQ(made.judge(), Discard::none);
}

TEST(ExamineAuthentication, MustBeOfTheConfiguredType) {
  Sample made = sample(Version::v2, Family::ipv4);
  for (const AuthType sent : {AuthType::none, AuthType::pass}) {
    for (const AuthType wanted : {AuthType::none, AuthType::pass}) {
      made.content.auth_type = sent;
      made.rules.auth_type = wanted;
      EXPECT_EQ(made.judge(), sent == wanted ? Discard::none : Discard::auth_type_mismatch);
    }
  }
}

TEST(ExamineAuthentication, ComparesAllEightBytesOfThePassword) {
  Sample made = sample(Version::v2, Family::ipv4, 2);
  made.content.password = made.rules.password = make_password("abc");
  const std::size_t size = made.message().size();
  EXPECT_EQ(made.judge(), Discard::none);
  for (std::size_t at = size - 8; at < size; ++at) {
    made.spoil = [at](Bytes& bytes) { bytes[at] ^= 0x01; };  // also behind the NUL
    EXPECT_EQ(made.judge(), Discard::auth_data_mismatch) << at;
  }
}

TEST(ExamineAuthentication, TakesWordsThatAgreeInEightCharactersForEqual) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.content.password = make_password("secret-1234");
  made.rules.password = make_password("secret-1999");
  EXPECT_EQ(made.judge(), Discard::none);
  made.rules.password = make_password("secret-2");
  EXPECT_EQ(made.judge(), Discard::auth_data_mismatch);
}

TEST(ExamineAuthentication, IgnoresTheDataOfTypeNone) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.content.auth_type = made.rules.auth_type = AuthType::none;
  const std::size_t size = made.message().size();
  made.spoil = [size](Bytes& bytes) { bytes[size - 3] = 0x55; };
  EXPECT_EQ(made.judge(), Discard::none);
}

TEST(ExamineAuthentication, OfTypeAhIsNeverTrusted) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.rules.auth_type = AuthType::ah;
  made.spoil = set_byte(4, 2);
  EXPECT_EQ(made.judge(), Discard::auth_data_mismatch);
}

// ---------------------------------------------------------------- interval

TEST(ExamineInterval, OfVersion2IsOurs) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.rules.interval = std::chrono::seconds{2};
  for (const std::uint8_t seconds : Octets{0, 1, 3, 255}) {
    made.spoil = set_byte(5, seconds);
    EXPECT_EQ(made.judge(), Discard::interval_mismatch) << int{seconds};
  }
  made.spoil = set_byte(5, 2);
  EXPECT_EQ(made.judge(), Discard::none);
}

TEST(ExamineInterval, OfVersion3MayDifferAndIsNoted) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Sample made = sample(Version::v3, family);
    Advertisement seen;
    made.content.interval = Centiseconds{101};
    ASSERT_EQ(made.judge(&seen), Discard::none);
    EXPECT_EQ(seen.interval, std::chrono::milliseconds{1010});
    EXPECT_TRUE(seen.interval_differs);
    made.content.interval = Centiseconds{100};
    ASSERT_EQ(made.judge(&seen), Discard::none);
    EXPECT_FALSE(seen.interval_differs);
  }
}

TEST(ExamineInterval, OfVersion3IsOneTo4095Centiseconds) {
  Sample made = sample(Version::v3, Family::ipv4);
  made.content.interval = Centiseconds{1};
  EXPECT_EQ(made.judge(), Discard::none);
  made.content.interval = Centiseconds{4095};
  EXPECT_EQ(made.judge(), Discard::none);
  made.spoil = [](Bytes& bytes) { bytes[4] = bytes[5] = 0; };
  EXPECT_EQ(made.judge(), Discard::interval_zero);
  made.spoil = [](Bytes& bytes) {
    bytes[4] = 0xf0;  // reserved bits are no interval
    bytes[5] = 0;
  };
  EXPECT_EQ(made.judge(), Discard::interval_zero);
}

TEST(ExamineInterval, IgnoresTheReservedBitsOfVersion3) {
  Sample made = sample(Version::v3, Family::ipv4);
  made.spoil = set_byte(4, 0xf0);
  Advertisement seen;
  ASSERT_EQ(made.judge(&seen), Discard::none);
  EXPECT_EQ(seen.interval, std::chrono::seconds{1});
  EXPECT_FALSE(seen.interval_differs);
}

// ---------------------------------------------------------------- checksum

TEST(ExamineChecksum, MustBeRight) {
  for (const Version version : {Version::v2, Version::v3}) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      Sample made = sample(version, family);
      EXPECT_EQ(made.judge(), Discard::none);
      made.spoil_unrepaired = [](Bytes& bytes) { ++bytes[7]; };
      EXPECT_EQ(made.judge(), Discard::checksum);
      made.spoil_unrepaired = [](Bytes& bytes) { --bytes[2]; };
      EXPECT_EQ(made.judge(), Discard::checksum);
      made.spoil_unrepaired = [](Bytes& bytes) { bytes[6] = bytes[7] = 0; };
      EXPECT_EQ(made.judge(), Discard::checksum);
    }
  }
}

TEST(ExamineChecksum, OfVersion2CoversTheAuthenticationData) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.content.auth_type = made.rules.auth_type = AuthType::none;
  const std::size_t size = made.message().size();
  made.spoil_unrepaired = [size](Bytes& bytes) { bytes[size - 1] = 1; };
  EXPECT_EQ(made.judge(), Discard::checksum);
}

TEST(ExamineChecksum, OfVersion3OverIpv4MayHaveThePseudoHeaderOrNot) {
  for (const Ipv4Checksum form : {Ipv4Checksum::with_pseudo_header, Ipv4Checksum::message_only}) {
    for (const Ipv4Checksum expected : {Ipv4Checksum::with_pseudo_header, Ipv4Checksum::message_only}) {
      Sample made = sample(Version::v3, Family::ipv4);
      made.content.ipv4_checksum = form;
      made.rules.ipv4_checksum = expected;
      Advertisement seen;
      ASSERT_EQ(made.judge(&seen), Discard::none);
      EXPECT_EQ(seen.ipv4_checksum, form);
      made.rules.both_checksums = false;
      EXPECT_EQ(made.judge(), form == expected ? Discard::none : Discard::checksum);
    }
  }
}

TEST(ExamineChecksum, WithPseudoHeaderCoversSourceAndDestination) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    Sample made = sample(Version::v3, family);
    const Bytes bytes = made.message();
    EXPECT_EQ(made.judge_bytes(bytes), Discard::none);
    const IpAddress source = made.content.source;
    made.content.source = family == Family::ipv4 ? ip("10.1.10.6") : ip("fe80::6");
    EXPECT_EQ(made.judge_bytes(bytes), Discard::checksum);
    made.content.source = source;
    made.content.destination = family == Family::ipv4 ? ip("224.0.0.19") : ip("ff02::13");
    EXPECT_EQ(made.judge_bytes(bytes), Discard::checksum);
  }
}

TEST(ExamineChecksum, OfIpv6AlwaysHasThePseudoHeader) {
  Sample made = sample(Version::v3, Family::ipv6);
  const Bytes good = made.message();
  Bytes message_only = good;
  message_only[6] = message_only[7] = 0;
  const std::uint16_t checksum = finish_checksum(internet_sum(message_only));
  message_only[6] = static_cast<std::uint8_t>(checksum >> 8U);
  message_only[7] = static_cast<std::uint8_t>(checksum & 0xffU);
  EXPECT_EQ(made.judge_bytes(message_only), Discard::checksum);
  EXPECT_EQ(made.judge_bytes(good), Discard::none);
}

// ---------------------------------------------------------------- addresses

TEST(ExamineAddresses, AreAtLeastOne) {
  for (const Version version : {Version::v2, Version::v3}) {
    for (const Family family : {Family::ipv4, Family::ipv6}) {
      EXPECT_EQ(sample(version, family, 1).judge(), Discard::none);
      EXPECT_EQ(sample(version, family, 0).judge(), Discard::address_count_zero);
    }
  }
}

TEST(ExamineAddresses, OfIpv6BeginWithALinkLocalOne) {
  Sample made = sample(Version::v3, Family::ipv6);
  for (const char* address : {"fe80::7", "fe80::", "febf:ffff::1"}) {
    made.addresses = {ip(address), ip("2001:db8::7")};
    EXPECT_EQ(made.judge(), Discard::none) << address;
  }
  for (const char* address : {"2001:db8::7", "fec0::7", "fe7f::7", "ff02::7", "::"}) {
    made.addresses = {ip(address), ip("fe80::7")};
    made.ours = made.addresses;
    EXPECT_EQ(made.judge(), Discard::first_not_link_local) << address;
  }
}

TEST(ExamineAddresses, OfIpv4NeedNoLinkLocalOne) {
  Sample made = sample(Version::v3, Family::ipv4);
  made.addresses = {ip("192.0.2.7")};
  EXPECT_EQ(made.judge(), Discard::none);
}

TEST(ExamineAddresses, OfAnotherListAreNoted) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.ours = {ip("10.1.10.7"), ip("10.1.10.77")};
  const auto differs = [&](std::vector<IpAddress> sent) {
    made.addresses = std::move(sent);
    Advertisement seen;
    EXPECT_EQ(made.judge(&seen), Discard::none);
    return seen.address_list_differs;
  };
  EXPECT_FALSE(differs({ip("10.1.10.7"), ip("10.1.10.77")}));
  EXPECT_FALSE(differs({ip("10.1.10.77"), ip("10.1.10.7")})) << "the order does not matter";
  EXPECT_TRUE(differs({ip("10.1.10.7"), ip("10.1.10.78")}));
  EXPECT_TRUE(differs({ip("10.1.10.6"), ip("10.1.10.77")}));
  EXPECT_TRUE(differs({ip("10.1.10.7"), ip("10.1.10.7")}));
  EXPECT_TRUE(differs({ip("10.1.10.7")}));
  EXPECT_TRUE(differs({ip("10.1.10.7"), ip("10.1.10.77"), ip("10.1.10.78")}));
}

TEST(ExamineAddresses, OfIpv6BehindTheFirstAreComparedToo) {
  Sample made = sample(Version::v3, Family::ipv6, 3);
  Advertisement seen;
  ASSERT_EQ(made.judge(&seen), Discard::none);
  EXPECT_FALSE(seen.address_list_differs);
  made.addresses[2] = ip("2001:db8::3");
  ASSERT_EQ(made.judge(&seen), Discard::none);
  EXPECT_TRUE(seen.address_list_differs);
}

TEST(ExamineAddresses, OfAnotherListAreRefusedWhereTheyMustMatch) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.rules.address_list_must_match = true;
  made.ours = {ip("10.1.10.7"), ip("10.1.10.77")};
  made.addresses = {ip("10.1.10.77"), ip("10.1.10.7")};
  EXPECT_EQ(made.judge(), Discard::none);
  for (const std::uint8_t priority : Octets{0, 100, 255}) {
    made.content.priority = priority;
    made.addresses = {ip("10.1.10.7"), ip("10.1.10.78")};
    EXPECT_EQ(made.judge(), Discard::address_list);
    made.addresses = {ip("10.1.10.7")};
    EXPECT_EQ(made.judge(), Discard::address_list);
    made.addresses = {ip("10.1.10.7"), ip("10.1.10.77"), ip("10.1.10.78")};
    EXPECT_EQ(made.judge(), Discard::address_list);
  }
}

// ---------------------------------------------------------------- origin

TEST(ExamineDestination, IsAGroupUnlessPeersAreConfigured) {
  for (const Family family : {Family::ipv4, Family::ipv6}) {
    const IpAddress group = family == Family::ipv4 ? ip("224.0.4.18") : ip("ff02::12");
    const IpAddress host = family == Family::ipv4 ? ip("223.255.255.254") : ip("fe80::6");
    for (const bool unicast : {false, true}) {
      Sample made = sample(Version::v3, family);
      made.rules.unicast = unicast;
      made.content.destination = group;
      EXPECT_EQ(made.judge(), unicast ? Discard::destination : Discard::none);
      made.content.destination = host;
      EXPECT_EQ(made.judge(), unicast ? Discard::none : Discard::destination);
    }
  }
}

TEST(ExamineSource, IsAPeerWhereThatIsAsked) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.content.destination = ip("10.1.10.6");
  made.rules.unicast = true;
  made.peers = {ip("10.1.10.4"), ip("10.1.10.5")};
  made.rules.check_unicast_source = true;
  EXPECT_EQ(made.judge(), Discard::none);
  made.content.source = ip("10.1.10.9");
  EXPECT_EQ(made.judge(), Discard::unknown_peer);
  made.rules.check_unicast_source = false;
  EXPECT_EQ(made.judge(), Discard::none);
}

// ---------------------------------------------------------------- order

/// A fault that causes `reason` and leaves those before it alone.
struct Fault {
  Discard reason;
  std::function<void(Sample&)> apply;
};

void then(Sample& made, std::function<void(Bytes&)> more) {
  made.spoil = [before = made.spoil, more = std::move(more)](Bytes& bytes) {
    if (before) before(bytes);
    more(bytes);
  };
}

/// With every pair of faults the first reason is named.
void expect_order(const Sample& valid, const std::vector<Fault>& faults) {
  ASSERT_EQ(valid.judge(), Discard::none);
  for (std::size_t first = 0; first < faults.size(); ++first) {
    Sample one = valid;
    faults[first].apply(one);
    EXPECT_EQ(one.judge(), faults[first].reason) << to_string(faults[first].reason);
    for (std::size_t second = first + 1; second < faults.size(); ++second) {
      EXPECT_LT(faults[first].reason, faults[second].reason) << "Discard is in the order of the rules";
      Sample both = valid;
      faults[second].apply(both);
      faults[first].apply(both);
      EXPECT_EQ(both.judge(), faults[first].reason)
          << to_string(faults[first].reason) << " and " << to_string(faults[second].reason);
    }
  }
}

const Fault kWrongTtl{Discard::ttl, [](Sample& made) { made.ttl = 254; }};
const Fault kWrongType{Discard::type, [](Sample& made) {
                         then(made, [](Bytes& bytes) { bytes[0] = static_cast<std::uint8_t>(bytes[0] & 0xf0U) | 2U; });
                       }};
const Fault kWrongIpLength{Discard::ip_length, [](Sample& made) { made.length_error = -1; }};
const Fault kWrongChecksum{Discard::checksum,
                           [](Sample& made) { made.spoil_unrepaired = [](Bytes& bytes) { bytes[7] ^= 0x10; }; }};
const Fault kWrongDestination{Discard::destination, [](Sample& made) { made.rules.unicast = true; }};
const Fault kUnknownPeer{Discard::unknown_peer, [](Sample& made) { made.rules.check_unicast_source = true; }};

TEST(ExamineOrder, OfVersion2IsThatOfKeepalived) {
  expect_order(sample(Version::v2, Family::ipv4, 2),
               {kWrongTtl,
                {Discard::auth_type_unknown, [](Sample& made) { then(made, set_byte(4, 9)); }},
                {Discard::auth_data_mismatch, [](Sample& made) { made.rules.password = make_password("other"); }},
                {Discard::interval_mismatch, [](Sample& made) { then(made, set_byte(5, 9)); }},
                kWrongType,
                kWrongIpLength,
                kWrongChecksum,
                {Discard::address_list,
                 [](Sample& made) {
                   made.rules.address_list_must_match = true;
                   made.ours.pop_back();
                 }},
                kWrongDestination,
                kUnknownPeer});
}

TEST(ExamineOrder, OfVersion2PutsTheAuthenticationTypeBeforeItsData) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.rules.password = make_password("other");
  made.spoil = set_byte(4, 0);
  EXPECT_EQ(made.judge(), Discard::auth_type_mismatch);
}

TEST(ExamineOrder, OfVersion3PutsTheErrataBehindTheRulesTheyRefine) {
  expect_order(sample(Version::v3, Family::ipv6, 2),
               {kWrongTtl,
                {Discard::interval_zero, [](Sample& made) { then(made, [](Bytes& b) { b[4] = b[5] = 0; }); }},
                kWrongType,
                kWrongIpLength,
                kWrongChecksum,
                {Discard::first_not_link_local, [](Sample& made) { then(made, set_byte(8, 0x20)); }},
                kWrongDestination,
                kUnknownPeer});
}

TEST(ExamineOrder, BeginsWithTheLengthAndThenTheTtl) {
  Sample made = sample(Version::v2, Family::ipv4);
  made.spoil = resize_to(19);
  made.ttl = 1;
  EXPECT_EQ(made.judge(), Discard::too_short);
  made.spoil = resize_to(21);
  EXPECT_EQ(made.judge(), Discard::too_long);
  made = sample(Version::v3, Family::ipv4);
  made.ttl = 1;
  made.rules.version = Version::v2;
  EXPECT_EQ(made.judge(), Discard::ttl);
  made.ttl = 255;
  EXPECT_EQ(made.judge(), Discard::version);
}

TEST(ExamineOrder, CountZeroComesBehindTheChecksum) {
  Sample made = sample(Version::v3, Family::ipv6, 0);
  made.spoil_unrepaired = [](Bytes& bytes) { bytes[7] ^= 1; };
  EXPECT_EQ(made.judge(), Discard::checksum);
}

// ---------------------------------------------------------------- names and dispatch

TEST(DiscardNames, AreUniqueAndReadBack) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kDiscardCount; ++i) {
    const auto reason = static_cast<Discard>(i);
    EXPECT_FALSE(to_string(reason).empty());
    EXPECT_EQ(discard_from_string(to_string(reason)), reason);
    names.insert(to_string(reason));
  }
  EXPECT_EQ(names.size(), kDiscardCount);
  EXPECT_EQ(to_string(Discard::auth_data_mismatch), "auth_data_mismatch");
  EXPECT_EQ(to_string(Discard::address_list), "address_list");
  EXPECT_EQ(to_string(Discard::owner_ignores), "owner_ignores");
  EXPECT_EQ(discard_from_string("no such reason"), Discard::count);
  EXPECT_EQ(discard_from_string(""), Discard::count);
}

TEST(PeekVrid, IsTheSecondByteIfThereIsOne) {
  const Bytes bytes{0x21, 0x33};
  Datagram datagram;
  EXPECT_EQ(peek_vrid(datagram), 0);
  datagram.payload = std::span{bytes}.first(1);
  EXPECT_EQ(peek_vrid(datagram), 0);
  datagram.payload = bytes;
  EXPECT_EQ(peek_vrid(datagram), 0x33);
}

}  // namespace
}  // namespace vipdrift::vrrp
