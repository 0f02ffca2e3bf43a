#include "sim/vrrp_flows.h"

#include <gtest/gtest.h>

#include <array>
#include <optional>
#include <vector>

#include "sim/choices.h"
#include "sim/packets.h"

namespace vipdrift::sim {
namespace {

constexpr MacAddress kMac{{2, 0, 0, 0, 0, 1}};
constexpr IpAddress kSource = IpAddress::v4(10, 1, 10, 1);
const std::vector<std::uint8_t> kMessage(20, 0x5a);

std::vector<std::uint8_t> advertisement(FramePool& pool, std::uint16_t identification) {
  const Frame frame = make_ip_frame(pool, kMac, *group_destination(kVrrpGroupIpv4),
                                    vrrp_header(kSource, kVrrpGroupIpv4, 255, identification), kMessage);
  return {frame.bytes().begin(), frame.bytes().end()};
}

TEST(VrrpFlows, KnowsNothingAtFirst) {
  FramePool pool;
  EXPECT_EQ(VrrpFlows{}.find(advertisement(pool, 1)), nullptr);
  EXPECT_EQ(VrrpFlows{}.find({}), nullptr);
}

TEST(VrrpFlows, EveryIdentificationOfARememberedSenderIsKnown) {
  FramePool pool;
  VrrpFlows flows;
  flows.remember(advertisement(pool, 1), {kSource, kVrrpGroupIpv4, 255, 20});
  for (std::uint32_t identification = 0; identification <= 0xffff; ++identification) {
    const VrrpFlows::Flow* flow = flows.find(advertisement(pool, static_cast<std::uint16_t>(identification)));
    ASSERT_NE(flow, nullptr) << identification;
    ASSERT_EQ(flow->source, kSource);
    ASSERT_EQ(flow->ttl, 255);
  }
}

TEST(VrrpFlows, ForgetsWhenAsked) {
  FramePool pool;
  VrrpFlows flows;
  flows.remember(advertisement(pool, 1), {});
  flows.forget();
  EXPECT_EQ(flows.find(advertisement(pool, 1)), nullptr);
}

TEST(VrrpFlows, ShorterThanTheHeadersIsUnknown) {
  FramePool pool;
  VrrpFlows flows;
  std::vector<std::uint8_t> frame = advertisement(pool, 1);
  flows.remember(frame, {});
  frame.resize(VrrpFlows::kHeaders - 1);
  EXPECT_EQ(flows.find(frame), nullptr);
}

TEST(VrrpFlows, NoSingleBitOfTheHeadersMayDiffer) {
  FramePool pool;
  VrrpFlows flows;
  const std::vector<std::uint8_t> good = advertisement(pool, 0x1234);
  flows.remember(good, {});
  for (std::size_t bit = 0; bit < VrrpFlows::kHeaders * 8; ++bit) {
    std::vector<std::uint8_t> bad = good;
    bad[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
    EXPECT_EQ(flows.find(bad), nullptr) << "bit " << bit;
  }
}

/// What the cache knows must be what the parsers would have let pass, with the same fields.
TEST(VrrpFlows, WhateverIsKnownWouldHavePassedTheRules) {
  FramePool pool;
  Choices choices = Choices::random(7);
  const StreamId stream = choices.stream("flows");
  VrrpFlows flows;
  const std::vector<std::uint8_t> good = advertisement(pool, 0xfffe);
  flows.remember(good, {kSource, kVrrpGroupIpv4, 255, 20});
  int known = 0;
  for (int i = 0; i < 200'000; ++i) {
    std::vector<std::uint8_t> frame = good;
    const std::uint64_t changes = 1 + choices.below(stream, 3);
    for (std::uint64_t change = 0; change < changes; ++change) {
      // Identification and checksum most often: there the cache is lenient.
      constexpr std::array<std::size_t, 4> kLenient{18, 19, 24, 25};
      const std::size_t at = choices.below(stream, 4) != 0 ? kLenient[choices.below(stream, 4)]
                                                           : choices.below(stream, VrrpFlows::kHeaders);
      frame[at] = static_cast<std::uint8_t>(choices.below(stream, 256));
    }
    const VrrpFlows::Flow* flow = flows.find(frame);
    if (flow == nullptr) continue;
    ++known;
    const std::optional<EthernetView> ethernet = parse_ethernet(frame);
    ASSERT_TRUE(ethernet.has_value());
    const std::optional<IpView> packet = parse_ip(*ethernet);
    ASSERT_TRUE(packet.has_value());
    EXPECT_TRUE(packet->header_checksum_ok);
    EXPECT_EQ(packet->header.source, flow->source);
    EXPECT_EQ(packet->header.destination, flow->destination);
    EXPECT_EQ(packet->header.ttl, flow->ttl);
    EXPECT_EQ(packet->payload_length, flow->payload_length);
  }
  EXPECT_GT(known, 100);
}

}  // namespace
}  // namespace vipdrift::sim
