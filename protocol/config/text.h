// Small readers of words: numbers, seconds, and words quoted for a message.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_TEXT_H_
#define VIPDRIFT_PROTOCOL_CONFIG_TEXT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/base/time.h"

namespace vipdrift::config {

/// Blank inside a line, as the language sees it.
constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
/// A character that may stand in the name of a `$NAME` parameter.
constexpr bool is_name_character(char c) { return is_letter(c) || is_digit(c) || c == '_'; }

/// `text` without blanks at both ends.
std::string_view trim(std::string_view text);

/// A decimal integer, optionally signed; nullopt when anything else stands in the word or it does not fit.
std::optional<std::int64_t> parse_integer(std::string_view text);

/// Seconds with at most six decimals that count (keepalived's resolution is one microsecond; further digits must be
/// zero); nullopt for anything else, a sign included.
std::optional<Duration> parse_seconds(std::string_view text);

/// Seconds as a person writes them: "3", "0.5".
std::string seconds_text(Duration duration);

/// The word in single quotes, unprintable bytes written as \xNN, cut after 60 characters.
std::string in_quotes(std::string_view word);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_TEXT_H_
