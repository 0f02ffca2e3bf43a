#include "sim/virtual_clock.h"

#include <gtest/gtest.h>

namespace vipdrift::sim {
namespace {

using namespace std::chrono_literals;

TimePoint at(Duration time) { return TimePoint{time}; }

TEST(VirtualClock, WithoutDriftShowsSimulatedTime) {
  const VirtualClock clock;
  EXPECT_EQ(clock.monotonic(at(5s)), at(5s));
  EXPECT_EQ(clock.simulated(at(5s)), at(5s));
}

TEST(VirtualClock, AFastClockGainsItsPartsPerMillion) {
  const VirtualClock clock{100};
  EXPECT_EQ(clock.monotonic(at(1s)), at(1s + 100us));
  EXPECT_EQ(clock.monotonic(at(24h)), at(24h + 8640ms));
  EXPECT_EQ(clock.simulated(at(24h + 8640ms)), at(24h));
}

TEST(VirtualClock, ASlowClockLosesThem) {
  const VirtualClock clock{-100};
  EXPECT_EQ(clock.monotonic(at(1s)), at(1s - 100us));
  EXPECT_EQ(clock.monotonic(at(8760h)), at(8760h - 3153600ms));
}

TEST(VirtualClock, SimulatedIsTheFirstMomentAtWhichTheTimeIsShown) {
  for (const std::int32_t ppm : {-499'999, -100, -1, 1, 37, 100, 500'000}) {
    const VirtualClock clock{ppm};
    for (const Duration shown : {Duration{1}, Duration{999'999}, Duration{1'000'001}, Duration{3'609'375'000},
                                 Duration{31'536'000'123'456'789}}) {
      const TimePoint first = clock.simulated(at(shown));
      EXPECT_GE(clock.monotonic(first), at(shown)) << ppm;
      EXPECT_LT(clock.monotonic(first - Duration{1}), at(shown)) << ppm;
    }
  }
}

TEST(VirtualClock, NeverStaysNever) { EXPECT_EQ(VirtualClock{50}.simulated(kNever), kNever); }

TEST(VirtualClock, AStoppedClockGoesOnWhereItStood) {
  VirtualClock clock;
  clock.stop(at(10s));
  EXPECT_EQ(clock.monotonic(at(12s)), at(10s));
  EXPECT_EQ(clock.simulated(at(11s)), kNever);
  clock.go(at(15s));
  EXPECT_EQ(clock.monotonic(at(16s)), at(11s));
  EXPECT_EQ(clock.simulated(at(11s)), at(16s));
}

TEST(VirtualClock, AStepMovesTheWallAlone) {
  VirtualClock clock{0, 3s};
  clock.step_wall(-10s);
  EXPECT_EQ(clock.wall(at(20s)), 13s);
  EXPECT_EQ(clock.monotonic(at(20s)), at(20s));
}

}  // namespace
}  // namespace vipdrift::sim
