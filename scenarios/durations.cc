#include "scenarios/durations.h"

#include <array>
#include <cstdint>

namespace vipdrift::scenarios {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

/// From large to small; a name that begins another ("m", "ms") is told apart by reading all letters.
constexpr std::array<Unit, 7> kUnits{{{"d", 86'400'000'000'000},
                                      {"h", 3'600'000'000'000},
                                      {"m", 60'000'000'000},
                                      {"s", 1'000'000'000},
                                      {"ms", 1'000'000},
                                      {"us", 1'000},
                                      {"ns", 1}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

std::string_view take_while(std::string_view& text, bool (*wanted)(char)) {
  std::size_t length = 0;
  while (length < text.size() && wanted(text[length])) ++length;
  const std::string_view taken = text.substr(0, length);
  text.remove_prefix(length);
  return taken;
}

std::optional<std::int64_t> to_integer(std::string_view digits) {
  if (digits.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : digits) {
    if (__builtin_mul_overflow(value, 10, &value) || __builtin_add_overflow(value, c - '0', &value))
      return std::nullopt;
  }
  return value;
}

/// Value of the digits behind the point, in parts of `whole`; nullopt when a digit is worth less than one part.
std::optional<std::int64_t> fraction_of(std::int64_t whole, std::string_view digits) {
  std::int64_t value = 0;
  for (const char c : digits) {
    if (whole % 10 != 0) {
      if (c != '0') return std::nullopt;
      continue;
    }
    whole /= 10;
    value += whole * (c - '0');
  }
  return value;
}

/// `value` over 10^places, without needless zeros.
std::string decimal(std::uint64_t value, int places) {
  std::string text = std::to_string(value);
  if (places == 0) return text;
  const auto width = static_cast<std::size_t>(places);
  if (text.size() <= width) text.insert(0, width + 1 - text.size(), '0');
  text.insert(text.size() - width, 1, '.');
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace

std::optional<Duration> parse_duration(std::string_view text) {
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  std::size_t first_allowed = 0;
  while (!text.empty()) {
    const auto whole = to_integer(take_while(text, is_digit));
    if (!whole) return std::nullopt;
    std::string_view fraction;
    if (!text.empty() && text.front() == '.') {
      text.remove_prefix(1);
      fraction = take_while(text, is_digit);
      if (fraction.empty()) return std::nullopt;
    }
    const std::string_view name = take_while(text, is_letter);
    if (!fraction.empty() && !text.empty()) return std::nullopt;
    std::size_t unit = first_allowed;
    while (unit < kUnits.size() && kUnits[unit].name != name) ++unit;
    if (unit == kUnits.size()) return std::nullopt;
    first_allowed = unit + 1;
    const auto rest = fraction_of(kUnits[unit].nanoseconds, fraction);
    std::int64_t part = 0;
    if (!rest || __builtin_mul_overflow(*whole, kUnits[unit].nanoseconds, &part) ||
        __builtin_add_overflow(part, *rest, &part) || __builtin_add_overflow(total, part, &total)) {
      return std::nullopt;
    }
  }
  return Duration{negative ? -total : total};
}

std::optional<PartsPerMillion> parse_share(std::string_view text) {
  if (text.empty() || text.back() != '%') return std::nullopt;
  text.remove_suffix(1);
  constexpr std::int64_t kPercent = 10'000;
  const auto whole = to_integer(take_while(text, is_digit));
  if (!whole || *whole > 100) return std::nullopt;
  std::string_view fraction;
  if (!text.empty()) {
    if (text.front() != '.') return std::nullopt;
    fraction = text.substr(1);
    std::string_view rest = fraction;
    if (take_while(rest, is_digit).empty() || !rest.empty()) return std::nullopt;
  }
  const auto parts = fraction_of(kPercent, fraction);
  if (!parts || *whole * kPercent + *parts > 100 * kPercent) return std::nullopt;
  return PartsPerMillion{static_cast<std::uint32_t>(*whole * kPercent + *parts)};
}

std::string to_text(Duration duration) {
  const std::int64_t count = duration.count();
  const std::string sign = count < 0 ? "-" : "";
  const std::uint64_t size = count < 0 ? 0 - static_cast<std::uint64_t>(count) : static_cast<std::uint64_t>(count);
  if (size == 0 || size >= 1'000'000'000) return sign + decimal(size, 9) + "s";
  if (size >= 1'000'000) return sign + decimal(size, 6) + "ms";
  if (size >= 1'000) return sign + decimal(size, 3) + "us";
  return sign + decimal(size, 0) + "ns";
}

std::string to_text(PartsPerMillion share) { return decimal(share.value, 4) + "%"; }

}  // namespace vipdrift::scenarios
