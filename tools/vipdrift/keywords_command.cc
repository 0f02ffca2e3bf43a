#include "tools/vipdrift/keywords_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string_view>

#include "protocol/config/reference.h"
#include "scenarios/text_columns.h"
#include "tools/vipdrift/did_you_mean.h"
#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {
namespace {

using config::ReferenceBlock;
using config::ReferenceKeyword;
using scenarios::paint;
using Blocks = std::vector<ReferenceBlock>;

constexpr std::size_t kWordWidth = 30;

/// "after 2.2.7" is told as such, a release as "since 2.3.3".
std::string since_text(const ReferenceKeyword& keyword) {
  if (keyword.since.empty()) return {};
  if (keyword.since == "VIPdrift") return "vipdriftd only";
  return keyword.since.starts_with("after") ? std::string{keyword.since} : fmt::format("since {}", keyword.since);
}

/// "no effect, since 2.4", or nothing.
std::string remarks_of(const ReferenceKeyword& keyword) {
  std::string text = keyword.acted_upon ? "" : "no effect";
  const std::string since = since_text(keyword);
  if (!text.empty() && !since.empty()) text += ", ";
  return text + since;
}

std::string takes_of(const ReferenceKeyword& keyword) {
  if (!keyword.opens_block) return keyword.takes;
  return keyword.takes == "nothing" ? "a block" : keyword.takes + " and a block";
}

/// Several blocks have the same name: "group of vrrp_sync_group".
std::string title_of(const ReferenceBlock& block, const Blocks& blocks) {
  const auto same = std::count_if(blocks.begin(), blocks.end(),
                                  [&](const ReferenceBlock& other) { return other.name == block.name; });
  return same == 1 ? std::string{block.name} : fmt::format("{} of {}", block.name, fmt::join(block.stands_in, ", "));
}

// For people.

void print_keyword(const ReferenceKeyword& keyword, const scenarios::TextStyle& style) {
  const std::string remarks = remarks_of(keyword);
  fmt::print("  {}  {}{}\n", paint(scenarios::padded(std::string{keyword.word}, kWordWidth), scenarios::kCyan, style),
             keyword.meaning, remarks.empty() ? "" : paint(fmt::format(" [{}]", remarks), scenarios::kDim, style));
}

void print_block(const ReferenceBlock& block, const Blocks& blocks, const scenarios::TextStyle& style) {
  fmt::print("{}\n", paint(title_of(block, blocks), scenarios::kBold, style));
  if (!block.line.empty()) fmt::print("  each line: {}\n", block.line);
  for (const ReferenceKeyword& keyword : block.keywords) print_keyword(keyword, style);
}

void explain_keyword(const ReferenceBlock& block, const ReferenceKeyword& keyword, const Blocks& blocks,
                     const scenarios::TextStyle& style) {
  const std::string remarks = remarks_of(keyword);
  fmt::print("{} in {}: {}{}\n    {}\n", paint(std::string{keyword.word}, scenarios::kCyan, style),
             title_of(block, blocks), takes_of(keyword),
             remarks.empty() ? "" : paint(fmt::format(" [{}]", remarks), scenarios::kDim, style), keyword.meaning);
}

/// False when it is neither a keyword nor a block.
bool explain(const std::string& word, const Blocks& blocks, const scenarios::TextStyle& style) {
  bool found = false;
  for (const ReferenceBlock& block : blocks) {
    for (const ReferenceKeyword& keyword : block.keywords) {
      if (keyword.word != word) continue;
      explain_keyword(block, keyword, blocks, style);
      found = true;
    }
  }
  for (const ReferenceBlock& block : blocks) {
    if (block.name != word) continue;
    print_block(block, blocks, style);
    found = true;
  }
  if (found) return true;
  std::vector<std::string> words;
  for (const ReferenceBlock& block : blocks) {
    words.emplace_back(block.name);
    for (const ReferenceKeyword& keyword : block.keywords) words.emplace_back(keyword.word);
  }
  fmt::print(stderr, "vipdrift: '{}' is neither a keyword nor a block of keepalived.conf{}\n", word,
             did_you_mean(word, words));
  return false;
}

// For programs and pages.

nlohmann::ordered_json json_of(const Blocks& blocks) {
  auto document = nlohmann::ordered_json::array();
  for (const ReferenceBlock& block : blocks) {
    nlohmann::ordered_json json{{"block", block.name}, {"stands_in", block.stands_in}};
    if (!block.line.empty()) json["line"] = block.line;
    json["acted_upon"] = block.acted_upon;
    json["keywords"] = nlohmann::ordered_json::array();
    for (const ReferenceKeyword& keyword : block.keywords) {
      nlohmann::ordered_json row{{"keyword", keyword.word}, {"takes", keyword.takes}, {"meaning", keyword.meaning}};
      row["opens_block"] = keyword.opens_block;
      row["acted_upon"] = keyword.acted_upon;
      if (!keyword.since.empty()) row["since"] = keyword.since;
      json["keywords"].push_back(std::move(row));
    }
    document.push_back(std::move(json));
  }
  return document;
}

/// A '|' would end the cell.
std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

void print_markdown(const Blocks& blocks) {
  fmt::print(
      "# The language of keepalived.conf\n\nPrinted by `vipdrift config keywords --markdown` from the tables that read "
      "the language; a test compares them.\nDefaults are in parentheses. *no effect*: read and checked, but vipdrift "
      "and vipdriftd do nothing about it, and say so\nin a warning. *since*: the release of keepalived that brought "
      "it; "
      "without one, keepalived 2.2.7 (Debian 12) has it.\nBefore words are read, `include`, `@ID` and `@^ID` "
      "conditions, `$NAME=VALUE` definitions, `~SEQ` and `~LST` are resolved.\n");
  for (const ReferenceBlock& block : blocks) {
    fmt::print("\n## {}\n\n", title_of(block, blocks));
    if (!block.stands_in.empty()) fmt::print("Stands in: {}.\n", fmt::join(block.stands_in, ", "));
    if (!block.line.empty()) fmt::print("Each line: `{}`\n", block.line);
    if (block.keywords.empty()) continue;
    fmt::print("{}| keyword | takes | meaning |\n|---|---|---|\n", block.stands_in.empty() ? "" : "\n");
    for (const ReferenceKeyword& keyword : block.keywords) {
      const std::string remarks = remarks_of(keyword);
      fmt::print("| `{}` | {} | {}{} |\n", keyword.word, cell(takes_of(keyword)), cell(keyword.meaning),
                 remarks.empty() ? "" : fmt::format(" *{}*", remarks));
    }
  }
}

/// One row a block; a block without any effect is told by its keyword alone.
void print_without_effect(const Blocks& blocks) {
  fmt::print("| block | keywords that are read and checked, and have no effect |\n|---|---|\n");
  for (const ReferenceBlock& block : blocks) {
    if (!block.acted_upon) continue;
    std::vector<std::string> words;
    for (const ReferenceKeyword& keyword : block.keywords) {
      if (!keyword.acted_upon) words.push_back(fmt::format("`{}`", keyword.word));
    }
    if (!words.empty()) fmt::print("| {} | {} |\n", title_of(block, blocks), fmt::join(words, ", "));
  }
}

}  // namespace

ExitStatus keywords_command(const KeywordsArguments& arguments) {
  const Blocks blocks = config::language_reference();
  const scenarios::TextStyle style = standard_output_style();
  if (arguments.json) {
    fmt::print("{}\n", json_of(blocks).dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
  } else if (arguments.markdown) {
    print_markdown(blocks);
  } else if (arguments.without_effect) {
    print_without_effect(blocks);
  } else if (arguments.words.empty()) {
    for (const ReferenceBlock& block : blocks) {
      if (&block != blocks.data()) fmt::print("\n");
      print_block(block, blocks, style);
    }
  }
  ExitStatus status = ExitStatus::held;
  for (const std::string& word : arguments.words) {
    if (!explain(word, blocks, style)) status = ExitStatus::wrong_input;
  }
  return status;
}

}  // namespace vipdrift::tools
