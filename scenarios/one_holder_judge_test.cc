#include "scenarios/one_holder_judge.h"

#include <gtest/gtest.h>

#include "scenarios/judge_test_support.h"

namespace vipdrift::scenarios {
namespace {

Judgement judge(const Story& story, Duration except_for) {
  return judge_one_holder(two_directors(), story.timeline(), {except_for});
}

Story both_hold_for(Duration length) {
  Story story;
  story.at(10 * kSecond).takes("lvs1").at(20 * kSecond).takes("lvs2");
  story.at(20 * kSecond + length).drops("lvs1");
  return story;
}

TEST(OneHolder, HoldsWhenTheAddressMovesWithoutOverlap) {
  Story story;
  story.at(10 * kSecond).takes("lvs1").at(20 * kSecond).drops("lvs1").takes("lvs2");
  const Judgement judgement = judge(story, Duration{0});
  EXPECT_TRUE(judgement.held);
  EXPECT_EQ(judgement.seen, "no address was held twice");
}

TEST(OneHolder, ACollisionMayLastExceptFor) {
  const Judgement inside = judge(both_hold_for(100 * kMs), 100 * kMs);
  EXPECT_TRUE(inside.held);
  EXPECT_EQ(inside.margin, Duration{0});
  const Judgement outside = judge(both_hold_for(100 * kMs + kNs), 100 * kMs);
  EXPECT_FALSE(outside.held);
  EXPECT_EQ(outside.at, 20 * kSecond);
  EXPECT_EQ(outside.seen, "10.1.10.7: lvs1 and lvs2 both held it for 100.000001ms from 20s");
}

TEST(OneHolder, TheLongestCollisionDecides) {
  Story story = both_hold_for(kSecond);
  story.at(30 * kSecond).takes("lvs1").at(33 * kSecond).drops("lvs2");
  EXPECT_EQ(judge(story, Duration{0}).at, 30 * kSecond);
}

TEST(OneHolder, ADeadDaemonsAddressCounts) {
  Story story;
  story.daemon("lvs1", DaemonEvent::started).at(10 * kSecond).takes("lvs1").daemon("lvs1", DaemonEvent::crashed);
  story.at(13 * kSecond).takes("lvs2").at(15 * kSecond).drops("lvs1");
  EXPECT_TRUE(judge(story, 2 * kSecond).held);
  EXPECT_FALSE(judge(story, 2 * kSecond - kNs).held);
}

TEST(OneHolder, APowerCutEndsIt) {
  Story story;
  story.daemon("lvs1", DaemonEvent::started).at(10 * kSecond).takes("lvs1").daemon("lvs1", DaemonEvent::powered_off);
  story.at(13 * kSecond).takes("lvs2");
  EXPECT_TRUE(judge(story, Duration{0}).held);
}

TEST(OneHolder, PartitionedHoldersDoNotCollideUntilTheHeal) {
  Story story;
  story.at(10 * kSecond).takes("lvs1");
  story.at(15 * kSecond).note("lan", ConnectivityChanged{"lan", {{"lvs1"}, {"lvs2"}}});
  story.at(18 * kSecond).takes("lvs2");
  EXPECT_TRUE(judge(story, Duration{0}).held);
  story.at(30 * kSecond).note("lan", ConnectivityChanged{"lan", {{"lvs1", "lvs2"}}});
  story.at(31 * kSecond).drops("lvs2");
  EXPECT_TRUE(judge(story, kSecond).held);
  EXPECT_FALSE(judge(story, kSecond - kNs).held);
}

TEST(OneHolder, ACollisionAtTheEndLastsToTheEnd) {
  Story story;
  story.at(10 * kSecond).takes("lvs1").at(59 * kSecond).takes("lvs2");
  EXPECT_TRUE(judge(story, kSecond).held);
  EXPECT_FALSE(judge(story, 999 * kMs).held);
}

}  // namespace
}  // namespace vipdrift::scenarios
