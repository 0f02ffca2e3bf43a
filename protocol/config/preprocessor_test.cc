// Comments, definitions, conditions, sequences, includes (keepalived.conf(5), ADVANCED CONFIGURATION).
#include "protocol/config/preprocessor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

struct Expanded {
  std::string lines;     ///< joined by '/'
  std::string messages;  ///< one a line
};

Expanded expand(std::string_view text, const ParseOptions& options = testing::plain_options()) {
  Report report;
  Preprocessor preprocessor{text, options, report};
  Expanded expanded;
  SourceLine line;
  while (preprocessor.next(line)) expanded.lines += (expanded.lines.empty() ? "" : "/") + std::string{line.text};
  for (const Diagnostic& diagnostic : report.take()) expanded.messages += diagnostic.to_string() + "\n";
  return expanded;
}

std::string lines(std::string_view text) {
  const Expanded expanded = expand(text);
  EXPECT_EQ(expanded.messages, "");
  return expanded.lines;
}

TEST(Comments, BeginAnywhereOutsideOfDoubleQuotes) {
  EXPECT_EQ(lines("# x\n! y\na # b\nc! d\ne#f"), "a/c/e");
  EXPECT_EQ(lines("a \"b # c ! d\" # e"), "a \"b # c ! d\"");
  EXPECT_EQ(lines("'a # b'"), "'a");
  EXPECT_EQ(lines("a // b"), "a // b");
  EXPECT_EQ(lines("\n\n  a  \n\n"), "a");
  EXPECT_EQ(lines("a \"b \\\" # c\" # d"), "a \"b \\\" # c\"");
}

TEST(Comments, ABackslashProtectsWithAWarning) {
  const Expanded expanded = expand("auth_pass pa\\#ss \\! # x");
  EXPECT_EQ(expanded.lines, "auth_pass pa#ss !");
  EXPECT_EQ(expanded.messages,
            "k.conf:1:13: warning: keepalived 2.2 starts a comment at '\\#' all the same; expected ${_HASH} or double "
            "quotes\n"
            "k.conf:1:18: warning: keepalived 2.2 starts a comment at '\\!' all the same; expected ${_BANG} or double "
            "quotes\n");
}

TEST(Definitions, AreReplacedWhenUsedNotWhenDefined) {
  EXPECT_EQ(lines("$BASE=10.2.${SUB}\n$SUB=0\n${BASE}.100/32\n$SUB=10\n${BASE}.100/32"),
            "10.2.0.100/32/10.2.10.100/32");
}

TEST(Definitions, NeedAnEndOfNameOrBraces) {
  EXPECT_EQ(lines("$A=7\nx $A\nx $A,y\nx$A)\n${A}z\n$A.5 \"$A\" \"${A}\" $A- $A}"),
            "x 7/x 7,y/x7)/7z/$A.5 \"$A\" \"7\" $A- $A}");
}

TEST(Definitions, AssignmentHasNoBlankBeforeTheSign) {
  EXPECT_EQ(lines("$B = x\n$C=\na${C}b\n$D=  5  \n$D"), "$B = x/ab/5");
}

TEST(Definitions, UndefinedNamesStay) { EXPECT_EQ(lines("a $UNDEFINED b ${U}"), "a $UNDEFINED b ${U}"); }

TEST(Definitions, OfSeveralLinesAtTheEndOfALine) {
  EXPECT_EQ(lines("$X= \\\na1 \\\n# comment\na2 \\\n$Y=7 \\\na3$Y\nb $X\n$X"), "b a1/a2/a37/a1/a2/a37");
  EXPECT_EQ(lines("$X=foo \\\nbar\nx$X"), "xfoo/bar");
  EXPECT_EQ(expand("$X=a \\\nb\n$X c").messages,
            "k.conf:3:1: error: $X has several lines and is not at the end of the line\n");
  EXPECT_EQ(expand("$X=a \\").messages,
            "k.conf:1:4: error: the definition of $X does not end; expected a last line without '\\'\n");
}

TEST(Definitions, OfSeveralLinesNest) {
  EXPECT_EQ(lines("$IN= \\\nr$N\n$OUT= \\\nbegin \\\n$N=1 \\\n$IN \\\n$N=2 \\\n$IN \\\nend\n$OUT"), "begin/r1/r2/end");
}

TEST(Definitions, KeepThePlaceOfTheBody) {
  Report report;
  const ParseOptions options = testing::plain_options();
  Preprocessor preprocessor{"$X= \\\n  one \\\n  two\n$X\n", options, report};
  SourceLine line;
  ASSERT_TRUE(preprocessor.next(line));
  EXPECT_EQ(line.spot_at(0).line, 2);
  EXPECT_EQ(line.spot_at(0).column, 3);
  ASSERT_TRUE(preprocessor.next(line));
  EXPECT_EQ(line.spot_at(0).line, 3);
}

TEST(Definitions, ReplacedTextStandsWhereItsNameStood) {
  Report report;
  const ParseOptions options = testing::plain_options();
  Preprocessor preprocessor{"$X=longer\na $X b\n", options, report};
  SourceLine line;
  ASSERT_TRUE(preprocessor.next(line));
  EXPECT_EQ(line.text, "a longer b");
  EXPECT_EQ(line.spot_at(0).column, 1);
  EXPECT_EQ(line.spot_at(2).column, 3);
  EXPECT_EQ(line.spot_at(7).column, 3);
  EXPECT_EQ(line.spot_at(9).column, 6);
}

TEST(Definitions, ThatContainThemselvesAreRefused) {
  EXPECT_EQ(expand("$A=$B\n$B=$A\n$A").messages,
            "k.conf:3:1: error: the replacement of 'A' does not end: it contains itself\n");
  EXPECT_NE(expand("$A= \\\n$A \\\n$A\n$A").messages, "");
}

TEST(Definitions, Predefined) {
  ParseOptions options = testing::plain_options();
  options.file_name = "/etc/keepalived/keepalived.conf";
  EXPECT_EQ(expand("${_PWD}/x ${_INSTANCE} a${_HASH}b ${_BANG}", options).lines, "/etc/keepalived/x node1 a#b !");
  EXPECT_EQ(expand("a ${_RANDOM 1 2}").messages,
            "k.conf:1:3: error: '${_RANDOM}' is not supported: the same file must always mean the same\n");
  EXPECT_NE(expand("a ${_ENV HOME}").messages, "");
}

TEST(Conditions, KeepTheLinesOfThisId) {
  EXPECT_EQ(lines("@node1 a\n@node2 b\n@^node1 c\n@^node2 d\n@node1 $X=5\n@node2 $X=6\nx$X"), "a/d/x5");
  EXPECT_EQ(lines("$IF=@node1\n$IF a\n$IF2=@node2\n$IF2 b"), "a");
  EXPECT_EQ(expand("@ node1 a").messages,
            "k.conf:1:1: error: '@' without an id; expected the configuration id right after '@' or '@^'\n");
  EXPECT_EQ(lines("@node1 @node1 a"), "@node1 a");
}

TEST(Sequences, Count) {
  EXPECT_EQ(lines("~SEQ(S, 0, 3) ip 10.0.${S}.1"), "ip 10.0.0.1/ip 10.0.1.1/ip 10.0.2.1/ip 10.0.3.1");
  EXPECT_EQ(lines("~SEQ(b,3) k$b"), "k1/k2/k3");
  EXPECT_EQ(lines("~SEQ(c,3,-1,1) k$c"), "k3/k2/k1");
  EXPECT_EQ(lines("~SEQ(c,3,1) k$c"), "k3/k2/k1");
  EXPECT_EQ(lines("~SEQ(d,1,2,6) k$d"), "k1/k3/k5");
  EXPECT_EQ(lines("~SEQx(e,0x9,0xb) k$e"), "k9/ka/kb");
  EXPECT_EQ(lines("~SEQ(f,1,2) ~SEQ(g,3,4) k${f}${g}"), "k13/k14/k23/k24");
  EXPECT_EQ(lines("$MAX=2\n~SEQ(m,1,$MAX)k$m"), "k1/k2");
}

TEST(Sequences, WithDefinitionsOfSeveralLines) {
  EXPECT_EQ(lines("$V= \\\na$N \\\nb$N\n~SEQ(N,1,2) $V"), "a1/b1/a2/b2");
}

TEST(Sequences, MalformedOnesAreRefused) {
  const std::string message =
      "k.conf:1:1: error: malformed ~SEQ; expected ~SEQ(NAME, [START,] [STEP,] END) with a step towards the end\n";
  for (const char* text : {"~SEQ(y) k", "~SEQ(y,a,b) k", "~SEQ(y,1,0,3) k", "~SEQ(y,1,-1,3) k", "~SEQ(y,1,2,3,4) k",
                           "~SEQ(1y,2) k", "~SEQ y,2 k", "~SEQ(y,2", "~SEQ(y,9999999999999) k"}) {
    EXPECT_EQ(expand(text).messages, message) << text;
  }
}

TEST(Lists, Enumerate) {
  EXPECT_EQ(lines("~LST(h, a, b ,c) k${h}z"), "kaz/kbz/kcz");
  EXPECT_EQ(lines("~LST({i,j},{1,2},{3,4}) k${i}-${j}"), "k1-2/k3-4");
  EXPECT_EQ(lines("~LST({IP, IP1}, {10,1},{20,4}) ~SEQ(IP2,168,2,170) 192.${IP2}.${IP}.${IP1}"),
            "192.168.10.1/192.170.10.1/192.168.20.4/192.170.20.4");
  for (const char* text : {"~LST(a) k", "~LST({i,j},{1}) k", "~LST({i,j},1) k", "~LST({i,{j}},1) k", "~LST(i,{1) k"}) {
    EXPECT_NE(expand(text).messages, "") << text;
  }
}

TEST(Sequences, AreBounded) {
  ParseOptions options = testing::plain_options();
  options.max_expanded_lines = 10;
  EXPECT_EQ(expand("~SEQ(a,10) k", options).messages, "");
  EXPECT_EQ(expand("~SEQ(a,11) k", options).messages,
            "k.conf:1:12: error: definitions and sequences make more than 10 lines\n");
}

/// Options whose include serves `files` by exact name.
ParseOptions with_files(std::map<std::string, std::string> files) {
  ParseOptions options = testing::plain_options();
  options.include = [files = std::move(files)](std::string_view pattern, std::string_view) {
    std::vector<SourceFile> found;
    for (const auto& [name, text] : files) {
      const bool wildcard = pattern.ends_with('*') && name.starts_with(pattern.substr(0, pattern.size() - 1));
      if (name == pattern || wildcard) found.push_back({name, text});
    }
    return found;
  };
  return options;
}

TEST(Include, ReadsTheFilesInTheirPlace) {
  const ParseOptions options =
      with_files({{"a.conf", "one\ninclude b.conf\nthree"}, {"b.conf", "two"}, {"d/1", "x"}, {"d/2", "y"}});
  EXPECT_EQ(expand("zero\ninclude a.conf\nfour", options).lines, "zero/one/two/three/four");
  EXPECT_EQ(expand("include d/*\nend", options).lines, "x/y/end");
  EXPECT_EQ(expand("$F=a.conf\ninclude $F\ninclude \"b.conf\"", options).lines, "one/two/three/two");
  EXPECT_EQ(expand("@node1 include b.conf\n@node2 include a.conf", options).lines, "two");
}

TEST(Include, PlacesNameTheIncludedFile) {
  const ParseOptions options = with_files({{"a.conf", "\nbogus"}});
  EXPECT_EQ(
      testing::messages("include a.conf", options),
      "a.conf:2:1: error: unknown keyword 'bogus' in the configuration; expected a keyword of the configuration\n");
}

TEST(Include, MissingFiles) {
  const ParseOptions options = with_files({});
  EXPECT_EQ(expand("include x", options).messages,
            "k.conf:1:1: warning: no file matches 'x': keepalived goes on without it\n");
  EXPECT_EQ(expand("include x/*", options).messages, "");
  EXPECT_EQ(expand("includem x", options).messages, "k.conf:1:1: error: no file matches 'x'\n");
  EXPECT_EQ(expand("includem x/*", options).messages, "");
  EXPECT_EQ(expand("includew x/*", options).messages, "k.conf:1:1: error: no file matches 'x/*'\n");
  EXPECT_EQ(expand("includea x/*", options).messages, "k.conf:1:1: error: no file matches 'x/*'\n");
  EXPECT_EQ(expand("include", options).messages,
            "k.conf:1:1: error: 'include' needs a value; expected the name of a file, wildcards allowed\n");
  EXPECT_EQ(expand("include x").messages, "k.conf:1:1: error: 'include' is not available here: nothing can read 'x'\n");
}

TEST(Include, LoopsAreRefused) {
  const ParseOptions options = with_files({{"a.conf", "include b.conf\n"}, {"b.conf", "include a.conf\n"}});
  EXPECT_EQ(expand("include a.conf", options).messages, "b.conf:1:1: error: 'a.conf' includes itself\n");
}

/// "PLACE TEXT -> LINE" of each remark, with '/' between.
std::string remarks(std::string_view text, const ParseOptions& options = testing::plain_options()) {
  std::string lines;
  for (const Remark& remark : parse(text, options).remarks) {
    lines += (lines.empty() ? "" : "/") + remark.place.file + ":" + std::to_string(remark.place.line) + ":" +
             std::to_string(remark.place.column) + " " + remark.text + " -> " + std::to_string(remark.line);
  }
  return lines;
}

TEST(Remarks, AreAboutTheirLineOrTheNextOne) {
  EXPECT_EQ(remarks("global_defs { # vipdrift: allow a b \n}"), "k.conf:1:15 allow a b -> 1");
  EXPECT_EQ(remarks("# vipdrift: one\n  !! vipdrift:two\n# a comment\n\n global_defs {\n }\n"),
            "k.conf:1:1 one -> 5/k.conf:2:3 two -> 5");
  EXPECT_EQ(remarks("global_defs {\n}\n# vipdrift: last"), "k.conf:3:1 last -> 0");
  EXPECT_EQ(remarks("# says vipdrift: no\n! vipdrift is right\nglobal_defs {\n}\n"), "");
}

TEST(Remarks, OfIncludedFilesConditionsAndDefinitions) {
  const ParseOptions options = with_files({{"a.conf", "global_defs {\n}\n# vipdrift: in a"}});
  EXPECT_EQ(remarks("# vipdrift: here\ninclude a.conf\nglobal_defs {\n}", options),
            "k.conf:1:1 here -> 2/a.conf:3:1 in a -> 0");
  EXPECT_EQ(remarks("@node2 x # vipdrift: gone\n# vipdrift: gone too\n@node2 y\n@^node2 include a # vipdrift: stays"),
            "k.conf:4:19 stays -> 4");
  EXPECT_EQ(remarks("$A= \\\n# vipdrift: inside\nglobal_defs {\\\n }\n"), "k.conf:2:1 inside -> 3");
}

TEST(Lines, LongOnesAreRefused) {
  EXPECT_EQ(expand(std::string(1024, 'a')).messages, "");
  EXPECT_EQ(expand(std::string(1025, 'a')).messages,
            "k.conf:1:1: error: the line is longer than 1024 characters: keepalived would cut it in two\n");
}

TEST(Include, OfFilesThatIncludeEachOtherByManyNamesEnds) {
  ParseOptions options = testing::plain_options();
  std::size_t read = 0;
  options.include = [&read](std::string_view pattern, std::string_view) {
    ++read;
    std::string text;
    for (char name = 'a'; name <= 'h'; ++name) text += std::string{"include "} + name + "\n";
    return std::vector<SourceFile>{{std::string{pattern}, text}};
  };
  const ParseResult result = parse("include a\n", options);
  EXPECT_FALSE(result.ok());
  EXPECT_LE(read, 10'001U);
  const auto limits = std::count_if(result.diagnostics.begin(), result.diagnostics.end(), [](const Diagnostic& it) {
    return it.message == "more than 10000 files are included";
  });
  EXPECT_EQ(limits, 1);
}

}  // namespace
}  // namespace vipdrift::config
