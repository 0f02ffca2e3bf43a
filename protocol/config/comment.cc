#include "protocol/config/comment.h"

#include <algorithm>

namespace vipdrift::config {

CommentSplit split_comment(std::string_view line) {
  CommentSplit split{.begin = line.size()};
  // Most lines have neither, and looking for one character is what memchr is good at.
  if (line.find('#') == std::string_view::npos && line.find('!') == std::string_view::npos) return split;
  bool quoted_part = false;
  std::size_t at = 0;
  for (; at < line.size(); ++at) {
    const char c = line[at];
    const char follows = at + 1 < line.size() ? line[at + 1] : '\0';
    if (c == '"') {
      quoted_part = !quoted_part;
    } else if (c == '\\' && quoted_part) {
      ++at;
    } else if (c == '\\' && (follows == '#' || follows == '!')) {
      split.escapes.push_back(at++);
    } else if (!quoted_part && (c == '#' || c == '!')) {
      break;
    }
  }
  split.begin = std::min(at, line.size());
  return split;
}

}  // namespace vipdrift::config
