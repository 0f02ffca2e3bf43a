#include "protocol/base/boxed.h"

#include <gtest/gtest.h>

#include <string>

namespace vipdrift {
namespace {

TEST(Boxed, ADefaultOneIsADefaultValue) {
  const Boxed<std::string> box;
  EXPECT_TRUE(box.empty());
  EXPECT_EQ(*box, "");
  EXPECT_EQ(box, Boxed<std::string>(""));
}

TEST(Boxed, StandsForItsValue) {
  const Boxed<std::string> box = std::string("value");
  const std::string& value = box;
  EXPECT_FALSE(box.empty());
  EXPECT_EQ(value, "value");
  EXPECT_EQ(box->size(), 5U);
}

TEST(Boxed, ComparesValues) {
  const Boxed<std::string> one = std::string("value");
  const Boxed<std::string> same = one;
  const Boxed<std::string> equal = std::string("value");
  EXPECT_EQ(one, same);
  EXPECT_EQ(one, equal);
  EXPECT_FALSE(one == Boxed<std::string>(std::string("other")));
}

TEST(Boxed, AnEditIsSeenInOneBoxOnly) {
  Boxed<std::string> one = std::string("before");
  const Boxed<std::string> other = one;
  one.edit() = "after";
  EXPECT_EQ(*one, "after");
  EXPECT_EQ(*other, "before");
}

TEST(Boxed, ADefaultOneCanBeEdited) {
  Boxed<std::string> one;
  one.edit() = "new";
  EXPECT_EQ(*one, "new");
  EXPECT_TRUE(Boxed<std::string>{}.empty());
}

}  // namespace
}  // namespace vipdrift
