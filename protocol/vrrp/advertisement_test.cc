#include "protocol/vrrp/advertisement.h"

#include <gtest/gtest.h>

#include <array>

namespace vipdrift::vrrp {
namespace {

TEST(Advertisement, EncodesWhatExamineAccepts) {
  const std::array<IpAddress, 1> addresses{IpAddress::v4(10, 1, 10, 7)};
  AdvertisementContent content;
  content.vrid = 51;
  content.priority = 100;
  content.interval = std::chrono::seconds{1};
  content.auth_type = AuthType::pass;
  content.password = make_password("frSAmesX");
  content.source = IpAddress::v4(10, 1, 10, 5);
  content.destination = kVrrpGroupIpv4;
  content.addresses = addresses;
  std::array<std::uint8_t, kMaxAdvertisementSize> buffer{};
  const std::size_t size = encode(content, buffer);
  ASSERT_EQ(size, 20U);

  ReceiveRules rules;
  rules.auth_type = AuthType::pass;
  rules.password = content.password;
  rules.interval = content.interval;
  Datagram datagram;
  datagram.source = content.source;
  datagram.destination = content.destination;
  datagram.ip_payload_length = 20;
  datagram.payload = std::span{buffer}.first(size);
  Advertisement closely;
  EXPECT_EQ(examine(datagram, rules, closely), Discard::none);
  EXPECT_TRUE(closely.address_list_differs);
  rules.addresses = addresses[0].bytes();
  prepare(rules);
  Advertisement glance;
  EXPECT_EQ(examine(datagram, rules, glance), Discard::none);
  EXPECT_EQ(glance.vrid, 51);
  EXPECT_EQ(glance.priority, 100);
  EXPECT_FALSE(glance.address_list_differs);
}

}  // namespace
}  // namespace vipdrift::vrrp
