#include "protocol/net/ip_address.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <utility>

namespace vipdrift {
namespace {

std::string round_trip(const char* text) {
  const auto address = IpAddress::parse(text);
  return address ? address->to_string() : "refused";
}

TEST(IpAddress, ReadsDottedQuads) {
  EXPECT_EQ(IpAddress::parse("10.1.10.77"), IpAddress::v4(10, 1, 10, 77));
  EXPECT_EQ(IpAddress::parse("255.255.255.255"), IpAddress::v4(255, 255, 255, 255));
  EXPECT_EQ(IpAddress::parse("0.0.0.0"), IpAddress());
}

TEST(IpAddress, RefusesWhatIsNoDottedQuad) {
  for (const char* text : {"", "10", "10.1.10", "10.1.10.", ".10.1.10", "10.1.10.256", "10.1.10.77.", "10.1.10.7.7",
                           "010.1.10.7", "10.1.10.+7", "10.1.10.-7", "10.1.10.7 ", " 10.1.10.7", "10.1.0x1.7",
                           "10.1.10.7/24", "10..10.7", "1000.1.1.1"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(IpAddress, ReadsEveryFormOfIpv6) {
  const auto expected = IpAddress::v6({0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1});
  EXPECT_EQ(IpAddress::parse("2001:db8::1"), expected);
  EXPECT_EQ(IpAddress::parse("2001:0DB8:0:0:0:0:0:1"), expected);
  EXPECT_EQ(IpAddress::parse("2001:db8:0::0:1"), expected);
  EXPECT_EQ(IpAddress::parse("2001:db8::0.0.0.1"), expected);
  EXPECT_EQ(IpAddress::parse("::"), IpAddress::v6({}));
  EXPECT_EQ(IpAddress::parse("1::"), IpAddress::v6({0, 1}));
  EXPECT_EQ(IpAddress::parse("1:2:3:4:5:6:7::"), IpAddress::v6({0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 0}));
}

TEST(IpAddress, RefusesWhatIsNoIpv6Address) {
  for (const char* text : {":",
                           ":::",
                           "1",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "12345::",
                           "g::",
                           "fe80::1%eth0",
                           "fe80::1/64",
                           ":1::2",
                           "1::2:",
                           "::1.2.3",
                           "::1.2.3.4:5",
                           "1.2.3.4::",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "-1::",
                           " ::1"}) {
    EXPECT_FALSE(IpAddress::parse(text)) << text;
  }
}

TEST(IpAddress, WritesTheFormOfRfc5952) {
  EXPECT_EQ(round_trip("10.1.10.77"), "10.1.10.77");
  EXPECT_EQ(round_trip("2001:DB8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");     // of equal runs the first
  EXPECT_EQ(round_trip("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");           // the longest run
  EXPECT_EQ(round_trip("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");  // a single zero group stays
  EXPECT_EQ(round_trip("0:0:0:0:0:0:0:0"), "::");
  EXPECT_EQ(round_trip("0:0:0:0:0:0:0:1"), "::1");
  EXPECT_EQ(round_trip("fe80:0:0:0:0:0:0:0"), "fe80::");
  EXPECT_EQ(round_trip("::ffff:a01:a4d"), "::ffff:10.1.10.77");
  EXPECT_EQ(round_trip("::10.1.10.77"), "::a01:a4d");
}

TEST(IpAddress, OrdersNumericallyAndIpv4First) {
  EXPECT_LT(IpAddress::v4(10, 1, 10, 9), IpAddress::v4(10, 1, 10, 10));
  EXPECT_LT(IpAddress::v4(9, 255, 255, 255), IpAddress::v4(10, 0, 0, 0));
  EXPECT_LT(IpAddress::v4(127, 0, 0, 1), IpAddress::v4(128, 0, 0, 0));
  EXPECT_LT(IpAddress::v4(255, 255, 255, 255), IpAddress::v6({}));
  EXPECT_LT(*IpAddress::parse("fe80::1"), *IpAddress::parse("fe80::1:0"));
}

TEST(IpAddress, KnowsMulticastAtItsBoundaries) {
  EXPECT_FALSE(IpAddress::v4(223, 255, 255, 255).is_multicast());
  EXPECT_TRUE(IpAddress::v4(224, 0, 0, 0).is_multicast());
  EXPECT_TRUE(IpAddress::v4(239, 255, 255, 255).is_multicast());
  EXPECT_FALSE(IpAddress::v4(240, 0, 0, 0).is_multicast());
  EXPECT_TRUE(kVrrpGroupIpv6.is_multicast());
  EXPECT_FALSE(IpAddress::parse("feff::1")->is_multicast());
}

TEST(IpAddress, KnowsLinkLocalAtItsBoundaries) {
  EXPECT_TRUE(IpAddress::v4(169, 254, 0, 1).is_link_local());
  EXPECT_FALSE(IpAddress::v4(169, 253, 255, 255).is_link_local());
  EXPECT_FALSE(IpAddress::v4(169, 255, 0, 0).is_link_local());
  EXPECT_TRUE(IpAddress::parse("fe80::1")->is_link_local());
  EXPECT_TRUE(IpAddress::parse("febf:ffff::")->is_link_local());
  EXPECT_FALSE(IpAddress::parse("fec0::1")->is_link_local());
  EXPECT_FALSE(IpAddress::parse("fe7f:ffff::")->is_link_local());
}

TEST(IpAddress, KnowsTheUnspecified) {
  EXPECT_TRUE(IpAddress().is_unspecified());
  EXPECT_TRUE(IpAddress::v6({}).is_unspecified());
  EXPECT_FALSE(IpAddress::v4(0, 0, 0, 1).is_unspecified());
  EXPECT_FALSE(IpAddress::parse("::1")->is_unspecified());
}

TEST(IpAddress, IsMadeFromTheBytesOfItsFamily) {
  const std::array<std::uint8_t, 16> bytes{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7};
  EXPECT_EQ(IpAddress::from_bytes(Family::ipv6, bytes).to_string(), "fe80::7");
  EXPECT_EQ(IpAddress::from_bytes(Family::ipv4, bytes), IpAddress::v4(254, 128, 0, 0));
  EXPECT_EQ(IpAddress::v4(1, 2, 3, 4).bytes().size(), 4U);
  EXPECT_EQ(IpAddress::v6(bytes).bytes().size(), 16U);
}

TEST(IpPrefix, ReadsALengthOrTakesTheHost) {
  EXPECT_EQ(IpPrefix::parse("10.1.10.7/24"), (IpPrefix{IpAddress::v4(10, 1, 10, 7), 24}));
  EXPECT_EQ(IpPrefix::parse("10.1.10.7"), (IpPrefix{IpAddress::v4(10, 1, 10, 7), 32}));
  EXPECT_EQ(IpPrefix::parse("fe80::1")->length, 128);
  EXPECT_EQ(IpPrefix::parse("fe80::1/128")->to_string(), "fe80::1/128");
  EXPECT_EQ(IpPrefix::parse("0.0.0.0/0")->to_string(), "0.0.0.0/0");
  for (const char* text : {"10.1.10.7/33", "fe80::1/129", "10.1.10.7/", "10.1.10.7/-1", "10.1.10.7/24/24", "/24",
                           "10.1.10.7/024", "10.1.10.7/255.255.255.0"}) {
    EXPECT_FALSE(IpPrefix::parse(text)) << text;
  }
}

TEST(IpPrefix, ContainsItsNetworkAndNothingElse) {
  const IpPrefix network = *IpPrefix::parse("10.1.10.1/23");
  EXPECT_TRUE(network.contains(IpAddress::v4(10, 1, 10, 0)));
  EXPECT_TRUE(network.contains(IpAddress::v4(10, 1, 11, 255)));
  EXPECT_FALSE(network.contains(IpAddress::v4(10, 1, 12, 0)));
  EXPECT_FALSE(network.contains(IpAddress::v4(10, 1, 9, 255)));
  EXPECT_FALSE(network.contains(*IpAddress::parse("::10.1.10.1")));
  EXPECT_TRUE(IpPrefix::parse("0.0.0.0/0")->contains(IpAddress::v4(255, 0, 0, 1)));
  EXPECT_TRUE(IpPrefix::parse("10.1.10.7/32")->contains(IpAddress::v4(10, 1, 10, 7)));
  EXPECT_FALSE(IpPrefix::parse("10.1.10.7/32")->contains(IpAddress::v4(10, 1, 10, 6)));
  EXPECT_TRUE(IpPrefix::parse("2001:db8::/33")->contains(*IpAddress::parse("2001:db8:7fff::")));
  EXPECT_FALSE(IpPrefix::parse("2001:db8::/33")->contains(*IpAddress::parse("2001:db8:8000::")));
}

}  // namespace
}  // namespace vipdrift
