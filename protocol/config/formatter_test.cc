// The form of a configuration changes, its meaning does not.
#include "protocol/config/formatter.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "protocol/config/random_configuration_test_support.h"
#include "protocol/config/round_trip_test_support.h"
#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using testing::corpus;
using testing::first_difference;
using testing::messages;
using testing::options_for;
using testing::RandomConfiguration;
using testing::text_of_file;
using testing::without_places;

TEST(Formatter, IndentsAlignsAndKeepsComments) {
  EXPECT_EQ(
      format("\n\n! head\nvrrp_instance   VI_1{\n state MASTER  # first\n"
             "virtual_router_id\t51# id\n\n\n\n  # about addresses\nvirtual_ipaddress {\n10.0.0.1   dev  eth0\n}\n"
             "authentication { auth_type PASS }\n  }\n\n\n"),
      "! head\n"
      "vrrp_instance VI_1 {\n"
      "    state             MASTER  # first\n"
      "    virtual_router_id 51      # id\n"
      "\n"
      "    # about addresses\n"
      "    virtual_ipaddress {\n"
      "        10.0.0.1 dev eth0\n"
      "    }\n"
      "    authentication { auth_type PASS }\n"
      "}\n");
}

TEST(Formatter, ABraceMayBeginALine) {
  EXPECT_EQ(format("global_defs\n{\nrouter_id a\n}"), "global_defs\n{\n    router_id a\n}\n");
}

TEST(Formatter, WhatAPersonQuotedStays) {
  EXPECT_EQ(format("vrrp_script s {\nscript   \"a   b # c\"\ninterval 2\n}\n"),
            "vrrp_script s {\n    script   \"a   b # c\"\n    interval 2\n}\n");
  EXPECT_EQ(format("vrrp_script s {\nscript   /bin/sh -c   'a   b'\n}\n"),
            "vrrp_script s {\n    script /bin/sh -c   'a   b'\n}\n");
  EXPECT_EQ(format("notify a\"b  c\"  d\n"), "notify a\"b  c\" d\n");
  EXPECT_EQ(format("script \"never   closed\n  x   y\n"), "script \"never   closed\nx      y\n");
}

TEST(Formatter, ConditionsDefinitionsAndSequences) {
  EXPECT_EQ(format("$A=1\n   $B=\\\nvrrp_instance V { \\\n  # note\n state   MASTER \\\n}\nvrrp_instance W {\n"
                   "@lvs1   priority   100\n@^lvs1  priority 90\n~SEQ(x,1,2) virtual_ipaddress   {\n10.0.0.$x\n}\n"
                   "interface  ${A}\n include   a b.conf\n}\n"),
            "$A=1\n"
            "$B=\\\n"
            "    vrrp_instance V { \\\n"
            "        # note\n"
            "        state MASTER \\\n"
            "    }\n"
            "vrrp_instance W {\n"
            "    @lvs1 priority 100\n"
            "    @^lvs1 priority 90\n"
            "    ~SEQ(x,1,2) virtual_ipaddress {\n"
            "        10.0.0.$x\n"
            "    }\n"
            "    interface ${A}\n"
            "    include a b.conf\n"
            "}\n");
}

TEST(Formatter, ALineThatWouldBecomeTooLongStays) {
  const std::string longest = "script \"" + std::string(1015, 'x') + "\"";
  EXPECT_EQ(format("a {\n" + longest + "\nlonger_keyword 1\n}\n"), "a {\n" + longest + "\n    longer_keyword 1\n}\n");
}

TEST(Formatter, BracesThatCloseNothing) { EXPECT_EQ(format("}}\n a\n}\n"), "} }\na\n}\n"); }

/// The same configuration or the same complaints, and a text that formatting leaves alone.
void expect_kept(const std::string& text, const ParseOptions& options) {
  const std::string formatted = format(text);
  ASSERT_EQ(format(formatted), formatted) << "--- from ---\n" << text;
  const ParseResult before = parse(text, options);
  const ParseResult after = parse(formatted, options);
  ASSERT_EQ(before.ok(), after.ok()) << text << "\n--- became ---\n" << formatted;
  ASSERT_EQ(before.diagnostics.size(), after.diagnostics.size()) << text << "\n--- became ---\n" << formatted;
  if (!before.ok()) return;
  ASSERT_TRUE(without_places(*before.configuration) == without_places(*after.configuration))
      << first_difference(text, formatted) << "\n--- from ---\n"
      << text << "\n--- to ---\n"
      << formatted;
}

/// Every word and every comment is still there, in its order.
std::string without_blanks(std::string text) {
  std::erase_if(text, [](char c) { return is_blank(c) || c == '\n'; });
  return text;
}

TEST(Formatter, KeepsTheMeaningOfEveryConfiguration) {
  std::size_t files = 0;
  for (const std::filesystem::path& folder :
       {std::filesystem::path(VIPDRIFT_SOURCE_DIR) / "scenarios", std::filesystem::path(testing::kSamples)}) {
    for (const std::filesystem::path& file : corpus(folder)) {
      SCOPED_TRACE(file.string());
      const std::string text = text_of_file(file);
      for (const char* id : {"", "lvs1"}) expect_kept(text, options_for(file, id));
      EXPECT_EQ(without_blanks(format(text)), without_blanks(text));
      ++files;
    }
  }
  EXPECT_GT(files, 100U);
}

TEST(Formatter, KeepsTheMeaningOfRandomConfigurations) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    SCOPED_TRACE(seed);
    expect_kept(RandomConfiguration{seed}.text(), testing::plain_options());
    if (HasFatalFailure()) return;
  }
}

/// Pieces of the language thrown together: most are no configuration, but their form can be mended all the same.
TEST(Formatter, KeepsTheMeaningOfAnyPieces) {
  static constexpr std::array<std::string_view, 32> kPieces{" ",
                                                            "\n",
                                                            "\n",
                                                            "\t",
                                                            "{",
                                                            "}",
                                                            "\"",
                                                            "'",
                                                            "\\",
                                                            "#",
                                                            "!",
                                                            "$A",
                                                            "$A=",
                                                            "$B=\\\n",
                                                            "${A}",
                                                            "@lvs1",
                                                            "@^x ",
                                                            "~SEQ(",
                                                            "x,1,3) ",
                                                            "~LST(",
                                                            ")",
                                                            "$x",
                                                            "include",
                                                            "\\\n",
                                                            "state MASTER\n",
                                                            "  ",
                                                            "a",
                                                            "vrrp_instance V {\n",
                                                            "priority 9\n",
                                                            "\"q  q\"",
                                                            "notify",
                                                            "\n\n\n"};
  std::mt19937_64 random{7};
  for (int turn = 0; turn < 20'000; ++turn) {
    std::string text;
    for (std::uint64_t i = random() % 24; i > 0; --i) text += kPieces[random() % kPieces.size()];
    expect_kept(text, testing::plain_options());
    if (HasFatalFailure()) return;
  }
}

}  // namespace
}  // namespace vipdrift::config
