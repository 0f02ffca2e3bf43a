// A line of options in any order, each with its value: what routes and rules have in common.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_OPTION_LINE_H_
#define VIPDRIFT_PROTOCOL_CONFIG_OPTION_LINE_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/nearest_word.h"
#include "protocol/config/report.h"
#include "protocol/config/statement_reader.h"
#include "protocol/config/text.h"
#include "protocol/config/virtual_address.h"

namespace vipdrift::config {

/// Reads words one after the other; each read method reports what is wrong and then answers false.
class OptionLine {
 public:
  OptionLine(std::span<const Word> words, std::string_view kind, Report& report)
      : words_{words}, kind_{kind}, report_{report} {}

  bool done() const { return at_ == words_.size(); }
  const Word& next() { return words_[at_++]; }
  const Word& last() const { return words_[at_ - 1]; }
  /// The word to come, empty at the end.
  std::string_view peek() const { return done() ? std::string_view{} : std::string_view{words_[at_].text}; }
  bool skip(std::string_view word) { return peek() == word && ++at_ != 0; }

  bool wrong(const Word& word, std::string expected, std::string nearest = {}, RuleId rule = RuleId::bad_value) {
    report_.error(rule, word.spot, in_quotes(word.text) + " is not valid in a " + std::string{kind_},
                  std::move(expected), std::move(nearest));
    return false;
  }
  bool unknown(const Word& word, std::string expected, std::string nearest = {}) {
    return wrong(word, std::move(expected), std::move(nearest), RuleId::unknown_option);
  }

  /// Whether a value follows the option that was read last.
  bool has_value() {
    if (!done()) return true;
    report_.error(RuleId::missing_value, last().spot, in_quotes(last().text) + " needs a value");
    return false;
  }

  bool text(std::string& value) {
    if (!has_value()) return false;
    value = next().text;
    return true;
  }

  bool device(std::string& value) {
    if (!text(value)) return false;
    return valid_interface_name(value) || wrong(last(), "the name of an interface, at most 15 characters");
  }

  template <class Number>
  bool number(std::optional<Number>& value, std::uint64_t largest = std::numeric_limits<Number>::max()) {
    if (!has_value()) return false;
    const std::optional<std::uint64_t> read = parse_number(next().text);
    if (!read || *read > largest) {
      return wrong(last(), "a number from 0 to " + std::to_string(largest), {},
                   read ? RuleId::out_of_range : RuleId::bad_value);
    }
    value = static_cast<Number>(*read);
    return true;
  }

  bool address(std::optional<IpAddress>& value) {
    if (!has_value()) return false;
    value = IpAddress::parse(next().text);
    return value || wrong(last(), "an IPv4 or IPv6 address");
  }

  /// An address with or without a length; "all", "any" and "default" say `value` of length 0 in `family`.
  bool prefix(std::optional<IpPrefix>& value, Family family) {
    if (!has_value()) return false;
    const Word& word = next();
    if (word.text == "default" || word.text == "any" || word.text == "all") {
      value = IpPrefix{family == Family::ipv4 ? IpAddress{} : IpAddress::v6({}), 0};
    } else {
      value = IpPrefix::parse(word.text);
    }
    return value || wrong(word, "an IPv4 or IPv6 address, optionally with /LENGTH");
  }

  /// A decimal number, or a hexadecimal one that begins with 0x.
  static std::optional<std::uint64_t> parse_number(std::string_view text);

  Report& report() { return report_; }

 private:
  std::span<const Word> words_;
  std::string_view kind_;
  Report& report_;
  std::size_t at_ = 0;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_OPTION_LINE_H_
