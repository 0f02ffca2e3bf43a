// Statements and blocks out of lines.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_STATEMENT_READER_H_
#define VIPDRIFT_PROTOCOL_CONFIG_STATEMENT_READER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "protocol/config/lexer.h"
#include "protocol/config/preprocessor.h"
#include "protocol/config/report.h"

namespace vipdrift::config {

/// The words of one line up to a brace or the line's end.
struct Statement {
  SourceLine line;
  std::vector<Word> words;  ///< empty only before a '{' that belongs to nothing
  std::size_t end = 0;      ///< offset in the line behind the last word
  bool opens_block = false;
  bool broken = false;  ///< already reported; only its block counts
  Spot spot;            ///< of the first word, or of the '{'

  std::span<const Word> arguments() const { return std::span{words}.subspan(words.empty() ? 0 : 1); }
  /// What was written behind the first word, quotes included.
  SourceLine raw_arguments() const { return line.part(words.front().end, end - words.front().end); }
};

/// A '{' may stand at the end of the statement's line or begin a later one.
class StatementReader {
 public:
  enum class Item : std::uint8_t { statement, close, end };

  StatementReader(Preprocessor& lines, Report& report) : lines_{lines}, report_{report} {}

  /// Reads on. `statement` is written for Item::statement; for Item::close only its `spot`.
  Item next(Statement& statement);

  /// Reads on until the block that the last statement opened is closed, or to the end.
  void skip_block();

 private:
  /// Makes a token current, reading lines as needed; false at the end.
  bool fill();

  Preprocessor& lines_;
  Report& report_;
  SourceLine line_;
  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  bool broken_ = false;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_STATEMENT_READER_H_
