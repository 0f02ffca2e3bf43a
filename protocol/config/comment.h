// Where the comment of a line begins.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_COMMENT_H_
#define VIPDRIFT_PROTOCOL_CONFIG_COMMENT_H_

#include <cstddef>
#include <string_view>
#include <vector>

namespace vipdrift::config {

struct CommentSplit {
  std::size_t begin = 0;               ///< of '#' or '!'; the length of the line when there is no comment
  std::vector<std::size_t> escapes{};  ///< of backslashes that keep a '#' or '!' from beginning one
};

/// '#' and '!' begin a comment anywhere outside of double quotes, unless a backslash stands before them.
CommentSplit split_comment(std::string_view line);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_COMMENT_H_
