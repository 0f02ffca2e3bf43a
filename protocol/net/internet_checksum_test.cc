#include "protocol/net/internet_checksum.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <vector>

namespace vipdrift {
namespace {

// The words of RFC 1071, 3: their sum is ddf2.
constexpr std::array<std::uint8_t, 8> kRfc1071{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

TEST(InternetChecksum, SumsTheExampleOfRfc1071) { EXPECT_EQ(finish_checksum(internet_sum(kRfc1071)), 0x220d); }

TEST(InternetChecksum, OfNothingIsAllOnes) { EXPECT_EQ(finish_checksum(internet_sum({})), 0xffff); }

TEST(InternetChecksum, PadsAnOddLastByteWithZero) {
  const std::array<std::uint8_t, 3> odd{0x12, 0x34, 0x56};
  EXPECT_EQ(finish_checksum(internet_sum(odd)), 0xffff - (0x1234 + 0x5600));
}

TEST(InternetChecksum, AddsTheCarryBackIn) {
  const std::array<std::uint8_t, 4> carrying{0xff, 0xff, 0x00, 0x01};
  EXPECT_EQ(finish_checksum(internet_sum(carrying)), 0xfffe);
}

TEST(InternetChecksum, OfAMessageWithItsChecksumIsZero) {
  // An IPv4 header whose checksum b861 is right.
  const std::array<std::uint8_t, 20> header{0x45, 0x00, 0x00, 0x73, 0x00, 0x00, 0x40, 0x00, 0x40, 0x11,
                                            0xb8, 0x61, 0xc0, 0xa8, 0x00, 0x01, 0xc0, 0xa8, 0x00, 0xc7};
  EXPECT_EQ(finish_checksum(internet_sum(header)), 0);
  auto wrong = header;
  wrong[19] ^= 1U;
  EXPECT_NE(finish_checksum(internet_sum(wrong)), 0);
}

TEST(InternetChecksum, OfEveryLengthEqualsTheSumWordByWord) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t size = 0; size < 100; ++size) {
    std::uint32_t expected = 0;
    for (std::size_t i = 0; i < size; ++i) expected += bytes[i] * (i % 2 == 0 ? 256U : 1U);
    while (expected > 0xffff) expected = (expected >> 16U) + (expected & 0xffffU);
    EXPECT_EQ(finish_checksum(internet_sum(bytes)), 0xffff - expected) << size << " bytes";
    bytes.push_back(static_cast<std::uint8_t>(251 - 7 * size));
  }
}

TEST(InternetChecksum, OfTwoEvenRangesIsThatOfTheirUnion) {
  const std::span<const std::uint8_t> all{kRfc1071};
  for (std::size_t cut = 0; cut <= all.size(); cut += 2) {
    const std::uint64_t sum = internet_sum(all.subspan(cut), internet_sum(all.first(cut)));
    EXPECT_EQ(finish_checksum(sum), 0x220d) << "cut at " << cut;
  }
}

TEST(PseudoHeaderSum, OfIpv4IsThatOfItsTwelveBytes) {
  const std::array<std::uint8_t, 12> bytes{10, 1, 10, 5, 224, 0, 0, 18, 0, 112, 0, 12};
  const auto sum = pseudo_header_sum(IpAddress::v4(10, 1, 10, 5), IpAddress::v4(224, 0, 0, 18), 112, 12);
  EXPECT_EQ(finish_checksum(sum), finish_checksum(internet_sum(bytes)));
}

TEST(PseudoHeaderSum, OfIpv6IsThatOfItsFortyBytes) {
  const std::array<std::uint8_t, 40> bytes{0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0, 0, 0, 1, 0xff, 0x02, 0, 0,
                                           0,    0,    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x12, 0, 1, 0, 2, 0,    0,    0, 112};
  const auto source = IpAddress::parse("fe80::1");
  ASSERT_TRUE(source);
  const auto sum = pseudo_header_sum(*source, kVrrpGroupIpv6, 112, 65538);
  EXPECT_EQ(finish_checksum(sum), finish_checksum(internet_sum(bytes)));
}

}  // namespace
}  // namespace vipdrift
