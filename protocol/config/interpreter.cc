#include "protocol/config/interpreter.h"

#include <string>
#include <utility>

#include "protocol/config/arguments.h"
#include "protocol/config/nearest_word.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

/// A file with more errors is of another language: looking for what its words could mean takes time and helps nobody.
constexpr std::size_t kMostSuggestions = 100;

}  // namespace

void Interpreter::run() {
  push(Block::root, {});
  Statement next;
  while (true) {
    switch (reader_.next(next)) {
      case StatementReader::Item::statement:
        statement(next);
        break;
      case StatementReader::Item::close:
        close(next.spot);
        break;
      case StatementReader::Item::end:
        for (; depth_ > 1; --depth_) {
          report_.error(RuleId::unbalanced_braces, frame().opened,
                        std::string{rules_of(frame().block).name} + " is not closed", "'}'");
        }
        return;
    }
  }
}

void Interpreter::push(Block block, Spot spot) {
  if (depth_ == frames_.size()) frames_.emplace_back();
  ++depth_;
  frame().block = block;
  frame().opened = spot;
  frame().errors_before = report_.errors();
  frame().lines_seen.assign(rules_of(block).keywords.size(), 0);
}

void Interpreter::close(Spot spot) {
  if (depth_ == 1) {
    report_.error(RuleId::unbalanced_braces, spot, "this '}' closes nothing");
    return;
  }
  const BlockRules& rules = rules_of(frame().block);
  // What is missing in a block is only said when everything in it was understood.
  if (rules.end != nullptr && report_.errors() == frame().errors_before) rules.end(model_);
  --depth_;
}

void Interpreter::statement(const Statement& statement) {
  if (statement.words.empty()) {
    report_.error(RuleId::unbalanced_braces, statement.spot, "this '{' follows no keyword");
    reader_.skip_block();
  } else if (statement.broken) {
    if (statement.opens_block) reader_.skip_block();
  } else if (rules_of(frame().block).line != nullptr) {
    value_line(statement);
  } else if (!keyword_statement(statement) && statement.opens_block) {
    reader_.skip_block();
  }
}

void Interpreter::value_line(const Statement& statement) {
  const BlockRules& rules = rules_of(frame().block);
  if (statement.opens_block) {
    report_.error(RuleId::misplaced_block, statement.spot, "a line of " + std::string{rules.name} + " opens no block",
                  std::string{rules.wording});
    reader_.skip_block();
    return;
  }
  Arguments line;
  line.keyword = rules.name;
  line.spot = statement.spot;
  line.words = statement.words;
  rules.line(model_, line);
}

bool Interpreter::keyword_statement(const Statement& statement) {
  const Block block = frame().block;
  const Keyword* keyword = find_keyword(block, statement.words.front().text);
  if (keyword == nullptr) {
    unknown_keyword(statement);
    return false;
  }
  if (!brace_is_right(statement, *keyword)) return false;
  const auto arguments = read_arguments(statement, *keyword, block, report_);
  if (!arguments) return false;
  // Of a block without effect, one warning is enough.
  if (!acted_upon(*keyword) && !rules_of(block).inert) {
    report_.warning(RuleId::not_implemented, statement.spot,
                    in_quotes(keyword->word) + " is known to keepalived, not modelled here: it has no effect");
  }
  if (keyword->judge != nullptr) keyword->judge(model_, *arguments);
  if (!keyword->since.empty() && model_.options.warns_of_newer_keywords) warn_of_newer(statement, *keyword);
  note_repetition(statement, *keyword);
  if (keyword->mark != Mark::none) {
    model_.instance_draft().marks[static_cast<std::size_t>(keyword->mark)] = statement.spot;
  }
  if (keyword->apply != nullptr) keyword->apply(model_, *arguments);
  if (keyword->opens != Block::none) push(keyword->opens, statement.spot);
  return true;
}

void Interpreter::unknown_keyword(const Statement& statement) {
  const std::string_view word = statement.words.front().text;
  const Block block = frame().block;
  const std::string where{rules_of(block).name};
  const std::string elsewhere = blocks_with(word);
  if (!elsewhere.empty()) {
    report_.error(RuleId::misplaced_keyword, statement.spot,
                  in_quotes(word) + " is not a keyword of " + where + "; it is a keyword of " + elsewhere,
                  "a keyword of " + where);
    return;
  }
  std::string message = "unknown keyword " + in_quotes(word) + " in " + where;
  const bool helps = report_.errors() < kMostSuggestions;
  std::string nearest = helps ? suggestion(word, words_of(block), words_with_value(block)) : std::string{};
  if (nearest.empty() && helps) {
    nearest = nearest_word(word, all_words());
    if (!nearest.empty()) message += " (" + in_quotes(nearest) + " is a keyword of " + blocks_with(nearest) + ")";
  }
  report_.error(RuleId::unknown_keyword, statement.spot, std::move(message), "a keyword of " + where,
                std::move(nearest));
}

bool Interpreter::brace_is_right(const Statement& statement, const Keyword& keyword) {
  const bool wanted = keyword.opens != Block::none;
  if (wanted == statement.opens_block) return true;
  if (!wanted) {
    report_.error(RuleId::misplaced_block, statement.spot, in_quotes(keyword.word) + " opens no block");
  } else {
    report_.error(RuleId::misplaced_block, statement.spot, in_quotes(keyword.word) + " needs a block", "'{'");
  }
  return false;
}

void Interpreter::warn_of_newer(const Statement& statement, const Keyword& keyword) {
  std::string message = in_quotes(keyword.word);
  if (keyword.since == kVipdrift) {
    message += " is a keyword of vipdriftd alone: keepalived ignores the line";
  } else {
    message += keyword.since == kNewer ? " is newer than keepalived 2.2.7"
                                       : " came with keepalived " + std::string{keyword.since};
    message += ": 2.2.7 ignores the line";
  }
  report_.warning(RuleId::newer_keyword, statement.spot, std::move(message));
}

void Interpreter::note_repetition(const Statement& statement, const Keyword& keyword) {
  if (keyword.repeatable) return;
  const auto row = static_cast<std::size_t>(&keyword - rules_of(frame().block).keywords.data());
  int& seen = frame().lines_seen[row];
  if (seen != 0) {
    report_.warning(
        RuleId::repeated, statement.spot,
        in_quotes(keyword.word) + " is written on line " + std::to_string(seen) + " too: the last one counts");
  }
  seen = statement.spot.line;
}

}  // namespace vipdrift::config
