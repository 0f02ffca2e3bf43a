#include "protocol/config/effective_lines.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "protocol/config/effective_block.h"
#include "protocol/config/route_words.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

/// Words with blanks between, the first of a line.
class Line {
 public:
  Line& plain(std::string_view word) {
    if (!text_.empty()) text_ += ' ';
    text_ += word;
    return *this;
  }
  /// A word that a person chose.
  Line& word(std::string_view word) { return plain(quoted_word(word, text_.empty())); }
  Line& pair(std::string_view key, std::string_view value) {
    if (!value.empty()) plain(key).word(value);
    return *this;
  }
  template <class Number>
  Line& number(std::string_view key, const std::optional<Number>& value) {
    if (value) plain(key).plain(std::to_string(*value));
    return *this;
  }
  Line& range(std::string_view key, const std::optional<NumberRange>& value) {
    if (value) plain(key).plain(std::to_string(value->first) + '-' + std::to_string(value->last));
    return *this;
  }
  Line& prefix(std::string_view key, const std::optional<IpPrefix>& value) {
    if (value) plain(key).plain(text_of(*value));
    return *this;
  }
  Line& flag(std::string_view key, bool set) { return set ? plain(key) : *this; }
  std::string take() { return std::move(text_); }

  /// "ADDRESS/LENGTH", also for length 0; a host as its address.
  static std::string text_of(const IpPrefix& prefix) {
    const bool host = prefix.length == address_size(prefix.address.family()) * 8;
    return prefix.address.to_string() + (host ? std::string{} : '/' + std::to_string(prefix.length));
  }

 private:
  std::string text_;
};

void say_via(Line& line, const std::optional<IpAddress>& via, Family family) {
  if (!via) return;
  line.plain("via");
  if (via->family() != family) line.plain(via->family() == Family::ipv4 ? "inet" : "inet6");
  line.plain(via->to_string());
}

void say_metrics(Line& line, const Route& route) {
  for (const RouteMetricValue& metric : route.metrics) {
    line.plain(word_of(metric.metric)).flag("lock", metric.lock);
    if (metric.metric == RouteMetric::features) {
      line.plain("ecn");
    } else {
      line.plain(std::to_string(metric.value));
    }
  }
  if (route.congestion_control.empty()) return;
  line.plain("congctl").flag("lock", route.lock_congestion_control).word(route.congestion_control);
}

/// "default" where the family of the route is clear from what else the line has.
std::string destination_of(const Route& route) {
  const bool any = route.destination.length == 0 && route.destination.address.is_unspecified();
  if (!any) return Line::text_of(route.destination);
  const std::optional<IpAddress>& hop = route.next_hops.empty() ? route.via : route.next_hops.front().via;
  const std::optional<IpAddress>& hint = route.source ? route.source : hop;
  const bool clear = (hint ? hint->family() : Family::ipv4) == route.family;
  return clear ? "default" : Line::text_of(route.destination);
}

void say_options(Line& line, const AddressOptions& options) {
  line.flag("home", options.home).flag("-nodad", options.nodad).flag("mngtmpaddr", options.mngtmpaddr);
  line.flag("noprefixroute", options.noprefixroute).flag("autojoin", options.autojoin);
}

/// The last part of an address, as the end of a range is written; empty: the others differ too.
std::string last_part(const GroupEntry& entry) {
  const std::string first = entry.first.to_string();
  const std::string last = entry.last.to_string();
  const std::size_t first_end = first.find_last_of(".:");
  const std::size_t last_end = last.find_last_of(".:");
  const bool same = first_end != std::string::npos && last_end != std::string::npos &&
                    first.substr(0, first_end + 1) == last.substr(0, last_end + 1);
  // Behind "::" the last part is that of another number of bytes.
  return same && first_end + 1 < first.size() ? last.substr(last_end + 1) : std::string{};
}

}  // namespace

std::string line_of(const VirtualAddress& address) {
  Line line;
  const bool whole = address.prefix_length == address_size(address.address.family()) * 8;
  const bool bare = address.peer && whole;  // keepalived takes no length beside a peer
  line.plain(address.address.to_string() + (bare ? std::string{} : '/' + std::to_string(address.prefix_length)));
  if (address.peer) line.plain("peer").plain(address.peer->to_string());
  if (address.broadcast) line.plain("brd").plain(address.broadcast->to_string());
  if (address.broadcast_from_prefix) line.plain("brd").plain("+");
  line.pair("dev", address.device).flag("use_vmac", address.use_vmac);
  line.pair("scope", address.scope).pair("label", address.label);
  say_options(line, address.options);
  if (address.preferred_lifetime) {
    const Duration time = *address.preferred_lifetime;
    line.plain("preferred_lft").plain(time == Duration::max() ? "forever" : seconds_text(time));
  }
  return line.flag("no_track", address.no_track).pair("track_group", address.track_group).take();
}

std::string line_of(const Route& route) {
  Line line;
  if (route.type != RouteType::unicast) line.plain(word_of(route.type));
  line.plain(destination_of(route)).prefix("from", route.from);
  say_via(line, route.via, route.family);
  line.pair("dev", route.device);
  if (route.source) line.plain("src").plain(route.source->to_string());
  line.pair("table", route.table).pair("vrf", route.vrf).pair("scope", route.scope).pair("proto", route.protocol);
  line.number("tos", route.tos).number("metric", route.metric).pair("realms", route.realms);
  line.flag("onlink", route.onlink);
  if (route.preference) line.plain("pref").plain(word_of(*route.preference));
  if (route.expires) line.plain("expires").plain(std::to_string(*route.expires / std::chrono::seconds{1}));
  if (route.ttl_propagate) line.plain("ttl-propagate").plain(*route.ttl_propagate ? "enabled" : "disabled");
  say_metrics(line, route);
  for (const NextHop& hop : route.next_hops) {
    line.plain("nexthop");
    say_via(line, hop.via, route.family);
    line.pair("dev", hop.device).plain("weight").plain(std::to_string(hop.weight));
    line.pair("realms", hop.realms).flag("onlink", hop.onlink);
  }
  line.flag("append", route.append).flag("no_track", route.no_track);
  return line.pair("track_group", route.track_group).take();
}

std::string line_of(const Rule& rule) {
  Line line;
  const auto tells = [](const std::optional<IpPrefix>& prefix) { return prefix && prefix->length != 0; };
  const bool clear = rule.family == Family::ipv4 || tells(rule.from) || tells(rule.to);
  line.flag("inet6", !clear).flag("not", rule.inverted).prefix("from", rule.from).prefix("to", rule.to);
  line.pair("iif", rule.input_interface).pair("oif", rule.output_interface).number("tos", rule.tos);
  if (rule.firewall_mark) {
    line.plain("fwmark").plain(std::to_string(*rule.firewall_mark) +
                               (rule.firewall_mask ? '/' + std::to_string(*rule.firewall_mask) : std::string{}));
  }
  line.flag("l3mdev", rule.l3mdev).number("tun_id", rule.tunnel_id).range("uidrange", rule.users);
  line.pair("ip_proto", rule.ip_protocol).range("sport", rule.source_ports).range("dport", rule.destination_ports);
  line.number("priority", rule.priority).pair("protocol", rule.protocol);
  line.number("suppress_prefixlength", rule.suppress_prefix_length).pair("suppress_ifgroup", rule.suppress_group);
  line.pair("realms", rule.realms);
  const bool looks_up = rule.action == RuleAction::lookup && !rule.l3mdev;
  if (!rule.table.empty() || looks_up) line.plain("table").word(rule.table);
  if (rule.action == RuleAction::go_to) line.plain("goto").plain(std::to_string(rule.target));
  line.flag("nop", rule.action == RuleAction::nop).flag("blackhole", rule.action == RuleAction::blackhole);
  line.flag("unreachable", rule.action == RuleAction::unreachable);
  line.flag("prohibit", rule.action == RuleAction::prohibit);
  return line.flag("no_track", rule.no_track).pair("track_group", rule.track_group).take();
}

std::string line_of(const Tracked& tracked) {
  Line line;
  line.word(tracked.name).number("weight", tracked.weight);
  return line.flag("reverse", tracked.reverse).take();
}

std::string line_of(const UnicastPeer& peer) {
  Line line;
  line.plain(peer.address.to_string());
  if (peer.min_ttl != 0) line.plain("min_ttl").plain(std::to_string(peer.min_ttl));
  if (peer.max_ttl != 255) line.plain("max_ttl").plain(std::to_string(peer.max_ttl));
  return line.take();
}

std::string line_of(const GroupEntry& entry) {
  Line line;
  if (entry.fwmark != 0) {
    line.plain("fwmark").plain(std::to_string(entry.fwmark));
    if (entry.family) line.plain(*entry.family == Family::ipv4 ? "inet" : "inet6");
    return line.take();
  }
  std::string range = entry.first.to_string();
  if (entry.last != entry.first) {
    const std::string end = last_part(entry);
    range += '-' + (end.empty() ? entry.last.to_string() : end);
  }
  line.plain(range);
  if (entry.port != 0) line.plain(std::to_string(entry.port));
  return line.take();
}

std::string line_of(const InterfaceDelays& delays) {
  return quoted_word(delays.interface, true) + ' ' + seconds_text(delays.down) + ' ' + seconds_text(delays.up);
}

std::string text_of(const ipvs::Forwarding& forwarding) {
  std::string text{to_string(forwarding.method)};
  if (forwarding.method != ipvs::Method::tunnel) return text;
  using Type = ipvs::Tunnel::Type;
  using Checksum = ipvs::Tunnel::Checksum;
  const ipvs::Tunnel& tunnel = forwarding.tunnel;
  if (tunnel == ipvs::Tunnel{}) return text;
  text += tunnel.type == Type::gue ? " type gue" : tunnel.type == Type::gre ? " type gre" : " type ipip";
  if (tunnel.port != 0) text += " port " + std::to_string(tunnel.port);
  return text + (tunnel.checksum == Checksum::full     ? " csum"
                 : tunnel.checksum == Checksum::remote ? " remcsum"
                                                       : " nocsum");
}

std::string quorum_name(const VirtualServer& server) {
  if (!server.group.empty()) return "group " + quoted_word(server.group);
  if (server.fwmark != 0) return "fwmark " + std::to_string(server.fwmark);
  std::string transport{to_string(server.transport)};
  for (char& c : transport) c = static_cast<char>(c - 'A' + 'a');
  return server.address.to_string() + ' ' + std::to_string(server.port) + ' ' + transport;
}

}  // namespace vipdrift::config
