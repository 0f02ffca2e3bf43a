#include "backends/netns/frames.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "protocol/net/announcement.h"
#include "scenarios/injection.h"

namespace vipdrift::netns {
namespace {

constexpr MacAddress kMac{{2, 0, 0, 0, 0, 9}};

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

scenarios::InjectAdvertisement advertisement(Family family, const char* source) {
  scenarios::InjectAdvertisement step;
  step.version = vrrp::Version::v3;
  step.family = family;
  step.vrid = 51;
  step.priority = 200;
  step.source = address(source);
  return step;
}

void goes_there_and_back(Family family, const char* source) {
  const scenarios::InjectAdvertisement step = advertisement(family, source);
  const IpAddress destination = scenarios::destination_of(step);
  const std::vector<std::uint8_t> message = scenarios::message_of(step);
  std::vector<std::uint8_t> frame =
      make_vrrp_frame({step.source, destination, 255, kMac}, group_mac(destination).value(), message);
  frame.resize(frame.size() + 6);  // padding of a short frame
  const std::optional<VrrpFrame> seen = vrrp_in(frame);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->envelope.source, step.source);
  EXPECT_EQ(seen->envelope.destination, destination);
  EXPECT_EQ(seen->envelope.ttl, 255);
  EXPECT_EQ(seen->envelope.source_mac, kMac);
  EXPECT_TRUE(std::equal(seen->message.begin(), seen->message.end(), message.begin(), message.end()));
  const auto fields = scenarios::read_fields(seen->message, seen->envelope);
  EXPECT_EQ(fields.checksum, scenarios::ChecksumForm::with_pseudo_header);
}

TEST(Frames, AnAdvertisementGoesIntoAFrameAndOut) {
  goes_there_and_back(Family::ipv4, "10.0.0.9");
  goes_there_and_back(Family::ipv6, "fe80::9");
}

TEST(Frames, CutOffAnywhereTheyAreNoAdvertisements) {
  const scenarios::InjectAdvertisement step = advertisement(Family::ipv4, "10.0.0.9");
  const std::vector<std::uint8_t> frame = make_vrrp_frame(
      {step.source, kVrrpGroupIpv4, 255, kMac}, group_mac(kVrrpGroupIpv4).value(), scenarios::message_of(step));
  for (std::size_t size = 0; size < frame.size(); ++size) {
    EXPECT_FALSE(vrrp_in(Bytes{frame}.first(size))) << size;
    EXPECT_FALSE(announcement_in(Bytes{frame}.first(size))) << size;
    EXPECT_FALSE(answer_in(Bytes{frame}.first(size))) << size;
  }
}

TEST(Frames, AnnouncementsOfBothFamiliesAreSeen) {
  const auto arp = gratuitous_arp(kMac, address("10.0.0.7"));
  const auto seen = announcement_in(arp);
  ASSERT_TRUE(seen);
  EXPECT_EQ(seen->address, address("10.0.0.7"));
  EXPECT_EQ(seen->mac, kMac);
  const auto advertised = announcement_in(unsolicited_advertisement(kMac, address("2001:db8::7")));
  ASSERT_TRUE(advertised);
  EXPECT_EQ(advertised->address, address("2001:db8::7"));
  EXPECT_EQ(advertised->mac, kMac);
}

TEST(Frames, AQuestionIsNoAnnouncement) {
  auto arp = gratuitous_arp(kMac, address("10.0.0.7"));
  arp[41] = 8;  // who has 10.0.0.8?
  EXPECT_FALSE(announcement_in(arp));
}

TEST(Frames, AnswersTellWhoAndWhichQuestion) {
  std::vector<std::uint8_t> frame(14 + 20 + 8);
  frame[6] = 2;
  frame[11] = 9;
  frame[12] = 0x08;
  frame[14] = 0x45;
  frame[17] = 28;
  frame[23] = 1;  // ICMP
  const std::array<std::uint8_t, 4> from{10, 0, 0, 7};
  std::copy(from.begin(), from.end(), frame.begin() + 26);
  frame[39] = 3;   // identifier
  frame[41] = 17;  // sequence
  const auto echo = answer_in(frame);
  ASSERT_TRUE(echo);
  EXPECT_EQ(echo->from, address("10.0.0.7"));
  EXPECT_EQ(echo->identifier, 3);
  EXPECT_EQ(echo->number, 17);
  EXPECT_EQ(echo->mac, kMac);
  frame[34] = 8;  // a request
  EXPECT_FALSE(answer_in(frame));
}

TEST(Frames, GroupsHaveTheirMacAddresses) {
  EXPECT_EQ(group_mac(address("224.0.4.18"))->to_string(), "01:00:5e:00:04:12");
  EXPECT_EQ(group_mac(address("ff02::12"))->to_string(), "33:33:00:00:00:12");
  EXPECT_FALSE(group_mac(address("10.0.0.1")));
  EXPECT_FALSE(group_mac(address("fe80::1")));
}

}  // namespace
}  // namespace vipdrift::netns
