#include "backends/netns/netem_setting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <vector>

namespace vipdrift::netns {
namespace {

using scenarios::LinkFaults;
using scenarios::PartsPerMillion;
using std::chrono::microseconds;
using std::chrono::milliseconds;

NetemSetting setting_of(const std::vector<LinkFaults>& places) { return netem_setting(places); }

/// The delays that netem draws from, as netem(8) computes them, in order.
std::vector<double> delays_in_ms(const NetemSetting& setting) {
  std::vector<double> delays;
  for (const std::int16_t entry : setting.table) {
    delays.push_back((static_cast<double>(setting.mean.count()) +
                      static_cast<double>(setting.deviation.count()) * entry / 8192.0) / 1000.0);
  }
  std::sort(delays.begin(), delays.end());
  return delays;
}

double share_below(const std::vector<double>& delays, double limit) {
  const auto below = std::count_if(delays.begin(), delays.end(), [&](double delay) { return delay < limit; });
  return static_cast<double>(below) / static_cast<double>(delays.size());
}

TEST(NetemSetting, NothingIsNothing) {
  EXPECT_EQ(setting_of({}), NetemSetting{});
  EXPECT_EQ(setting_of({LinkFaults{}}), NetemSetting{});
  EXPECT_FALSE(needs_netem(LinkFaults{}));
  LinkFaults lost;
  lost.loss = PartsPerMillion{300'000};
  lost.cut = true;
  EXPECT_FALSE(needs_netem(lost));
  EXPECT_EQ(setting_of({lost}), NetemSetting{});
}

TEST(NetemSetting, DelayAloneIsTheSameForAll) {
  const NetemSetting setting = setting_of({{.delay = milliseconds{40}}, {.delay = microseconds{500}}});
  EXPECT_EQ(setting.mean, microseconds{40'500});
  EXPECT_TRUE(setting.table.empty());
}

TEST(NetemSetting, JitterIsAddedAndUniform) {
  const LinkFaults faults{.delay = milliseconds{20}, .jitter = milliseconds{80}};
  const std::vector<double> delays = delays_in_ms(setting_of({faults}));
  ASSERT_EQ(delays.size(), 1024U);
  EXPECT_NEAR(delays.front(), 20.0, 0.1);
  EXPECT_NEAR(delays.back(), 100.0, 0.1);
  for (const double quarter : {0.25, 0.5, 0.75}) EXPECT_NEAR(share_below(delays, 20 + 80 * quarter), quarter, 0.002);
}

TEST(NetemSetting, AReorderedShareIsHeldBackOnceMore) {
  const LinkFaults faults{
      .delay = milliseconds{10}, .jitter = milliseconds{10}, .reordering = PartsPerMillion{250'000}};
  const std::vector<double> delays = delays_in_ms(setting_of({faults}));
  EXPECT_NEAR(delays.front(), 10.0, 0.1);
  EXPECT_NEAR(share_below(delays, 20.05), 0.75, 0.001);
  EXPECT_NEAR(share_below(delays, 29.95), 0.75, 0.001);
  EXPECT_NEAR(delays.back(), 40.0, 0.1);
  // A share too small for the table is still there; without delay there is nothing to be late by.
  const LinkFaults rare{.delay = milliseconds{10}, .reordering = PartsPerMillion{10}};
  EXPECT_NEAR(delays_in_ms(setting_of({rare})).back(), 20.0, 0.1);
  EXPECT_TRUE(setting_of({{.reordering = PartsPerMillion{500'000}}}).table.empty());
}

TEST(NetemSetting, PlacesAddUp) {
  const std::vector<double> delays = delays_in_ms(setting_of({{.delay = milliseconds{5}, .jitter = milliseconds{10}},
                                                              {.delay = milliseconds{2}},
                                                              {.jitter = milliseconds{10}}}));
  ASSERT_EQ(delays.size(), 1024U);
  EXPECT_NEAR(delays.front(), 7.0, 0.4);
  EXPECT_NEAR(delays.back(), 27.0, 0.4);
  // The sum of two uniform ones is a triangle: an eighth is below a quarter of its width.
  EXPECT_NEAR(share_below(delays, 17.0), 0.5, 0.02);
  EXPECT_NEAR(share_below(delays, 12.0), 0.125, 0.02);
}

TEST(NetemSetting, SharesAreTheKernelsFractions) {
  const LinkFaults half{.duplication = PartsPerMillion{500'000}, .corruption = PartsPerMillion{1'000'000}};
  EXPECT_TRUE(needs_netem(half));
  const NetemSetting one = setting_of({half});
  EXPECT_NEAR(one.duplication, 2147483647.0, 2.0);
  EXPECT_EQ(one.corruption, 4294967295U);
  EXPECT_NEAR(setting_of({half, half}).duplication, 0.75 * 4294967295.0, 4.0);
  EXPECT_GT(setting_of({{.corruption = PartsPerMillion{1}}}).corruption, 0U);
}

}  // namespace
}  // namespace vipdrift::netns
