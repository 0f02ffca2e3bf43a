#include "backends/linux/reading_rhythm.h"

#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;
using vrrp::testing::make_instance;
using vrrp::testing::StackDriver;

constexpr Duration kAllowed = 3ms;
const TimePoint kStart{1h};

StackDriver started(Duration interval) {
  config::VrrpInstance instance = make_instance();
  instance.version = vrrp::Version::v3;
  instance.advert_int = interval;
  StackDriver driver(std::move(instance), vrrp::vipdrift_profile());
  driver.start();
  return driver;
}

TEST(ReadingRhythm, ABackupMayBeReadALeastSkewTimeLater) {
  EXPECT_EQ(ReadingRhythm::allowed_pause(started(1s).stack.routers()), 1s / 256.0);
  EXPECT_EQ(ReadingRhythm::allowed_pause(started(100ms).stack.routers()), 100ms / 256.0);
  EXPECT_EQ(ReadingRhythm::allowed_pause(started(10s).stack.routers()), ReadingRhythm::kLongest);
  EXPECT_EQ(ReadingRhythm::allowed_pause(started(60ms).stack.routers()), Duration{0}) << "too short to save anything";
}

TEST(ReadingRhythm, TheIntervalOfTheMasterCounts) {
  StackDriver driver = started(1s);
  driver.receive({.priority = 200, .interval = 100ms});
  EXPECT_EQ(ReadingRhythm::allowed_pause(driver.stack.routers()), 100ms / 256.0);
}

TEST(ReadingRhythm, AMasterIsReadAtOnce) {
  StackDriver driver = started(1s);
  driver.run_until(5s);
  ASSERT_EQ(driver.state(), vrrp::State::master);
  EXPECT_EQ(ReadingRhythm::allowed_pause(driver.stack.routers()), Duration{0});
}

TEST(ReadingRhythm, BeginsWhenASocketWakesTwiceWithinAPause) {
  ReadingRhythm rhythm;
  EXPECT_EQ(rhythm.woken(kStart, kAllowed), std::nullopt);
  EXPECT_EQ(rhythm.woken(kStart + 3ms, kAllowed), std::nullopt);
  EXPECT_EQ(rhythm.woken(kStart + 5ms, kAllowed), kStart + 8ms);
}

TEST(ReadingRhythm, NeverBeginsWhereNothingIsAllowed) {
  ReadingRhythm rhythm;
  EXPECT_EQ(rhythm.woken(kStart, Duration{0}), std::nullopt);
  EXPECT_EQ(rhythm.woken(kStart, Duration{0}), std::nullopt);
}

TEST(ReadingRhythm, EndsWhenAReadingBringsLessThanTwo) {
  ReadingRhythm rhythm;
  rhythm.woken(kStart, kAllowed);
  rhythm.woken(kStart, kAllowed);
  EXPECT_EQ(rhythm.read(kStart, 2, kAllowed), kStart + kAllowed);
  EXPECT_EQ(rhythm.read(kStart, 1, kAllowed), std::nullopt);
}

TEST(ReadingRhythm, EndsWhenAnInstanceHasBecomeMaster) {
  ReadingRhythm rhythm;
  rhythm.woken(kStart, kAllowed);
  rhythm.woken(kStart, kAllowed);
  EXPECT_EQ(rhythm.read(kStart, 100, Duration{0}), std::nullopt);
}

TEST(ReadingRhythm, PausesAreShortWhereMuchArrives) {
  ReadingRhythm rhythm;
  rhythm.woken(kStart, kAllowed);
  rhythm.woken(kStart, kAllowed);
  EXPECT_EQ(rhythm.read(kStart, 512, kAllowed), kStart + kAllowed / 2);
  EXPECT_EQ(rhythm.read(kStart, 1'000'000, kAllowed), kStart + ReadingRhythm::kShortest);
  EXPECT_EQ(rhythm.read(kStart, 100, kAllowed), kStart + 2 * ReadingRhythm::kShortest) << "and long again";
}

}  // namespace
}  // namespace vipdrift::linux_backend
