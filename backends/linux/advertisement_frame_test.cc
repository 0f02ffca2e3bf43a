#include "backends/linux/advertisement_frame.h"

#include <gtest/gtest.h>

#include <array>

namespace vipdrift::linux_backend {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::array<std::uint8_t, 3> kMessage{0x31, 0x33, 0x64};

TEST(AdvertisementFrame, Ipv4) {
  Bytes frame{1, 2, 3};
  write_frame({virtual_router_mac(Family::ipv4, 51), IpAddress::v4(10, 9, 0, 1), kVrrpGroupIpv4, 255, 7}, kMessage,
              frame);
  const Bytes expected{0x01, 0x00, 0x5e, 0x00, 0x00, 0x12, 0x00, 0x00, 0x5e, 0x00, 0x01, 0x33, 0x08, 0x00,  //
                       0x45, 0xc0, 0x00, 0x17, 0x00, 0x07, 0x00, 0x00, 0xff, 0x70, 0xd0, 0x93,              //
                       10,   9,    0,    1,    224,  0,    0,    18,   0x31, 0x33, 0x64};
  EXPECT_EQ(frame, expected);
}

TEST(AdvertisementFrame, Ipv6) {
  Bytes frame;
  const IpAddress source = *IpAddress::parse("fe80::1");
  write_frame({virtual_router_mac(Family::ipv6, 54), source, kVrrpGroupIpv6, 254, 7}, kMessage, frame);
  const Bytes expected{0x33, 0x33, 0x00, 0x00, 0x00, 0x12, 0x00, 0x00, 0x5e, 0x00, 0x02, 0x36, 0x86, 0xdd,        //
                       0x6c, 0x00, 0x00, 0x00, 0x00, 0x03, 0x70, 0xfe, 0xfe, 0x80, 0,    0,    0,    0,    0, 0,  //
                       0,    0,    0,    0,    0,    0,    0,    1,    0xff, 0x02, 0,    0,    0,    0,    0, 0,  //
                       0,    0,    0,    0,    0,    0,    0,    0x12, 0x31, 0x33, 0x64};
  EXPECT_EQ(frame, expected);
}

}  // namespace
}  // namespace vipdrift::linux_backend
