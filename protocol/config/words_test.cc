// Numbers, seconds, nearest words and command lines.
#include <gtest/gtest.h>

#include <array>
#include <string_view>

#include "protocol/config/command_line.h"
#include "protocol/config/nearest_word.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

TEST(ParseInteger, TakesWholeNumbersOnly) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-253"), -253);
  EXPECT_EQ(parse_integer("+5"), 5);
  EXPECT_EQ(parse_integer("9223372036854775807"), 9223372036854775807);
  for (const char* text : {"", "-", "+", "1x", "x1", "1.0", " 1", "1 ", "9223372036854775808", "0x10"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(ParseSeconds, IsExactToTheMicrosecond) {
  EXPECT_EQ(parse_seconds("3"), seconds{3});
  EXPECT_EQ(parse_seconds("0.01"), microseconds{10'000});
  EXPECT_EQ(parse_seconds("40.95"), microseconds{40'950'000});
  EXPECT_EQ(parse_seconds(".5"), microseconds{500'000});
  EXPECT_EQ(parse_seconds("1."), seconds{1});
  EXPECT_EQ(parse_seconds("0.000001"), microseconds{1});
  EXPECT_EQ(parse_seconds("0.0000010"), microseconds{1});
  EXPECT_EQ(parse_seconds("9000000000"), seconds{9'000'000'000});
  for (const char* text : {"", ".", "-1", "+1", "1e1", "1.2.3", "0.0000001", "9000000001", "99999999999999999999"}) {
    EXPECT_EQ(parse_seconds(text), std::nullopt) << text;
  }
}

TEST(SecondsText, ReadsBack) {
  EXPECT_EQ(seconds_text(seconds{3}), "3");
  EXPECT_EQ(seconds_text(microseconds{500'000}), "0.5");
  EXPECT_EQ(seconds_text(microseconds{40'950'000}), "40.95");
  EXPECT_EQ(seconds_text(microseconds{1}), "0.000001");
}

TEST(InQuotes, ShowsWhatATerminalWouldNot) {
  EXPECT_EQ(in_quotes("a b"), "'a b'");
  EXPECT_EQ(in_quotes("a\x1b[1m\xff"), "'a\\x1b[1m\\xff'");
  EXPECT_EQ(in_quotes(std::string(60, 'x')), "'" + std::string(60, 'x') + "'");
  EXPECT_EQ(in_quotes(std::string(61, 'x')), "'" + std::string(60, 'x') + "...'");
}

TEST(EditDistance, CountsTheFourKindsOfSlips) {
  EXPECT_EQ(edit_distance("priority", "priority", 3), 0U);
  EXPECT_EQ(edit_distance("priorty", "priority", 3), 1U);
  EXPECT_EQ(edit_distance("prioriity", "priority", 3), 1U);
  EXPECT_EQ(edit_distance("prkority", "priority", 3), 1U);
  EXPECT_EQ(edit_distance("piroirty", "priority", 3), 2U);
  EXPECT_EQ(edit_distance("master", "MASTER", 1), 0U);
  EXPECT_EQ(edit_distance("lb-algo", "lb_algo", 1), 0U);
}

TEST(EditDistance, GivesUpBeyondItsLimit) {
  EXPECT_EQ(edit_distance("abc", "xyz", 3), 3U);
  EXPECT_EQ(edit_distance("abc", "xyz", 2), 3U);
  EXPECT_EQ(edit_distance(std::string(5000, 'a'), std::string(5000, 'a'), 2), 3U);
}

TEST(NearestWord, StaysSilentWhenNothingIsNear) {
  constexpr std::array<std::string_view, 3> kWords{"state", "interface", "priority"};
  EXPECT_EQ(nearest_word("stat", kWords), "state");
  EXPECT_EQ(nearest_word("intrface", kWords), "interface");
  EXPECT_EQ(nearest_word("bogus", kWords), "");
}

TEST(Suggestion, PutsALostBlankBack) {
  constexpr std::array<std::string_view, 3> kWords{"label", "priority", "state"};
  EXPECT_EQ(suggestion("labeleno16777736:0", kWords, kWords), "label eno16777736:0");
  EXPECT_EQ(suggestion("priority100", kWords, kWords), "priority 100");
  EXPECT_EQ(suggestion("stateMASTER", kWords, kWords), "state MASTER");
  EXPECT_EQ(suggestion("priorityy", kWords, kWords), "priority");
}

std::vector<std::string> texts(std::string_view command) {
  const auto split = split_command(command);
  std::vector<std::string> words;
  for (const ShellWord& word : split.value()) words.push_back(word.text);
  return words;
}

TEST(SplitCommand, FollowsTheManual) {
  using Words = std::vector<std::string>;
  EXPECT_EQ(texts("abcd\" efg h jkl \"mnop"), (Words{"abcd efg h jkl mnop"}));
  EXPECT_EQ(texts("abcd \"efg h jkl\" mnop"), (Words{"abcd", "efg h jkl", "mnop"}));
  EXPECT_EQ(texts("/bin/echo 'a b' c\\ d \"e f\" 'it''s'"), (Words{"/bin/echo", "a b", "c d", "e f", "its"}));
  EXPECT_EQ(texts("a\\tb \\x41\\102 \\\\ \\\" ''"), (Words{"a\tb", "AB", "\\", "\"", ""}));
  EXPECT_EQ(texts("  "), Words{});
}

TEST(SplitCommand, RefusesWhatDoesNotEnd) {
  EXPECT_FALSE(split_command("a 'b").has_value());
  EXPECT_FALSE(split_command("a \"b").has_value());
  EXPECT_FALSE(split_command("a \\").has_value());
  EXPECT_TRUE(split_command("a \\'b").has_value());
}

TEST(OnlyShellKnows, ReservedWordsAndBuiltinsButNoPrograms) {
  for (const char* word : {"[[", "if", "while", "!", "cd", "exit", "</dev/tcp/1/2", "$X", "A=b", "(true)"}) {
    EXPECT_TRUE(only_shell_knows(word)) << word;
  }
  for (const char* word : {"[", "test", "true", "killall", "/bin/sh", "/a=b/c", "=x", ""}) {
    EXPECT_FALSE(only_shell_knows(word)) << word;
  }
}

TEST(IsShellSyntax, OperatorsAndRedirections) {
  for (const char* word : {"&&", "||", "|", ";", ">", ">/dev/null", "2>&1", "<x", "&", "x;", "$(id)", "`id`"}) {
    EXPECT_TRUE(is_shell_syntax(word)) << word;
  }
  for (const char* word : {"-0", "a&b", "http://x/?a=1", "]", "=", "a>b"}) EXPECT_FALSE(is_shell_syntax(word)) << word;
}

}  // namespace
}  // namespace vipdrift::config
