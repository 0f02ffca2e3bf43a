#include "protocol/config/route.h"

#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "protocol/config/route_words.h"

namespace vipdrift::config {
namespace {

struct Named {
  std::string_view name;
  std::uint32_t number;
};

constexpr std::array<Named, 4> kTables{{{"unspec", 0}, {"default", 253}, {"main", 254}, {"local", 255}}};
constexpr std::array<Named, 5> kScopes{{{"global", 0}, {"site", 200}, {"link", 253}, {"host", 254}, {"nowhere", 255}}};
constexpr std::array<Named, 18> kProtocols{{{"unspec", 0},
                                            {"redirect", 1},
                                            {"kernel", 2},
                                            {"boot", 3},
                                            {"static", 4},
                                            {"gated", 8},
                                            {"ra", 9},
                                            {"mrt", 10},
                                            {"zebra", 11},
                                            {"bird", 12},
                                            {"dnrouted", 13},
                                            {"xorp", 14},
                                            {"ntk", 15},
                                            {"dhcp", 16},
                                            {"keepalived", 18},
                                            {"babel", 42},
                                            {"bgp", 186},
                                            {"ospf", 188}}};

std::optional<std::uint32_t> number_of(std::string_view text, std::span<const Named> names, std::uint32_t largest) {
  for (const Named& named : names) {
    if (named.name == text) return named.number;
  }
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size() || number > largest) return std::nullopt;
  return number;
}

/// Words with blanks between them.
class Words {
 public:
  Words& word(std::string_view text) {
    if (!text_.empty()) text_ += ' ';
    text_ += text;
    return *this;
  }
  /// Both words, unless the second is empty.
  Words& pair(std::string_view key, std::string_view value) {
    if (!value.empty()) word(key).word(value);
    return *this;
  }
  template <class Number>
  Words& number(std::string_view key, const std::optional<Number>& value) {
    if (value) word(key).word(std::to_string(*value));
    return *this;
  }
  Words& flag(std::string_view key, bool set) { return set ? word(key) : *this; }
  std::string take() { return std::move(text_); }

 private:
  std::string text_;
};

std::string text_of(const IpPrefix& prefix) {
  if (prefix.length == 0 && prefix.address.is_unspecified()) return "default";
  const bool host = prefix.length == address_size(prefix.address.family()) * 8;
  return host ? prefix.address.to_string() : prefix.to_string();
}

void say_via(Words& words, const std::optional<IpAddress>& via, Family family) {
  if (!via) return;
  words.word("via");
  if (via->family() != family) words.word(via->family() == Family::ipv4 ? "inet" : "inet6");
  words.word(via->to_string());
}

void say_range(Words& words, std::string_view key, const std::optional<NumberRange>& range) {
  if (!range) return;
  words.word(key).word(std::to_string(range->first) + '-' + std::to_string(range->last));
}

void say_metrics(Words& words, const Route& route) {
  for (const RouteMetricValue& metric : route.metrics) {
    words.word(word_of(metric.metric)).flag("lock", metric.lock);
    if (metric.metric == RouteMetric::features) {
      words.word("ecn");
    } else {
      words.word(std::to_string(metric.value));
    }
  }
  if (route.congestion_control.empty()) return;
  words.word("congctl").flag("lock", route.lock_congestion_control).word(route.congestion_control);
}

}  // namespace

std::string to_string(const Route& route) {
  Words words;
  if (route.type != RouteType::unicast) words.word(word_of(route.type));
  words.word(text_of(route.destination));
  if (route.from) words.word("from").word(text_of(*route.from));
  say_via(words, route.via, route.family);
  words.pair("dev", route.device);
  if (route.source) words.word("src").word(route.source->to_string());
  words.pair("table", route.table).pair("vrf", route.vrf).pair("scope", route.scope).pair("proto", route.protocol);
  if (route.tos) words.word("tos").word(std::to_string(*route.tos));
  words.number("metric", route.metric).pair("realms", route.realms).flag("onlink", route.onlink);
  if (route.preference) words.word("pref").word(word_of(*route.preference));
  if (route.expires) words.word("expires").word(std::to_string(*route.expires / std::chrono::seconds{1}));
  if (route.ttl_propagate) words.word("ttl-propagate").word(*route.ttl_propagate ? "enabled" : "disabled");
  say_metrics(words, route);
  for (const NextHop& hop : route.next_hops) {
    words.word("nexthop");
    say_via(words, hop.via, route.family);
    words.pair("dev", hop.device).word("weight").word(std::to_string(hop.weight));
    words.pair("realms", hop.realms).flag("onlink", hop.onlink);
  }
  return words.flag("append", route.append).take();
}

std::string to_string(const Rule& rule) {
  Words words;
  words.flag("not", rule.inverted).word("from").word(rule.from ? text_of(*rule.from) : "all");
  if (rule.to) words.word("to").word(text_of(*rule.to));
  words.pair("iif", rule.input_interface).pair("oif", rule.output_interface);
  if (rule.tos) words.word("tos").word(std::to_string(*rule.tos));
  if (rule.firewall_mark) {
    words.word("fwmark").word(std::to_string(*rule.firewall_mark) +
                              (rule.firewall_mask ? "/" + std::to_string(*rule.firewall_mask) : ""));
  }
  words.flag("l3mdev", rule.l3mdev).number("tun_id", rule.tunnel_id);
  say_range(words, "uidrange", rule.users);
  words.pair("ipproto", rule.ip_protocol);
  say_range(words, "sport", rule.source_ports);
  say_range(words, "dport", rule.destination_ports);
  words.number("priority", rule.priority).pair("protocol", rule.protocol);
  words.number("suppress_prefixlength", rule.suppress_prefix_length).pair("suppress_ifgroup", rule.suppress_group);
  words.pair("realms", rule.realms);
  switch (rule.action) {
    case RuleAction::lookup:
      if (!rule.l3mdev) words.word("table").word(rule.table.empty() ? "main" : rule.table);
      break;
    case RuleAction::go_to:
      words.word("goto").word(std::to_string(rule.target));
      break;
    case RuleAction::nop:
      words.word("nop");
      break;
    case RuleAction::blackhole:
      words.word("blackhole");
      break;
    case RuleAction::unreachable:
      words.word("unreachable");
      break;
    case RuleAction::prohibit:
      words.word("prohibit");
      break;
  }
  return words.take();
}

std::optional<std::uint32_t> table_number(std::string_view text) {
  return number_of(text, kTables, std::numeric_limits<std::uint32_t>::max());
}
std::optional<std::uint32_t> scope_number(std::string_view text) { return number_of(text, kScopes, 255); }
std::optional<std::uint32_t> protocol_number(std::string_view text) { return number_of(text, kProtocols, 255); }

}  // namespace vipdrift::config
