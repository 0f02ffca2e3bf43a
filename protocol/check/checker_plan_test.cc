// What the words of a checker become.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/check/engine_driver.h"

namespace vipdrift::check {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

CheckerPlan plan_of(const std::string& checker, const std::string& service = "", const std::string& server = "") {
  const CheckPlan plan{testing::configuration_of("virtual_server 10.1.10.7 80 {\ndelay_loop 9\nprotocol TCP\n" +
                                                 service + "real_server 10.1.10.11 8080 {\n" + server + checker +
                                                 "}\n}\n"),
                       vrrp::vipdrift_profile()};
  return plan.checkers.at(0);
}

template <class Wanted>
Wanted probe_of(const std::string& checker, std::size_t question = 0) {
  return std::get<Wanted>(plan_of(checker).questions.at(question).probe);
}

TEST(CheckerPlan, TcpHasTheDefaultsOfKeepalived) {
  const CheckerPlan plan = plan_of("TCP_CHECK {\n}\n");
  EXPECT_EQ(plan.kind, CheckerKind::tcp);
  EXPECT_EQ(plan.delay_loop, seconds{9});
  EXPECT_EQ(plan.delay_before_retry, seconds{1});
  EXPECT_EQ(plan.warmup, seconds{9});
  EXPECT_EQ(plan.retry, 1U);
  EXPECT_FALSE(plan.alpha);
  const auto& connection = std::get<TcpProbe>(plan.questions.at(0).probe).connection;
  EXPECT_EQ(connection.address, IpAddress::v4(10, 1, 10, 11));
  EXPECT_EQ(connection.port, 8080);
  EXPECT_EQ(connection.timeout, seconds{5});
}

TEST(CheckerPlan, RetriesAndDelaysDependOnTheKind) {
  EXPECT_EQ(plan_of("HTTP_GET {\nurl {\npath /\n}\n}\n").delay_before_retry, seconds{3});
  EXPECT_EQ(plan_of("DNS_CHECK {\n}\n").delay_before_retry, seconds{9});
  EXPECT_EQ(plan_of("DNS_CHECK {\n}\n").retry, 3U);
  EXPECT_EQ(plan_of("MISC_CHECK {\nmisc_path /bin/true\n}\n").retry, 0U);
}

TEST(CheckerPlan, ASettingOfTheCheckerWinsOverTheServersAndTheServices) {
  EXPECT_EQ(plan_of("TCP_CHECK {\n}\n", "retry 4\n").retry, 4U);
  EXPECT_EQ(plan_of("TCP_CHECK {\n}\n", "retry 4\n", "retry 5\n").retry, 5U);
  EXPECT_EQ(plan_of("TCP_CHECK {\nretry 6\n}\n", "retry 4\n", "retry 5\n").retry, 6U);
  EXPECT_TRUE(plan_of("TCP_CHECK {\n}\n", "alpha\n").alpha);
  EXPECT_FALSE(plan_of("TCP_CHECK {\nalpha off\n}\n", "alpha\n").alpha);
}

TEST(CheckerPlan, WhereAProbeGoesAndFromWhere) {
  const auto connection = probe_of<TcpProbe>(
                              "TCP_CHECK {\nconnect_ip 10.2.2.2\nconnect_port 99\nbindto 10.1.10.1\nbind_if eth1\n"
                              "bind_port 1024\nfwmark 7\nconnect_timeout 0.25\n}\n")
                              .connection;
  EXPECT_EQ(connection, (Connection{.address = IpAddress::v4(10, 2, 2, 2),
                                    .port = 99,
                                    .from_address = IpAddress::v4(10, 1, 10, 1),
                                    .from_interface = "eth1",
                                    .from_port = 1024,
                                    .fwmark = 7,
                                    .timeout = milliseconds{250}}));
}

TEST(EachByteRestartsTimeout, IsForProbesWhoseAnswersComeInParts) {
  const auto restarts = [](const std::string& checker, const vrrp::Profile& profile) {
    const CheckPlan plan{testing::configuration_of("virtual_server 10.1.10.7 80 {\nprotocol TCP\n"
                                                   "real_server 10.1.10.11 80 {\n" +
                                                   checker + "}\n}\n"),
                         profile};
    return std::visit(
        [](const auto& probe) {
          if constexpr (requires { probe.connection; }) return probe.connection.restarts_timeout;
          return false;
        },
        plan.checkers.at(0).questions.at(0).probe);
  };
  const std::vector<std::string> streams{"HTTP_GET {\nurl {\npath /\n}\n}\n", "SSL_GET {\nurl {\npath /\n}\n}\n",
                                         "SMTP_CHECK {\n}\n"};
  for (const std::string& checker : streams) {
    EXPECT_TRUE(restarts(checker, vrrp::keepalived_profile())) << checker;
    EXPECT_FALSE(restarts(checker, vrrp::vipdrift_profile())) << checker;
  }
  for (const std::string checker : {"TCP_CHECK {\n}\n", "DNS_CHECK {\n}\n", "UDP_CHECK {\n}\n"}) {
    EXPECT_FALSE(restarts(checker, vrrp::keepalived_profile())) << checker;
  }
}

TEST(CheckerPlan, EachUrlIsAQuestion) {
  const CheckerPlan plan = plan_of(
      "SSL_GET {\nurl {\npath /a\nvirtualhost a.example\nstatus_code 200 302\n}\nvirtualhost b.example\nenable_sni\n"
      "http_protocol 1.1\nurl {\npath /b\nregex ^ok\nregex_options caseless\nregex_min_offset 3\n}\n}\n");
  ASSERT_EQ(plan.questions.size(), 2U);
  const auto& a = std::get<HttpProbe>(plan.questions[0].probe);
  const auto& b = std::get<HttpProbe>(plan.questions[1].probe);
  EXPECT_TRUE(a.tls && a.server_name_indication && b.tls);
  EXPECT_EQ(a.path, "/a");
  EXPECT_EQ(a.virtual_host, "a.example");
  EXPECT_EQ(a.version, HttpVersion::v1_1);
  EXPECT_EQ(a.pattern, std::nullopt);
  EXPECT_EQ(plan.questions[0].statuses, (std::vector<StatusRange>{{200, 200}, {302, 302}}));
  EXPECT_EQ(b.path, "/b");
  EXPECT_EQ(b.virtual_host, "b.example");
  EXPECT_EQ(b.pattern, (BodyPattern{.expression = "^ok", .options = {"caseless"}, .min_offset = 3, .max_offset = {}}));
  EXPECT_EQ(plan.questions[1].statuses, (std::vector<StatusRange>{{200, 299}}));
}

TEST(CheckerPlan, TheServersVirtualHostIsForUrlsThatHaveNone) {
  const CheckerPlan plan =
      plan_of("HTTP_GET {\nurl {\npath /a\nvirtualhost a.example\n}\nurl {\npath /b\n}\n}\n",
              "virtualhost vs.example\n");
  EXPECT_EQ(std::get<HttpProbe>(plan.questions.at(0).probe).virtual_host, "a.example");
  EXPECT_EQ(std::get<HttpProbe>(plan.questions.at(1).probe).virtual_host, "vs.example");
}

TEST(CheckerPlan, ADigestIsAskedForWhenItMatters) {
  const std::string digest(32, '7');
  const CheckerPlan plan = plan_of("HTTP_GET {\nurl {\npath /\ndigest " + digest + "\n}\n}\n");
  EXPECT_TRUE(std::get<HttpProbe>(plan.questions.at(0).probe).wants_digest);
  EXPECT_EQ(plan.questions.at(0).digests, std::vector<std::string>{digest});
}

TEST(CheckerPlan, DnsAsksForTheRootsSoaUnlessToldOtherwise) {
  EXPECT_EQ(probe_of<DnsProbe>("DNS_CHECK {\n}\n").type, 6);
  EXPECT_EQ(probe_of<DnsProbe>("DNS_CHECK {\n}\n").name, ".");
  const auto probe = probe_of<DnsProbe>("DNS_CHECK {\ntype aaaa\nname www.example\n}\n");
  EXPECT_EQ(probe.type, 28);
  EXPECT_EQ(probe.name, "www.example");
}

TEST(CheckerPlan, BytesOfAUdpCheckInAnyGrouping) {
  const auto probe =
      probe_of<UdpProbe>("UDP_CHECK {\npayload Ab12f 3 456\nrequire_reply 1X 2\nmin_reply_length 2\n}\n");
  EXPECT_EQ(probe.payload, (std::vector<std::uint8_t>{0x0a, 0xb1, 0x2f, 0x03, 0x04, 0x56}));
  EXPECT_TRUE(probe.wants_reply);
  EXPECT_EQ(probe.reply, (std::vector<HexDigit>{1, std::nullopt, 0, 2}));
  EXPECT_EQ(probe.min_reply, 2U);
  EXPECT_EQ(probe.max_reply, 255U);
}

TEST(CheckerPlan, AProgramHasUntilTheNextRunUnlessToldOtherwise) {
  EXPECT_EQ(probe_of<MiscProbe>("MISC_CHECK {\nmisc_path \"/bin/check a\"\n}\n").timeout, seconds{9});
  const auto probe = probe_of<MiscProbe>("MISC_CHECK {\nmisc_path /bin/check\nmisc_timeout 3\nuser www staff\n}\n");
  EXPECT_EQ(probe.timeout, seconds{3});
  EXPECT_EQ(probe.command.user, "www");
  EXPECT_EQ(probe.command.group, "staff");
}

TEST(CheckerPlan, EveryHostOfAnSmtpCheckIsAQuestion) {
  const CheckerPlan plan = plan_of(
      "SMTP_CHECK {\nhelo_name me\nhost {\nconnect_port 25\n}\nhost {\nconnect_ip 10.3.3.3\nconnect_port 26\n}\n}\n");
  ASSERT_EQ(plan.questions.size(), 2U);
  EXPECT_EQ(std::get<SmtpProbe>(plan.questions[0].probe).connection.port, 25);
  EXPECT_EQ(std::get<SmtpProbe>(plan.questions[1].probe).connection.address, IpAddress::v4(10, 3, 3, 3));
  EXPECT_EQ(std::get<SmtpProbe>(plan.questions[1].probe).helo_name, "me");
}

}  // namespace
}  // namespace vipdrift::check
