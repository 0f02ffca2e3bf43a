// Values that keepalived judges: those of later releases, those without effect here, and what stands too low.
#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "protocol/config/parser.h"
#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using std::chrono::milliseconds;
using testing::instance;

ParseResult read(const std::string& text, bool warns_of_newer = false) {
  ParseOptions options = testing::plain_options();
  options.warns_of_newer_keywords = warns_of_newer;
  return parse(text, options);
}

/// The messages alone, without place and what was expected.
std::string said(const ParseResult& result) {
  std::string text;
  for (const Diagnostic& diagnostic : result.diagnostics) text += diagnostic.message + "\n";
  return text;
}

bool refuses(const std::string& statement) { return !read("global_defs {\n" + statement + "\n}\n").ok(); }

std::string script(const std::string& statement) {
  return "vrrp_script s {\n script /bin/true\n " + statement + "\n}\n";
}

TEST(Values, AScriptMayRunSeveralTimesASecond) {
  const ParseResult result = read(script("interval 0.25"));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.configuration->scripts[0].interval, milliseconds{250});
  EXPECT_EQ(said(result), "");
  EXPECT_EQ(said(read(script("timeout 1.5"), true)),
            "'1.5' for 'timeout' is newer than keepalived 2.2.7: 2.2.7 refuses it and goes on as if it were not "
            "there\n");
  EXPECT_EQ(said(read(script("timeout 2"), true)), "");
}

TEST(Values, UseVmacHasMoreWordsInLaterReleases) {
  const ParseResult result = read(instance("use_vmac name group 02:00:00:00:00:07 netlink_notify_msg group 3"), true);
  ASSERT_TRUE(result.ok()) << said(result);
  EXPECT_EQ(result.configuration->instances[0].vmac_name, "group");
  EXPECT_NE(said(result).find("'name' for 'use_vmac' is newer"), std::string::npos);
  EXPECT_NE(said(result).find("'netlink_notify_msg' of 'use_vmac' is known to keepalived, not modelled here"),
            std::string::npos);
  EXPECT_EQ(read(instance("use_vmac name")).configuration->instances[0].vmac_name, "name") << "as 2.2.7 has it";
}

TEST(Values, MacAddressesOfVirtualRoutersAreNotForVmacs) {
  const ParseResult result = read(instance("use_vmac 00:00:5e:00:01:07"));
  ASSERT_TRUE(result.ok());
  EXPECT_FALSE(result.configuration->instances[0].vmac_address);
  EXPECT_NE(said(result).find("an address of RFC 9568"), std::string::npos);
}

TEST(Values, OfKeywordsWithoutEffectAreJudgedAsKeepalivedDoes) {
  for (const char* good :
       {"bfd_cpu_affinity 0 1", "include_check", "include_check +match -brace_match", "vrrp_rx_bufs_policy mtu",
        "vrrp_rx_bufs_policy 4294967295", "vrrp_garp_extra_if all 100", "no_checker_emails off"}) {
    EXPECT_FALSE(refuses(good)) << good;
  }
  for (const char* bad : {"bfd_cpu_affinity 0 x", "bfd_cpu_affinity -1", "include_check foo", "vrrp_rx_bufs_policy -1",
                          "vrrp_rx_bufs_policy MTU 1", "vrrp_garp_extra_if all", "vrrp_garp_extra_if 86401",
                          "no_checker_emails maybe", "snmp_socket a b"}) {
    EXPECT_TRUE(refuses(bad)) << bad;
  }
}

TEST(Values, WordsThatKeepalivedPassesOverHaveNoEffect) {
  EXPECT_EQ(testing::messages(instance("priority 10 20")),
            "k.conf:7:13: warning: '20' has no effect: keepalived does not read it, and 'priority' needs no more; "
            "expected a number from 1 to 255 and nothing else\n");
  EXPECT_EQ(
      testing::messages(instance("notify_master a b c d")),
      "k.conf:7:21: warning: 'd' has no effect: the words behind a command are its user and group, and keepalived "
      "reads no more; expected the whole command in double quotes\n");
  const ParseResult result = read(instance("nopreempt off"));
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.configuration->instances[0].nopreempt);
  EXPECT_NE(said(result).find("'nopreempt' holds whatever stands behind it"), std::string::npos);
  EXPECT_FALSE(read(instance("priority 100 nopreempt")).ok()) << "a statement that would be lost";
}

TEST(Values, KeepalivedLooksForTrackedObjectsAbove) {
  const std::string tracking = instance("track_script {\n  s\n}");
  EXPECT_EQ(said(read(script("interval 2") + tracking)), "");
  const ParseResult below = read(tracking + script("interval 2"));
  EXPECT_FALSE(below.ok());
  EXPECT_NE(said(below).find("vrrp_script 's' stands below"), std::string::npos);
}

TEST(Values, FlagsOfHashingSchedulersStandBelowThem) {
  const auto server = [](const std::string& lines) {
    return "virtual_server 10.0.0.1 80 {\n protocol TCP\n lb_kind DR\n" + lines +
           "\n real_server 10.0.0.2 80 {\n }\n}\n";
  };
  const ParseResult good = read(server("lb_algo sh\nsh-port"));
  EXPECT_EQ(said(good), "");
  EXPECT_TRUE(good.configuration->virtual_servers[0].settings.flags.flag_2);
  const ParseResult late = read(server("sh-port\nlb_algo sh"));
  EXPECT_NE(said(late).find("keepalived ignores 'sh-port'"), std::string::npos);
  EXPECT_FALSE(late.configuration->virtual_servers[0].settings.flags.flag_2);
}

TEST(Values, NotifyDeletedNeedsNoCommand) {
  const ParseResult result = read(instance("notify_deleted"));
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result.configuration->instances[0].notifies->deleted.place.line, 7);
  EXPECT_TRUE(result.configuration->instances[0].notifies->deleted.empty());
}

}  // namespace
}  // namespace vipdrift::config
