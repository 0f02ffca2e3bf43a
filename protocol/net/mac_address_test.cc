#include "protocol/net/mac_address.h"

#include <gtest/gtest.h>

namespace vipdrift {
namespace {

TEST(MacAddress, ReadsAndWritesSixPairs) {
  const auto mac = MacAddress::parse("02:00:5E:a0:0F:ff");
  ASSERT_TRUE(mac);
  EXPECT_EQ(*mac, (MacAddress{{0x02, 0x00, 0x5e, 0xa0, 0x0f, 0xff}}));
  EXPECT_EQ(mac->to_string(), "02:00:5e:a0:0f:ff");
}

TEST(MacAddress, RefusesEveryOtherText) {
  for (const char* text : {"", "02:00:5e:a0:0f", "02:00:5e:a0:0f:ff:", "02:00:5e:a0:0f:f", "02-00-5e-a0-0f-ff",
                           "02:00:5e:a0:0f:fg", "02:00:5e:a0:0f:-1", " 2:00:5e:a0:0f:ff", "0x:00:5e:a0:0f:ff"}) {
    EXPECT_FALSE(MacAddress::parse(text)) << text;
  }
}

TEST(MacAddress, OfAGroupHasTheLowestBitOfTheFirstByte) {
  EXPECT_TRUE(kBroadcastMac.is_group());
  EXPECT_TRUE((MacAddress{{0x01, 0, 0, 0, 0, 0}}).is_group());
  EXPECT_FALSE((MacAddress{{0xfe, 0, 0, 0, 0, 0}}).is_group());
  EXPECT_TRUE(MacAddress{}.is_zero());
  EXPECT_FALSE((MacAddress{{0, 0, 0, 0, 0, 1}}).is_zero());
}

TEST(VirtualRouterMac, EndsInTheVridAndTellsTheFamily) {
  EXPECT_EQ(virtual_router_mac(Family::ipv4, 51).to_string(), "00:00:5e:00:01:33");
  EXPECT_EQ(virtual_router_mac(Family::ipv6, 255).to_string(), "00:00:5e:00:02:ff");
}

TEST(MulticastMac, OfIpv4KeepsTwentyThreeBits) {
  EXPECT_EQ(multicast_mac(kVrrpGroupIpv4).to_string(), "01:00:5e:00:00:12");
  EXPECT_EQ(multicast_mac(IpAddress::v4(239, 255, 1, 2)).to_string(), "01:00:5e:7f:01:02");
}

TEST(MulticastMac, OfIpv6KeepsThirtyTwoBits) {
  EXPECT_EQ(multicast_mac(kVrrpGroupIpv6).to_string(), "33:33:00:00:00:12");
  EXPECT_EQ(multicast_mac(*IpAddress::parse("ff02::1:ffab:cdef")).to_string(), "33:33:ff:ab:cd:ef");
}

}  // namespace
}  // namespace vipdrift
