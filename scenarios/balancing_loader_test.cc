#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scenarios/loader_test_support.h"

namespace vipdrift::scenarios {
namespace {

using testing::HasSubstr;

const char* cluster() {
  return "directors:\n"
         "  lvs1: {config: lvs1.conf, address: 10.1.10.1/24, serves: [80], lvs_dr: 10.1.10.7,\n"
         "         fwmarks: {3: [10.1.10.7:443], 4: {to: \"udp://10.1.10.7:53\", not_from: [rs1, lvs1]}}}\n"
         "clients:\n"
         "  client: {addresses: [10.1.10.200/24, 10.1.10.201/24], gateway: 10.1.10.254}\n"
         "real_servers:\n"
         "  rs1: {address: 10.1.10.11/24, serves: [80], lvs_dr: 10.1.10.7}\n"
         "  rs2:\n"
         "    address: 10.1.10.12/24\n"
         "    serves: {80: {status: 503, delay: 1s, body: x}, 443: https, 53: {protocol: dns, delay: 4s}}\n"
         "    lvs_dr: {vips: [10.1.10.7], arp_ignore: 0, arp_announce: 1}\n";
}

Files files() {
  return {{"dir/cluster.yaml", cluster()},
          {"dir/lvs1.conf",
           "vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 151\n"
           "  virtual_ipaddress {\n    10.1.10.7\n  }\n}\n"
           "virtual_server 10.1.10.7 80 {\n  lb_algo rr\n  lb_kind DR\n  protocol TCP\n  sorry_server 127.0.0.1 80\n"
           "  real_server 10.1.10.11 80 {\n    weight 3\n    TCP_CHECK {\n    }\n  }\n"
           "  real_server 10.1.10.12 80 {\n    TCP_CHECK {\n    }\n  }\n}\n"}};
}

LoadResult load(const std::string& items) { return load_from(files(), with_steps(items)); }
std::string said(const std::string& items) { return messages(load(items)); }

TEST(BalancingLoader, ReadsWhatMachinesServe) {
  const LoadResult result = load("  - {at: 0s, start: lvs1}\n");
  ASSERT_TRUE(result.ok()) << messages(result);
  const Cluster& cluster = result.scenario->cluster;
  EXPECT_EQ(cluster.directors[0].serves, (std::vector<ServedPort>{{80}}));
  EXPECT_EQ(cluster.directors[0].fwmarks,
            (std::vector<FirewallMark>{
                {3, ipvs::Transport::tcp, IpAddress::v4(10, 1, 10, 7), 443, {}},
                {4, ipvs::Transport::udp, IpAddress::v4(10, 1, 10, 7), 53, {"rs1", "lvs1"}}}));
  EXPECT_EQ(cluster.directors[0].lvs, (LvsRealServer{{}, {IpAddress::v4(10, 1, 10, 7)}, 1, 2}));
  EXPECT_EQ(cluster.clients[0].gateway, IpAddress::v4(10, 1, 10, 254));
  const HostSpec& rs2 = cluster.real_servers[1];
  ASSERT_EQ(rs2.serves.size(), 3U);
  EXPECT_EQ(rs2.serves[0],
            (ServedPort{80, ServiceProtocol::http, 503, std::chrono::seconds{1}, Duration{0}, "x"}));
  EXPECT_EQ(rs2.serves[1].protocol, ServiceProtocol::https);
  EXPECT_EQ(rs2.serves[2].delay, std::chrono::seconds{4});
  EXPECT_EQ(rs2.lvs->arp_announce, 1);
  EXPECT_EQ(cluster.real_servers[0].lvs, (LvsRealServer{{}, {IpAddress::v4(10, 1, 10, 7)}, 1, 2}));
}

TEST(BalancingLoader, ReadsSteps) {
  const LoadResult result = load(
      "  - {at: 0s, start: lvs1}\n"
      "  - {at: 1s, crash: {check: lvs1}}\n"
      "  - {at: 1s, stop_service: rs1}\n"
      "  - {at: 1s, set_service: {node: rs2, port: 80, status: 200}}\n"
      "  - {at: 1s, request: {url: \"http://10.1.10.7/\", from: 10.1.10.201, every: 50ms}}\n"
      "  - {at: 1s, connect: {to: \"10.1.10.7:80\", every: 2s}}\n"
      "  - {at: 1s, edit_ipvs: {on: lvs1, service: \"10.1.10.7:80\", set: rs1, weight: 0}}\n"
      "  - {at: 1s, edit_ipvs: {on: lvs1, clear: true}}\n");
  ASSERT_TRUE(result.ok()) << messages(result);
  const auto& steps = result.scenario->steps;
  ASSERT_EQ(steps.size(), 8U);
  EXPECT_EQ(steps[1].text, "crash check child of lvs1");
  EXPECT_EQ(steps[2].text, "stop service 80 of rs1");
  EXPECT_EQ(steps[4].text, "request http://10.1.10.7/ from client every 50ms");
  const auto& edit = std::get<EditIpvs>(steps[6].action);
  EXPECT_EQ(steps[6].text, "edit IPVS on lvs1: set server 10.1.10.11:80 (DR, weight 0) of TCP 10.1.10.7:80");
  EXPECT_TRUE(edit.edit.has_value());
  EXPECT_EQ(steps[7].text, "edit IPVS on lvs1: clear");
}

TEST(BalancingLoader, ReadsWhatMustBeSeen) {
  const LoadResult result = load(
      "  - at: 0s\n"
      "    start: lvs1\n"
      "    expect:\n"
      "      - {pool: {service: \"10.1.10.7:80\", on: lvs1, is: [rs1, rs2]}, within: 5s}\n"
      "      - {pool: {service: \"10.1.10.7:80\", on: lvs1, is: {rs1: 3, sorry: 0}}, within: 5s}\n"
      "      - {quorum: \"10.1.10.7:80\", on: lvs1, state: DOWN, within: 5s}\n"
      "      - {answers: {url: \"http://10.1.10.7/\", from: [rs1, rs2], in_turn: true}, within: 5s, for: 5s}\n"
      "      - {shares: {url: \"http://10.1.10.7/\", are: {rs1: 70..80%, rs2: 25%}}, for: 5s}\n"
      "      - {refused: \"http://10.1.10.7/\", for: 5s}\n"
      "      - {connection: {to: \"10.1.10.7:80\", is: alive, node: rs1}, for: 5s}\n"
      "always:\n"
      "  - requests: {url: \"http://10.1.10.7/\", failures_at_most: 0, outage_at_most: 4s}\n"
      "  - pool_not_empty: {service: \"10.1.10.7:80\"}\n"
      "  - no_mixed_pool: true\n"
      "  - connection: {to: \"10.1.10.7:80\", stalled_at_most: 4s}\n");
  ASSERT_TRUE(result.ok()) << messages(result);
  const auto& expectations = result.scenario->expectations;
  ASSERT_EQ(expectations.size(), 7U);
  EXPECT_EQ(expectations[0].text, "pool of 10.1.10.7:80 on lvs1 is rs1, rs2, within 5s");
  EXPECT_EQ(expectations[1].text, "pool of 10.1.10.7:80 on lvs1 is rs1 (weight 3), sorry (weight 0), within 5s");
  const auto& shares = std::get<SharesAre>(expectations[4].condition).shares;
  EXPECT_EQ(shares[0].least_ppm, 700'000U);
  EXPECT_EQ(shares[1].most_ppm, 250'000U);
  EXPECT_EQ(std::get<NotServed>(expectations[5].condition).how, RequestFailure::refused);
  EXPECT_EQ(result.scenario->always.size(), 4U);
  // The client asks and connects because somebody looks at it, once.
  EXPECT_EQ(result.scenario->steps.size(), 3U);
}

TEST(BalancingLoader, AFirewallExceptsMachinesOfTheCluster) {
  Files wrong = files();
  std::string& text = wrong["dir/cluster.yaml"];
  text.replace(text.find("not_from: [rs1"), 14, "not_from: [rs3");
  const LoadResult result = load_from(wrong, with_steps("  - {at: 0s, start: lvs1}\n"));
  EXPECT_THAT(messages(result), HasSubstr("no machine 'rs3'"));
}

Files told_files() {
  return {{"dir/cluster.yaml",
           "directors:\n  lvs1: {config: lvs1.conf, address: 10.1.10.1/24}\n"
           "real_servers:\n"
           "  rs1: {address: 10.1.10.11/24, serves: [80]}\n  rs2: {address: 10.1.10.12/24, serves: [80]}\n"
           "  mail: {address: 10.1.10.25/24, serves: {25: smtp}}\n"},
          {"dir/lvs1.conf",
           "global_defs {\n  router_id a\n  smtp_server 10.1.10.25\n  notification_email {\n    a@b\n  }\n}\n"
           "virtual_server 10.1.10.7 80 {\n  protocol TCP\n  lb_kind DR\n  quorum_down \"/etc/told web\"\n"
           "  real_server 10.1.10.11 80 {\n    notify_down \"/etc/told rs1\"\n    notify_up \"/etc/told same\"\n"
           "    TCP_CHECK {\n    }\n  }\n"
           "  real_server 10.1.10.12 80 {\n    notify_up \"/etc/told same\"\n    TCP_CHECK {\n    }\n  }\n}\n"}};
}
LoadResult load_told(const std::string& expectation) {
  return load_from(told_files(), with_steps("  - {at: 0s, start: lvs1, expect: {" + expectation + ", within: 5s}}\n"));
}

TEST(BalancingLoader, ReadsScriptsOfServersAndMails) {
  const LoadResult server = load_told("notify: rs1, behind: \"10.1.10.7:80\", on: lvs1, state: DOWN");
  ASSERT_TRUE(server.ok()) << messages(server);
  EXPECT_EQ(server.scenario->expectations[0].text,
            "notify_down of [10.1.10.11]:tcp:80 behind [10.1.10.7]:tcp:80 on lvs1, within 5s");
  const LoadResult quorum = load_told("notify: \"10.1.10.7:80\", on: lvs1, state: DOWN");
  ASSERT_TRUE(quorum.ok()) << messages(quorum);
  EXPECT_EQ(quorum.scenario->expectations[0].text, "quorum_down of [10.1.10.7]:tcp:80 on lvs1, within 5s");
  const LoadResult mail = load_told("mail: Realserver, on: lvs1");
  ASSERT_TRUE(mail.ok()) << messages(mail);
  EXPECT_EQ(mail.scenario->expectations[0].text, "mail of lvs1 with \"Realserver\", within 5s");
}

TEST(BalancingLoader, RefusesScriptsAndMailsThatNobodyCouldSee) {
  EXPECT_THAT(messages(load_told("notify: rs2, behind: \"10.1.10.7:80\", on: lvs1, state: DOWN")),
              HasSubstr("has no notify_down in the configuration of lvs1"));
  EXPECT_THAT(messages(load_told("notify: rs1, behind: \"10.1.10.7:80\", on: lvs1, state: UP")),
              HasSubstr("nobody can tell them apart"));
  EXPECT_THAT(messages(load_told("notify: rs1, behind: \"10.1.10.7:80\", on: lvs1, state: MASTER")), HasSubstr("UP"));
  EXPECT_THAT(said("  - {at: 0s, expect: {mail: x, on: lvs1, within: 1s}}\n"),
              HasSubstr("nobody takes the mails of lvs1"));
}

TEST(BalancingLoader, SaysWhatIsWrong) {
  EXPECT_THAT(said("  - {at: 0s, stop_service: rs2}\n"), HasSubstr("'port' is missing: rs2 serves 80, 443, 53"));
  EXPECT_THAT(said("  - {at: 0s, stop_service: {node: rs1, port: 81}}\n"), HasSubstr("rs1 does not serve 81"));
  EXPECT_THAT(said("  - {at: 0s, set_service: {node: rs2, port: 53, body: NXDOMAIM}}\n"), HasSubstr("NXDOMAIN"));
  EXPECT_THAT(said("  - {at: 0s, set_service: {node: rs2, port: 53, status: 503}}\n"),
              HasSubstr("status: only a page has one"));
  EXPECT_THAT(said("  - {at: 0s, start_service: client}\n"), HasSubstr("client serves nothing"));
  EXPECT_THAT(said("  - {at: 0s, request: \"http://10.1.10.8/\"}\n"), HasSubstr("10.1.10.7"));
  EXPECT_THAT(said("  - {at: 0s, request: \"ftp://10.1.10.7/\"}\n"), HasSubstr("is no URL that a client can ask"));
  EXPECT_THAT(said("  - {at: 0s, edit_ipvs: {on: lvs1, service: \"10.1.10.7:80\", set: rs1}}\n"),
              HasSubstr("'weight' is missing"));
  EXPECT_THAT(said("  - {at: 0s, edit_ipvs: {on: lvs1, service: \"10.1.10.7:81\", remove: rs1}}\n"),
              HasSubstr("10.1.10.7:80"));
  EXPECT_THAT(said("  - {at: 0s, expect: {pool: {service: \"10.1.10.7:80\", on: lvs1, is: client}, within: 1s}}\n"),
              HasSubstr("client is no server of this service"));
  EXPECT_THAT(said("  - {at: 0s, expect: {answers: {url: \"http://10.1.10.7/\", from: rs1}, within: 1s}}\n"),
              HasSubstr("for how long are requests looked at?"));
  EXPECT_THAT(said("  - {at: 0s, expect: {shares: {url: \"http://10.1.10.7/\", are: {rs1: 80..70%}}, for: 1s}}\n"),
              HasSubstr("'80..70%' is no range of shares"));
}

}  // namespace
}  // namespace vipdrift::scenarios
