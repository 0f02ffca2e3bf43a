#include "protocol/track/tracked_file.h"

#include <gtest/gtest.h>

namespace vipdrift::track {
namespace {

TEST(TrackedFile, BeginsWithItsNumber) {
  EXPECT_EQ(tracked_value("5"), 5);
  EXPECT_EQ(tracked_value("-20\n"), -20);
  EXPECT_EQ(tracked_value(" \t\n +7 and more"), 7);
  EXPECT_EQ(tracked_value("12abc"), 12);
}

TEST(TrackedFile, WithoutANumberIsZero) {
  EXPECT_EQ(tracked_value(""), 0);
  EXPECT_EQ(tracked_value("  \n"), 0);
  EXPECT_EQ(tracked_value("down"), 0);
  EXPECT_EQ(tracked_value("+"), 0);
}

}  // namespace
}  // namespace vipdrift::track
