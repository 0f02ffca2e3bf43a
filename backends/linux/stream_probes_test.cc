#include "backends/linux/stream_probes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

#include "backends/linux/probe_test_support.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;
using check::HttpVersion;
using check::Outcome;
using check::ProbeResult;
using testing::HasSubstr;

class StreamProbesTest : public ProbeTest {
 protected:
  static ScriptedServer::Script page(std::vector<std::string> pieces, bool closes = true) {
    return {"\r\n\r\n", std::move(pieces), 0ms, closes};
  }
};

// ---------------------------------------------------------------- TCP

TEST_F(StreamProbesTest, TcpIsAnsweredOrRefusedOrHasNoWay) {
  ScriptedServer server(context_, {"never", {}, 0ms, true});
  EXPECT_EQ(probed(check::TcpProbe{to(server.port())}).outcome, Outcome::answered);
  EXPECT_EQ(probed(check::TcpProbe{to(1)}).outcome, Outcome::refused);
  ip("route add unreachable 10.9.0.0/24");
  check::Connection away = to(80);
  away.address = IpAddress::v4(10, 9, 0, 1);
  EXPECT_EQ(probed(check::TcpProbe{away}).outcome, Outcome::unreachable);
  run_until([&] { return server.left() == 1; });
}

TEST_F(StreamProbesTest, TcpOverIpv6) {
  ScriptedServer server(context_, {"never", {}, 0ms, true}, "::1");
  check::Connection six = to(server.port());
  six.address = *IpAddress::parse("::1");
  EXPECT_EQ(probed(check::TcpProbe{six}).outcome, Outcome::answered);
}

TEST_F(StreamProbesTest, SilenceTimesOutAndNotBefore) {
  ip("link add v0 type veth peer name v1");
  ip("address add 10.8.0.1/24 dev v0");
  ip("link set v0 up");
  ip("link set v1 up");
  check::Connection silent = to(80, 150ms);
  silent.address = IpAddress::v4(10, 8, 0, 2);
  EXPECT_EQ(probed(check::TcpProbe{silent}).outcome, Outcome::timed_out);
  expect_took(0, 150ms);
}

// ---------------------------------------------------------------- HTTP

TEST_F(StreamProbesTest, TheStatusIsToldWhateverItIs) {
  for (const int status : {200, 302, 404, 503}) {
    ScriptedServer server(context_, page({"HTTP/1.0 " + std::to_string(status) + " Words\r\n\r\nRS1"}));
    const ProbeResult result = probed(get(server.port()));
    EXPECT_EQ(result.outcome, Outcome::answered) << result.detail;
    EXPECT_EQ(result.code, status);
    EXPECT_EQ(result.digest, "");
  }
}

TEST_F(StreamProbesTest, TheRequestIsWordedAsKeepalivedWordsIt) {
  ScriptedServer server(context_, page({"HTTP/1.0 200 OK\r\n\r\n"}));
  check::HttpProbe probe = get(server.port());
  probe.path = "/mrtg2/";
  probed(probe);
  probe.version = HttpVersion::v1_0_close;
  probe.virtual_host = "www.firewall.loc";
  probed(probe);
  probe.version = HttpVersion::v1_1;
  probed(probe);
  ASSERT_EQ(server.heard().size(), 3U);
  EXPECT_EQ(server.heard()[0], "GET /mrtg2/ HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 127.0.0.1:" +
                                   std::to_string(server.port()) + "\r\n\r\n");
  EXPECT_EQ(server.heard()[1], "GET /mrtg2/ HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\n"
                               "Host: www.firewall.loc\r\n\r\n");
  EXPECT_THAT(server.heard()[2], testing::StartsWith("GET /mrtg2/ HTTP/1.1\r\n"));
}

TEST_F(StreamProbesTest, ADigestIsOfTheBodyHoweverItComes) {
  const std::vector<std::vector<std::string>> ways = {
      {"HTTP/1.0 200 OK\r\n\r\nRS1"},
      {"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\n", "R", "S1"},
      {"HTT", "P/1.1 200 OK\r\nA: b\r", "\nTransfer-Encoding: chunked\r\n", "\r\n1\r\nR\r\n2\r\nS1\r\n0\r\n\r\n"},
  };
  for (const std::vector<std::string>& pieces : ways) {
    ScriptedServer::Script script = page(pieces);
    script.pause = 5ms;
    ScriptedServer server(context_, script);
    check::HttpProbe probe = get(server.port());
    probe.wants_digest = true;
    const ProbeResult result = probed(probe);
    EXPECT_EQ(result.outcome, Outcome::answered) << result.detail;
    EXPECT_EQ(result.digest, "2a930a92031a8ca9c29d204a8c67eeca");  // of "RS1", as md5sum tells
  }
}

TEST_F(StreamProbesTest, ACompleteAnswerNeedsNoEndOfTheConnection) {
  ScriptedServer server(context_, page({"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nRS1"}, false));
  EXPECT_EQ(probed(get(server.port(), 5s)).outcome, Outcome::answered);
  EXPECT_LT(took_[0], 4s);
  run_until([&] { return server.left() == 1; });
}

TEST_F(StreamProbesTest, WhatIsNotHttpOrEndsEarlyIsBroken) {
  for (const char* const answer : {"", "HTTP/1.0 200 O", "SSH-2.0-OpenSSH_9.2\r\n\r\n",
                                   "HTTP/1.0 200 OK\r\nContent-Length: 10\r\n\r\nRS1"}) {
    ScriptedServer server(context_, page({answer}));
    const ProbeResult result = probed(get(server.port()));
    EXPECT_EQ(result.outcome, Outcome::broken) << answer;
    EXPECT_NE(result.detail, "") << answer;
  }
}

TEST_F(StreamProbesTest, AnAnswerThatDripsTimesOutAsAWhole) {
  ScriptedServer::Script script = page({});
  script.pieces.assign(1000, "x");
  script.pieces.insert(script.pieces.begin(), "HTTP/1.0 200 OK\r\n\r\n");
  script.pause = 20ms;
  ScriptedServer server(context_, script);
  EXPECT_EQ(probed(get(server.port(), 300ms)).outcome, Outcome::timed_out);
  expect_took(0, 300ms);
}

TEST_F(StreamProbesTest, AnAnswerThatDripsTakesItsTimeWhenTheTimeOutRestarts) {
  ScriptedServer::Script script = page({});
  script.pieces.assign(10, "x");
  script.pieces.insert(script.pieces.begin(), "HTTP/1.0 200 OK\r\n\r\n");
  script.pause = 100ms;
  ScriptedServer server(context_, script);
  check::HttpProbe patient = get(server.port(), 600ms);
  EXPECT_EQ(probed(patient).outcome, Outcome::timed_out);
  patient.connection.restarts_timeout = true;
  EXPECT_EQ(probed(patient).outcome, Outcome::answered);
  EXPECT_GE(took_[0], 1s);
}

TEST_F(StreamProbesTest, ARestartedTimeOutEndsWithSilence) {
  ScriptedServer server(context_, page({"HTTP/1.0 200 OK\r\n\r\n"}, false));
  check::HttpProbe patient = get(server.port(), 300ms);
  patient.connection.restarts_timeout = true;
  EXPECT_EQ(probed(patient).outcome, Outcome::timed_out);
  expect_took(0, 300ms);
}

TEST_F(StreamProbesTest, AnEndlessAnswerIsCutOff) {
  ScriptedServer::Script script = page({});
  script.pieces.assign(40, std::string(1U << 20U, 'x'));
  script.pieces.insert(script.pieces.begin(), "HTTP/1.0 200 OK\r\n\r\n");
  ScriptedServer server(context_, script);
  const ProbeResult result = probed(get(server.port()));
  EXPECT_EQ(result.outcome, Outcome::broken);
  EXPECT_THAT(result.detail, HasSubstr("longer than 16777216 bytes"));

  script.pieces.front() = "HTTP/1.0 200 OK\r\nA: ";
  ScriptedServer boaster(context_, script);
  EXPECT_EQ(probed(get(boaster.port())).outcome, Outcome::broken);
}

TEST_F(StreamProbesTest, APatternIsLookedForInTheBody) {
  ScriptedServer server(context_, page({"HTTP/1.0 200 all fine\r\nX: teapot\r\n\r\n", "I am a Tea", "pot\n"}));
  struct Case {
    check::BodyPattern pattern;
    bool found;
  };
  for (const Case& one : {Case{{"Teapot", {}, 0, {}}, true}, Case{{"teapot", {}, 0, {}}, false},
                          Case{{"teapot", {"caseless"}, 0, {}}, true}, Case{{"^Tea", {}, 0, {}}, false},
                          Case{{"Teapot", {}, 8, {}}, false}, Case{{"Teapot", {}, 7, {}}, true},
                          Case{{"Teapot", {}, 0, 6}, false}, Case{{"Teapot", {}, 0, 7}, true},
                          Case{{"Teapot", {}, 100, {}}, false}}) {
    check::HttpProbe probe = get(server.port());
    probe.pattern = one.pattern;
    const ProbeResult result = probed(probe);
    EXPECT_EQ(result.outcome, Outcome::answered) << result.detail;
    EXPECT_EQ(result.pattern_found, one.found) << one.pattern.expression << " from " << one.pattern.min_offset;
  }
}

TEST_F(StreamProbesTest, AWrongPatternFailsInWords) {
  ScriptedServer server(context_, page({"HTTP/1.0 200 OK\r\n\r\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}));
  check::HttpProbe probe = get(server.port());
  probe.pattern = {"(", {}, 0, {}};
  ProbeResult result = probed(probe);
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_THAT(result.detail, HasSubstr("at offset 1"));
  probe.pattern = {"x", {"no_such_option"}, 0, {}};
  EXPECT_THAT(probed(probe).detail, HasSubstr("'no_such_option' is not known"));
  probe.pattern = {"(a+)+$", {}, 0, {}};  // would take for ever
  result = probed(probe);
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_THAT(result.detail, HasSubstr("limit"));
}

// ---------------------------------------------------------------- SMTP

TEST_F(StreamProbesTest, SmtpIsGreetedAndLeft) {
  const std::vector<std::string> replies = {"220-mail\r\n220 ready\r\n", "250 hello\r\n", "221 bye\r\n"};
  ScriptedServer server(context_, {"", replies, 0ms, true, "\r\n"});
  const ProbeResult result = probed(check::SmtpProbe{to(server.port()), "lb1.example.com"});
  EXPECT_EQ(result.outcome, Outcome::answered) << result.detail;
  EXPECT_EQ(result.code, 221);
  EXPECT_THAT(server.heard(), testing::ElementsAre("HELO lb1.example.com\r\n", "QUIT\r\n"));
}

TEST_F(StreamProbesTest, SmtpSaysNothingBeforeItIsGreeted) {
  ScriptedServer mute(context_, {"\r\n", {"250 hello\r\n"}, 0ms, false});
  EXPECT_EQ(probed(check::SmtpProbe{to(mute.port(), 100ms), "lb1"}).outcome, Outcome::timed_out);
  EXPECT_TRUE(mute.heard().empty());
}

TEST_F(StreamProbesTest, SmtpThatIsNotWillingIsBroken) {
  ScriptedServer busy(context_, {"", {"421 too busy\r\n"}, 0ms, true});
  ProbeResult result = probed(check::SmtpProbe{to(busy.port()), "lb1"});
  EXPECT_EQ(result.outcome, Outcome::broken);
  EXPECT_EQ(result.code, 421);
  EXPECT_EQ(result.detail, "greeting was answered with 421, not 220");
  ScriptedServer other(context_, {"", {"SSH-2.0-OpenSSH_9.2\r\n"}, 0ms, true});
  EXPECT_EQ(probed(check::SmtpProbe{to(other.port()), "lb1"}).outcome, Outcome::broken);
  ScriptedServer endless(context_, {"", {std::string(10'000, '2')}, 0ms, false});
  EXPECT_THAT(probed(check::SmtpProbe{to(endless.port()), "lb1"}).detail, HasSubstr("too long"));
}

}  // namespace
}  // namespace vipdrift::linux_backend
