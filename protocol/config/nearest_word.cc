#include "protocol/config/nearest_word.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::size_t kLongestWord = 48;  // no keyword is longer; longer words have no neighbour

char folded(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' ? '_' : c;
}

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t far = limit + 1;
  if (a.size() > kLongestWord || b.size() > kLongestWord) return far;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > limit) return far;

  using Row = std::array<std::size_t, kLongestWord + 1>;
  std::array<Row, 3> rows;  // each is written up to b.size() before it is read
  Row* before_last = &rows[0];
  Row* last_row = &rows[1];
  Row* this_row = &rows[2];
  for (std::size_t j = 0; j <= b.size(); ++j) (*last_row)[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    Row& row = *this_row;
    const Row& last = *last_row;
    row[0] = i;
    std::size_t best = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped =
          i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) && folded(a[i - 2]) == folded(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], (*before_last)[j - 2] + 1);
      best = std::min(best, row[j]);
    }
    if (best > limit) return far;
    std::swap(before_last, last_row);
    std::swap(last_row, this_row);
  }
  return std::min((*last_row)[b.size()], far);
}

std::size_t tolerated_edits(std::size_t length) { return length <= 4 ? 1 : std::min<std::size_t>(length / 3, 4); }

std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view nearest;
  std::size_t limit = tolerated_edits(word.size());
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(word, candidate, limit);
    if (distance > limit) continue;
    nearest = candidate;
    if (distance == 0) break;
    limit = distance - 1;
  }
  return nearest;
}

std::string unglued(std::string_view word, std::span<const std::string_view> candidates) {
  std::string_view longest;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > longest.size() && word.size() > candidate.size() && word.starts_with(candidate)) {
      longest = candidate;
    }
  }
  if (longest.empty()) return {};
  return std::string{longest} + " " + std::string{word.substr(longest.size())};
}

std::string suggestion(std::string_view word, std::span<const std::string_view> candidates,
                       std::span<const std::string_view> candidates_with_value) {
  std::string apart = unglued(word, candidates_with_value);
  if (!apart.empty()) {
    const char follows = apart[apart.find(' ') + 1];
    if (!is_letter(follows) && follows != '_' && follows != '-') return apart;
  }
  const std::string_view nearest = nearest_word(word, candidates);
  return nearest.empty() ? apart : std::string{nearest};
}

}  // namespace vipdrift::config
