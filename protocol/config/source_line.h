// One line of configuration on its way through the parser, and where each of its characters was written.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_SOURCE_LINE_H_
#define VIPDRIFT_PROTOCOL_CONFIG_SOURCE_LINE_H_

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/report.h"

namespace vipdrift::config {

/// Text made by substitution, with the column that each character comes from.
struct EditedText {
  std::string text;
  std::vector<int> columns;
};

struct SourceLine {
  std::string_view text;
  Spot start;  ///< of text[0], when the text was not edited
  std::shared_ptr<const EditedText> edited{};
  std::size_t edited_offset = 0;  ///< of text[0] in edited->text

  /// Place of the character at `offset` (which may be one past the end).
  Spot spot_at(std::size_t offset) const {
    Spot spot = start;
    if (!edited) {
      spot.column += static_cast<int>(offset);
      return spot;
    }
    const std::size_t at = edited_offset + offset;
    if (at < edited->columns.size()) {
      spot.column = edited->columns[at];
    } else if (!edited->columns.empty()) {
      spot.column = edited->columns.back() + 1;
    }
    return spot;
  }

  /// The part from `offset` on, at most `length` characters.
  SourceLine part(std::size_t offset, std::size_t length = std::string_view::npos) const {
    SourceLine line = *this;
    line.text = text.substr(offset, length);
    if (edited) {
      line.edited_offset += offset;
    } else {
      line.start.column += static_cast<int>(offset);
    }
    return line;
  }

  /// The line with text[begin, end) replaced; the new characters stand where the old ones began.
  SourceLine with_replaced(std::size_t begin, std::size_t end, std::string_view replacement) const;
};

/// The line without blanks at both ends.
SourceLine trimmed(const SourceLine& line);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_SOURCE_LINE_H_
