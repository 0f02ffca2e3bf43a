#include "protocol/base/deadline_index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace vipdrift {
namespace {

constexpr TimePoint kNow{};

TimePoint at(std::int64_t nanoseconds) { return TimePoint{Duration{nanoseconds}}; }

TEST(DeadlineIndex, IsEmptyWithoutItems) { EXPECT_EQ(DeadlineIndex(0).earliest(), kNever); }

TEST(DeadlineIndex, OneItemMovesBothWays) {
  DeadlineIndex index(1);
  EXPECT_EQ(index.earliest(), kNever);
  index.set(0, at(5), kNow);
  EXPECT_EQ(index.earliest(), at(5));
  index.set(0, at(9), kNow);
  EXPECT_EQ(index.earliest(), at(9));
  index.set(0, at(2), kNow);
  EXPECT_EQ(index.earliest(), at(2));
  index.set(0, kNever, kNow);
  EXPECT_EQ(index.earliest(), kNever);
}

TEST(DeadlineIndex, LaterMovesOfOthersAreFoundWhenTheyReachTheTop) {
  DeadlineIndex index(3);
  index.set(0, at(1), kNow);
  index.set(1, at(2), kNow);
  index.set(2, at(3), kNow);
  index.set(1, at(10), kNow);  // only written
  index.set(0, at(20), kNow);  // now 2 must come up, not the stale 1
  EXPECT_EQ(index.earliest(), at(3));
  EXPECT_EQ(index.earliest_item(), 2U);
}

TEST(DeadlineIndex, AFewItemsAreAlwaysExact) {
  DeadlineIndex index(8);
  for (std::size_t i = 0; i < 8; ++i) index.set(i, at(static_cast<std::int64_t>(1'000'000'000 + i)), kNow);
  index.set(0, at(9'000'000'000), kNow);
  EXPECT_EQ(index.earliest(), at(1'000'000'001));
}

TEST(DeadlineIndex, ManyItemsArePutRightWhenAStaleOneComesClose) {
  DeadlineIndex index(9);
  for (std::size_t i = 0; i < 9; ++i) index.set(i, at(static_cast<std::int64_t>(1'000'000'000 + i)), kNow);
  index.set(0, at(9'000'000'000), kNow);
  EXPECT_EQ(index.earliest(), at(1'000'000'000)) << "stale, and far away";
  index.set(1, at(9'000'000'001), at(750'000'000));
  EXPECT_EQ(index.earliest(), at(1'000'000'000)) << "exactly a quarter of a second away";
  index.set(2, at(9'000'000'002), at(750'000'001));
  EXPECT_EQ(index.earliest(), at(1'000'000'003));
}

TEST(DeadlineIndex, TheNextIsAmongTheCandidates) {
  constexpr std::size_t kSize = 100;
  DeadlineIndex index(kSize);
  for (std::size_t i = 0; i < kSize; ++i) index.set(i, at(static_cast<std::int64_t>(i * 37 % kSize)), kNow);
  for (std::size_t turn = 1; turn < kSize; ++turn) {
    std::vector<std::uint32_t> candidates;
    index.for_each_candidate([&](std::uint32_t item) { candidates.push_back(item); });
    index.set(index.earliest_item(), kNever, kNow);
    index.settle();
    EXPECT_NE(std::find(candidates.begin(), candidates.end(), index.earliest_item()), candidates.end()) << turn;
  }
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
          (random >> 20U) % 16 == 0 ? kNever : at(static_cast<std::int64_t>((random >> 40U) % 1'000'000'000));
      index.set(item, deadline, kNow);
      plain[item] = deadline;
      ASSERT_LE(index.earliest(), *std::min_element(plain.begin(), plain.end()));
      if (round % 3 != 0) continue;  // let stale entries gather
      index.settle();
      ASSERT_EQ(index.earliest(), *std::min_element(plain.begin(), plain.end()));
      ASSERT_EQ(plain[index.earliest_item()], index.earliest());
    }
  }
}

}  // namespace
}  // namespace vipdrift
