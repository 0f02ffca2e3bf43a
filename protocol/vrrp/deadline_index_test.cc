#include "protocol/vrrp/deadline_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace vipdrift::vrrp {
namespace {

TimePoint at(std::int64_t nanoseconds) { return TimePoint{Duration{nanoseconds}}; }

TEST(DeadlineIndex, IsEmptyWithoutItems) { EXPECT_EQ(DeadlineIndex(0).earliest(), kNever); }

TEST(DeadlineIndex, OneItemMovesBothWays) {
  DeadlineIndex index(1);
  EXPECT_EQ(index.earliest(), kNever);
  index.set(0, at(5));
  EXPECT_EQ(index.earliest(), at(5));
  index.set(0, at(9));
  EXPECT_EQ(index.earliest(), at(9));
  index.set(0, at(2));
  EXPECT_EQ(index.earliest(), at(2));
  index.set(0, kNever);
  EXPECT_EQ(index.earliest(), kNever);
}

TEST(DeadlineIndex, LaterMovesOfOthersAreFoundWhenTheyReachTheTop) {
  DeadlineIndex index(3);
  index.set(0, at(1));
  index.set(1, at(2));
  index.set(2, at(3));
  index.set(1, at(10));  // only written
  index.set(0, at(20));  // now 2 must come up, not the stale 1
  EXPECT_EQ(index.earliest(), at(3));
  EXPECT_EQ(index.earliest_item(), 2U);
}

/// Random moves against a plain minimum over all.
TEST(DeadlineIndex, AgreesWithAPlainMinimum) {
  for (const std::size_t size : {2U, 3U, 5U, 17U, 255U}) {
    DeadlineIndex index(size);
    std::vector<TimePoint> plain(size, kNever);
    std::uint64_t random = size;
    for (int round = 0; round < 20000; ++round) {
      random = random * 6364136223846793005U + 1442695040888963407U;
      const std::size_t item = (random >> 33U) % size;
      const TimePoint deadline =
          (random >> 20U) % 16 == 0 ? kNever : at(static_cast<std::int64_t>((random >> 40U) % 100000));
      index.set(item, deadline);
      plain[item] = deadline;
      ASSERT_EQ(index.earliest(), *std::min_element(plain.begin(), plain.end()));
      ASSERT_EQ(plain[index.earliest_item()], index.earliest());
    }
  }
}

}  // namespace
}  // namespace vipdrift::vrrp
