#include "sim/neighbour_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vipdrift::sim {
namespace {

using namespace std::chrono_literals;

constexpr IpAddress kVip = IpAddress::v4(10, 1, 10, 7);
constexpr MacAddress kOne{{2, 0, 0, 0, 0, 1}};
constexpr MacAddress kTwo{{2, 0, 0, 0, 0, 2}};

TimePoint at(Duration time) { return TimePoint{time}; }

class NeighbourCacheTest : public ::testing::Test {
 protected:
  const MacAddress* use(Duration now) { return cache.use(slot, at(now), asked); }
  void expire(Duration now) { cache.expire(at(now), asked); }
  NeighbourState state() const { return cache.entry(slot).state; }
  /// Asked and answered by kOne at `now`.
  void resolve(Duration now) {
    use(now);
    cache.learn(kVip, kOne, Evidence::answer, at(now));
    asked.clear();
  }
  /// Asks every 100 ms from `from`; the first moment at which the MAC is not `mac` any more.
  Duration used_until(const MacAddress& mac, Duration from) {
    for (Duration now = from;; now += 100ms) {
      expire(now);
      const MacAddress* used = use(now);
      if (used == nullptr || *used != mac) return now;
    }
  }

  NeighbourCache cache;
  NeighbourCache::Slot slot = cache.slot_of(kVip);
  std::vector<Solicitation> asked;
};

TEST_F(NeighbourCacheTest, TheFirstUseAsksEverybody) {
  EXPECT_EQ(use(0s), nullptr);
  ASSERT_EQ(asked.size(), 1U);
  EXPECT_TRUE(asked[0].to.is_zero());
  EXPECT_TRUE(cache.learn(kVip, kOne, Evidence::answer, at(1ms)));
  ASSERT_NE(use(2ms), nullptr);
  EXPECT_EQ(*use(2ms), kOne);
}

TEST_F(NeighbourCacheTest, ThreeQuestionsASecondApartThenItHasFailed) {
  use(0s);
  expire(1s - 1ns);
  EXPECT_EQ(asked.size(), 1U);
  expire(1s);
  expire(2s);
  EXPECT_EQ(asked.size(), 3U);
  EXPECT_EQ(state(), NeighbourState::incomplete);
  expire(3s);
  EXPECT_EQ(asked.size(), 3U);
  EXPECT_EQ(state(), NeighbourState::failed);
  use(4s);
  EXPECT_EQ(asked.size(), 4U);
}

TEST_F(NeighbourCacheTest, AnAnnouncementChangesWhatIsKnownAndCreatesNothing) {
  EXPECT_FALSE(cache.learn(IpAddress::v4(10, 1, 10, 77), kTwo, Evidence::announcement, at(0s)));
  EXPECT_EQ(cache.find(IpAddress::v4(10, 1, 10, 77)), nullptr);
  EXPECT_FALSE(cache.learn(kVip, kTwo, Evidence::announcement, at(0s)));
  EXPECT_EQ(state(), NeighbourState::failed);
  resolve(1s);
  EXPECT_TRUE(cache.learn(kVip, kTwo, Evidence::announcement, at(1s + 1ms)));
  EXPECT_EQ(*use(2s), kTwo);
}

TEST_F(NeighbourCacheTest, AnAnnouncementOfTheKnownMacChangesNothing) {
  resolve(0s);
  EXPECT_FALSE(cache.learn(kVip, kOne, Evidence::announcement, at(1s)));
  EXPECT_EQ(state(), NeighbourState::reachable);
}

TEST_F(NeighbourCacheTest, TheFirstOfTwoAnswersWins) {
  resolve(0s);
  EXPECT_FALSE(cache.learn(kVip, kTwo, Evidence::answer, at(1ms)));
  EXPECT_FALSE(cache.learn(kVip, kTwo, Evidence::answer, at(1s)));
  EXPECT_EQ(*use(1s), kOne);
  EXPECT_TRUE(cache.learn(kVip, kTwo, Evidence::answer, at(1s + 1ns)));
  EXPECT_EQ(*use(1s + 1ns), kTwo);
}

TEST_F(NeighbourCacheTest, WhoAsksUsIsKnownUnconfirmed) {
  const IpAddress client = IpAddress::v4(10, 1, 10, 100);
  EXPECT_TRUE(cache.learn(client, kTwo, Evidence::request, at(0s)));
  ASSERT_NE(cache.find(client), nullptr);
  EXPECT_EQ(cache.find(client)->state, NeighbourState::stale);
}

/// The clients' half of "healing a partition": the old holder has become silent, nobody announces.
TEST_F(NeighbourCacheTest, AWrongMacIsUsedForReachableTimeAndEightSeconds) {
  resolve(0s);
  cache.confirm(slot, at(10s));
  EXPECT_EQ(used_until(kOne, 10s), 10s + 30s + 5s + 3s);
  EXPECT_THAT(asked, ::testing::SizeIs(4));
  EXPECT_EQ(asked[0].to, kOne);
  EXPECT_EQ(asked[2].to, kOne);
  EXPECT_TRUE(asked[3].to.is_zero());
}

TEST_F(NeighbourCacheTest, LinuxDrawsReachableTimeSoThatTheTimeIs23To53Seconds) {
  for (const auto& [reachable, expected] : {std::pair{15s, 23s}, std::pair{45s, 53s}}) {
    NeighbourTiming timing;
    timing.reachable = reachable;
    cache = NeighbourCache{timing};
    slot = cache.slot_of(kVip);
    resolve(0s);
    EXPECT_EQ(used_until(kOne, 0s), expected);
  }
}

TEST_F(NeighbourCacheTest, ConfirmedInTimeItNeverAsksAgain) {
  resolve(0s);
  for (Duration now = 0s; now < 200s; now += 1s) {
    expire(now);
    EXPECT_EQ(*use(now), kOne);
    cache.confirm(slot, at(now));
  }
  EXPECT_THAT(asked, ::testing::IsEmpty());
}

TEST_F(NeighbourCacheTest, AnUnusedEntryGoesStaleAndIsDoubtedOnlyWhenUsed) {
  resolve(0s);
  expire(30s);
  EXPECT_EQ(state(), NeighbourState::stale);
  expire(600s);
  EXPECT_THAT(asked, ::testing::IsEmpty());
  EXPECT_EQ(*use(700s), kOne);
  EXPECT_EQ(state(), NeighbourState::delay);
  expire(705s - 1ns);
  EXPECT_THAT(asked, ::testing::IsEmpty());
  expire(705s);
  ASSERT_THAT(asked, ::testing::SizeIs(1));
  EXPECT_EQ(asked[0].to, kOne);
}

TEST_F(NeighbourCacheTest, AnAnswerToAProbeMakesItReachableAgain) {
  resolve(0s);
  expire(30s);
  use(31s);
  expire(36s);
  EXPECT_EQ(state(), NeighbourState::probe);
  EXPECT_FALSE(cache.learn(kVip, kOne, Evidence::answer, at(36s + 1ms)));
  EXPECT_EQ(state(), NeighbourState::reachable);
  EXPECT_EQ(cache.entry(slot).deadline, at(66s + 1ms));
}

TEST_F(NeighbourCacheTest, FlushForgetsMacsAndKeepsSlots) {
  resolve(0s);
  cache.flush();
  EXPECT_EQ(use(1s), nullptr);
  EXPECT_EQ(cache.slot_of(kVip), slot);
}

}  // namespace
}  // namespace vipdrift::sim
