// `~SEQ` and `~LST`: the values that a line is repeated with.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_REPETITION_H_
#define VIPDRIFT_PROTOCOL_CONFIG_REPETITION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vipdrift::config {

/// What stands in the parentheses of one `~SEQ(...)`, `~SEQx(...)` or `~LST(...)`.
class Repetition {
 public:
  /// Names of the parameters that change from turn to turn.
  const std::vector<std::string>& names() const { return names_; }
  std::uint64_t turns() const { return turns_; }
  /// Value of names()[name] in `turn`.
  std::string value(std::uint64_t turn, std::size_t name) const;

  /// "var, [start,] [step,] end", numbers decimal or 0x...; nullopt when malformed (also: a step of 0 or away from
  /// the end).
  static std::optional<Repetition> parse_sequence(std::string_view inside, bool hexadecimal);
  /// "var, value, ..." or "{var, ...}, {value, ...}, ..."; nullopt when malformed or of uneven length.
  static std::optional<Repetition> parse_list(std::string_view inside);

 private:
  std::vector<std::string> names_;
  std::uint64_t turns_ = 0;
  std::int64_t start_ = 0;
  std::int64_t step_ = 0;
  bool hexadecimal_ = false;
  std::vector<std::vector<std::string>> rows_;  ///< of a list
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_REPETITION_H_
