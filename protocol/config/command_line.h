// Command lines of scripts: words split as keepalived splits them, and what only a shell could run.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_COMMAND_LINE_H_
#define VIPDRIFT_PROTOCOL_CONFIG_COMMAND_LINE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vipdrift::config {

/// A word of a command line and where it began.
struct ShellWord {
  std::string text;
  std::size_t offset = 0;
};

/// Splits at blanks outside of '...' and "..."; the quotes vanish, backslash escapes are replaced (\n, \t, \nnn,
/// \xXX, ... and \C for any other C; keepalived.conf(5), Quoted strings). nullopt: a quote or an escape does not end.
std::optional<std::vector<ShellWord>> split_command(std::string_view text);

/// Whether `word` cannot be a program: a reserved word or builtin of the shell ("[[", "if", "cd", ...), a redirection,
/// a substitution or an assignment. "[" is a program.
bool only_shell_knows(std::string_view word);

/// Whether a shell would have acted on `word` instead of passing it on: "&&", "|", ">file", "2>&1", "x;", "$(...", ...
bool is_shell_syntax(std::string_view word);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_COMMAND_LINE_H_
