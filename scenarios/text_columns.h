// Words in columns and in colour, as the reports for people are made of.
#ifndef VIPDRIFT_SCENARIOS_TEXT_COLUMNS_H_
#define VIPDRIFT_SCENARIOS_TEXT_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/base/time.h"
#include "scenarios/report_text.h"

namespace vipdrift::scenarios {

// ANSI "select graphic rendition" codes.
inline constexpr std::string_view kBold = "1";
inline constexpr std::string_view kRed = "31";
inline constexpr std::string_view kGreen = "32";
inline constexpr std::string_view kYellow = "33";
inline constexpr std::string_view kBlue = "34";
inline constexpr std::string_view kCyan = "36";
inline constexpr std::string_view kDim = "2";

/// `text` in colour where the style asks for it. Pad before: the escapes have no width.
inline std::string paint(std::string text, std::string_view code, const TextStyle& style) {
  if (style.colour == Colour::never || code.empty() || text.empty()) return text;
  return "\x1b[" + std::string{code} + "m" + text + "\x1b[0m";
}

inline std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

inline std::string right(std::string text, std::size_t width) {
  if (text.size() < width) text.insert(0, width - text.size(), ' ');
  return text;
}

/// Seconds with six decimals, cut (not rounded), so that columns align: "3.609375s".
inline std::string clock_text(Duration at) {
  const std::int64_t microseconds = at.count() / 1000;
  std::string fraction = std::to_string(microseconds % 1'000'000);
  fraction.insert(0, 6 - fraction.size(), '0');
  return std::to_string(microseconds / 1'000'000) + "." + fraction + "s";
}

/// Control characters would break the columns or the terminal.
inline std::string printable(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text;
}

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_TEXT_COLUMNS_H_
