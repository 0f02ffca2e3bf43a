// Routes and rules of virtual_routes, virtual_rules, static_routes and static_rules, as ip-route(8) and ip-rule(8) say
// them. Tables, protocols, scopes and realms stay as written: a number, or a name of /etc/iproute2 that only the driver
// can look up.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_ROUTE_H_
#define VIPDRIFT_PROTOCOL_CONFIG_ROUTE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/config/place.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::config {

/// RTN_* of rtnetlink(7).
enum class RouteType : std::uint8_t {
  unicast,
  local,
  broadcast,
  anycast,
  multicast,
  blackhole,
  unreachable,
  prohibit,
  throws
};

/// One `nexthop` of a route with several, or one alternative of `via A or B`.
struct NextHop {
  std::optional<IpAddress> via;  ///< may be of the other family than the route (`via inet6 ADDRESS`)
  std::string device;            ///< empty: as the kernel finds it
  std::uint8_t weight = 1;       ///< 1 to 255; the kernel counts from 0
  bool onlink = false;
  std::string realms;

  friend bool operator==(const NextHop&, const NextHop&) = default;
};

/// RTAX_* of rtnetlink(7). `features` is a bit mask (1: ecn), hoplimit to initrwnd plain numbers; rtt, rttvar and
/// rto_min are in milliseconds as written.
enum class RouteMetric : std::uint8_t {
  mtu,
  window,
  rtt,
  rttvar,
  ssthresh,
  cwnd,
  advmss,
  reordering,
  hoplimit,
  initcwnd,
  features,
  rto_min,
  initrwnd,
  quickack,
  fastopen_no_cookie,
};
struct RouteMetricValue {
  RouteMetric metric{};
  std::uint32_t value = 0;
  bool lock = false;  ///< `mtu lock 1000`: the kernel does not adjust it

  friend bool operator==(const RouteMetricValue&, const RouteMetricValue&) = default;
};

/// IPv6 router preference (RFC 4191).
enum class RoutePreference : std::uint8_t { low, medium, high };

struct Route {
  Origin place;
  Family family = Family::ipv4;
  RouteType type = RouteType::unicast;
  IpPrefix destination;             ///< length 0: the default route
  std::optional<IpPrefix> from;     ///< IPv6 source-specific routing
  std::optional<IpAddress> source;  ///< `src`: preferred source
  std::optional<IpAddress> via;     ///< may be of the other family
  std::string device;               ///< empty: none written
  std::string table;                ///< empty: main
  std::string scope;                ///< empty: global for a gateway, else link, as ip(8) chooses
  std::string protocol;             ///< empty: keepalived (18)
  std::string realms;               ///< REALM or FROM/TO
  std::string vrf;                  ///< the table of this VRF device; excludes `table`
  std::optional<std::uint8_t> tos;
  std::optional<std::uint32_t> metric;  ///< `metric`, `priority` or `preference`
  std::optional<RoutePreference> preference;
  std::optional<Duration> expires;  ///< IPv6
  std::optional<bool> ttl_propagate;
  std::string congestion_control;  ///< `congctl NAME`
  bool lock_congestion_control = false;
  bool onlink = false;
  bool append = false;  ///< behind equal routes instead of before them
  std::vector<RouteMetricValue> metrics;
  std::vector<NextHop> next_hops;  ///< then `via` and `device` are absent
  bool no_track = false;           ///< nobody minds when somebody else removes it
  std::string track_group;         ///< static routes: instances that mind

  friend bool operator==(const Route&, const Route&) = default;
};

/// FR_ACT_* of fib rules.
enum class RuleAction : std::uint8_t { lookup, go_to, nop, blackhole, unreachable, prohibit };

/// Inclusive; equal ends for one number.
struct NumberRange {
  std::uint32_t first = 0;
  std::uint32_t last = 0;

  friend bool operator==(const NumberRange&, const NumberRange&) = default;
};

struct Rule {
  Origin place;
  Family family = Family::ipv4;
  bool inverted = false;  ///< `not`
  std::optional<IpPrefix> from;
  std::optional<IpPrefix> to;
  std::string input_interface;   ///< `iif` or `dev`
  std::string output_interface;  ///< `oif`
  std::optional<std::uint8_t> tos;
  std::optional<std::uint32_t> firewall_mark;
  std::optional<std::uint32_t> firewall_mask;
  std::optional<std::uint32_t> priority;  ///< `priority`, `preference` or `order`; absent: the driver chooses one
  RuleAction action = RuleAction::lookup;
  std::string table;         ///< of lookup; empty: main
  std::uint32_t target = 0;  ///< of go_to: the priority of another rule
  std::string realms;        ///< REALM or FROM/TO
  std::optional<std::uint32_t> suppress_prefix_length;
  std::string suppress_group;  ///< a number or a name of /etc/iproute2/group
  std::optional<std::uint64_t> tunnel_id;
  bool l3mdev = false;
  std::optional<NumberRange> users;
  std::string protocol;     ///< who made the rule; empty: keepalived (18)
  std::string ip_protocol;  ///< a number or a name of /etc/protocols
  std::optional<NumberRange> source_ports;
  std::optional<NumberRange> destination_ports;
  bool no_track = false;
  std::string track_group;  ///< static rules: instances that mind

  friend bool operator==(const Rule&, const Rule&) = default;
};

/// As ip(8) would be told: "10.0.0.0/8 via 10.1.10.1 dev eth0 table 100"; for logs and messages.
std::string to_string(const Route& route);
std::string to_string(const Rule& rule);

/// Names that are the same on every machine, or a number up to `largest`, decimal or 0x hexadecimal; nullopt: only
/// /etc/iproute2 can tell.
std::optional<std::uint32_t> table_number(std::string_view text);  ///< main 254, local 255, default 253
std::optional<std::uint32_t> scope_number(
    std::string_view text);  ///< global 0, site 200, link 253, host 254, nowhere 255
std::optional<std::uint32_t> protocol_number(
    std::string_view text);  ///< kernel 2, boot 3, static 4, keepalived 18, ...

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_ROUTE_H_
