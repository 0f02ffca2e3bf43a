#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/config/option_line.h"
#include "protocol/config/route_words.h"
#include "protocol/config/routing_line.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, 28> kOptions{
    "to",    "via",     "gw",      "or",     "dev",      "oif",      "src",      "from",       "tos",      "dsfield",
    "table", "vrf",     "scope",   "proto",  "protocol", "metric",   "realms",   "nexthop",    "priority", "preference",
    "pref",  "expires", "congctl", "append", "onlink",   "features", "no_track", "track_group"};

class RouteReader {
 public:
  RouteReader(std::span<const Word> words, Report& report)
      : report_{report}, line_{words, "route", report}, first_{words.front()} {}

  std::optional<Route> read() {
    while (!line_.done()) {
      if (!option(line_.next())) return std::nullopt;
    }
    if (!complete()) return std::nullopt;
    return std::move(route_);
  }

 private:
  bool option(const Word& word) {
    const std::string_view text = word.text;
    if (const auto type = meaning_of<RouteType>(text)) return route_.type = *type, true;
    if (text == "features") return features();
    if (const auto metric = meaning_of<RouteMetric>(text)) return read_metric(*metric);
    if (text == "via") return gateway(route_.via);
    if (text == "gw") return note_old(word, "via") && gateway(route_.via);
    if (text == "or") return note_old(word, "nexthop") && alternative();
    if (text == "dev" || text == "oif") return line_.device(route_.device);
    if (text == "to") return line_.prefix(destination_, Family::ipv4) && note_default();
    if (text == "src") return line_.address(route_.source);
    if (text == "from") return line_.prefix(route_.from, Family::ipv6);
    if (text == "table") return line_.text(route_.table);
    if (text == "vrf") return line_.device(route_.vrf);
    if (text == "scope") return line_.text(route_.scope);
    if (text == "proto" || text == "protocol") return line_.text(route_.protocol);
    if (text == "realms") return line_.text(route_.realms);
    if (text == "tos" || text == "dsfield") return line_.number(route_.tos);
    if (text == "metric" || text == "priority" || text == "preference") return line_.number(route_.metric);
    if (text == "nexthop") return next_hop();
    if (text == "no_track") return route_.no_track = true;
    if (text == "track_group") return line_.text(route_.track_group);
    return rare_option(word);
  }

  bool rare_option(const Word& word) {
    const std::string_view text = word.text;
    if (text == "onlink") return route_.onlink = true;
    if (text == "append") return route_.append = true;
    if (text == "prepend") return true;  // what is done anyway
    if (text == "inet" || text == "inet6") return family_ = text == "inet" ? Family::ipv4 : Family::ipv6, true;
    if (text == "congctl") {
      route_.lock_congestion_control = line_.skip("lock");
      return line_.text(route_.congestion_control);
    }
    if (text == "expires") return expires();
    if (text == "pref") return preference();
    if (text == "ttl-propagate") return ttl_propagate();
    if (text == "encap") return line_.wrong(word, "a route without encapsulation: vipdrift has none");
    return destination(word);
  }

  bool destination(const Word& word) {
    if (destination_) return unknown(word);
    const bool any = word.text == "default" || word.text == "default6";
    if (any) {
      destination_ = IpPrefix{};
      if (word.text == "default6") family_ = Family::ipv6;
      is_default_ = true;
      return true;
    }
    destination_ = IpPrefix::parse(word.text);
    return destination_ || unknown(word);
  }

  bool note_default() {
    const std::string_view word = line_.last().text;
    is_default_ = word == "default" || word == "any" || word == "all";
    return true;
  }

  bool unknown(const Word& word) {
    std::string nearest{nearest_word(word.text, kOptions)};
    return line_.unknown(word,
                         destination_ ? "an option of ip route, in full" : "a destination or an option of ip route",
                         std::move(nearest));
  }

  bool note_old(const Word& word, std::string_view newer) {
    report_.warning(RuleId::old_name, word.spot,
                    in_quotes(word.text) + " is the old name of " + in_quotes(newer) + " in a route");
    return true;
  }

  bool gateway(std::optional<IpAddress>& via) {
    if (!line_.skip("inet")) line_.skip("inet6");  // the address tells
    return line_.address(via);
  }

  /// `via A or B`: two next hops of equal weight.
  bool alternative() {
    std::optional<IpAddress> other;
    if (!line_.address(other)) return false;
    if (!route_.via) return line_.wrong(line_.last(), "'or' behind 'via ADDRESS'");
    alternative_ = other;
    return true;
  }

  /// "[lock] NUMBER"
  bool read_metric(RouteMetric metric) {
    RouteMetricValue value{metric, 0, line_.skip("lock")};
    if (!line_.has_value()) return false;
    std::string_view text = line_.next().text;
    const bool is_time = metric == RouteMetric::rtt || metric == RouteMetric::rttvar || metric == RouteMetric::rto_min;
    std::uint64_t scale = 1;
    if (is_time && text.ends_with("ms")) {
      text.remove_suffix(2);
    } else if (is_time && text.ends_with("s")) {
      text.remove_suffix(1);
      scale = 1000;
    }
    const auto number = OptionLine::parse_number(text);
    const std::uint64_t largest = std::numeric_limits<std::uint32_t>::max() / scale;
    if (!number || *number > largest) {
      return line_.wrong(line_.last(), "a number from 0 to " + std::to_string(largest));
    }
    value.value = static_cast<std::uint32_t>(*number * scale);
    route_.metrics.push_back(value);
    return true;
  }

  bool features() {
    std::string feature;
    if (!line_.text(feature)) return false;
    if (feature != "ecn") return line_.wrong(line_.last(), "ecn");
    route_.metrics.push_back({RouteMetric::features, 1, false});
    return true;
  }

  bool expires() {
    std::optional<std::uint32_t> time;
    if (!line_.number(time)) return false;
    route_.expires = seconds{*time};
    return true;
  }

  bool preference() {
    if (!line_.has_value()) return false;
    route_.preference = meaning_of<RoutePreference>(line_.next().text);
    return route_.preference || line_.wrong(line_.last(), "one of low, medium, high");
  }

  bool ttl_propagate() {
    std::string word;
    if (!line_.text(word)) return false;
    if (word != "enabled" && word != "disabled") return line_.wrong(line_.last(), "enabled or disabled");
    route_.ttl_propagate = word == "enabled";
    return true;
  }

  /// "nexthop via A [dev IF] [weight N] [onlink]", up to the next `nexthop` or an option of the route.
  bool next_hop() {
    NextHop hop;
    for (bool mine = true; mine && !line_.done();) {
      if (line_.skip("via")) {
        if (!gateway(hop.via)) return false;
      } else if (line_.skip("dev")) {
        if (!line_.device(hop.device)) return false;
      } else if (line_.skip("weight")) {
        std::optional<std::uint8_t> weight;
        if (!line_.number(weight)) return false;
        if (*weight == 0) return line_.wrong(line_.last(), "a number from 1 to 255");
        hop.weight = *weight;
      } else if (line_.skip("realms")) {
        if (!line_.text(hop.realms)) return false;
      } else if (line_.skip("onlink")) {
        hop.onlink = true;
      } else {
        mine = false;
      }
    }
    if (!hop.via && hop.device.empty()) return line_.wrong(line_.last(), "'via ADDRESS' or 'dev INTERFACE' behind it");
    route_.next_hops.push_back(std::move(hop));
    return true;
  }

  bool complete() {
    if (!destination_) return line_.wrong(first_, "a destination: PREFIX or default");
    if (alternative_) {
      route_.next_hops = {{.via = route_.via, .device = route_.device, .realms = {}},
                          {.via = alternative_, .device = route_.device, .realms = {}}};
      route_.via.reset();
      route_.device.clear();
    }
    choose_family();
    if (destination_->address.family() != route_.family) return line_.wrong(first_, "a destination of its family");
    route_.destination = *destination_;
    if (route_.source && route_.source->family() != route_.family) {
      return line_.wrong(first_, "a 'src' of the family of the destination");
    }
    if (route_.via && route_.family == Family::ipv6 && route_.via->family() == Family::ipv4) {
      return line_.wrong(first_, "an IPv6 gateway for an IPv6 route");
    }
    if (!route_.vrf.empty() && !route_.table.empty()) return line_.wrong(first_, "either 'vrf' or 'table'");
    const bool leads = route_.via || !route_.device.empty() || !route_.next_hops.empty();
    const bool must_lead = route_.type == RouteType::unicast;
    if (must_lead && !leads) return line_.wrong(first_, "'via ADDRESS' or 'dev INTERFACE' in the line");
    say_untracked();
    return true;
  }

  void say_untracked() const {
    const bool has_device = alternative_ ? !route_.next_hops.front().device.empty() : !route_.device.empty();
    if (has_device || route_.no_track) return;
    report_.warning(RuleId::setting_ignored, first_.spot,
                    "this route names no interface: keepalived before 2.3.2 does not notice when it is lost",
                    "'dev INTERFACE' or 'no_track' in the line");
  }

  void choose_family() {
    if (!is_default_) {
      route_.family = destination_->address.family();
      return;
    }
    const std::optional<IpAddress>& hop = route_.next_hops.empty() ? route_.via : route_.next_hops.front().via;
    const std::optional<IpAddress>& hint = route_.source ? route_.source : hop;
    route_.family = family_.value_or(hint ? hint->family() : Family::ipv4);
    destination_->address = route_.family == Family::ipv4 ? IpAddress{} : IpAddress::v6({});
  }

  Report& report_;
  OptionLine line_;
  const Word& first_;
  Route route_;
  std::optional<IpPrefix> destination_;
  std::optional<Family> family_;
  std::optional<IpAddress> alternative_;
  bool is_default_ = false;
};

}  // namespace

std::optional<std::uint64_t> OptionLine::parse_number(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, hexadecimal ? 16 : 10);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<Route> read_route(std::span<const Word> words, Report& report) {
  auto route = RouteReader{words, report}.read();
  if (route) static_cast<Place&>(route->place) = report.place(words.front().spot);
  return route;
}

}  // namespace vipdrift::config
