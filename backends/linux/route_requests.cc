#include "backends/linux/route_requests.h"

#include <arpa/inet.h>
#include <endian.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <netdb.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

namespace vipdrift::linux_backend {
namespace {

constexpr std::uint8_t kKeepalived = 18;  ///< RTPROT_KEEPALIVED
/// Bits that a table needs more than rtmsg has.
constexpr std::uint32_t kLargestSmallTable = 255;
/// A route of IPv6 without a metric gets this one (IP6_RT_PRIO_USER).
constexpr std::uint32_t kIpv6Metric = 1024;

std::uint8_t family_number(Family family) { return family == Family::ipv4 ? AF_INET : AF_INET6; }

void put(nlmsghdr* message, std::uint16_t type, const IpAddress& address) {
  mnl_attr_put(message, type, address.bytes().size(), address.bytes().data());
}

void put_gateway(nlmsghdr* message, Family route, const IpAddress& via) {
  if (via.family() == route) {
    put(message, RTA_GATEWAY, via);
    return;
  }
  // The gateway is of the other family: rtvia, which is the family and the bytes.
  std::array<std::uint8_t, 2 + 16> other{};
  const std::uint16_t family = family_number(via.family());
  std::memcpy(other.data(), &family, sizeof family);
  std::copy(via.bytes().begin(), via.bytes().end(), other.begin() + 2);
  mnl_attr_put(message, RTA_VIA, 2 + via.bytes().size(), other.data());
}

/// Looks names up, and remembers the first that nobody knows.
class LookUps {
 public:
  LookUps(const Netlink* table, const Iproute2Names& names) : table_(table), names_(names) {}

  std::uint32_t named(const char* file, std::string_view kind, const std::string& text, std::uint32_t otherwise,
                      std::optional<std::uint32_t> well_known) {
    if (text.empty()) return otherwise;
    if (well_known) return *well_known;
    return known(names_.number(file, text), kind, text);
  }
  std::uint32_t realms(const std::string& text) { return known(names_.realms(text), "realm", text); }
  std::uint32_t group(const std::string& text) { return known(names_.number("group", text), "interface group", text); }
  std::uint32_t device(const std::string& name) {
    const std::uint32_t index = table_->index_of(name);
    if (index == 0) fail(ENODEV, "there is no interface " + name);
    return index;
  }
  std::uint32_t table_of_vrf(const std::string& name) {
    const auto found = table_->interfaces().find(device(name));
    if (found == table_->interfaces().end()) return 0;
    if (!found->second.vrf_table) fail(EINVAL, name + " is not a VRF device");
    return found->second.vrf_table.value_or(0);
  }
  std::uint32_t ip_protocol(const std::string& name) {
    if (const auto number = names_.number("no such file", name)) return *number;
    const protoent* const found = getprotobyname(name.c_str());
    if (found == nullptr) fail(EINVAL, "no protocol '" + name + "' in /etc/protocols");
    return found == nullptr ? 0 : static_cast<std::uint32_t>(found->p_proto);
  }

  Unsayable result() && { return std::move(failure_); }
  bool failed() const { return failure_.error != 0; }

 private:
  std::uint32_t known(std::optional<std::uint32_t> number, std::string_view kind, const std::string& text) {
    if (!number) fail(EINVAL, "no " + std::string(kind) + " '" + text + "' in /etc/iproute2");
    return number.value_or(0);
  }
  void fail(int error, std::string text) {
    if (failure_.error == 0) failure_ = {error, std::move(text)};
  }

  const Netlink* table_;
  const Iproute2Names& names_;
  Unsayable failure_;
};

std::uint8_t type_number(config::RouteType type) {
  static constexpr std::array<std::uint8_t, 9> kTypes{RTN_UNICAST,     RTN_LOCAL,     RTN_BROADCAST,
                                                      RTN_ANYCAST,     RTN_MULTICAST, RTN_BLACKHOLE,
                                                      RTN_UNREACHABLE, RTN_PROHIBIT,  RTN_THROW};
  return kTypes[static_cast<std::size_t>(type)];
}

/// As keepalived chooses when nothing is written; ip(8) takes link for a route without a gateway.
std::uint8_t usual_scope(const config::Route& route) {
  if (route.family == Family::ipv6) return RT_SCOPE_UNIVERSE;
  switch (route.type) {
    case config::RouteType::local:
      return RT_SCOPE_HOST;
    case config::RouteType::broadcast:
    case config::RouteType::multicast:
    case config::RouteType::anycast:
      return RT_SCOPE_LINK;
    default:
      return RT_SCOPE_UNIVERSE;
  }
}

void put_metrics(nlmsghdr* message, const config::Route& route) {
  static constexpr std::array<std::uint16_t, 15> kMetrics{
      RTAX_MTU,      RTAX_WINDOW,  RTAX_RTT,        RTAX_RTTVAR,   RTAX_SSTHRESH,
      RTAX_CWND,     RTAX_ADVMSS,  RTAX_REORDERING, RTAX_HOPLIMIT, RTAX_INITCWND,
      RTAX_FEATURES, RTAX_RTO_MIN, RTAX_INITRWND,   RTAX_QUICKACK, RTAX_FASTOPEN_NO_COOKIE};
  if (route.metrics.empty() && route.congestion_control.empty()) return;
  nlattr* const nest = mnl_attr_nest_start(message, RTA_METRICS);
  std::uint32_t locks = route.lock_congestion_control ? 1U << RTAX_CC_ALGO : 0;
  for (const config::RouteMetricValue& one : route.metrics) {
    const std::uint16_t type = kMetrics[static_cast<std::size_t>(one.metric)];
    if (one.lock) locks |= 1U << type;
    // The kernel counts round trips in eighths and their variance in quarters of a millisecond.
    const std::uint32_t scale = type == RTAX_RTT ? 8 : type == RTAX_RTTVAR ? 4 : 1;
    mnl_attr_put_u32(message, type, one.value * scale);
  }
  if (locks != 0) mnl_attr_put_u32(message, RTAX_LOCK, locks);
  if (!route.congestion_control.empty()) {
    mnl_attr_put_strz(message, RTAX_CC_ALGO, route.congestion_control.c_str());
  }
  mnl_attr_nest_end(message, nest);
}

/// A next hop looked up.
struct Hop {
  std::uint32_t device = 0;
  std::uint32_t realms = 0;
};

void put_next_hops(nlmsghdr* message, const config::Route& route, const std::vector<Hop>& hops) {
  if (hops.empty()) return;
  nlattr* const nest = mnl_attr_nest_start(message, RTA_MULTIPATH);
  for (std::size_t i = 0; i < hops.size(); ++i) {
    const config::NextHop& hop = route.next_hops[i];
    const std::size_t begin = message->nlmsg_len;
    rtnexthop header{};
    header.rtnh_flags = hop.onlink ? RTNH_F_ONLINK : 0;
    header.rtnh_hops = static_cast<unsigned char>(hop.weight - 1);
    header.rtnh_ifindex = static_cast<int>(hops[i].device);
    message->nlmsg_len += sizeof header;
    if (hop.via) put_gateway(message, route.family, *hop.via);
    if (hops[i].realms != 0) mnl_attr_put_u32(message, RTA_FLOW, hops[i].realms);
    header.rtnh_len = static_cast<unsigned short>(message->nlmsg_len - begin);
    std::memcpy(reinterpret_cast<char*>(message) + begin, &header, sizeof header);
  }
  mnl_attr_nest_end(message, nest);
}

void put_range(nlmsghdr* message, std::uint16_t type, const std::optional<config::NumberRange>& range) {
  if (!range) return;
  const fib_rule_port_range ports{static_cast<std::uint16_t>(range->first), static_cast<std::uint16_t>(range->last)};
  mnl_attr_put(message, type, sizeof ports, &ports);
}

std::uint8_t action_number(config::RuleAction action) {
  static constexpr std::array<std::uint8_t, 6> kActions{FR_ACT_TO_TBL,    FR_ACT_GOTO,        FR_ACT_NOP,
                                                        FR_ACT_BLACKHOLE, FR_ACT_UNREACHABLE, FR_ACT_PROHIBIT};
  return kActions[static_cast<std::size_t>(action)];
}

bool equal(const nlattr* a, const nlattr* b) {
  if (a == nullptr || b == nullptr) return a == b;
  return mnl_attr_get_payload_len(a) == mnl_attr_get_payload_len(b) &&
         std::memcmp(mnl_attr_get_payload(a), mnl_attr_get_payload(b), mnl_attr_get_payload_len(a)) == 0;
}

}  // namespace

Unsayable append_route(NetlinkSocket& requests, bool add, const config::Route& route, const Netlink& table,
                       const Iproute2Names& names) {
  LookUps look(&table, names);
  const std::uint32_t in_table = !route.vrf.empty() ? look.table_of_vrf(route.vrf)
                                                    : look.named("rt_tables", "routing table", route.table,
                                                                 RT_TABLE_MAIN, config::table_number(route.table));
  const std::uint32_t scope =
      look.named("rt_scopes", "scope", route.scope, usual_scope(route), config::scope_number(route.scope));
  const std::uint32_t protocol =
      look.named("rt_protos", "routing protocol", route.protocol, kKeepalived, config::protocol_number(route.protocol));
  const std::uint32_t realms = route.realms.empty() ? 0 : look.realms(route.realms);
  const std::uint32_t device = route.device.empty() ? 0 : look.device(route.device);
  std::vector<Hop> hops;
  for (const config::NextHop& hop : route.next_hops) {
    hops.push_back(
        {hop.device.empty() ? 0 : look.device(hop.device), hop.realms.empty() ? 0 : look.realms(hop.realms)});
  }
  if (look.failed()) return std::move(look).result();

  rtmsg fixed{};
  fixed.rtm_family = family_number(route.family);
  fixed.rtm_dst_len = route.destination.length;
  fixed.rtm_src_len = route.from ? route.from->length : 0;
  fixed.rtm_tos = route.tos.value_or(0);
  fixed.rtm_table = static_cast<unsigned char>(in_table <= kLargestSmallTable ? in_table : RT_TABLE_COMPAT);
  fixed.rtm_protocol = static_cast<unsigned char>(protocol);
  fixed.rtm_scope = static_cast<unsigned char>(scope);
  fixed.rtm_type = type_number(route.type);
  fixed.rtm_flags = route.onlink ? RTNH_F_ONLINK : 0;
  const auto flags = static_cast<std::uint16_t>(add ? NLM_F_CREATE | (route.append ? NLM_F_APPEND : 0) : 0);
  nlmsghdr* const message = requests.begin(add ? RTM_NEWROUTE : RTM_DELROUTE, flags, fixed);
  if (route.destination.length > 0) put(message, RTA_DST, route.destination.address);
  if (route.from && route.from->length > 0) put(message, RTA_SRC, route.from->address);
  if (route.source) put(message, RTA_PREFSRC, *route.source);
  if (route.via) put_gateway(message, route.family, *route.via);
  if (device != 0) mnl_attr_put_u32(message, RTA_OIF, device);
  mnl_attr_put_u32(message, RTA_TABLE, in_table);
  if (route.metric) mnl_attr_put_u32(message, RTA_PRIORITY, *route.metric);
  if (realms != 0) mnl_attr_put_u32(message, RTA_FLOW, realms);
  if (route.preference) {
    static constexpr std::array<std::uint8_t, 3> kPreferences{3, 0, 1};  // RFC 4191, 2.1: low, medium, high
    mnl_attr_put_u8(message, RTA_PREF, kPreferences[static_cast<std::size_t>(*route.preference)]);
  }
  if (route.expires && add) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(*route.expires).count();
    mnl_attr_put_u32(message, RTA_EXPIRES, static_cast<std::uint32_t>(seconds));
  }
  if (route.ttl_propagate) mnl_attr_put_u8(message, RTA_TTL_PROPAGATE, *route.ttl_propagate ? 1 : 0);
  put_metrics(message, route);
  put_next_hops(message, route, hops);
  return {};
}

Unsayable append_rule(NetlinkSocket& requests, bool add, const config::Rule& rule, const Iproute2Names& names) {
  LookUps look(nullptr, names);
  const bool looks_up = rule.action == config::RuleAction::lookup;
  const std::uint32_t table = looks_up && !rule.l3mdev ? look.named("rt_tables", "routing table", rule.table,
                                                                    RT_TABLE_MAIN, config::table_number(rule.table))
                                                       : 0;
  const std::uint32_t protocol =
      look.named("rt_protos", "routing protocol", rule.protocol, kKeepalived, config::protocol_number(rule.protocol));
  const std::uint32_t realms = rule.realms.empty() ? 0 : look.realms(rule.realms);
  const std::uint32_t group = rule.suppress_group.empty() ? 0 : look.group(rule.suppress_group);
  const std::uint32_t ip_protocol = rule.ip_protocol.empty() ? 0 : look.ip_protocol(rule.ip_protocol);
  if (look.failed()) return std::move(look).result();

  fib_rule_hdr fixed{};
  fixed.family = family_number(rule.family);
  fixed.src_len = rule.from ? rule.from->length : 0;
  fixed.dst_len = rule.to ? rule.to->length : 0;
  fixed.tos = rule.tos.value_or(0);
  fixed.table = static_cast<std::uint8_t>(table <= kLargestSmallTable ? table : RT_TABLE_COMPAT);
  fixed.action = action_number(rule.action);
  fixed.flags = rule.inverted ? FIB_RULE_INVERT : 0;
  nlmsghdr* const message = requests.begin(add ? RTM_NEWRULE : RTM_DELRULE,
                                           static_cast<std::uint16_t>(add ? NLM_F_CREATE | NLM_F_EXCL : 0), fixed);
  if (rule.from && rule.from->length > 0) put(message, FRA_SRC, rule.from->address);
  if (rule.to && rule.to->length > 0) put(message, FRA_DST, rule.to->address);
  if (!rule.input_interface.empty()) mnl_attr_put_strz(message, FRA_IIFNAME, rule.input_interface.c_str());
  if (!rule.output_interface.empty()) mnl_attr_put_strz(message, FRA_OIFNAME, rule.output_interface.c_str());
  if (rule.firewall_mark) mnl_attr_put_u32(message, FRA_FWMARK, *rule.firewall_mark);
  if (rule.firewall_mask) mnl_attr_put_u32(message, FRA_FWMASK, *rule.firewall_mask);
  if (rule.priority) mnl_attr_put_u32(message, FRA_PRIORITY, *rule.priority);
  if (table != 0) mnl_attr_put_u32(message, FRA_TABLE, table);
  if (rule.action == config::RuleAction::go_to) mnl_attr_put_u32(message, FRA_GOTO, rule.target);
  if (realms != 0) mnl_attr_put_u32(message, FRA_FLOW, realms);
  if (rule.suppress_prefix_length) mnl_attr_put_u32(message, FRA_SUPPRESS_PREFIXLEN, *rule.suppress_prefix_length);
  if (!rule.suppress_group.empty()) mnl_attr_put_u32(message, FRA_SUPPRESS_IFGROUP, group);
  if (rule.tunnel_id) mnl_attr_put_u64(message, FRA_TUN_ID, htobe64(*rule.tunnel_id));
  if (rule.l3mdev) mnl_attr_put_u8(message, FRA_L3MDEV, 1);
  if (rule.users) {
    const fib_rule_uid_range users{rule.users->first, rule.users->last};
    mnl_attr_put(message, FRA_UID_RANGE, sizeof users, &users);
  }
  mnl_attr_put_u8(message, FRA_PROTOCOL, static_cast<std::uint8_t>(protocol));
  if (!rule.ip_protocol.empty()) mnl_attr_put_u8(message, FRA_IP_PROTO, static_cast<std::uint8_t>(ip_protocol));
  put_range(message, FRA_SPORT_RANGE, rule.source_ports);
  put_range(message, FRA_DPORT_RANGE, rule.destination_ports);
  return {};
}

bool is_about(const nlmsghdr& told, const nlmsghdr& asked) {
  if (told.nlmsg_type == RTM_DELROUTE && asked.nlmsg_type == RTM_NEWROUTE) {
    const auto& gone = fixed_part<rtmsg>(told);
    const auto& ours = fixed_part<rtmsg>(asked);
    if (gone.rtm_family != ours.rtm_family || gone.rtm_dst_len != ours.rtm_dst_len ||
        gone.rtm_src_len != ours.rtm_src_len || gone.rtm_tos != ours.rtm_tos || gone.rtm_type != ours.rtm_type) {
      return false;
    }
    const NetlinkAttributes of_gone(told, sizeof gone);
    const NetlinkAttributes of_ours(asked, sizeof ours);
    const auto metric = [](const NetlinkAttributes& attributes, int family) {
      const nlattr* const given = attributes[RTA_PRIORITY];
      if (given != nullptr) return mnl_attr_get_u32(given);
      return family == AF_INET6 ? kIpv6Metric : 0;
    };
    return equal(of_gone[RTA_DST], of_ours[RTA_DST]) && equal(of_gone[RTA_SRC], of_ours[RTA_SRC]) &&
           equal(of_gone[RTA_TABLE], of_ours[RTA_TABLE]) &&
           metric(of_gone, gone.rtm_family) == metric(of_ours, ours.rtm_family);
  }
  if (told.nlmsg_type != RTM_DELRULE || asked.nlmsg_type != RTM_NEWRULE) return false;
  const auto& gone = fixed_part<fib_rule_hdr>(told);
  const auto& ours = fixed_part<fib_rule_hdr>(asked);
  if (gone.family != ours.family || gone.dst_len != ours.dst_len || gone.src_len != ours.src_len ||
      gone.tos != ours.tos || gone.action != ours.action) {
    return false;
  }
  const NetlinkAttributes of_gone(told, sizeof gone);
  const NetlinkAttributes of_ours(asked, sizeof ours);
  for (const std::size_t type :
       {FRA_SRC, FRA_DST, FRA_IIFNAME, FRA_OIFNAME, FRA_FWMARK, FRA_PRIORITY, FRA_TABLE, FRA_GOTO, FRA_FLOW, FRA_TUN_ID,
        FRA_UID_RANGE, FRA_IP_PROTO, FRA_SPORT_RANGE, FRA_DPORT_RANGE}) {
    // What was not asked for the kernel chose.
    if (of_ours[type] != nullptr && !equal(of_gone[type], of_ours[type])) return false;
  }
  return true;
}

}  // namespace vipdrift::linux_backend
