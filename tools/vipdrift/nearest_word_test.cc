#include "tools/vipdrift/nearest_word.h"

#include <gtest/gtest.h>

namespace vipdrift::tools {
namespace {

const std::vector<std::string> kWords = {"run", "list", "schema", "check", "completion"};

TEST(NearestWord, FindsEachKindOfSlip) {
  EXPECT_EQ(nearest_word("rn", kWords), "run");     // missing letter
  EXPECT_EQ(nearest_word("runn", kWords), "run");   // one too many
  EXPECT_EQ(nearest_word("lisd", kWords), "list");  // wrong letter
  EXPECT_EQ(nearest_word("lsit", kWords), "list");  // neighbours swapped: one edit, not two
  EXPECT_EQ(nearest_word("completoin", kWords), "completion");
}

TEST(NearestWord, SaysNothingWhenNoWordIsNear) {
  EXPECT_EQ(nearest_word("frobnicate", kWords), "");
  EXPECT_EQ(nearest_word("xyz", kWords), "");  // three edits make "run" of anything of three letters
}

TEST(NearestWord, PrefersTheFewestEditsThenTheFirst) {
  EXPECT_EQ(nearest_word("ab", {"abcd", "abc"}), "abc");
  EXPECT_EQ(nearest_word("abx", {"aby", "abz"}), "aby");
}

TEST(DidYouMean, IsASentenceOrNothing) {
  EXPECT_EQ(did_you_mean("chekc", kWords), "; did you mean 'check'?");
  EXPECT_EQ(did_you_mean("frobnicate", kWords), "");
}

}  // namespace
}  // namespace vipdrift::tools
