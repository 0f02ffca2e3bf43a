#include "protocol/config/text.h"

#include <charconv>
#include <cstddef>
#include <limits>

namespace vipdrift::config {

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || error != std::errc{} || stop != end) return std::nullopt;
  return value;
}

std::optional<Duration> parse_seconds(std::string_view text) {
  constexpr std::int64_t kMaxSeconds = 9'000'000'000;  // Duration ends at 292 years
  const std::size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view{} : text.substr(point + 1);
  if (whole.empty() && fraction.empty()) return std::nullopt;

  std::int64_t seconds = 0;
  for (const char c : whole) {
    if (!is_digit(c)) return std::nullopt;
    seconds = seconds * 10 + (c - '0');
    if (seconds > kMaxSeconds) return std::nullopt;
  }
  std::int64_t micros = 0;
  std::int64_t unit = 100'000;
  for (const char c : fraction) {
    if (!is_digit(c) || (unit == 0 && c != '0')) return std::nullopt;
    micros += (c - '0') * unit;
    unit /= 10;
  }
  return Duration{std::chrono::seconds{seconds}} + std::chrono::microseconds{micros};
}

std::string seconds_text(Duration duration) {
  const std::int64_t micros = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  std::string text = std::to_string(micros / 1'000'000);
  std::int64_t rest = micros % 1'000'000;
  if (rest == 0) return text;
  std::string decimals = std::to_string(1'000'000 + rest).substr(1);
  while (decimals.back() == '0') decimals.pop_back();
  return text + "." + decimals;
}

std::string in_quotes(std::string_view word) {
  constexpr std::size_t kLongest = 60;
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out = "'";
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (i == kLongest) {
      out += "...";
      break;
    }
    const auto byte = static_cast<unsigned char>(word[i]);
    if (byte >= 0x20 && byte < 0x7f) {
      out += word[i];
    } else {
      out += "\\x";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    }
  }
  return out + "'";
}

}  // namespace vipdrift::config
