#include "protocol/config/statement_reader.h"

namespace vipdrift::config {

bool StatementReader::fill() {
  while (at_ == tokens_.size()) {
    tokens_.clear();
    at_ = 0;
    if (!lines_.next(line_)) return false;
    broken_ = !tokenize(line_, tokens_, report_);
  }
  return true;
}

StatementReader::Item StatementReader::next(Statement& statement) {
  if (!fill()) return Item::end;
  statement.spot = tokens_[at_].word.spot;
  if (tokens_[at_].kind == Token::Kind::close) {
    ++at_;
    return Item::close;
  }
  statement.line = line_;
  statement.words.clear();
  statement.broken = broken_;
  statement.opens_block = false;
  for (; at_ < tokens_.size() && tokens_[at_].kind == Token::Kind::word; ++at_) {
    statement.words.push_back(tokens_[at_].word);
  }
  statement.end = statement.words.empty() ? 0 : statement.words.back().end;
  // A closing brace, or another statement, ends this one; an opening brace may come lines later.
  const bool line_ended = at_ == tokens_.size();
  if ((!line_ended || fill()) && tokens_[at_].kind == Token::Kind::open) {
    statement.opens_block = true;
    ++at_;
  }
  return Item::statement;
}

void StatementReader::skip_block() {
  std::size_t depth = 1;
  while (depth > 0 && fill()) {
    const Token::Kind kind = tokens_[at_++].kind;
    if (kind == Token::Kind::open) ++depth;
    if (kind == Token::Kind::close) --depth;
  }
}

}  // namespace vipdrift::config
