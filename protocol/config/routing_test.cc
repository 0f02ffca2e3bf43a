// Routes, rules, static addresses, delays of links: what is read, and what is refused.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::accepted;
using testing::accepted_silently;
using testing::instance;
using testing::messages;
using testing::read_instance;

std::string routes(std::string_view line) { return instance("virtual_routes {\n" + std::string{line} + "\n}"); }
std::string rules(std::string_view line) { return instance("virtual_rules {\n" + std::string{line} + "\n}"); }
Route read_route_line(std::string_view line) { return accepted(routes(line)).instances.at(0).virtual_routes.at(0); }
Rule read_rule_line(std::string_view line) {
  return accepted_silently(rules(line)).instances.at(0).virtual_rules.at(0);
}

TEST(Routes, OfTheManualAreReadAndSaidAgain) {
  EXPECT_EQ(to_string(read_route_line("src 192.168.100.1 to 192.168.109.0/24 via 192.168.200.254 dev eth1")),
            "192.168.109.0/24 via 192.168.200.254 dev eth1 src 192.168.100.1");
  EXPECT_EQ(to_string(read_route_line("192.168.111.0/24 dev eth2 no_track")), "192.168.111.0/24 dev eth2");
  EXPECT_TRUE(read_route_line("192.168.111.0/24 dev eth2 no_track").no_track);
  EXPECT_EQ(to_string(read_route_line("blackhole 192.168.114.0/24")), "blackhole 192.168.114.0/24");
  EXPECT_EQ(to_string(read_route_line("0.0.0.0/0 gw 192.168.0.1 table 100")), "default via 192.168.0.1 table 100");
  EXPECT_EQ(
      to_string(read_route_line("192.168.113.0/24 via 192.168.200.254 or 192.168.100.254 dev eth1")),
      "192.168.113.0/24 nexthop via 192.168.200.254 dev eth1 weight 1 nexthop via 192.168.100.254 dev eth1 weight 1");
  EXPECT_EQ(to_string(read_route_line("192.168.100.0/24 table 6909 nexthop via 192.168.101.1 dev wlan0 onlink weight 1 "
                                      "nexthop via 192.168.101.2 dev wlan0 onlink weight 2")),
            "192.168.100.0/24 table 6909 nexthop via 192.168.101.1 dev wlan0 weight 1 onlink nexthop via 192.168.101.2 "
            "dev wlan0 weight 2 onlink");
}

TEST(Routes, ThatKeepalivedWarnsOfDrawAWarning) {
  EXPECT_EQ(messages(routes("192.168.112.0/24 dev eth0\nblackhole 192.168.114.0/24 no_track")), "");
  EXPECT_EQ(messages(routes("default gw 192.168.0.1")),
            "k.conf:8:1: warning: this route names no interface: keepalived before 2.3.2 does not notice when it is "
            "lost; expected 'dev INTERFACE' or 'no_track' in the line\n"
            "k.conf:8:9: warning: 'gw' is the old name of 'via' in a route\n");
  EXPECT_EQ(messages(routes("default via 192.168.0.1 or 192.168.0.2 dev eth0")),
            "k.conf:8:25: warning: 'or' is the old name of 'nexthop' in a route\n");
}

TEST(Routes, TakeMetricsAndLocks) {
  const Route route = read_route_line(
      "192.168.200.0/24 dev p33p1.2 table 6909 tos 0x04 protocol bird scope link priority 12 mtu 1000 hoplimit 100 rtt "
      "2s "
      "ssthresh lock 107 features ecn congctl lock cubic expires 30 pref high");
  EXPECT_EQ(route.tos, 4);
  EXPECT_EQ(route.metric, 12U);
  EXPECT_EQ(route.expires, seconds{30});
  EXPECT_EQ(route.preference, RoutePreference::high);
  ASSERT_EQ(route.metrics.size(), 5U);
  EXPECT_EQ(route.metrics[0], (RouteMetricValue{RouteMetric::mtu, 1000, false}));
  EXPECT_EQ(route.metrics[2], (RouteMetricValue{RouteMetric::rtt, 2000, false}));
  EXPECT_EQ(route.metrics[3], (RouteMetricValue{RouteMetric::ssthresh, 107, true}));
  EXPECT_EQ(route.metrics[4], (RouteMetricValue{RouteMetric::features, 1, false}));
  EXPECT_EQ(route.congestion_control, "cubic");
  EXPECT_TRUE(route.lock_congestion_control);
}

TEST(Routes, TakeTheirFamilyFromWhatIsWritten) {
  EXPECT_EQ(read_route_line("default via 10.0.0.254").family, Family::ipv4);
  EXPECT_EQ(read_route_line("default via fe80::1 dev eth0").family, Family::ipv6);
  EXPECT_EQ(read_route_line("default6 dev eth0").destination.address.family(), Family::ipv6);
  EXPECT_EQ(read_route_line("10.9.0.0/16 via inet6 fe80::1 dev eth0").family, Family::ipv4);
}

TEST(Routes, ThatDifferOnlyInTheirPlaceAreEqual) {
  const Configuration read = accepted(routes("10.9.0.0/16 dev eth0\n10.9.0.0/16 dev eth0\n10.9.0.0/16 dev eth1"));
  const auto& list = read.instances.at(0).virtual_routes;
  EXPECT_EQ(list.at(0), list.at(1));
  EXPECT_NE(list.at(0).place.line, list.at(1).place.line);
  EXPECT_NE(list.at(0), list.at(2));
}

TEST(Routes, WrongOnesAreRefusedWithTheirPlace) {
  EXPECT_EQ(messages(routes("10.9.0.0/16 vai 10.0.0.1")),
            "k.conf:8:13: error: 'vai' is not valid in a route; expected an option of ip route, in full; "
            "did you mean 'via'?\n");
  EXPECT_EQ(messages(routes("10.9.0.0/33 dev eth0")),
            "k.conf:8:1: error: '10.9.0.0/33' is not valid in a route; expected a destination or an option of ip "
            "route\n");
  EXPECT_EQ(
      messages(routes("10.9.0.0/16")),
      "k.conf:8:1: error: '10.9.0.0/16' is not valid in a route; expected 'via ADDRESS' or 'dev INTERFACE' in the "
      "line\n");
  EXPECT_EQ(messages(routes("10.9.0.0/16 dev eth0 mtu many")),
            "k.conf:8:26: error: 'many' is not valid in a route; expected a number from 0 to 4294967295\n");
  EXPECT_EQ(messages(routes("2001:db8::/32 via 10.0.0.1")),
            "k.conf:8:1: error: '2001:db8::/32' is not valid in a route; expected an IPv6 gateway for an IPv6 route\n");
  EXPECT_EQ(messages(routes("10.9.0.0/16 dev eth0 track_group G")),
            "k.conf:8:1: error: 'track_group' has no meaning in a line of an instance; expected 'no_track'\n");
}

TEST(Rules, OfTheManualAreReadAndSaidAgain) {
  EXPECT_EQ(to_string(read_rule_line("from 192.168.28.0/24 to 192.168.29.0/26 table small iif p33p1 oif wlan0 tos 22 "
                                     "fwmark 24/12 preference 39 realms 30/20")),
            "from 192.168.28.0/24 to 192.168.29.0/26 iif p33p1 oif wlan0 tos 22 fwmark 24/12 priority 39 realms 30/20 "
            "table small");
  EXPECT_EQ(
      to_string(read_rule_line("to 1:2:3:4:6:6:7:0/112 from 8:6:5:4:3:2::/96 l3mdev protocol 12 ip_proto UDP sport "
                               "10-20 dport 20 priority 7")),
      "from 8:6:5:4:3:2::/96 to 1:2:3:4:6:6:7:0/112 l3mdev ipproto UDP sport 10-20 dport 20-20 priority 7 protocol "
      "12");
  EXPECT_EQ(read_rule_line("from all goto 40 priority 39").target, 40U);
  EXPECT_EQ(read_rule_line("inet6 from all table 5 priority 39").family, Family::ipv6);
}

TEST(Rules, WithoutPriorityAreWarnedOf) {
  EXPECT_EQ(messages(rules("from 10.0.0.0/8 table 5")),
            "k.conf:8:1: warning: this rule has no priority: one is chosen, which is probably not what you want; "
            "expected 'priority NUMBER' in the line\n");
}

TEST(Rules, WrongOnesAreRefusedWithTheirPlace) {
  EXPECT_EQ(messages(rules("from 10.0.0.0/8 priority 5")),
            "k.conf:8:1: error: 'from' is not valid in a rule; expected 'table T' or another action in the line\n");
  EXPECT_EQ(messages(rules("from 10.0.0.0/8 to 2001:db8::/32 table 5 priority 5")),
            "k.conf:8:1: error: 'from' is not valid in a rule; expected addresses of one family\n");
  EXPECT_EQ(messages(rules("from 10.0.0.0/8 sport 20-10 table 5 priority 5")),
            "k.conf:8:23: error: '20-10' is not valid in a rule; expected NUMBER or NUMBER-NUMBER, up to 65535\n");
}

TEST(Statics, AreReadAndTakeTheDefaultInterface) {
  const Configuration read = accepted_silently(
      "global_defs {\n default_interface eth7\n}\n"
      "track_group G {\n group {\n VI_1\n }\n}\n"
      "static_ipaddress {\n 192.168.1.1/24 scope link track_group G\n 192.168.1.2/24 dev eth1 noprefixroute\n}\n"
      "static_routes {\n 192.168.2.0/24 via 192.168.1.100 dev eth0 track_group G\n}\n"
      "static_rules {\n from 192.168.2.0/24 table 1 priority 4\n}\n" +
      instance(""));
  EXPECT_EQ(read.static_addresses.at(0).device, "eth7");
  EXPECT_EQ(read.static_addresses.at(0).track_group, "G");
  EXPECT_EQ(read.static_addresses.at(1).device, "eth1");
  EXPECT_TRUE(read.static_addresses.at(1).options.noprefixroute);
  EXPECT_EQ(read.static_routes.size(), 1U);
  EXPECT_EQ(read.static_rules.size(), 1U);
  EXPECT_EQ(read.static_track_groups.at(0).members.at(0), "VI_1");
}

TEST(Statics, NameGroupsAndInstancesThatAreThere) {
  EXPECT_EQ(messages("static_ipaddress {\n 192.168.1.1/24 track_group G\n}\n" + instance("")),
            "k.conf:2:2: error: there is no track_group 'G'; expected the name of a track_group block\n");
  EXPECT_EQ(messages("track_group G {\n group {\n  VI_2\n }\n}\n" + instance("")),
            "k.conf:3:3: error: there is no vrrp_instance 'VI_2'; expected the name of a vrrp_instance block; did you "
            "mean 'VI_1'?\n");
  EXPECT_EQ(messages("static_ipaddress {\n 192.168.1.1/24 no_track\n}\n" + instance("")),
            "k.conf:2:2: error: 'no_track' has no meaning in a static line; expected 'track_group NAME'\n");
}

TEST(InterfaceDelays, TheSecondIsTheFirstUnlessWritten) {
  const Configuration read =
      accepted_silently("interface_up_down_delays {\n eth0 1.5\n eth1 0.2 3\n}\n" + instance(""));
  EXPECT_EQ(read.interface_delays.at(0), (InterfaceDelays{"eth0", milliseconds{1500}, milliseconds{1500}}));
  EXPECT_EQ(read.interface_delays.at(1), (InterfaceDelays{"eth1", milliseconds{200}, seconds{3}}));
  EXPECT_EQ(messages("interface_up_down_delays {\n eth0 256\n}\n" + instance("")),
            "k.conf:2:7: error: '256' is not a delay; expected seconds from 0 to 255\n");
  EXPECT_EQ(messages("interface_up_down_delays {\n eth0\n}\n" + instance("")),
            "k.conf:2:2: error: 'eth0' is not valid in interface_up_down_delays; expected INTERFACE DOWN_DELAY "
            "[UP_DELAY]\n");
}

TEST(Vmac, TakesAnAddressOfFiveOrSixPairs) {
  EXPECT_EQ(read_instance("use_vmac vr 02:00:00:00:00").vmac_address, MacAddress::parse("02:00:00:00:00:33"));
  EXPECT_EQ(read_instance("use_vmac 02:00:00:00:00:01 vr").vmac_address, MacAddress::parse("02:00:00:00:00:01"));
  EXPECT_EQ(messages(instance("use_vmac vr 03:00:00:00:00:01")),
            "k.conf:7:13: error: '03:00:00:00:00:01' is not the MAC address of one interface; expected five or six "
            "hexadecimal pairs with ':' between them\n");
}

}  // namespace
}  // namespace vipdrift::config
