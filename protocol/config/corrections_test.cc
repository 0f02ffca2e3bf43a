// Where keepalived runs something else than was written: each correction is made and said.
#include <gtest/gtest.h>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::accepted;
using testing::instance;
using testing::messages;
using testing::read_instance;

constexpr std::string_view kPass = "authentication {\nauth_type PASS\nauth_pass secret\n}";

TEST(Priority, DefaultsTo100OrTo255ForStateMaster) {
  EXPECT_EQ(read_instance("").priority, 100);
  EXPECT_EQ(read_instance("state BACKUP").priority, 100);
  EXPECT_EQ(read_instance("state MASTER").priority, 255);
  EXPECT_EQ(messages(instance("state MASTER")),
            "k.conf:7:1: warning: state MASTER without 'priority' makes this director the owner of the addresses: "
            "priority 255\n");
  EXPECT_EQ(read_instance("state MASTER\npriority 100").priority, 100);
}

TEST(State, MasterIsKeptAgainstALaterBackup) {
  EXPECT_EQ(read_instance("priority 9\nstate MASTER\nstate BACKUP").state, WantedState::master);
  EXPECT_EQ(messages(instance("priority 9\nstate MASTER\nstate BACKUP")),
            "k.conf:9:1: warning: state MASTER is written above: keepalived keeps it\n");
  EXPECT_EQ(read_instance("priority 9\nstate BACKUP\nstate MASTER").state, WantedState::master);
  EXPECT_EQ(read_instance("priority 255").state, std::nullopt);
}

TEST(Nopreempt, IsClearedWithStateMasterAndForTheOwner) {
  EXPECT_TRUE(read_instance("nopreempt\nstate BACKUP").nopreempt);
  EXPECT_TRUE(read_instance("nopreempt").nopreempt);
  EXPECT_FALSE(read_instance("nopreempt\npreempt").nopreempt);
  EXPECT_FALSE(read_instance("nopreempt\nstate MASTER\npriority 100").nopreempt);
  EXPECT_EQ(messages(instance("nopreempt\nstate MASTER\npriority 100")),
            "k.conf:7:1: warning: nopreempt does not work with state MASTER: it is cleared\n");
  EXPECT_FALSE(read_instance("nopreempt\npriority 255\nstate BACKUP").nopreempt);
  EXPECT_EQ(messages(instance("nopreempt\npriority 255\nstate BACKUP")),
            "k.conf:7:1: warning: nopreempt does not go with priority 255: it is cleared\n");
}

TEST(PreemptDelay, IsClearedWithStateMasterWithNopreemptAndUnderStrictness) {
  EXPECT_EQ(read_instance("preempt_delay 3").preempt_delay, seconds{3});
  EXPECT_EQ(read_instance("preempt_delay 3\nstate MASTER\npriority 9").preempt_delay, seconds{0});
  EXPECT_EQ(read_instance("preempt_delay 3\npriority 255").preempt_delay, seconds{0});
  EXPECT_EQ(read_instance("preempt_delay 3\npriority 255\nstate BACKUP").preempt_delay, seconds{3});
  EXPECT_EQ(messages(instance("preempt_delay 3\nnopreempt")),
            "k.conf:7:1: warning: preempt_delay does not work with nopreempt: it is cleared\n");
  EXPECT_EQ(messages(instance("preempt_delay 3\nstrict_mode")),
            "k.conf:7:1: warning: preempt_delay does not work with vrrp_strict: it is cleared\n");
}

TEST(TimerExpiredBackup, NeedsNopreempt) {
  EXPECT_TRUE(read_instance("timer_expired_backup\nnopreempt").timer_expired_backup);
  EXPECT_FALSE(read_instance("timer_expired_backup").timer_expired_backup);
  EXPECT_EQ(messages(instance("timer_expired_backup")),
            "k.conf:7:1: warning: timer_expired_backup does not work without nopreempt: it is cleared\n");
}

struct IntervalCase {
  const char* body;
  milliseconds expected;
  const char* message;
};

TEST(Interval, IsRoundedToWhatTheWireCanSay) {
  const IntervalCase cases[] = {
      {"advert_int 1", seconds{1}, ""},
      {"advert_int 255", seconds{255}, ""},
      {"advert_int 0.4", seconds{1}, "VRRP version 2 advertises in whole seconds: 0.4 becomes 1"},
      {"advert_int 1.49", seconds{1}, "VRRP version 2 advertises in whole seconds: 1.49 becomes 1"},
      {"advert_int 1.5", seconds{2}, "VRRP version 2 advertises in whole seconds: 1.5 becomes 2"},
      {"advert_int 2.5", seconds{3}, "VRRP version 2 advertises in whole seconds: 2.5 becomes 3"},
      {"version 3\nadvert_int 0.01", milliseconds{10}, ""},
      {"version 3\nadvert_int 40.95", milliseconds{40'950}, ""},
      {"version 3\nadvert_int 0.015", milliseconds{20},
       "VRRP version 3 advertises in hundredths of a second: 0.015 becomes 0.02"},
      {"version 3\nadvert_int 40.96", milliseconds{40'950},
       "VRRP version 3 advertises at least every 40.95 seconds: 40.96 becomes 40.95"},
  };
  for (const IntervalCase& c : cases) {
    EXPECT_EQ(read_instance(c.body).advert_int, c.expected) << c.body;
    const std::string said = messages(instance(c.body));
    if (*c.message == '\0') {
      EXPECT_EQ(said, "") << c.body;
    } else {
      EXPECT_NE(said.find(std::string{": warning: "} + c.message + "\n"), std::string::npos) << said;
    }
  }
}

TEST(Authentication, PassIsKeptInVersion2) {
  const VrrpInstance read = read_instance(kPass);
  EXPECT_EQ(read.auth_type, vrrp::AuthType::pass);
  EXPECT_EQ(read.auth_pass, "secret");
  EXPECT_EQ(messages(instance(kPass)), "");
}

TEST(Authentication, PasswordEndsAfterEightCharacters) {
  const std::string body = "authentication {\nauth_type PASS\nauth_pass 123456789\n}";
  EXPECT_EQ(read_instance(body).auth_pass, "12345678");
  EXPECT_EQ(messages(instance(body)), "k.conf:9:11: warning: the password is cut to 8 characters: '12345678'\n");
  EXPECT_EQ(messages(instance("authentication {\nauth_type PASS\nauth_pass 12345678\n}")), "");
}

TEST(Authentication, AHashSignCutsThePassword) {
  EXPECT_EQ(read_instance("authentication {\nauth_type PASS\nauth_pass pa#ss\n}").auth_pass, "pa");
  EXPECT_EQ(read_instance("authentication {\nauth_type PASS\nauth_pass \"pa#ss\"\n}").auth_pass, "pa#ss");
}

TEST(Authentication, HalfABlockIsNone) {
  EXPECT_EQ(read_instance("authentication {\nauth_type PASS\n}").auth_type, vrrp::AuthType::none);
  EXPECT_EQ(messages(instance("authentication {\nauth_type PASS\n}")),
            "k.conf:7:1: warning: no auth_pass: keepalived runs 'VI_1' without authentication; expected 'auth_pass "
            "PASSWORD' in the block\n");
  EXPECT_EQ(read_instance("authentication {\nauth_pass x\n}").auth_type, vrrp::AuthType::none);
  EXPECT_EQ(messages(instance("authentication {\nauth_pass x\n}")),
            "k.conf:7:1: warning: no auth_type: keepalived runs 'VI_1' without authentication; expected 'auth_type "
            "PASS' in the block\n");
}

TEST(Authentication, IsIgnoredInVersion3AndUnderStrictness) {
  const std::string v3 = std::string{kPass} + "\nversion 3";
  EXPECT_EQ(read_instance(v3).auth_type, vrrp::AuthType::none);
  EXPECT_EQ(read_instance(v3).version, vrrp::Version::v3);
  EXPECT_EQ(messages(instance(v3)),
            "k.conf:7:1: warning: VRRP version 3 has no authentication: the block is ignored\n");
  EXPECT_EQ(messages(instance(std::string{kPass} + "\nstrict_mode")),
            "k.conf:7:1: warning: vrrp_strict has no authentication: the block is ignored\n");
}

TEST(Authentication, HeadersAreNotModelledAndForbidStateMaster) {
  const std::string body = "state MASTER\npriority 100\nauthentication {\nauth_type AH\nauth_pass x\n}";
  EXPECT_EQ(read_instance(body).state, WantedState::backup);
  EXPECT_EQ(messages(instance(body)),
            "k.conf:7:1: warning: state MASTER does not go with auth_type AH: keepalived runs BACKUP\n"
            "k.conf:10:11: warning: authentication headers (AH) are known to keepalived, not modelled here: "
            "advertisements go without one\n");
}

TEST(Version, TwoHasNoIpv6) {
  const std::string text = instance("version 2", "V", 1, "fe80::1");
  EXPECT_EQ(accepted(text).instances.at(0).version, vrrp::Version::v3);
  EXPECT_EQ(messages(text), "k.conf:7:1: warning: version 2 has no IPv6: keepalived runs version 3\n");
}

TEST(Addresses, TheFirstOfIpv6ShouldBeLinkLocal) {
  EXPECT_EQ(messages(instance("", "V", 1, "2001:db8::7")),
            "k.conf:5:5: warning: the first IPv6 address should be link-local, in fe80::/10\n");
  EXPECT_EQ(messages(instance("", "V", 1, "fe80::7\n2001:db8::7")), "");
}

TEST(Addresses, OfAnInstanceMayBeMissingUnlessStrict) {
  const std::string text = "vrrp_instance V {\ninterface eth0\nvirtual_router_id 1\n}\n";
  EXPECT_EQ(messages(text), "k.conf:1:1: warning: vrrp_instance 'V' has no virtual address\n");
  EXPECT_EQ(messages("global_defs {\nvrrp_strict\n}\n" + text),
            "k.conf:4:1: error: vrrp_instance 'V' has no virtual address, which vrrp_strict demands\n");
}

TEST(Labels, OfIpv6AddressesAreIgnored) {
  const std::string text = instance("", "V", 1, "fe80::1 label eth0:1");
  EXPECT_EQ(accepted(text).instances.at(0).virtual_addresses.at(0).label, "");
  EXPECT_EQ(messages(text), "k.conf:5:13: warning: keepalived ignores the label of an IPv6 address\n");
}

TEST(Strictness, ChangesWhatTheProtocolForbids) {
  const std::string global = "global_defs {\nvrrp_strict\n}\n";
  const std::string body =
      "accept\nlower_prio_no_advert off\nhigher_prio_send_advert\nuse_vmac\nvmac_xmit_base\n"
      "garp_lower_prio_repeat 3\nstate MASTER\npriority 100";
  const VrrpInstance read = accepted(global + instance(body)).instances.at(0);
  EXPECT_TRUE(read.strict);
  EXPECT_FALSE(read.accept);
  EXPECT_TRUE(read.lower_prio_no_advert);
  EXPECT_FALSE(read.higher_prio_send_advert);
  EXPECT_FALSE(read.vmac_xmit_base);
  EXPECT_EQ(read.garp_lower_prio_repeat, 0);
  EXPECT_EQ(read.state, WantedState::backup);
  EXPECT_EQ(messages(global + instance(body)),
            "k.conf:10:1: warning: vrrp_strict: version 2 has no accept mode; it is reset\n"
            "k.conf:11:1: warning: vrrp_strict: lower_prio_no_advert stays on\n"
            "k.conf:12:1: warning: vrrp_strict: higher_prio_send_advert is reset\n"
            "k.conf:14:1: warning: vrrp_strict: vmac_xmit_base is reset\n"
            "k.conf:15:1: warning: vrrp_strict: garp_lower_prio_repeat is reset to 0\n"
            "k.conf:16:1: warning: vrrp_strict: state MASTER goes with priority 255 and with nothing else; keepalived "
            "runs BACKUP\n");
  EXPECT_TRUE(accepted(global + instance("version 3\npriority 255")).instances.at(0).accept);
  EXPECT_FALSE(accepted(global + instance("version 3")).instances.at(0).accept);
  EXPECT_TRUE(accepted(global + instance("strict_mode off")).instances.at(0).accept);
  EXPECT_EQ(
      messages(global + instance("", "V", 1, "2001:db8::1")),
      "k.conf:8:5: error: vrrp_strict: the first IPv6 address must be link-local; expected an address in fe80::/10\n");
}

TEST(Unicast, WithoutPeersFallsBackToMulticast) {
  EXPECT_EQ(messages(instance("unicast_src_ip 10.0.0.9")),
            "k.conf:7:1: warning: unicast without any unicast_peer: keepalived falls back to multicast\n");
  EXPECT_FALSE(read_instance("check_unicast_src").check_unicast_source);
  EXPECT_TRUE(read_instance("check_unicast_src\nunicast_peer {\n10.0.0.2\n}").check_unicast_source);
  EXPECT_FALSE(read_instance("unicast_peer {\n10.0.0.2\n}").check_unicast_source);
}

TEST(TrackInterface, IgnoresTheInstancesOwn) {
  EXPECT_EQ(read_instance("track_interface {\neth1\neth0\n}").track_interfaces.size(), 1U);
  EXPECT_EQ(messages(instance("track_interface {\neth1\neth0\n}")),
            "k.conf:9:1: warning: keepalived ignores the instance's own interface here: it is tracked anyway\n");
}

TEST(SyncGroup, MembersWeightsDoNotCount) {
  const std::string text =
      "vrrp_script s {\nscript /bin/true\nweight -5\n}\nvrrp_sync_group G {\ngroup {\nA\nB\n}\n}\n" +
      instance("track_script {\ns\n}", "A", 1) + instance("track_script {\ns weight 0\n}", "B", 2);
  EXPECT_EQ(messages(text),
            "k.conf:18:1: warning: the weight of 's' does not count in vrrp_sync_group 'G' without "
            "sync_group_tracking_weight\n");
}

TEST(SyncGroup, OfOneMemberIsOdd) {
  EXPECT_EQ(messages("vrrp_sync_group G {\ngroup {\nVI_1\n}\n}\n" + instance("")),
            "k.conf:1:1: warning: vrrp_sync_group 'G' has only one member\n");
}

TEST(Statements, WrittenTwiceTheLastCounts) {
  EXPECT_EQ(read_instance("priority 10\npriority 20").priority, 20);
  EXPECT_EQ(messages(instance("priority 10\npriority 20")),
            "k.conf:8:1: warning: 'priority' is written on line 7 too: the last one counts\n");
}

TEST(Keywords, KnownButNotModelledAreSaid) {
  EXPECT_EQ(
      messages(instance("track_bfd {\n peer\n}\npromote_secondaries")),
      "k.conf:7:1: warning: 'track_bfd' is known to keepalived, not modelled here: it has no effect\n"
      "k.conf:10:1: warning: 'promote_secondaries' is known to keepalived, not modelled here: it has no effect\n");
}

constexpr std::string_view kShellScript = "vrrp_script s {\n  script \"[[ -f /x ]] && exit 1 || exit 0\"\n}\n";

TEST(Scripts, ForAShellAreDisabledInKeepalivedsWords) {
  EXPECT_TRUE(accepted(kShellScript).scripts.at(0).disabled);
  EXPECT_EQ(messages(kShellScript), "k.conf:2:3: warning: Cannot find script [[ in path - disabling\n");
}

TEST(Scripts, ForAShellAreExplainedByTheProfile) {
  ParseOptions options = testing::plain_options();
  options.profile.explains_shell_scripts = true;
  EXPECT_TRUE(accepted(kShellScript, options).scripts.at(0).disabled);
  EXPECT_EQ(messages(kShellScript, options),
            "k.conf:2:3: warning: '[[' is no program, and no shell is used: vrrp_script 's' is disabled and has no "
            "effect; expected \"/bin/sh -c '...'\"\n");
}

TEST(Scripts, OperatorsReachTheProgramAsArguments) {
  const std::string text = "vrrp_script s {\nscript \"[ -f /x ] && exit 1\"\n}\n";
  EXPECT_FALSE(accepted(text).scripts.at(0).disabled);
  EXPECT_EQ(messages(text), "k.conf:2:1: warning: '&&' reaches '[' as an argument: no shell is used\n");
  EXPECT_EQ(messages("vrrp_script s {\nscript \"/bin/sh -c '[ -f /x ] && exit 1'\"\n}\n"), "");
}

TEST(Scripts, RunOnlyTheirFirstWordOrQuotedPart) {
  const std::string text = "vrrp_script s {\nscript /bin/sh -c \"exit 0\"\n}\n";
  EXPECT_EQ(accepted(text).scripts.at(0).command.argv, std::vector<std::string>{"/bin/sh"});
  EXPECT_EQ(messages(text),
            "k.conf:2:16: warning: '-c' and what follows is not part of the command: keepalived runs '/bin/sh' alone; "
            "expected the whole command in double quotes\n");
}

TEST(VirtualServer, DefaultsAreSaid) {
  EXPECT_EQ(messages("virtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 80 {\n }\n}\n"),
            "k.conf:1:1: warning: virtual_server [10.0.0.1]:80 has no 'protocol': keepalived takes UDP\n"
            "k.conf:1:1: warning: virtual_server [10.0.0.1]:80 has no 'lb_algo': keepalived takes wlc\n"
            "k.conf:1:1: warning: virtual_server [10.0.0.1]:80 has no 'lb_kind': keepalived takes NAT\n");
}

/// A virtual server with `body` from line 5 on.
std::string server(std::string_view body, std::string_view real = "real_server 10.0.0.2 80 {\n}") {
  return "virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\n" + std::string{body} + "\n" +
         std::string{real} + "\n}\n";
}

TEST(VirtualServer, QuorumAndHysteresisAreLoweredToWhatCanBe) {
  EXPECT_EQ(messages(server("quorum 2")),
            "k.conf:5:1: warning: the quorum 2 can never be met: it is lowered to the sum of the weights, 1\n");
  EXPECT_EQ(accepted(server("quorum 2")).virtual_servers.at(0).quorum, 1);
  EXPECT_EQ(messages(server("quorum 1")), "");
  EXPECT_EQ(messages(server("hysteresis 1")),
            "k.conf:1:1: warning: the hysteresis 1 is lowered to 0, below the quorum\n");
}

TEST(VirtualServer, WithoutRealServersIsLeftOut) {
  EXPECT_TRUE(accepted(server("", "")).virtual_servers.empty());
  EXPECT_EQ(messages(server("", "")),
            "k.conf:1:1: warning: the quorum 1 can never be met: it is lowered to the sum of the weights, 0\n"
            "k.conf:1:1: warning: virtual_server [10.0.0.1]:80 has no real servers: keepalived leaves it out\n");
}

TEST(VirtualServer, WithoutPortIsPersistent) {
  const std::string text =
      "virtual_server 10.0.0.1 {\nprotocol TCP\nlb_algo rr\nlb_kind NAT\nreal_server 10.0.0.2 80 {\n}\n}\n";
  EXPECT_EQ(messages(text),
            "k.conf:1:1: warning: virtual_server [10.0.0.1]:0 has no port: keepalived makes it persistent\n");
  EXPECT_EQ(accepted(text).virtual_servers.at(0).settings.persistence, seconds{360});
}

}  // namespace
}  // namespace vipdrift::config
