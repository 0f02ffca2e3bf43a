// The words and braces of one line.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_LEXER_H_
#define VIPDRIFT_PROTOCOL_CONFIG_LEXER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "protocol/config/report.h"
#include "protocol/config/source_line.h"

namespace vipdrift::config {

/// A word, without the double quotes around it.
struct Word {
  std::string_view text;
  Spot spot;
  std::size_t end = 0;  ///< offset in the line behind the word and its quotes
};

struct Token {
  enum class Kind : std::uint8_t { word, open, close };
  Kind kind = Kind::word;
  Word word;
};

/// Appends the tokens of `line`, which has no comment any more. Words end at blanks, braces and double quotes; a
/// quoted part is one word and protects blanks and braces; a backslash does not protect a quote, as in keepalived.
/// False when the line cannot be cut up; it is reported.
bool tokenize(const SourceLine& line, std::vector<Token>& tokens, Report& report);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_LEXER_H_
