// Virtual servers by address, firewall mark and group, and what concerns all of them.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using std::chrono::seconds;
using testing::accepted;
using testing::messages;

std::string server(std::string_view name, std::string_view body = "", std::string_view real = "10.0.0.2") {
  const bool mark = name.starts_with("fwmark");  // has the protocol of its packets
  return "virtual_server " + std::string{name} + (mark ? " {\n\n" : " {\nprotocol TCP\n") + "lb_algo sh\nlb_kind DR\n" +
         std::string{body} + "\nreal_server " + std::string{real} + (mark ? " {\n}\n}\n" : " 80 {\n}\n}\n");
}

VirtualServer read(std::string_view body, std::string_view real = "10.0.0.2") {
  return accepted(server("10.0.0.1 80", body, real)).virtual_servers.at(0);
}

std::string group(std::string_view lines) { return "virtual_server_group g {\n" + std::string{lines} + "\n}\n"; }

TEST(VirtualServerGroup, HasAddressesRangesAndMarks) {
  const Configuration all = accepted(group("10.0.0.1 80\n10.0.0.8-10 81\n10.0.1.250-10.0.2.3 82\n10.0.4.8/30\n"
                                           "fwmark 5\nfwmark 6 inet6") +
                                     server("group g"));
  const std::vector<GroupEntry>& entries = all.server_groups.at(0).entries;
  ASSERT_EQ(entries.size(), 6U);
  EXPECT_EQ(entries[0], (GroupEntry{IpAddress::v4(10, 0, 0, 1), IpAddress::v4(10, 0, 0, 1), 80, 0, {}}));
  EXPECT_EQ(entries[1], (GroupEntry{IpAddress::v4(10, 0, 0, 8), IpAddress::v4(10, 0, 0, 10), 81, 0, {}}));
  EXPECT_EQ(entries[2], (GroupEntry{IpAddress::v4(10, 0, 1, 250), IpAddress::v4(10, 0, 2, 3), 82, 0, {}}));
  EXPECT_EQ(entries[3], (GroupEntry{IpAddress::v4(10, 0, 4, 8), IpAddress::v4(10, 0, 4, 11), 0, 0, {}}));
  EXPECT_EQ(entries[4].fwmark, 5U);
  EXPECT_EQ(entries[5].family, Family::ipv6);
  EXPECT_EQ(all.virtual_servers.at(0).group, "g");
  EXPECT_EQ(all.virtual_servers.at(0).family, Family::ipv4);
}

TEST(VirtualServerGroup, OfIpv6) {
  const Configuration all = accepted(group("2001:db8::1-f 80") + server("group g", "", "2001:db8:1::1"));
  EXPECT_EQ(all.server_groups.at(0).entries.at(0).last, *IpAddress::parse("2001:db8::f"));
  EXPECT_EQ(all.virtual_servers.at(0).family, Family::ipv6);
}

TEST(VirtualServerGroup, WrongLinesAreErrors) {
  const std::string expected =
      " is not valid in a virtual_server_group; expected ADDRESS, ADDRESS-ADDRESS, ADDRESS-NUMBER or ADDRESS/LENGTH, "
      "of at most 65536 addresses, the first one first\n";
  for (const std::string line :
       {"10.0.0.300", "10.0.0.9-8", "10.0.0.1-2001:db8::1", "10.0.0.1-10.9.0.0", "10.0.0.9/30", "10.0.0.0/8", "web"}) {
    EXPECT_EQ(messages(group(line) + server("group g")), "k.conf:2:1: error: '" + line + "'" + expected);
  }
  EXPECT_EQ(messages(group("10.0.0.1 0") + server("group g")),
            "k.conf:2:10: error: '0' is not a port; expected a number from 1 to 65535\n");
  EXPECT_EQ(messages(group("fwmark 5 ipv4") + server("group g")),
            "k.conf:2:10: error: 'ipv4' is not valid behind a firewall mark; expected inet or inet6\n");
}

TEST(VirtualServerGroup, ThatIsMissingIsAnErrorWithTheNearestName) {
  EXPECT_EQ(messages("virtual_server_group web {\n10.0.0.1 80\n}\n" + server("group wep")),
            "k.conf:4:1: error: there is no virtual_server_group 'wep'; expected the name of a virtual_server_group; "
            "did you mean 'web'?\n");
}

TEST(VirtualServer, ByFirewallMark) {
  const VirtualServer mark = accepted(server("fwmark 3")).virtual_servers.at(0);
  EXPECT_EQ(mark.fwmark, 3U);
  EXPECT_EQ(mark.family, Family::ipv4);
  EXPECT_EQ(accepted(server("fwmark 3", "", "2001:db8::1")).virtual_servers.at(0).family, Family::ipv6);
}

TEST(VirtualServer, SchedulerFlagsHaveTwoNames) {
  for (const auto* words : {"flag-1\nflag-2\nflag-3", "sh-fallback\nsh-port\nflag-3", "mh-fallback\nmh-port\nflag-3"}) {
    EXPECT_EQ(read(words).settings.flags, (ipvs::SchedulerFlags{true, true, true})) << words;
  }
  EXPECT_EQ(read("").settings.flags, ipvs::SchedulerFlags{});
}

TEST(VirtualServer, PersistenceByNetwork) {
  const VirtualServer server =
      read("persistence_timeout 50\npersistence_granularity 255.255.255.0\npersistence_engine sip\nprotocol UDP\nops");
  EXPECT_EQ(server.settings.persistence, seconds{50});
  EXPECT_EQ(server.settings.persistence_prefix, 24);
  EXPECT_EQ(server.settings.persistence_engine, "sip");
  EXPECT_TRUE(server.settings.one_packet);
  EXPECT_EQ(messages(::vipdrift::config::server("10.0.0.1 80", "persistence_granularity 255.0.255.0")),
            "k.conf:5:25: error: '255.0.255.0' is not valid for 'persistence_granularity'; expected a netmask such as "
            "255.255.255.0, or for IPv6 the length of a prefix from 1 to 128\n");
}

TEST(VirtualServer, TunnelsOfEveryType) {
  using ipvs::Tunnel;
  EXPECT_EQ(read("lb_kind TUN").forwarding.tunnel, Tunnel{});
  EXPECT_EQ(read("lb_kind TUN type gue port 555 csum").forwarding.tunnel,
            (Tunnel{Tunnel::Type::gue, 555, Tunnel::Checksum::full}));
  EXPECT_EQ(read("lb_kind TUN type gre csum").forwarding.tunnel,
            (Tunnel{Tunnel::Type::gre, 0, Tunnel::Checksum::full}));
  EXPECT_EQ(messages(server("10.0.0.1 80", "lvs_method TUN type gue")),
            "k.conf:5:12: error: a gue tunnel needs a port; expected port NUMBER\n");
  EXPECT_EQ(messages(server("10.0.0.1 80", "lvs_method TUN type vxlan")),
            "k.conf:5:21: error: 'vxlan' is not valid in a method; expected one of ipip, gue, gre\n");
  EXPECT_EQ(messages(server("10.0.0.1 80", "lvs_method DR csum")),
            "k.conf:5:15: error: 'csum' is not valid in a method; expected nothing behind DR\n");
}

TEST(VirtualServer, ASorryServerOfItsOwnKind) {
  const VirtualServer server = read("sorry_server 10.0.0.9\nsorry_server_inhibit\nsorry_server_lvs_method NAT");
  ASSERT_TRUE(server.sorry_server.has_value());
  EXPECT_EQ(*server.sorry_server, (SorryServer{IpAddress::v4(10, 0, 0, 9), 80, {ipvs::Method::masquerade}, true}));
  EXPECT_EQ(read("sorry_server 10.0.0.9 81").sorry_server->forwarding.method, ipvs::Method::direct_route);
  EXPECT_EQ(messages(::vipdrift::config::server("10.0.0.1 80", "sorry_server_inhibit")),
            "k.conf:5:1: warning: keepalived ignores 'sorry_server_inhibit': no 'sorry_server' stands above it\n");
}

TEST(VirtualServer, MailsAboutRealServersAreOnUnlessTurnedOff) {
  EXPECT_TRUE(read("").real_servers.at(0).smtp_alert);
  EXPECT_FALSE(read("").smtp_alert);
  EXPECT_TRUE(read("smtp_alert").smtp_alert);
  const std::string off = "global_defs {\nsmtp_alert_checker off\n}\n";
  EXPECT_FALSE(accepted(off + server("10.0.0.1 80")).virtual_servers.at(0).real_servers.at(0).smtp_alert);
}

TEST(RealServer, ThresholdsOfConnections) {
  const Configuration all = accepted(
      "virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\nreal_server 10.0.0.2 80 {\n"
      "uthreshold 100\nlthreshold 50\n}\n}\n");
  EXPECT_EQ(all.virtual_servers.at(0).real_servers.at(0).upper_threshold, 100U);
  EXPECT_EQ(all.virtual_servers.at(0).real_servers.at(0).lower_threshold, 50U);
}

// ---------------------------------------------------------------- track_quorum

std::string tracking(std::string_view line) {
  return testing::instance(line) + server("10.0.0.1 80") + server("fwmark 3");
}

TEST(VirtualServers, WhatKeepalivedPassesOverDrawsAWarning) {
  EXPECT_EQ(
      messages("virtual_server fwmark 3 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\nreal_server 10.0.0.2 80 {\n}\n}\n"),
      "k.conf:1:1: warning: virtual_server fwmark 3 is a firewall mark: its 'protocol' counts for nothing\n"
      "k.conf:5:1: warning: virtual_server fwmark 3 is a firewall mark: keepalived clears the port of real_server "
      "[10.0.0.2]:80\n");
  EXPECT_EQ(
      messages(server("10.0.0.1 80", "sorry_server 10.0.0.2 80\ninhibit_on_failure")),
      "k.conf:7:1: warning: real_server [10.0.0.2]:80 is the sorry server of virtual_server [10.0.0.1]:80 too, but "
      "only one of them is inhibited: keepalived inhibits the sorry server as well\n");
  EXPECT_EQ(messages(server("10.0.0.1 80", "sorry_server 10.0.0.2 80")), "");
}

TEST(VirtualServers, HaveAWeightForRealServersThatNameNone) {
  const std::string text =
      "virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\nreal_server 10.0.0.2 80 {\n}\n"
      "real_server 10.0.0.3 80 {\nweight 2\n}\nweight 7\n}\n";
  const VirtualServer server = accepted(text).virtual_servers.at(0);
  EXPECT_EQ(server.real_servers.at(0).weight, 7);
  EXPECT_EQ(server.real_servers.at(1).weight, 2);
}

TEST(VirtualServers, OnePacketSchedulingIsForUdp) {
  EXPECT_EQ(messages(server("10.0.0.1 80", "ops")),
            "k.conf:1:1: warning: virtual_server [10.0.0.1]:80 is not of UDP: 'ops' is reset\n");
  EXPECT_FALSE(accepted(server("10.0.0.1 80", "ops")).virtual_servers.at(0).settings.one_packet);
  EXPECT_TRUE(accepted(server("fwmark 3", "ops")).virtual_servers.at(0).settings.one_packet);
}

TEST(TrackQuorum, NamesAVirtualServerAsItIsWritten) {
  const auto tracked = [](std::string_view line) { return *accepted(tracking(line)).instances.at(0).track_quorums; };
  EXPECT_EQ(tracked("track_quorum 10.0.0.1 80"), (std::vector<TrackedQuorum>{{VirtualServerId{0}, 0, false}}));
  EXPECT_EQ(tracked("track_quorum 10.0.0.1 80 tcp weight -20\ntrack_quorum fwmark 3 weight 5 reverse"),
            (std::vector<TrackedQuorum>{{VirtualServerId{0}, -20, false}, {VirtualServerId{1}, 5, true}}));
}

TEST(TrackQuorum, WrongLinesAreErrors) {
  EXPECT_EQ(messages(tracking("track_quorum 10.0.0.1 81")),
            "k.conf:7:14: error: there is no virtual_server '10.0.0.1 81'; expected a virtual_server as it is written: "
            "ADDRESS PORT, fwmark NUMBER or group NAME; did you mean '10.0.0.1 80'?\n");
  EXPECT_EQ(messages(tracking("track_quorum 10.0.0.1 80 weight 254")),
            "k.conf:7:33: error: '254' is not a weight; expected a number from -253 to 253\n");
  EXPECT_EQ(messages(tracking("track_quorum 10.0.0.1 80 weight 5 backwards")),
            "k.conf:7:35: error: 'backwards' is not valid behind a weight; expected reverse or noreverse\n");
}

GlobalDefs global(std::string_view body) { return accepted("global_defs {\n" + std::string{body} + "\n}\n").global; }

TEST(LvsGlobal, SyncDaemon) {
  const auto daemon =
      global("lvs_sync_daemon eth0 VI_1 id 7 maxlen 1400 port 9000 ttl 3 group 224.0.0.90").lvs_sync_daemon;
  ASSERT_TRUE(daemon.has_value());
  EXPECT_EQ(*daemon, (LvsSyncDaemon{"eth0", "VI_1", 7, 1400, 9000, 3, IpAddress::v4(224, 0, 0, 90)}));
  EXPECT_EQ(global("lvs_sync_daemon eth0 inst VI_2").lvs_sync_daemon->instance, "VI_2");
  EXPECT_EQ(global("lvs_sync_daemon eth0").lvs_sync_daemon->sync_id, -1);
  EXPECT_EQ(messages("global_defs {\nlvs_sync_daemon eth0 VI_1 id 256\n}\n"),
            "k.conf:2:30: error: '256' is not valid in a lvs_sync_daemon; expected a number from 0 to 255\n");
}

TEST(LvsGlobal, TimeoutsFlushesAndTheRest) {
  const GlobalDefs defs = global(
      "lvs_timeouts tcp 900 udp 30\nlvs_flush\nlvs_flush_on_stop VS\nlvs_notify_fifo /run/lvs\n"
      "checker_log_all_failures\nno_checker_emails");
  EXPECT_EQ(defs.lvs_timeouts, (LvsTimeouts{seconds{900}, seconds{0}, seconds{30}}));
  EXPECT_TRUE(defs.lvs_flush && defs.checker_log_all_failures);
  EXPECT_FALSE(defs.checker_emails);
  EXPECT_EQ(defs.lvs_flush_on_stop, LvsFlush::virtual_servers);
  EXPECT_EQ(global("lvs_flush_on_stop").lvs_flush_on_stop, LvsFlush::everything);
  EXPECT_EQ(defs.lvs_notify_fifo.path, "/run/lvs");
  EXPECT_EQ(messages("global_defs {\nlvs_timeouts tpc 3\n}\n"),
            "k.conf:2:14: error: 'tpc' is not valid in a lvs_timeouts; expected tcp, tcpfin or udp\n");
}

TEST(LvsGlobal, TheBlockSsl) {
  const TlsClient client = accepted("SSL {\npassword p\nca /ca\ncertificate /crt\nkey /key\n}\n").tls_client;
  EXPECT_EQ(client, (TlsClient{"p", "/ca", "/crt", "/key"}));
}

}  // namespace
}  // namespace vipdrift::config
