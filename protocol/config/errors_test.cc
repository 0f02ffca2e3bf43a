// What is refused, in the exact words and at the exact place.
#include <gtest/gtest.h>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using testing::instance;
using testing::messages;

struct Golden {
  std::string text;
  std::string message;
};

void expect_all(const std::vector<Golden>& rows) {
  for (const Golden& row : rows) {
    EXPECT_EQ(messages(row.text), row.message) << row.text;
    EXPECT_FALSE(parse(row.text, testing::plain_options()).ok()) << row.text;
  }
}

TEST(Errors, UnknownKeywords) {
  expect_all({
      {"vrrp_instanse V {\n state MASTER\n}\nglobal_defs {\n}\n",
       "k.conf:1:1: error: unknown keyword 'vrrp_instanse' in the configuration; expected a keyword of the "
       "configuration; did you mean 'vrrp_instance'?\n"},
      {instance("priorty 100"),
       "k.conf:7:1: error: unknown keyword 'priorty' in vrrp_instance; expected a keyword of vrrp_instance; did you "
       "mean "
       "'priority'?\n"},
      {instance("  bogus 1"),
       "k.conf:7:3: error: unknown keyword 'bogus' in vrrp_instance; expected a keyword of vrrp_instance\n"},
      {instance("priority100"),
       "k.conf:7:1: error: unknown keyword 'priority100' in vrrp_instance; expected a keyword of vrrp_instance; did "
       "you "
       "mean 'priority 100'?\n"},
      {"global_defs {\n priority 100\n}\n",
       "k.conf:2:2: error: 'priority' is not a keyword of global_defs; it is a keyword of vrrp_instance; expected a "
       "keyword of global_defs\n"},
      {"global_defs {\n virtual_ruter_id 100\n}\n",
       "k.conf:2:2: error: unknown keyword 'virtual_ruter_id' in global_defs ('virtual_router_id' is a keyword of "
       "vrrp_instance); expected a keyword of global_defs; did you mean 'virtual_router_id'?\n"},
      {instance("auth_type PASS"),
       "k.conf:7:1: error: 'auth_type' is not a keyword of vrrp_instance; it is a keyword of authentication; expected "
       "a "
       "keyword of vrrp_instance\n"},
  });
}

TEST(Errors, ValuesOfStatements) {
  expect_all({
      {instance("priority"), "k.conf:7:1: error: 'priority' needs a value; expected a number from 1 to 255\n"},
      {instance("priority 0"),
       "k.conf:7:10: error: '0' is not valid for 'priority'; expected a number from 1 to 255\n"},
      {instance("priority 256"),
       "k.conf:7:10: error: '256' is not valid for 'priority'; expected a number from 1 to 255\n"},
      {instance("priority 10x"),
       "k.conf:7:10: error: '10x' is not valid for 'priority'; expected a number from 1 to 255\n"},
      {instance("state master"),
       "k.conf:7:7: error: 'master' is not valid for 'state'; expected one of MASTER, BACKUP; did you mean "
       "'MASTER'?\n"},
      {instance("state FAULT"),
       "k.conf:7:7: error: 'FAULT' is not valid for 'state'; expected one of MASTER, BACKUP\n"},
      {instance("advert_int 0.001"),
       "k.conf:7:12: error: '0.001' is not valid for 'advert_int'; expected seconds from 0.01 to 255\n"},
      {instance("advert_int 255.01"),
       "k.conf:7:12: error: '255.01' is not valid for 'advert_int'; expected seconds from 0.01 to 255\n"},
      {instance("smtp_alert maybe"),
       "k.conf:7:12: error: 'maybe' is not valid for 'smtp_alert'; expected one of on, off, true, false, yes, no\n"},
      {instance("garp_master_delay 1.5"),
       "k.conf:7:19: error: '1.5' is not valid for 'garp_master_delay'; expected whole seconds from 0 to 4294\n"},
      {instance("mcast_dst_ip 10.0.0.4"),
       "k.conf:7:14: error: '10.0.0.4' is not a multicast address for advertisements; expected an address in "
       "224.0.0.0/4 or ffX2::/16\n"},
      {instance("use_vmac much_too_long_a_name"),
       "k.conf:7:10: error: 'much_too_long_a_name' is not valid for 'use_vmac'; expected the name of the virtual "
       "interface, at most 15 characters, and optionally a MAC address\n"},
      {instance("notify_master \"/x 'y\""),
       "k.conf:7:15: error: the quotes or backslashes inside this command do not match\n"},
      {instance("notify_master \"x"),
       "k.conf:7:15: error: a double quote is opened and not closed on this line; expected '\"'\n"},
      {"global_defs {\n vrrp_mcast_group4 10.0.0.1\n}\n",
       "k.conf:2:20: error: '10.0.0.1' is not a multicast address for 'vrrp_mcast_group4'; expected an address in "
       "224.0.0.0/4\n"},
      {"global_defs {\n vrrp_mcast_group6 ff05::1\n}\n",
       "k.conf:2:20: error: 'ff05::1' is not a multicast address for 'vrrp_mcast_group6'; expected a link-local one, "
       "in "
       "ffX2::/16\n"},
      {"vrrp_script s {\n script /bin/true\n interval 0.0005\n}\n",
       "k.conf:3:11: error: '0.0005' is not valid for 'interval'; expected seconds from 0.001 to 4294\n"},
      {"vrrp_script s {\n script /bin/true\n weight 254\n}\n",
       "k.conf:3:9: error: '254' is not valid for 'weight'; expected a number from -253 to 253 and optionally "
       "'reverse'\n"},
      {"vrrp_script s {\n script /bin/true\n weight 2 revers\n}\n",
       "k.conf:3:11: error: 'revers' is not valid for 'weight'; expected a number from -253 to 253 and optionally "
       "'reverse'; did you mean 'reverse'?\n"},
  });
}

TEST(Errors, KeywordBlockOnOneLineIsRefusedLoudly) {
  expect_all(
      {{instance("authentication { auth_type PASS auth_pass 1111 }"),
        "k.conf:7:33: error: unexpected 'auth_pass' behind 'auth_type': keepalived reads one statement a line and "
        "ignores this one; expected 'auth_pass' on a line of its own\n"}});
  EXPECT_EQ(messages(instance("virtual_ipaddress_excluded { 10.0.0.7 }")), "");
}

TEST(Errors, LinesOfVirtualAddresses) {
  const auto line = [](std::string_view address) { return instance("", "V", 1, address); };
  const std::string options =
      "expected one of brd, dev, scope, label, peer, no_track, track_group, use_vmac, home, -nodad, mngtmpaddr, "
      "noprefixroute, autojoin, preferred_lft";
  const std::string wrong = " is not valid in a line of virtual addresses; ";
  expect_all({
      {line("10.1.10.7 dev eno16777736 labeleno16777736:0"),
       "k.conf:5:31: error: 'labeleno16777736:0'" + wrong + options + "; did you mean 'label eno16777736:0'?\n"},
      {line("10.0.0.1 lable eth0:1"), "k.conf:5:14: error: 'lable'" + wrong + options + "; did you mean 'label'?\n"},
      {line("10.0.0.x"),
       "k.conf:5:5: error: '10.0.0.x'" + wrong + "expected an IPv4 or IPv6 address, optionally with /LENGTH\n"},
      {line("10.0.0.1/33"), "k.conf:5:5: error: '10.0.0.1/33'" + wrong + "expected a prefix length from 0 to 32\n"},
      {line("fe80::1/129"), "k.conf:5:5: error: 'fe80::1/129'" + wrong + "expected a prefix length from 0 to 128\n"},
      {line("10.0.0.1 dev"), "k.conf:5:14: error: 'dev' needs a value\n"},
      {line("10.0.0.1 dev 1234567890123456"),
       "k.conf:5:18: error: '1234567890123456'" + wrong + "expected the name of an interface, at most 15 characters\n"},
      {line("10.0.0.1 label 1234567890123456"),
       "k.conf:5:20: error: the label '1234567890123456' has 16 characters: keepalived would leave the whole address "
       "out; expected at most 15 characters\n"},
      {line("10.0.0.1 scope lnik"), "k.conf:5:20: error: 'lnik'" + wrong +
                                        "expected one of global, site, link, host, nowhere; did you mean 'link'?\n"},
      {line("10.0.0.1/31 brd +"),
       "k.conf:5:21: error: a prefix of length 31 has no broadcast address; expected an address with a /LENGTH up to "
       "30\n"},
      {line("10.0.0.1/24 peer 10.0.0.2"),
       "k.conf:5:17: error: an address with a /LENGTH has no peer; expected the address without /LENGTH\n"},
      {line("fe80::1 brd fe80::2"), "k.conf:5:13: error: an IPv6 address has no broadcast address\n"},
      {line("10.0.0.1 {\n}"),
       "k.conf:5:5: error: a line of virtual_ipaddress opens no block; expected ADDRESS[/LENGTH] [brd ADDRESS|+|-] "
       "[dev "
       "INTERFACE] [scope SCOPE] [label LABEL] [peer ADDRESS] [no_track] ...\n"},
      {line("10.0.0.1\n    fe80::1"),
       "k.conf:6:5: error: 'fe80::1' is IPv6, but 'V' is IPv4 by the addresses above; expected an IPv4 address (others "
       "go into virtual_ipaddress_excluded)\n"},
  });
  EXPECT_EQ(messages(line("10.0.0.1 label 123456789012345")), "");
  EXPECT_EQ(messages(line("10.0.0.1/30 brd +")), "");
}

TEST(Errors, FamilyIsOneThroughout) {
  const std::string expected = "expected an IPv4 address (others go into virtual_ipaddress_excluded)\n";
  expect_all({
      {instance("unicast_peer {\nfe80::1\n}"),
       "k.conf:8:1: error: 'fe80::1' is IPv6, but 'VI_1' is IPv4 by the addresses above; " + expected},
      {instance("mcast_src_ip fe80::1"),
       "k.conf:7:14: error: 'fe80::1' is IPv6, but 'VI_1' is IPv4 by the addresses above; " + expected},
  });
  EXPECT_FALSE(parse(instance("native_ipv6"), testing::plain_options()).ok());
}

TEST(Errors, BlocksAndBraces) {
  expect_all({
      {"global_defs {\n", "k.conf:1:1: error: global_defs is not closed; expected '}'\n"},
      {"}\n", "k.conf:1:1: error: this '}' closes nothing\n"},
      {"{\n bogus\n}\n", "k.conf:1:1: error: this '{' follows no keyword\n"},
      {"global_defs\n", "k.conf:1:1: error: 'global_defs' needs a block; expected '{'\n"},
      {"global_defs x {\n}\n", "k.conf:1:13: error: unexpected 'x' behind 'global_defs'; expected '{'\n"},
      {"vrrp_instance {\n state BOGUS\n}\n", "k.conf:1:1: error: 'vrrp_instance' needs a value; expected a name\n"},
      {instance("nopreempt {\n bogus\n}"), "k.conf:7:1: error: 'nopreempt' opens no block\n"},
      {instance("virtual_ipaddress 10.0.0.2"), "k.conf:7:1: error: 'virtual_ipaddress' needs a block; expected '{'\n"},
      {"foo {\n bar {\n baz\n }\n}\nbogus\n",
       "k.conf:1:1: error: unknown keyword 'foo' in the configuration; expected a keyword of the configuration\n"
       "k.conf:6:1: error: unknown keyword 'bogus' in the configuration; expected a keyword of the configuration\n"},
  });
}

TEST(Errors, AllAreFoundInOneRun) {
  expect_all({{"global_defs {\n vrrp_version 4\n router_idd x\n}\n" + instance("priority 0\nstate up"),
               "k.conf:2:15: error: '4' is not valid for 'vrrp_version'; expected a number from 2 to 3\n"
               "k.conf:3:2: error: unknown keyword 'router_idd' in global_defs; expected a keyword of global_defs; did "
               "you mean 'router_id'?\n"
               "k.conf:11:10: error: '0' is not valid for 'priority'; expected a number from 1 to 255\n"
               "k.conf:12:7: error: 'up' is not valid for 'state'; expected one of MASTER, BACKUP\n"}});
}

TEST(Errors, UndefinedParameters) {
  expect_all({
      {instance("priority ${P}"),
       "k.conf:7:10: error: the parameter '${P}' is not defined; expected a line '$NAME=VALUE' above\n"},
      {instance("priority $P"),
       "k.conf:7:10: warning: '$P' is not replaced: no such parameter is defined above\n"
       "k.conf:7:10: error: '$P' is not valid for 'priority'; expected a number from 1 to 255\n"},
      {"router_id \\\n", "k.conf:1:11: error: the line ends in '\\' outside of a $NAME= definition\n"},
  });
}

TEST(Errors, MissingParts) {
  expect_all({
      {"vrrp_instance V {\n}\n",
       "k.conf:1:1: error: vrrp_instance 'V' has no 'virtual_router_id'; expected a line 'virtual_router_id NUMBER' in "
       "the block\n"
       "k.conf:1:1: error: vrrp_instance 'V' has no 'interface'; expected a line 'interface NAME' in the block\n"
       "k.conf:1:1: warning: vrrp_instance 'V' has no virtual address\n"},
      {"vrrp_script s {\n}\n",
       "k.conf:1:1: error: vrrp_script 's' has no 'script'; expected a line 'script \"COMMAND\"' in the block\n"},
      {"track_file f {\n}\n",
       "k.conf:1:1: error: track_file 'f' has no 'file'; expected a line 'file PATH' in the block\n"},
      {"vrrp_track_process p {\n}\n",
       "k.conf:1:1: error: vrrp_track_process 'p' has no 'process'; expected a line 'process NAME' in the block\n"},
      {"vrrp_sync_group G {\n}\n",
       "k.conf:1:1: error: vrrp_sync_group 'G' has no members; expected a block 'group { INSTANCE ... }'\n"},
  });
}

TEST(Errors, Names) {
  expect_all({
      {instance("track_script {\n chk_dwn\n}") + "vrrp_script chk_down {\n script /bin/true\n}\n",
       "k.conf:8:2: error: there is no vrrp_script 'chk_dwn'; expected the name of a vrrp_script block; did you mean "
       "'chk_down'?\n"},
      {instance("track_file {\n f\n}"),
       "k.conf:8:2: error: there is no track_file 'f'; expected the name of a track_file "
       "block\n"},
      {instance("track_process {\n p\n}"),
       "k.conf:8:2: error: there is no vrrp_track_process 'p'; expected the name of a vrrp_track_process block\n"},
      {instance("track_interface {\n eth1\n eth1\n}"), "k.conf:9:2: error: interface 'eth1' is tracked twice here\n"},
      {instance("") + instance("", "VI_1", 52),
       "k.conf:9:1: error: vrrp_instance 'VI_1' is defined on line 1 already; expected another name\n"},
      {"vrrp_script s {\n script /a\n}\nvrrp_script s {\n script /b\n}\n",
       "k.conf:4:1: error: vrrp_script 's' is defined on line 1 already; expected another name\n"},
      {"vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}\n" + instance(""),
       "k.conf:4:2: error: there is no vrrp_instance 'VI_2'; expected the name of a vrrp_instance block; did you mean "
       "'VI_1'?\n"},
      {"vrrp_sync_group G {\n group {\n VI_1\n VI_1\n }\n}\n" + instance(""),
       "k.conf:4:2: error: 'VI_1' is a member of vrrp_sync_group 'G' already\n"},
  });
}

TEST(Errors, TrackersLines) {
  const auto script = [](std::string_view line) {
    return "vrrp_script s {\n script /bin/true\n}\n" + instance("track_script {\n " + std::string{line} + "\n}");
  };
  expect_all({
      {script("s wieght 3"),
       "k.conf:11:4: error: 'wieght' is not valid behind 's'; expected weight; did you mean "
       "'weight'?\n"},
      {script("s weight"), "k.conf:11:4: error: 'weight' needs a value; expected a number from -253 to 253\n"},
      {script("s weight 254"), "k.conf:11:11: error: '254' is not a weight; expected a number from -253 to 253\n"},
      {script("s weight 3 revers"),
       "k.conf:11:13: error: 'revers' is not valid behind a weight; expected reverse or "
       "noreverse; did you mean 'reverse'?\n"},
      {instance("track_interface {\n eth1 weight 3 noreverse\n}"),
       "k.conf:8:16: error: 'noreverse' is not valid behind a weight; expected reverse; did you mean 'reverse'?\n"},
  });
  EXPECT_EQ(messages(script("s weight -253 noreverse")), "");
}

TEST(Errors, DuplicateVirtualRouters) {
  const std::string first = instance("", "A", 7);
  expect_all({{first + instance("", "B", 7),
               "k.conf:9:1: error: 'B' has the virtual_router_id 7 of 'A' (line 1) on the same interface 'eth0'; "
               "expected an id that is used once on the interface\n"}});
  const auto fine = [&](const std::string& second) { return parse(first + second, testing::plain_options()).ok(); };
  EXPECT_TRUE(fine(instance("", "B", 8)));
  EXPECT_TRUE(fine(instance("", "B", 7, "fe80::1")));
  EXPECT_TRUE(fine(instance("interface eth1", "B", 7)));
  EXPECT_TRUE(fine(instance("mcast_dst_ip 224.0.0.20", "B", 7)));
  EXPECT_FALSE(fine(instance("mcast_dst_ip 224.0.0.18", "B", 7)));
  const std::string peer2 = "unicast_peer {\n10.0.0.2\n}";
  EXPECT_TRUE(fine(instance(peer2, "B", 7)));
  EXPECT_TRUE(fine(instance(peer2, "B", 7) + instance("unicast_peer {\n10.0.0.3\n}", "C", 7)));
  EXPECT_FALSE(fine(instance(peer2, "B", 7) + instance(peer2, "C", 7)));
}

TEST(Errors, VirtualServers) {
  const auto server = [](std::string_view body) {
    return "virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\n" + std::string{body} + "\n}\n";
  };
  const auto check = [&](std::string_view body) {
    return server("real_server 10.0.0.2 80 {\n" + std::string{body} + "\n}");
  };
  expect_all({
      {"virtual_server group {\n}\n",
       "k.conf:1:16: error: virtual_server group needs one value; expected the name of a virtual_server_group\n"},
      {"virtual_server fwmark 0 {\n}\n",
       "k.conf:1:23: error: '0' is not a firewall mark; expected a number from 1 to 4294967295\n"},
      {"virtual_server 10.0.0.1 0 {\n}\n",
       "k.conf:1:25: error: '0' is not a port; expected a number from 1 to 65535\n"},
      {server("lvs_method dr"),
       "k.conf:5:12: error: 'dr' is not valid for 'lvs_method'; expected one of NAT, DR, TUN\n"},
      {server("lvs_sched rx"),
       "k.conf:5:11: error: 'rx' is not valid for 'lvs_sched'; expected one of rr, wrr, lc, wlc, lblc, sh, mh, dh, fo, "
       "ovf, lblcr, sed, nq, twos; did you mean 'rr'?\n"},
      {server("real_server fe80::1 80 {\n}"),
       "k.conf:5:1: error: real_server 'fe80::1' is not of the family of virtual_server [10.0.0.1]:80; expected an "
       "IPv4 "
       "address\n"},
      {server("real_server 10.0.0.2 80 {\n}\nreal_server 10.0.0.2 {\n}"),
       "k.conf:7:1: error: real_server [10.0.0.2]:80 is in virtual_server [10.0.0.1]:80 twice\n"},
      {check("HTTP_GET {\n}"), "k.conf:6:1: error: HTTP_GET has no 'url'; expected 'url' in the block\n"},
      {check("HTTP_GET {\nurl {\n}\n}"),
       "k.conf:6:1: error: a url of this HTTP_GET has no 'path'; expected 'path' in the "
       "block\n"},
      {check("HTTP_GET {\nurl {\npath /\nstatus_code 200-199\n}\n}"),
       "k.conf:9:13: error: '200-199' is not a status code; expected numbers or ranges from 100 to 999\n"},
      {check("TCP_CHECK {\nconnect_port 65536\n}"),
       "k.conf:7:14: error: '65536' is not valid for 'connect_port'; expected a number from 1 to 65535\n"},
      {check("TCP_CHECK {\npath /\n}"),
       "k.conf:7:1: error: 'path' is not a keyword of TCP_CHECK; it is a keyword of url; expected a keyword of "
       "TCP_CHECK\n"},
      {check("TCP_CHEK {\n}"),
       "k.conf:6:1: error: unknown keyword 'TCP_CHEK' in real_server; expected a keyword of real_server; did you mean "
       "'TCP_CHECK'?\n"},
      {check("MISC_CHECK {\n}"),
       "k.conf:6:1: error: MISC_CHECK has no 'misc_path'; expected 'misc_path' in the block\n"},
      {check("FILE_CHECK {\ntrack_file f\n}"),
       "k.conf:6:1: error: there is no track_file 'f'; expected the name of a track_file block\n"},
      {check("DNS_CHECK {\ntype ZZ\n}"),
       "k.conf:7:6: error: 'ZZ' is not valid for 'type'; expected one of A, NS, CNAME, SOA, MX, TXT, AAAA\n"},
      {check("UDP_CHECK {\npayload zz\n}"),
       "k.conf:7:9: error: 'zz' is not hexadecimal; expected hexadecimal digits\n"},
  });
}

TEST(Diagnostic, LeavesOutWhatIsUnknown) {
  Diagnostic diagnostic;
  diagnostic.message = "m";
  EXPECT_EQ(diagnostic.to_string(), "error: m");
  diagnostic.place = {"f", 3, 0};
  diagnostic.severity = Severity::warning;
  diagnostic.nearest = "n";
  EXPECT_EQ(diagnostic.to_string(), "f:3: warning: m; did you mean 'n'?");
}

}  // namespace
}  // namespace vipdrift::config
