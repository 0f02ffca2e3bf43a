// The form of a keepalived.conf: indentation, columns, blanks. Its words, their order, comments and lines stay.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_FORMATTER_H_
#define VIPDRIFT_PROTOCOL_CONFIG_FORMATTER_H_

#include <string>
#include <string_view>

namespace vipdrift::config {

/// Formats one file; what it includes stays as it is. Blocks are indented by four blanks, the values of consecutive
/// statements stand in a column and so do their comments, at most one empty line separates lines. Never fails: a line
/// that cannot be cut into words keeps them as they are. The text means what it meant, and formatting it again changes
/// nothing.
std::string format(std::string_view text);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_FORMATTER_H_
