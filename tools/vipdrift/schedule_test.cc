#include "tools/vipdrift/schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace vipdrift::tools {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;

TEST(Schedule, BeginsWithWhatTakesNoTimeThenWithTheLongest) {
  EXPECT_THAT(starting_order({seconds{20}, seconds{0}, seconds{60}, seconds{0}, seconds{20}}),
              ElementsAre(1, 3, 2, 0, 4));
}

TEST(Schedule, KnowsWhenTheLastRunEnds) {
  const std::vector<Duration> lengths{seconds{10}, seconds{30}, seconds{20}, seconds{20}};
  EXPECT_EQ(expected_duration(lengths, 1), seconds{80});
  EXPECT_EQ(expected_duration(lengths, 2), seconds{40});
  EXPECT_EQ(expected_duration(lengths, 16), seconds{30});
  EXPECT_EQ(expected_duration({}, 4), seconds{0});
}

}  // namespace
}  // namespace vipdrift::tools
