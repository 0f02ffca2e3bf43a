#include "backends/linux/probe_set.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "backends/linux/probe_test_support.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;
using check::Outcome;
using check::ProbeResult;
using testing::HasSubstr;

long descriptors_open() {
  const std::filesystem::directory_iterator own("/proc/self/fd");
  return std::distance(begin(own), end(own));
}

bool no_child_is_left() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) < 0 && errno == ECHILD;
}

class ProbeSetTest : public ProbeTest {
 protected:
  static check::MiscProbe run(const std::string& script, std::chrono::milliseconds timeout = 10s) {
    check::MiscProbe probe;
    probe.command.argv = {"/bin/sh", "-c", script};
    probe.timeout = timeout;
    return probe;
  }
  void SetUp() override {
    ProbeTest::SetUp();
    identities_ = Identities("0", "");
  }
};

// ---------------------------------------------------------------- programs

TEST_F(ProbeSetTest, AProgramTellsItsExitStatusOrSignal) {
  ProbeResult result = probed(run("exit 7"));
  EXPECT_EQ(result.outcome, Outcome::answered);
  EXPECT_EQ(result.code, 7);
  EXPECT_FALSE(result.signalled);
  result = probed(run("kill -9 $$"));
  EXPECT_EQ(result.code, SIGKILL);
  EXPECT_TRUE(result.signalled);
}

TEST_F(ProbeSetTest, AProgramThatCannotRunFails) {
  check::MiscProbe probe = run("");
  probe.command.argv = {"/no/such/program"};
  ProbeResult result = probed(probe);
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_EQ(result.detail, "/no/such/program: No such file or directory");
  probe = run("true");
  probe.command.user = "no_such_user";
  EXPECT_EQ(probed(probe).outcome, Outcome::failed);
}

TEST_F(ProbeSetTest, AProgramThatIsTooSlowIsEndedWithAllItHasStarted) {
  const std::string traces = testing::TempDir() + "vipdrift_probe_" + std::to_string(getpid());
  start(0, run("sleep 100 & echo $! > " + traces + "; wait", 150ms));
  run_until([this] { return results_.contains(0); });
  EXPECT_EQ(results_[0].outcome, Outcome::timed_out);
  expect_took(0, 150ms);
  pid_t sleeper = 0;
  std::ifstream(traces) >> sleeper;
  std::filesystem::remove(traces);
  ASSERT_GT(sleeper, 0);
  // Adopted by init, which may let it lie as a zombie: then it has no memory any more.
  run_until([sleeper] {
    std::string line;
    std::ifstream memory("/proc/" + std::to_string(sleeper) + "/cmdline");
    return !std::getline(memory, line);
  });
}

TEST_F(ProbeSetTest, AProgramThatWillNotEndIsKilledTwoSecondsLater) {
  start(0, run("trap '' TERM; while :; do sleep 0.05; done", 100ms));
  run_until([this] { return results_.contains(0); });
  const auto told = Clock::now();
  start(0, run("exit 3"));  // need not wait for that
  run_until([this] { return results_[0].code == 3; });
  EXPECT_LT(Clock::now() - told, 1500ms);
  run_until(no_child_is_left);
  EXPECT_GE(Clock::now() - told, 1900ms);
}

// ---------------------------------------------------------------- abandoned

TEST_F(ProbeSetTest, AnAbandonedProbeClosesAtOnceAndTellsNothing) {
  ScriptedServer server(context_, {"never", {}, 0ms, true});
  start(4, get(server.port(), 100ms));
  run_until([&] { return server.peers().size() == 1; });
  probes_->abandon(CheckerId{4});
  EXPECT_EQ(probes_->under_way(), 0U);
  run_until([&] { return server.left() == 1; });
  start(5, run("sleep 100", 100ms));
  probes_->abandon(CheckerId{5});
  run_until(no_child_is_left);
  check::TcpProbe nowhere{to(1)};
  nowhere.connection.from_interface = "none0";
  start(6, nowhere);  // fails while it begins
  probes_->abandon(CheckerId{6});
  run_for(200ms);
  EXPECT_TRUE(results_.empty());
}

TEST_F(ProbeSetTest, AnotherProbeOfTheSameCheckerTakesThePlaceOfTheFirst) {
  ScriptedServer silent(context_, {"never", {}, 0ms, true});
  start(0, get(silent.port(), 50ms));
  ScriptedServer server(context_, {"\r\n\r\n", {"HTTP/1.0 200 OK\r\n\r\n"}, 0ms, true});
  EXPECT_EQ(probed(get(server.port())).outcome, Outcome::answered);
  run_for(100ms);
  EXPECT_EQ(results_[0].outcome, Outcome::answered);
}

// ---------------------------------------------------------------- this machine's limits

TEST_F(ProbeSetTest, WhatThisMachineCannotDoFailsInWords) {
  check::TcpProbe probe{to(1)};
  probe.connection.from_interface = "none0";
  EXPECT_EQ(probed(probe).detail, "bind_if: No such device");
  probe = {to(1)};
  probe.connection.from_address = IpAddress::v4(192, 0, 2, 1);
  EXPECT_EQ(probed(probe).detail, "bindto: Cannot assign requested address");
  ScriptedServer busy(context_, {"never", {}, 0ms, true});
  probe = {to(1)};
  probe.connection.from_port = busy.port();
  EXPECT_EQ(probed(probe).detail, "bindto: Address already in use");

  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{0, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  const ProbeResult result = probed(check::TcpProbe{to(1)});
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_EQ(result.detail, "socket: Too many open files");
}

TEST_F(ProbeSetTest, AConnectionComesFromWhereItIsToldTo) {
  ip("address add 10.7.0.1/32 dev lo");
  ScriptedServer server(context_, {"never", {}, 0ms, true}, "0.0.0.0");
  check::TcpProbe probe{to(server.port())};
  probe.connection.from_address = IpAddress::v4(10, 7, 0, 1);
  probe.connection.from_port = 4711;
  for (int i = 0; i < 3; ++i) {  // the port is free again at once
    EXPECT_EQ(probed(probe).outcome, Outcome::answered) << results_[0].detail;
  }
  run_until([&] { return server.peers().size() == 3 && server.left() == 3; });
}

TEST_F(ProbeSetTest, AFirewallMarkIsOnThePackets) {
  ScriptedServer server(context_, {"never", {}, 0ms, true});
  ip("rule add fwmark 7 table 77 pref 1");
  ip("rule add from all lookup local pref 2");
  ip("rule del pref 0");
  ip("route add unreachable default table 77");
  check::TcpProbe probe{to(server.port())};
  EXPECT_EQ(probed(probe).outcome, Outcome::answered);
  probe.connection.fwmark = 7;
  EXPECT_EQ(probed(probe).outcome, Outcome::unreachable);
}

// ---------------------------------------------------------------- many

TEST_F(ProbeSetTest, ThousandsAtATimeLeaveNothingBehind) {
  constexpr std::uint32_t kMany = 3000;
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  ScriptedServer server(context_, {"\r\n\r\n", {"HTTP/1.0 200 OK\r\n\r\nRS1"}, 0ms, true});
  ScriptedServer silent(context_, {"never", {}, 0ms, true});
  const long before = descriptors_open();
  for (std::uint32_t checker = 0; checker < kMany; ++checker) {
    if (checker % 3 == 0) start(checker, check::TcpProbe{to(server.port())});
    if (checker % 3 == 1) start(checker, get(server.port()));
    if (checker % 3 == 2) start(checker, get(silent.port(), std::chrono::milliseconds(100 + checker % 200)));
  }
  EXPECT_EQ(probes_->under_way(), kMany);
  run_until([this] { return results_.size() == kMany; });
  for (std::uint32_t checker = 0; checker < kMany; ++checker) {
    const Outcome expected = checker % 3 == 2 ? Outcome::timed_out : Outcome::answered;
    ASSERT_EQ(results_[checker].outcome, expected) << checker << " " << results_[checker].detail;
    if (checker % 3 != 2) continue;
    ASSERT_GE(took_[checker], std::chrono::milliseconds(100 + checker % 200)) << checker;
  }
  EXPECT_EQ(probes_->under_way(), 0U);
  run_until([&] { return descriptors_open() <= before; });
}

}  // namespace
}  // namespace vipdrift::linux_backend
