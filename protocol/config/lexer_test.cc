// Lines to tokens to statements.
#include "protocol/config/lexer.h"

#include <gtest/gtest.h>

#include "protocol/config/statement_reader.h"
#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

/// Words apart by '|', braces as they are.
std::string tokens(std::string_view text) {
  Report report;
  std::vector<Token> found;
  SourceLine line;
  line.text = text;
  line.start = {.file = report.add_file("f"), .line = 1, .column = 1};
  const bool good = tokenize(line, found, report);
  EXPECT_EQ(good, !report.failed());
  std::string out;
  for (const Token& token : found) {
    if (!out.empty()) out += '|';
    out += token.kind == Token::Kind::open    ? "{"
           : token.kind == Token::Kind::close ? "}"
                                              : std::string{token.word.text};
  }
  return out;
}

TEST(Tokenize, SplitsAtBlanksAndBraces) {
  EXPECT_EQ(tokens("priority 100"), "priority|100");
  EXPECT_EQ(tokens("\tvrrp_instance VI_1{"), "vrrp_instance|VI_1|{");
  EXPECT_EQ(tokens("virtual_ipaddress { 10.0.0.1 }"), "virtual_ipaddress|{|10.0.0.1|}");
  EXPECT_EQ(tokens("}}x{"), "}|}|x|{");
  EXPECT_EQ(tokens("state\tMASTER\r"), "state|MASTER");
  EXPECT_EQ(tokens("   "), "");
}

TEST(Tokenize, EscapedQuotesCountAsKeepalivedCountsThem) {
  const auto good = [](std::string_view text) {
    Report report;
    std::vector<Token> found;
    SourceLine line;
    line.text = text;
    line.start = {.file = report.add_file("f"), .line = 1, .column = 1};
    return tokenize(line, found, report);
  };
  EXPECT_FALSE(good("auth_pass \"ab\\\"c d\""));
  EXPECT_FALSE(good("script \"/bin/echo \\\"a\""));
  EXPECT_TRUE(good("script \"/bin/echo \\\"a b\\\" c\""));
  EXPECT_TRUE(good("auth_pass \"ab\\\\\""));
}

TEST(Tokenize, QuotedPartIsOneWordAndProtects) {
  EXPECT_EQ(tokens("notify \"/x y {z} # !\" root"), "notify|/x y {z} # !|root");
  EXPECT_EQ(tokens("a\"b c\"d e"), "a|b c|d|e");
  EXPECT_EQ(tokens("router_id \"a \\\"b c\\\" d\""), "router_id|a \\|b|c\\| d") << "a backslash protects no quote";
  EXPECT_EQ(tokens("'a b'"), "'a|b'");
  EXPECT_EQ(tokens("name \"\""), "name|");
}

/// Items as text: "word word {" opens, "}" closes.
std::string statements(std::string_view text) {
  Report report;
  const ParseOptions options = testing::plain_options();
  Preprocessor lines{text, options, report};
  StatementReader reader{lines, report};
  Statement statement;
  std::string out;
  while (true) {
    const StatementReader::Item item = reader.next(statement);
    if (item == StatementReader::Item::end) return out;
    if (item == StatementReader::Item::close) {
      out += "};";
      continue;
    }
    for (const Word& word : statement.words) out += std::string{word.text} + ",";
    out += statement.opens_block ? "{;" : ";";
  }
}

TEST(StatementReader, BraceMayStandAnywhere) {
  const std::string block = "global_defs,{;router_id,x,;};";
  EXPECT_EQ(statements("global_defs {\n router_id x\n}\n"), block);
  EXPECT_EQ(statements("global_defs{\nrouter_id x }"), block);
  EXPECT_EQ(statements("global_defs\n\n# comment\n{\n router_id x\n}"), block);
  EXPECT_EQ(statements("global_defs { router_id x }"), block);
  EXPECT_EQ(statements("global_defs\n{ router_id x\n}"), block);
}

TEST(StatementReader, WhatFollowsABraceIsAnotherStatement) {
  EXPECT_EQ(statements("a { b } c d {\n}"), "a,{;b,;};c,d,{;};");
  EXPECT_EQ(statements("{ }"), "{;};");
  EXPECT_EQ(statements("a\nb"), "a,;b,;");
}

TEST(StatementReader, SkipsABlockWithItsInnerBlocks) {
  Report report;
  const ParseOptions options = testing::plain_options();
  Preprocessor lines{"a {\n b { c }\n d\n}\ne", options, report};
  StatementReader reader{lines, report};
  Statement statement;
  ASSERT_EQ(reader.next(statement), StatementReader::Item::statement);
  reader.skip_block();
  ASSERT_EQ(reader.next(statement), StatementReader::Item::statement);
  EXPECT_EQ(statement.words.front().text, "e");
  EXPECT_EQ(statement.spot.line, 5);
  EXPECT_EQ(statement.spot.column, 1);
}

}  // namespace
}  // namespace vipdrift::config
