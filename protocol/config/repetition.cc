#include "protocol/config/repetition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::int64_t kLargest = 1'000'000'000'000;  // keeps every sum and difference far from overflow

std::optional<std::int64_t> parse_bound(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) {
    base = 16;
    text.remove_prefix(2);
  }
  std::int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end || value < 0 || value > kLargest) return std::nullopt;
  return negative ? -value : value;
}

/// Parts between the commas that are not inside braces; trimmed.
std::optional<std::vector<std::string_view>> split(std::string_view text) {
  std::vector<std::string_view> parts;
  std::size_t begin = 0;
  bool inside = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((text[i] == '{' && inside) || (text[i] == '}' && !inside)) return std::nullopt;
    if (text[i] == '{' || text[i] == '}') inside = !inside;
    if (text[i] != ',' || inside) continue;
    parts.push_back(trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  if (inside) return std::nullopt;
  parts.push_back(trim(text.substr(begin)));
  return parts;
}

bool is_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) && std::all_of(text.begin(), text.end(), is_name_character);
}

/// "{a, b}" to {"a", "b"}; "a" to {"a"}.
std::optional<std::vector<std::string>> row_of(std::string_view part) {
  if (!part.starts_with('{')) return std::vector<std::string>{std::string{part}};
  if (!part.ends_with('}')) return std::nullopt;
  const auto inner = split(part.substr(1, part.size() - 2));
  if (!inner) return std::nullopt;
  return std::vector<std::string>(inner->begin(), inner->end());
}

}  // namespace

std::string Repetition::value(std::uint64_t turn, std::size_t name) const {
  if (!rows_.empty()) return rows_[turn][name];
  const std::int64_t number = start_ + step_ * static_cast<std::int64_t>(turn);
  std::array<char, 24> buffer{};
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, hexadecimal_ ? 16 : 10).ptr;
  return {buffer.data(), end};
}

std::optional<Repetition> Repetition::parse_sequence(std::string_view inside, bool hexadecimal) {
  const auto parts = split(inside);
  if (!parts || parts->size() < 2 || parts->size() > 4 || !is_name(parts->front())) return std::nullopt;
  std::vector<std::int64_t> numbers;
  for (std::size_t i = 1; i < parts->size(); ++i) {
    const auto number = parse_bound((*parts)[i]);
    if (!number) return std::nullopt;
    numbers.push_back(*number);
  }

  Repetition sequence;
  sequence.names_ = {std::string{parts->front()}};
  sequence.hexadecimal_ = hexadecimal;
  const std::int64_t end = numbers.back();
  sequence.start_ = numbers.size() > 1 ? numbers[0] : (end > 0 ? 1 : -1);
  sequence.step_ = numbers.size() > 2 ? numbers[1] : (end >= sequence.start_ ? 1 : -1);
  const std::int64_t distance = end - sequence.start_;
  if (sequence.step_ == 0 || (distance != 0 && (distance < 0) != (sequence.step_ < 0))) return std::nullopt;
  sequence.turns_ = static_cast<std::uint64_t>(distance / sequence.step_) + 1;
  return sequence;
}

std::optional<Repetition> Repetition::parse_list(std::string_view inside) {
  const auto parts = split(inside);
  if (!parts || parts->size() < 2) return std::nullopt;
  Repetition list;
  const auto names = row_of(parts->front());
  if (!names || !std::all_of(names->begin(), names->end(), is_name)) return std::nullopt;
  list.names_ = *names;
  for (std::size_t i = 1; i < parts->size(); ++i) {
    auto row = row_of((*parts)[i]);
    if (!row || row->size() != list.names_.size()) return std::nullopt;
    list.rows_.push_back(std::move(*row));
  }
  list.turns_ = list.rows_.size();
  return list;
}

}  // namespace vipdrift::config
