#include "protocol/config/command_line.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr bool is_octal(char c) { return c >= '0' && c <= '7'; }

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Reads what follows a backslash; leaves `at` behind it. `at` is inside the text.
char unescape(std::string_view text, std::size_t& at) {
  constexpr std::string_view kLetters = "abEfnrtv";
  constexpr std::string_view kMeanings = "\a\b\x1b\f\n\r\t\v";
  const char c = text[at++];
  if (const std::size_t letter = kLetters.find(c); letter != std::string_view::npos) return kMeanings[letter];
  unsigned value = 0;
  if (is_octal(c)) {
    value = static_cast<unsigned>(c - '0');
    for (int digits = 1; digits < 3 && at < text.size() && is_octal(text[at]); ++digits) {
      value = value * 8 + static_cast<unsigned>(text[at++] - '0');
    }
    return static_cast<char>(value & 0xffU);
  }
  if (c == 'x' && at < text.size() && hex_value(text[at]) >= 0) {
    while (at < text.size() && hex_value(text[at]) >= 0)
      value = (value * 16 + static_cast<unsigned>(hex_value(text[at++]))) & 0xffU;
    return static_cast<char>(value);
  }
  if (c == 'c' && at < text.size()) return static_cast<char>(text[at++] & 0x1f);
  return c;
}

}  // namespace

std::optional<std::vector<ShellWord>> split_command(std::string_view text) {
  std::vector<ShellWord> words;
  std::size_t at = 0;
  while (true) {
    while (at < text.size() && is_blank(text[at])) ++at;
    if (at == text.size()) return words;
    ShellWord word{.text = {}, .offset = at};
    char quote = '\0';
    while (at < text.size() && (quote != '\0' || !is_blank(text[at]))) {
      const char c = text[at++];
      if (c == '\\') {
        if (at == text.size()) return std::nullopt;
        word.text += unescape(text, at);
      } else if (quote == '\0' && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == quote) {
        quote = '\0';
      } else {
        word.text += c;
      }
    }
    if (quote != '\0') return std::nullopt;
    words.push_back(std::move(word));
  }
}

bool only_shell_knows(std::string_view word) {
  static constexpr std::array<std::string_view, 42> kWords{
      "[[",    "((",     "!",     ".",       ":",      "if",    "then",   "else",     "elif",    "fi",     "for",
      "while", "until",  "case",  "esac",    "do",     "done",  "select", "function", "{",       "}",      "(",
      ")",     "cd",     "alias", "eval",    "exec",   "exit",  "export", "local",    "declare", "return", "set",
      "shift", "source", "trap",  "typeset", "ulimit", "umask", "unset",  "wait",     "let"};
  if (word.empty()) return false;
  if (std::find(kWords.begin(), kWords.end(), word) != kWords.end()) return true;
  if (std::string_view{"<>($`&|;"}.find(word.front()) != std::string_view::npos) return true;
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 && word.find('/') > equals;
}

bool is_shell_syntax(std::string_view word) {
  static constexpr std::array<std::string_view, 10> kStarts{"&", "|", ";", ">", "<", "1>", "2>", "`", "$(", "(("};
  if (word.size() > 1 && word.ends_with(';')) return true;
  return std::any_of(kStarts.begin(), kStarts.end(), [&](std::string_view start) { return word.starts_with(start); });
}

}  // namespace vipdrift::config
