#include "protocol/track/contribution.h"

#include <gtest/gtest.h>

namespace vipdrift::track {
namespace {

constexpr bool kForward = false;
constexpr bool kReverse = true;

TEST(Contribution, PositiveWeightIsEarnedWhileUp) {
  EXPECT_EQ(contribution(Health::up, 20, kForward).priority, 20);
  EXPECT_EQ(contribution(Health::down, 20, kForward).priority, 0);
  EXPECT_EQ(contribution(Health::unknown, 20, kForward), Contribution{});
}

TEST(Contribution, NegativeWeightIsPaidWhileDown) {
  EXPECT_EQ(contribution(Health::up, -5, kForward).priority, 0);
  EXPECT_EQ(contribution(Health::down, -5, kForward).priority, -5);
  EXPECT_EQ(contribution(Health::unknown, -5, kForward), Contribution{});
}

TEST(Contribution, ReverseFlipsTheSign) {
  EXPECT_EQ(contribution(Health::up, 20, kReverse).priority, -20);
  EXPECT_EQ(contribution(Health::down, -5, kReverse).priority, 5);
}

TEST(Contribution, WeightZeroIsAFaultWhileDownAndPendingBeforeTheFirstResult) {
  EXPECT_EQ(contribution(Health::unknown, 0, kForward), (Contribution{0, 0, 1}));
  EXPECT_EQ(contribution(Health::up, 0, kForward), Contribution{});
  EXPECT_EQ(contribution(Health::down, 0, kForward), (Contribution{0, 1, 0}));
  EXPECT_EQ(contribution(Health::up, 0, kReverse), (Contribution{0, 1, 0}));
}

TEST(Contribution, FileValueTimesWeight) {
  EXPECT_EQ(file_contribution(7, 2, kForward).priority, 14);
  EXPECT_EQ(file_contribution(7, 2, kReverse).priority, -14);
  EXPECT_EQ(file_contribution(-253, 1, kForward), (Contribution{-253, 0, 0}));
  EXPECT_EQ(file_contribution(-254, 1, kForward), (Contribution{0, 1, 0}));
  EXPECT_EQ(file_contribution(1000, 1, kForward).priority, 254);
  EXPECT_EQ(file_contribution(0, 0, kForward).faults, 0);
  EXPECT_EQ(file_contribution(1, 0, kForward).faults, 1);
}

TEST(EffectivePriority, IsClampedOnlyAsAView) {
  EXPECT_EQ(effective_priority(100, -5), 95);
  EXPECT_EQ(effective_priority(250, 40), 254);
  EXPECT_EQ(effective_priority(250, 20), 254);  // one of two +20 lost: no change, so no failover
  EXPECT_EQ(effective_priority(10, -30), 1);
  EXPECT_EQ(effective_priority(255, -30), 255);
}

}  // namespace
}  // namespace vipdrift::track
