// A configuration as it is written, statement by statement: includes, definitions, conditions and sequences are
// resolved, but no word has been given a meaning yet. For those who tell people what stands where.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_WRITTEN_H_
#define VIPDRIFT_PROTOCOL_CONFIG_WRITTEN_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/parser.h"
#include "protocol/config/report.h"

namespace vipdrift::config {

/// One statement: its words, and what stands in its block.
struct WrittenStatement {
  std::vector<std::string> words;  ///< with double quotes where they were written in quotes
  Spot spot;                       ///< of the first word; `file` counts in WrittenConfiguration::files
  bool opens_block = false;
  std::vector<WrittenStatement> inner;

  std::string_view keyword() const { return words.front(); }
  /// The words behind the keyword, with a blank between.
  std::string arguments() const;
  /// The last statement in the block that begins with `word`; null: there is none.
  const WrittenStatement* find(std::string_view word) const;
};

struct WrittenConfiguration {
  std::vector<std::string> files;  ///< in order of opening
  std::vector<WrittenStatement> statements;
  std::vector<std::size_t> globals;  ///< positions of global_defs in `statements`

  Place place(const Spot& spot) const;
};

/// Reads `text` as parse() does. What is malformed is left out: parse() says what is wrong.
WrittenConfiguration read_written(std::string_view text, const ParseOptions& options);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_WRITTEN_H_
