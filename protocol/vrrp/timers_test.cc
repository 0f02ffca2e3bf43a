#include "protocol/vrrp/timers.h"

#include <gtest/gtest.h>

namespace vipdrift::vrrp {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr Profile kStock = keepalived_profile();

TEST(SkewTime, Version2IsAShareOfOneSecond) {
  EXPECT_EQ(skew_time(Version::v2, 100, seconds{1}, kStock), nanoseconds{609'375'000});
  EXPECT_EQ(skew_time(Version::v2, 90, seconds{1}, kStock), nanoseconds{648'437'500});
  EXPECT_EQ(skew_time(Version::v2, 254, seconds{1}, kStock), nanoseconds{7'812'500});
  EXPECT_EQ(skew_time(Version::v2, 255, seconds{1}, kStock), nanoseconds{3'906'250});
}

TEST(SkewTime, Version2IgnoresTheIntervalUnlessTheProfileScalesIt) {
  EXPECT_EQ(skew_time(Version::v2, 100, seconds{10}, kStock), nanoseconds{609'375'000});
  Profile scaled = kStock;
  scaled.v2_skew_follows_interval = true;
  EXPECT_EQ(skew_time(Version::v2, 100, seconds{10}, scaled), nanoseconds{6'093'750'000});
}

TEST(SkewTime, Version3IsAShareOfTheMastersInterval) {
  EXPECT_EQ(skew_time(Version::v3, 100, seconds{1}, kStock), nanoseconds{609'375'000});
  EXPECT_EQ(skew_time(Version::v3, 100, milliseconds{100}, kStock), nanoseconds{60'937'500});
  EXPECT_EQ(skew_time(Version::v3, 1, milliseconds{10}, kStock), nanoseconds{9'960'937});
}

/// Whole centiseconds would make these two equal and let both directors take over together.
TEST(SkewTime, NeighbouringPrioritiesDiffer) {
  EXPECT_EQ(skew_time(Version::v3, 100, seconds{1}, kStock) - skew_time(Version::v3, 101, seconds{1}, kStock),
            nanoseconds{3'906'250});
}

TEST(MasterDownInterval, IsThreeIntervalsAndTheSkewTime) {
  EXPECT_EQ(master_down_interval(Version::v2, 100, seconds{1}, 3, kStock), nanoseconds{3'609'375'000});
  EXPECT_EQ(master_down_interval(Version::v2, 90, seconds{1}, 3, kStock), nanoseconds{3'648'437'500});
  EXPECT_EQ(master_down_interval(Version::v2, 254, seconds{1}, 3, kStock), nanoseconds{3'007'812'500});
  EXPECT_EQ(master_down_interval(Version::v3, 100, milliseconds{10}, 3, kStock), nanoseconds{36'093'750});
}

TEST(MasterDownInterval, DownTimerAdvertsReplacesTheThree) {
  EXPECT_EQ(master_down_interval(Version::v2, 100, seconds{1}, 5, kStock), nanoseconds{5'609'375'000});
}

}  // namespace
}  // namespace vipdrift::vrrp
