// Which word did the author mean?
#ifndef VIPDRIFT_PROTOCOL_CONFIG_NEAREST_WORD_H_
#define VIPDRIFT_PROTOCOL_CONFIG_NEAREST_WORD_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace vipdrift::config {

/// Number of insertions, deletions, substitutions and swaps of neighbours that turn one word into the other
/// (Damerau-Levenshtein, optimal string alignment). Letters of different case cost nothing; '-' equals '_'.
/// Returns `limit + 1` when the distance is larger than `limit`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit);

/// How many edits a word of this length may be away from what was meant: 1 up to 4 characters, then a third.
std::size_t tolerated_edits(std::size_t length);

/// The candidate with the smallest tolerated distance, the first one of equals; empty when none is near.
std::string_view nearest_word(std::string_view word, std::span<const std::string_view> candidates);

/// When `word` is a candidate with its value glued on ("priority100", "labeleno1:0"), the two with the blank put
/// back; the longest candidate wins; empty when none is a prefix.
std::string unglued(std::string_view word, std::span<const std::string_view> candidates);

/// unglued() when what follows is not a letter or nothing is near, else nearest_word().
std::string suggestion(std::string_view word, std::span<const std::string_view> candidates,
                       std::span<const std::string_view> candidates_with_value);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_NEAREST_WORD_H_
