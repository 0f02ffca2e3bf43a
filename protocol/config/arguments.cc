#include "protocol/config/arguments.h"

#include <array>
#include <utility>

#include "protocol/config/command_line.h"
#include "protocol/config/nearest_word.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::array<std::string_view, 6> kBooleans{"on", "off", "true", "false", "yes", "no"};
constexpr std::array<std::string_view, 1> kReverse{"reverse"};

/// How many words a shape reads; `free`, `words` and `command` look after themselves.
std::pair<std::size_t, std::size_t> counts(const Shape& shape) {
  using Kind = Shape::Kind;
  switch (shape.kind) {
    case Kind::nothing:
      return {0, 0};
    case Kind::optional_boolean:
    case Kind::optional_integer:
    case Kind::optional_word:
      return {0, 1};
    case Kind::boolean:
    case Kind::integer:
    case Kind::seconds:
    case Kind::whole_seconds:
    case Kind::word:
    case Kind::address:
    case Kind::choice:
      return {1, 1};
    case Kind::endpoint:
    case Kind::weight:
      return {1, 2};
    case Kind::words:
      return {1, static_cast<std::size_t>(shape.max)};
    case Kind::command:
    case Kind::optional_command:
    case Kind::free:
      break;
  }
  return {0, static_cast<std::size_t>(-1)};
}

/// Reads one statement by its shape.
class ArgumentReader {
 public:
  ArgumentReader(const Statement& statement, const Keyword& keyword, Block block, Report& report)
      : statement_{statement}, keyword_{keyword}, block_{block}, report_{report} {
    arguments_.keyword = keyword.word;
    arguments_.spot = statement.spot;
    arguments_.words = statement.arguments();
  }

  std::optional<Arguments> read() {
    if (!count_is_right()) return std::nullopt;
    arguments_.given = !arguments_.words.empty();
    if (!read_value()) return std::nullopt;
    return std::move(arguments_);
  }

 private:
  bool count_is_right() {
    const auto [least, most] = counts(keyword_.shape);
    const std::span<const Word> words = arguments_.words;
    if (words.size() < least) {
      report_.error(RuleId::missing_value, statement_.spot, in_quotes(keyword_.word) + " needs a value",
                    expected_of(keyword_.shape));
      return false;
    }
    if (words.size() <= most) return true;
    if (!is_passed_over(words[most])) {
      extra(words[most]);
      return false;
    }
    warn_of_lost_word(words[most]);
    arguments_.words = words.first(most);
    return true;
  }

  /// keepalived reads as many words as it needs, and does not look at the rest. A statement that begins there, or a
  /// word where a block is to begin, was not meant to be lost.
  bool is_passed_over(const Word& word) const {
    return !keyword_.shape.exact && keyword_.opens == Block::none && find_keyword(block_, word.text) == nullptr;
  }

  void warn_of_lost_word(const Word& word) {
    const bool is_flag = keyword_.shape.kind == Shape::Kind::nothing;
    report_.warning(RuleId::unexpected_word, word.spot,
                    in_quotes(word.text) + " has no effect: keepalived does not read it, and " +
                        (is_flag ? in_quotes(keyword_.word) + " holds whatever stands behind it"
                                 : in_quotes(keyword_.word) + " needs no more"),
                    is_flag ? "nothing behind it" : expected_of(keyword_.shape) + " and nothing else");
  }

  void extra(const Word& word) {
    const bool starts_another = find_keyword(block_, word.text) != nullptr;
    report_.error(RuleId::unexpected_word, word.spot,
                  "unexpected " + in_quotes(word.text) + " behind " + in_quotes(keyword_.word) +
                      (starts_another ? ": keepalived reads one statement a line and ignores this one" : ""),
                  starts_another                                ? in_quotes(word.text) + " on a line of its own"
                  : keyword_.opens != Block::none               ? "'{'"
                  : keyword_.shape.kind == Shape::Kind::nothing ? "nothing behind it"
                                                                : expected_of(keyword_.shape) + " and nothing else");
  }

  bool read_value() {
    using Kind = Shape::Kind;
    switch (keyword_.shape.kind) {
      case Kind::nothing:
      case Kind::word:
      case Kind::words:
      case Kind::optional_word:
      case Kind::free:
        return true;
      case Kind::boolean:
      case Kind::optional_boolean:
        return read_boolean();
      case Kind::integer:
      case Kind::optional_integer:
      case Kind::whole_seconds:
        return read_integer();
      case Kind::seconds:
        return read_seconds();
      case Kind::address:
      case Kind::endpoint:
        return read_address();
      case Kind::choice:
        return read_choice();
      case Kind::weight:
        return read_weight();
      case Kind::command:
        return read_command();
      case Kind::optional_command:
        return !arguments_.given || read_command();
    }
    return true;
  }

  bool wrong(const Word& word, std::string nearest = {}, RuleId rule = RuleId::bad_value) {
    report_.error(rule, word.spot, in_quotes(word.text) + " is not valid for " + in_quotes(keyword_.word),
                  expected_of(keyword_.shape), std::move(nearest));
    return false;
  }

  bool out_of_range(const Word& word) { return wrong(word, {}, RuleId::out_of_range); }

  bool read_boolean() {
    arguments_.flag = true;
    if (!arguments_.given) return true;
    const auto value = parse_boolean(arguments_.word());
    if (!value) return wrong(arguments_.words[0], std::string{nearest_word(arguments_.word(), kBooleans)});
    arguments_.flag = *value;
    return true;
  }

  bool read_integer() {
    if (!arguments_.given) return true;
    const auto value = parse_integer(arguments_.word());
    if (!value) return wrong(arguments_.words[0]);
    if (*value < keyword_.shape.min || *value > keyword_.shape.max) return out_of_range(arguments_.words[0]);
    arguments_.number = *value;
    if (keyword_.shape.kind == Shape::Kind::whole_seconds) arguments_.time = std::chrono::seconds{*value};
    return true;
  }

  bool read_seconds() {
    const auto value = parse_seconds(arguments_.word());
    if (!value) return wrong(arguments_.words[0]);
    const bool in_range = value->count() >= keyword_.shape.min && value->count() <= keyword_.shape.max;
    if (!in_range) return out_of_range(arguments_.words[0]);
    arguments_.time = *value;
    return true;
  }

  bool read_address() {
    const auto address = IpAddress::parse(arguments_.word());
    if (!address) return wrong(arguments_.words[0]);
    arguments_.address = *address;
    if (arguments_.words.size() < 2) return true;
    const auto port = parse_integer(arguments_.words[1].text);
    if (!port || *port < 1 || *port > 65535) return wrong(arguments_.words[1]);
    arguments_.port = static_cast<std::uint16_t>(*port);
    return true;
  }

  bool read_choice() {
    for (const std::string_view choice : keyword_.shape.choices) {
      if (choice == arguments_.word()) return true;
    }
    return wrong(arguments_.words[0], std::string{nearest_word(arguments_.word(), keyword_.shape.choices)});
  }

  bool read_weight() {
    if (!read_integer()) return false;
    if (arguments_.words.size() < 2) return true;
    const Word& option = arguments_.words[1];
    arguments_.reverse = option.text == "reverse";
    if (arguments_.reverse) return true;
    return wrong(option, std::string{nearest_word(option.text, kReverse)});
  }

  bool read_command() {
    const SourceLine raw = statement_.raw_arguments();
    const auto words = split_command(raw.text);
    if (!words) {
      report_.error(RuleId::unbalanced_quotes, statement_.spot,
                    "the quotes or backslashes of this command do not match");
      return false;
    }
    if (words->empty() || words->front().text.empty()) {
      report_.error(RuleId::missing_value, statement_.spot, in_quotes(keyword_.word) + " needs a value",
                    expected_of(keyword_.shape));
      return false;
    }
    const auto inner = split_command(words->front().text);
    if (!inner || inner->empty()) {
      report_.error(RuleId::unbalanced_quotes, raw.spot_at(words->front().offset),
                    "the quotes or backslashes inside this command do not match");
      return false;
    }
    for (const ShellWord& word : *inner) arguments_.command.argv.push_back(word.text);
    arguments_.command.place = report_.place(statement_.spot);
    if (keyword_.shape.max == 0) {
      if (words->size() > 1) warn_of_lost_words(raw, *words);
      return true;
    }
    if (words->size() > 1) arguments_.command.user = (*words)[1].text;
    if (words->size() > 2) arguments_.command.group = (*words)[2].text;
    if (words->size() <= 3) return true;
    report_.warning(
        RuleId::unexpected_word, raw.spot_at((*words)[3].offset),
        in_quotes((*words)[3].text) +
            " has no effect: the words behind a command are its user and group, and keepalived reads no more",
        "the whole command in double quotes");
    return true;
  }

  void warn_of_lost_words(const SourceLine& raw, const std::vector<ShellWord>& words) {
    report_.warning(RuleId::command_cut, raw.spot_at(words[1].offset),
                    in_quotes(words[1].text) + " and what follows is not part of the command: keepalived runs " +
                        in_quotes(words[0].text) + " alone",
                    "the whole command in double quotes");
  }

  const Statement& statement_;
  const Keyword& keyword_;
  Block block_;
  Report& report_;
  Arguments arguments_;
};

std::string list_of(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) text += (text.empty() ? "" : ", ") + std::string{word};
  return text;
}

std::string range_of(const Shape& shape) {
  return "from " + std::to_string(shape.min) + " to " + std::to_string(shape.max);
}

}  // namespace

std::string expected_of(const Shape& shape) {
  using Kind = Shape::Kind;
  if (!shape.wording.empty()) return std::string{shape.wording};
  switch (shape.kind) {
    case Kind::nothing:
      return "nothing";
    case Kind::boolean:
    case Kind::optional_boolean:
      return "one of " + list_of(kBooleans);
    case Kind::integer:
    case Kind::optional_integer:
      return "a number " + range_of(shape);
    case Kind::seconds:
      return "seconds from " + seconds_text(Duration{shape.min}) + " to " + seconds_text(Duration{shape.max});
    case Kind::whole_seconds:
      return "whole seconds " + range_of(shape);
    case Kind::address:
      return "an IPv4 or IPv6 address";
    case Kind::endpoint:
      return "an IPv4 or IPv6 address and a port from 1 to 65535";
    case Kind::choice:
      return "one of " + list_of(shape.choices);
    case Kind::weight:
      return "a number " + range_of(shape) + " and optionally 'reverse'";
    case Kind::command:
    case Kind::optional_command:
      return shape.max == 0 ? "a command in double quotes"
                            : "a command in double quotes, optionally a user and a group";
    case Kind::word:
    case Kind::optional_word:
    case Kind::words:
    case Kind::free:
      break;
  }
  return "a word";
}

std::optional<Arguments> read_arguments(const Statement& statement, const Keyword& keyword, Block block,
                                        Report& report) {
  return ArgumentReader{statement, keyword, block, report}.read();
}

std::optional<bool> parse_boolean(std::string_view text) {
  if (text == "on" || text == "true" || text == "yes") return true;
  if (text == "off" || text == "false" || text == "no") return false;
  return std::nullopt;
}

}  // namespace vipdrift::config
