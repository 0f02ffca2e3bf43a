#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/config/option_line.h"
#include "protocol/config/routing_line.h"

namespace vipdrift::config {
namespace {

constexpr std::array<std::string_view, 31> kOptions{"from",
                                                    "to",
                                                    "iif",
                                                    "dev",
                                                    "oif",
                                                    "tos",
                                                    "dsfield",
                                                    "fwmark",
                                                    "priority",
                                                    "preference",
                                                    "order",
                                                    "table",
                                                    "lookup",
                                                    "goto",
                                                    "nop",
                                                    "blackhole",
                                                    "unreachable",
                                                    "prohibit",
                                                    "realms",
                                                    "not",
                                                    "suppress_prefixlength",
                                                    "tun_id",
                                                    "suppress_ifgroup",
                                                    "l3mdev",
                                                    "uidrange",
                                                    "protocol",
                                                    "ip_proto",
                                                    "sport",
                                                    "dport",
                                                    "no_track",
                                                    "track_group"};

class RuleReader {
 public:
  RuleReader(std::span<const Word> words, Report& report) : line_{words, "rule", report}, first_{words.front()} {}

  std::optional<Rule> read() {
    while (!line_.done()) {
      if (!option(line_.next())) return std::nullopt;
    }
    if (!complete()) return std::nullopt;
    return std::move(rule_);
  }

 private:
  bool option(const Word& word) {
    const std::string_view text = word.text;
    if (text == "from") return line_.prefix(rule_.from, Family::ipv4);
    if (text == "to") return line_.prefix(rule_.to, Family::ipv4);
    if (text == "iif" || text == "dev") return line_.device(rule_.input_interface);
    if (text == "oif") return line_.device(rule_.output_interface);
    if (text == "tos" || text == "dsfield") return line_.number(rule_.tos);
    if (text == "fwmark") return firewall_mark();
    if (text == "priority" || text == "preference" || text == "order" || text == "pref") {
      return line_.number(rule_.priority);
    }
    if (text == "table" || text == "lookup") return decides_ = true, line_.text(rule_.table);
    if (text == "no_track") return rule_.no_track = true;
    if (text == "track_group") return line_.text(rule_.track_group);
    return action(word);
  }

  bool action(const Word& word) {
    static constexpr std::array<std::pair<std::string_view, RuleAction>, 4> kActions{
        {{"nop", RuleAction::nop},
         {"blackhole", RuleAction::blackhole},
         {"unreachable", RuleAction::unreachable},
         {"prohibit", RuleAction::prohibit}}};
    if (word.text == "type") return line_.has_value() && action(line_.next());
    for (const auto& [name, what] : kActions) {
      if (name != word.text) continue;
      rule_.action = what;
      return decides_ = true;
    }
    if (word.text == "goto") {
      rule_.action = RuleAction::go_to;
      decides_ = true;
      std::optional<std::uint32_t> target;
      return line_.number(target) && (rule_.target = *target, true);
    }
    if (word.text == "l3mdev") {
      decides_ = true;
      return rule_.l3mdev = true;
    }
    return rare_option(word);
  }

  bool rare_option(const Word& word) {
    const std::string_view text = word.text;
    if (text == "not") return rule_.inverted = true;
    if (text == "inet" || text == "inet6") return family_ = text == "inet" ? Family::ipv4 : Family::ipv6, true;
    if (text == "realms" || text == "realm") return line_.text(rule_.realms);
    if (text == "suppress_prefixlength") return line_.number(rule_.suppress_prefix_length, 128);
    if (text == "suppress_ifgroup") return line_.text(rule_.suppress_group);
    if (text == "tun_id") return line_.number(rule_.tunnel_id);
    if (text == "uidrange") return range(rule_.users, std::numeric_limits<std::uint32_t>::max() - 1);
    if (text == "protocol") return line_.text(rule_.protocol);
    if (text == "ip_proto" || text == "ipproto") return line_.text(rule_.ip_protocol);
    if (text == "sport") return range(rule_.source_ports, 65535);
    if (text == "dport") return range(rule_.destination_ports, 65535);
    return line_.unknown(word, "an option of ip rule, in full", std::string{nearest_word(text, kOptions)});
  }

  bool firewall_mark() {
    if (!line_.has_value()) return false;
    const std::string_view text = line_.next().text;
    const std::size_t slash = text.find('/');
    const auto mark = OptionLine::parse_number(text.substr(0, slash));
    const auto mask = slash == std::string_view::npos ? std::optional<std::uint64_t>{0}
                                                      : OptionLine::parse_number(text.substr(slash + 1));
    constexpr std::uint64_t kLargest = std::numeric_limits<std::uint32_t>::max();
    if (!mark || !mask || *mark > kLargest || *mask > kLargest) return line_.wrong(line_.last(), "MARK or MARK/MASK");
    rule_.firewall_mark = static_cast<std::uint32_t>(*mark);
    if (slash != std::string_view::npos) rule_.firewall_mask = static_cast<std::uint32_t>(*mask);
    return true;
  }

  /// "N" or "N-M".
  bool range(std::optional<NumberRange>& value, std::uint64_t largest) {
    if (!line_.has_value()) return false;
    const std::string_view text = line_.next().text;
    const std::size_t dash = text.find('-');
    const auto first = OptionLine::parse_number(text.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : OptionLine::parse_number(text.substr(dash + 1));
    if (!first || !last || *first > *last || *last > largest) {
      return line_.wrong(line_.last(), "NUMBER or NUMBER-NUMBER, up to " + std::to_string(largest));
    }
    value = NumberRange{static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*last)};
    return true;
  }

  bool complete() {
    if (!decides_) return line_.wrong(first_, "'table T' or another action in the line");
    rule_.family = Family::ipv4;
    if (family_) rule_.family = *family_;
    for (std::optional<IpPrefix>* prefix : {&rule_.from, &rule_.to}) {
      if (*prefix && (*prefix)->length != 0 && !family_) rule_.family = (*prefix)->address.family();
    }
    for (std::optional<IpPrefix>* prefix : {&rule_.from, &rule_.to}) {
      if (!*prefix || (*prefix)->address.family() == rule_.family) continue;
      if ((*prefix)->length != 0) return line_.wrong(first_, "addresses of one family");
      prefix->reset();  // "all" of the other family says nothing
    }
    if (rule_.priority) return true;
    line_.report().warning(RuleId::rule_without_priority, first_.spot,
                           "this rule has no priority: one is chosen, which is probably not what you want",
                           "'priority NUMBER' in the line");
    return true;
  }

  OptionLine line_;
  const Word& first_;
  Rule rule_;
  std::optional<Family> family_;
  bool decides_ = false;
};

}  // namespace

std::optional<Rule> read_rule(std::span<const Word> words, Report& report) {
  auto rule = RuleReader{words, report}.read();
  if (rule) static_cast<Place&>(rule->place) = report.place(words.front().spot);
  return rule;
}

}  // namespace vipdrift::config
