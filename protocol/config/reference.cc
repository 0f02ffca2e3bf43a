#include "protocol/config/reference.h"

#include <algorithm>
#include <cstddef>

#include "protocol/config/arguments.h"
#include "protocol/config/grammar.h"

namespace vipdrift::config {
namespace {

std::string takes_text(const Shape& shape) {
  using Kind = Shape::Kind;
  const bool optional = shape.kind == Kind::optional_boolean || shape.kind == Kind::optional_integer ||
                        shape.kind == Kind::optional_word || shape.kind == Kind::optional_command;
  return optional ? "[" + expected_of(shape) + "]" : expected_of(shape);
}

ReferenceKeyword describe(const Keyword& keyword, bool inert) {
  return {.word = keyword.word,
          .meaning = keyword.meaning,
          .takes = takes_text(keyword.shape),
          .since = keyword.since,
          .opens_block = keyword.opens != Block::none,
          .acted_upon = !inert && acted_upon(keyword)};
}

std::vector<std::string> parents_of(Block block) {
  std::vector<std::string> parents;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const BlockRules& rules = rules_of(static_cast<Block>(i));
    const bool opens = std::any_of(rules.keywords.begin(), rules.keywords.end(),
                                   [block](const Keyword& keyword) { return keyword.opens == block; });
    if (opens) parents.emplace_back(rules.name);
  }
  return parents;
}

}  // namespace

std::vector<ReferenceBlock> language_reference() {
  std::vector<ReferenceBlock> blocks;
  for (std::size_t i = 0; i < kBlocks; ++i) {
    const auto block = static_cast<Block>(i);
    const BlockRules& rules = rules_of(block);
    ReferenceBlock described{.name = rules.name,
                             .stands_in = parents_of(block),
                             .keywords = {},
                             .line = rules.wording,
                             .acted_upon = !rules.inert};
    for (const Keyword& keyword : rules.keywords) described.keywords.push_back(describe(keyword, rules.inert));
    blocks.push_back(std::move(described));
  }
  return blocks;
}

}  // namespace vipdrift::config
