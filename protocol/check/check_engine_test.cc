#include "protocol/check/check_engine.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "protocol/check/engine_driver.h"

namespace vipdrift::check {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::EngineDriver;
using Lines = std::vector<std::string>;

const std::string kFirst = "[10.1.10.11]:tcp:80";
const std::string kSecond = "[10.1.10.12]:tcp:80";
const ProbeResult kRefused{.outcome = Outcome::refused};

std::string server(int last, const std::string& words = "", const std::string& check = "") {
  return "real_server 10.1.10." + std::to_string(last) + " 80 {\n" + words +
         "\nTCP_CHECK {\nretry 1\ndelay_before_retry 1\nwarmup 0\nconnect_timeout 2\n" + check + "\n}\n}\n";
}

std::string service(const std::string& body) {
  return "global_defs {\nrouter_id lvs1\nnotification_email {\nroot@localhost\n}\n"
         "lvs_notify_fifo /run/fifo\n}\n"
         "virtual_server 10.1.10.7 80 {\ndelay_loop 2\nlb_algo rr\nlb_kind DR\nprotocol TCP\n" +
         body + "}\n";
}

std::string article(const std::string& body = "") {
  return service("sorry_server 127.0.0.1 80\n" + body + server(11) + server(12));
}

ipvs::Table table_of(const std::vector<std::pair<int, int>>& servers) {
  ipvs::Service pool{.settings = {.scheduler = ipvs::Scheduler::rr}};
  for (const auto& [last, weight] : servers) {
    const IpAddress address = last == 1 ? IpAddress::v4(127, 0, 0, 1)
                                        : IpAddress::v4(10, 1, 10, static_cast<std::uint8_t>(last));
    pool.servers.push_back({{address, 80}, {{ipvs::Method::direct_route}, weight}});
  }
  ipvs::Table table;
  table[{.transport = ipvs::Transport::tcp, .address = IpAddress::v4(10, 1, 10, 7), .port = 80}] = pool;
  return table;
}

// ---------------------------------------------------------------- start

TEST(CheckEngine, ServersEnterThePoolBeforeTheirFirstCheck) {
  EngineDriver driver{article()};
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
  EXPECT_EQ(driver.take_log(), Lines{"Gained quorum 1+0=1 <= 2 for VS [10.1.10.7]:tcp:80"});
  EXPECT_EQ(driver.take_told(), Lines{"VS [10.1.10.7]:tcp:80 UP"});
}

TEST(CheckEngine, WithAlphaTheyEnterAfterIt) {
  EngineDriver driver{article("alpha\n")};
  EXPECT_EQ(driver.pool(), "127.0.0.1:80 1");
  EXPECT_EQ(driver.take_told(), Lines{});
  driver.run_for(milliseconds{999});
  EXPECT_EQ(driver.pool(), "127.0.0.1:80 1");
  driver.run_for(milliseconds{1});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
}

TEST(CheckEngine, ChecksBeginASecondAfterTheStartAndFollowEachOtherByDelayLoop) {
  EngineDriver driver{article()};
  driver.run_for(milliseconds{999});
  EXPECT_EQ(driver.probes[kFirst], 0);
  driver.run_for(milliseconds{1});
  EXPECT_EQ(driver.probes[kFirst], 1);
  driver.run_for(milliseconds{1'999});
  EXPECT_EQ(driver.probes[kFirst], 1);
  driver.run_for(milliseconds{1});
  EXPECT_EQ(driver.probes[kFirst], 2);
}

TEST(CheckEngine, WarmUpScattersFirstChecks) {
  std::string body;
  for (int i = 0; i < 100; ++i) body += server(11 + i, "", "warmup 10");
  EngineDriver driver{service(body)};
  driver.run_for(seconds{6});
  const auto early = driver.probes.size();
  EXPECT_GT(early, 30U);
  EXPECT_LT(early, 70U);
  driver.run_for(seconds{5});
  EXPECT_EQ(driver.probes.size(), 100U);
}

TEST(AdoptsIpvsTable, SetAServerThatAPredecessorTookOutBeginsDown) {
  EngineDriver driver{article(), vrrp::vipdrift_profile(), table_of({{12, 1}})};
  EXPECT_EQ(driver.take_edits(), Lines{});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1");
  driver.run_for(seconds{1});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1, 10.1.10.11:80 1");
}

TEST(AdoptsIpvsTable, UnsetItIsAddedBeforeItIsChecked) {
  EngineDriver driver{article(), vrrp::keepalived_profile(), table_of({{12, 1}})};
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1, 10.1.10.11:80 1");
}

TEST(CheckEngine, ASorryServerThatServesGoesOnServing) {
  EngineDriver driver{article(), vrrp::vipdrift_profile(), table_of({{1, 1}})};
  EXPECT_EQ(driver.take_edits(), Lines{});
  EXPECT_EQ(driver.pool(), "127.0.0.1:80 1");
  driver.run_for(seconds{1});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
}

TEST(CheckEngine, AnEmptyServiceThatWasLeftIsFilled) {
  EngineDriver driver{article(), vrrp::vipdrift_profile(), table_of({})};
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
}

TEST(CheckEngine, WhatIsNotConfiguredLeavesConfiguredServicesAndStaysElsewhere) {
  ipvs::Table found = table_of({{11, 1}, {12, 1}, {99, 1}});
  const ipvs::ServiceKey foreign{.transport = ipvs::Transport::udp, .address = IpAddress::v4(10, 9, 9, 9), .port = 53};
  found[foreign] = {};
  EngineDriver driver{article(), vrrp::vipdrift_profile(), found};
  EXPECT_EQ(driver.take_edits(), Lines{"remove server 10.1.10.99:80 from TCP 10.1.10.7:80"});
  EXPECT_TRUE(driver.table.contains(foreign));
}

// ---------------------------------------------------------------- one server, all servers

TEST(CheckEngine, AServerThatFailsLeavesAfterItsRetries) {
  EngineDriver driver{article()};
  driver.run_for(seconds{1});
  driver.take_log();
  driver.take_told();
  driver.answers[kFirst] = kRefused;
  driver.run_for(milliseconds{2'999});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
  driver.run_for(milliseconds{1});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1");
  EXPECT_EQ(driver.take_log(), (Lines{"TCP_CHECK on service [10.1.10.11]:tcp:80 failed after 1 retries.",
                                      "Removing service [10.1.10.11]:tcp:80 from VS [10.1.10.7]:tcp:80"}));
  EXPECT_EQ(driver.take_told(),
            (Lines{"RS [10.1.10.11]:tcp:80 [10.1.10.7]:tcp:80 DOWN",
                   "mail [lvs1] Realserver [10.1.10.11]:tcp:80 of virtual server [10.1.10.7]:tcp:80 - DOWN"}));
  driver.answers.clear();
  driver.run_for(seconds{2});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1, 10.1.10.11:80 1");
  EXPECT_EQ(driver.take_log(), (Lines{"TCP connection to [10.1.10.11]:tcp:80 success.",
                                      "Adding service [10.1.10.11]:tcp:80 to VS [10.1.10.7]:tcp:80"}));
}

TEST(CheckEngine, TheVeryFirstFailureDecidesAlone) {
  EngineDriver driver{article()};
  driver.answers[kFirst] = kRefused;
  driver.take_log();
  driver.run_for(seconds{1});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1");
  EXPECT_EQ(driver.take_log().front(), "TCP_CHECK on service [10.1.10.11]:tcp:80 failed.");
}

/// The last server leaves while the sorry server comes; both orders, as the profile says.
struct Handover {
  Lines down;
  Lines up;
  bool ever_empty = false;
};

Handover hand_over(vrrp::Profile profile) {
  EngineDriver driver{article(), profile};
  driver.run_for(seconds{1});
  driver.answers[kFirst] = kRefused;
  driver.run_for(seconds{3});
  driver.take_edits();
  driver.ever_empty = false;
  Handover seen;
  driver.answers[kSecond] = kRefused;
  driver.run_for(seconds{5});
  seen.down = driver.take_edits();
  driver.answers.clear();
  driver.run_for(seconds{4});
  seen.up = driver.take_edits();
  seen.ever_empty = driver.ever_empty;
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
  return seen;
}

const std::string kSorryIn = "add server 127.0.0.1:80 (DR, weight 1) to TCP 10.1.10.7:80";
const std::string kSorryOut = "remove server 127.0.0.1:80 from TCP 10.1.10.7:80";
const std::string kFirstIn = "add server 10.1.10.11:80 (DR, weight 1) to TCP 10.1.10.7:80";
const std::string kSecondIn = "add server 10.1.10.12:80 (DR, weight 1) to TCP 10.1.10.7:80";
const std::string kSecondOut = "remove server 10.1.10.12:80 from TCP 10.1.10.7:80";

TEST(EmptiesPoolAtQuorumChange, UnsetThePoolIsNeverEmpty) {
  const Handover seen = hand_over(vrrp::vipdrift_profile());
  EXPECT_EQ(seen.down, (Lines{kSorryIn, kSecondOut}));
  EXPECT_EQ(seen.up, (Lines{kFirstIn, kSorryOut, kSecondIn}));
  EXPECT_FALSE(seen.ever_empty);
}

TEST(EmptiesPoolAtQuorumChange, SetThePoolIsEmptyForAMoment) {
  const Handover seen = hand_over(vrrp::keepalived_profile());
  EXPECT_EQ(seen.down, (Lines{kSecondOut, kSorryIn}));
  EXPECT_EQ(seen.up, (Lines{kSorryOut, kFirstIn, kSecondIn}));
  EXPECT_TRUE(seen.ever_empty);
}

TEST(CheckEngine, TheLogOfALostAndARegainedQuorumIsKeepaliveds) {
  EngineDriver driver{service("sorry_server 127.0.0.1 80\nquorum_up \"/bin/up x\"\nquorum_down /bin/down\n" +
                              server(11, "notify_down /bin/rsdown"))};
  driver.run_for(seconds{1});
  driver.take_log();
  EXPECT_EQ(driver.take_told().front(), "run /bin/up");
  driver.answers[kFirst] = kRefused;
  driver.run_for(seconds{3});
  const Lines log = driver.take_log();
  ASSERT_EQ(log.size(), 3U);
  EXPECT_EQ(log[2], "Lost quorum 1-0=1 > 0 for VS [10.1.10.7]:tcp:80");
  EXPECT_EQ(driver.take_told(),
            (Lines{"run /bin/rsdown", "RS [10.1.10.11]:tcp:80 [10.1.10.7]:tcp:80 DOWN",
                   "mail [lvs1] Realserver [10.1.10.11]:tcp:80 of virtual server [10.1.10.7]:tcp:80 - DOWN",
                   "run /bin/down", "VS [10.1.10.7]:tcp:80 DOWN"}));
  driver.answers.clear();
  driver.run_for(seconds{2});
  EXPECT_EQ(driver.take_log().back(), "Gained quorum 1+0=1 <= 1 for VS [10.1.10.7]:tcp:80");
}

TEST(CheckEngine, ASorryServerThatIsOneOfTheRealServersStaysWhenItsCheckFails) {
  EngineDriver driver{service("sorry_server 10.1.10.11 80\n" + server(11) + server(12))};
  driver.answers[kFirst] = kRefused;
  driver.answers[kSecond] = kRefused;
  driver.run_for(seconds{2});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1");
  driver.answers.erase(kSecond);
  driver.run_for(seconds{2});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1");
  driver.answers.clear();
  driver.run_for(seconds{2});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1, 10.1.10.11:80 1");
}

// ---------------------------------------------------------------- quorum and weights

TEST(CheckEngine, HysteresisDampsBothWays) {
  EngineDriver driver{service("quorum 3\nhysteresis 1\nsorry_server 127.0.0.1 80\n" + server(11) + server(12) +
                              server(13) + server(14))};
  driver.run_for(seconds{1});
  const auto fail = [&](int last, bool fails) {
    const std::string name = "[10.1.10." + std::to_string(last) + "]:tcp:80";
    if (fails) {
      driver.answers[name] = kRefused;
    } else {
      driver.answers.erase(name);
    }
    driver.run_for(seconds{6});
  };
  EXPECT_TRUE(driver.engine.services()[0].has_quorum());  // 4 >= 3 + 1
  fail(11, true);
  fail(12, true);
  EXPECT_TRUE(driver.engine.services()[0].has_quorum());  // 2 >= 3 - 1
  fail(13, true);
  EXPECT_FALSE(driver.engine.services()[0].has_quorum());  // 1
  fail(11, false);
  fail(12, false);
  EXPECT_FALSE(driver.engine.services()[0].has_quorum());  // 3 < 3 + 1
  EXPECT_EQ(driver.pool(), "127.0.0.1:80 1");
  fail(13, false);
  EXPECT_TRUE(driver.engine.services()[0].has_quorum());
}

TEST(CheckEngine, WithoutASorryServerALostQuorumKeepsTheLivingInThePool) {
  EngineDriver driver{service("quorum 2\n" + server(11) + server(12))};
  driver.answers[kFirst] = kRefused;
  driver.run_for(seconds{1});
  EXPECT_FALSE(driver.engine.services()[0].has_quorum());
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1");
}

TEST(CheckEngine, AnInhibitedServerStaysWithWeightZero) {
  EngineDriver driver{service(server(11, "weight 3\ninhibit_on_failure") + server(12))};
  driver.run_for(seconds{1});
  driver.take_log();
  driver.answers[kFirst] = kRefused;
  driver.run_for(seconds{3});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 0, 10.1.10.12:80 1");
  EXPECT_EQ(driver.take_log().back(), "Disabling service [10.1.10.11]:tcp:80 of VS [10.1.10.7]:tcp:80");
  driver.answers.clear();
  driver.run_for(seconds{2});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 3, 10.1.10.12:80 1");
  EXPECT_EQ(driver.take_log().back(), "Enabling service [10.1.10.11]:tcp:80 of VS [10.1.10.7]:tcp:80");
}

std::string misc(const std::string& more) {
  return service("real_server 10.1.10.11 80 {\nweight 5\nMISC_CHECK {\nmisc_path /bin/check\nwarmup 0\n" + more +
                 "\n}\n}\n" + server(12));
}

TEST(CheckEngine, AProgramsExitStatusIsAWeightWithMiscDynamic) {
  EngineDriver driver{misc("misc_dynamic")};
  const auto exits = [&](int status) {
    driver.answers[kFirst] = {.outcome = Outcome::answered, .code = status};
    driver.run_for(seconds{2});
    return driver.pool();
  };
  EXPECT_EQ(exits(0), "10.1.10.11:80 5, 10.1.10.12:80 1");
  EXPECT_EQ(exits(12), "10.1.10.11:80 10, 10.1.10.12:80 1");
  EXPECT_EQ(exits(2), "10.1.10.11:80 0, 10.1.10.12:80 1");
  EXPECT_EQ(exits(255), "10.1.10.11:80 253, 10.1.10.12:80 1");
  EXPECT_EQ(exits(0), "10.1.10.11:80 5, 10.1.10.12:80 1");
  EXPECT_EQ(exits(1), "10.1.10.12:80 1");
}

TEST(CheckEngine, WithoutMiscDynamicEveryOtherStatusIsAFailure) {
  EngineDriver driver{misc("")};
  driver.answers[kFirst] = {.outcome = Outcome::answered, .code = 12};
  driver.run_for(seconds{2});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1");
}

TEST(CheckEngine, AWeightThatChangesIsLogged) {
  EngineDriver driver{misc("misc_dynamic")};
  driver.answers[kFirst] = {.outcome = Outcome::answered, .code = 0};
  driver.run_for(seconds{1});
  driver.take_log();
  driver.answers[kFirst] = {.outcome = Outcome::answered, .code = 12};
  driver.run_for(seconds{2});
  EXPECT_EQ(driver.take_log(),
            Lines{"Changing weight from 5 to 10 for active service [10.1.10.11]:tcp:80 of VS [10.1.10.7]:tcp:80"});
}

std::string with_file(const std::string& weight) {
  return "track_file load {\nfile /run/load\nweight 2\n}\n" +
         service("real_server 10.1.10.11 80 {\nweight 5\nFILE_CHECK {\ntrack_file load\n" + weight + "\n}\n}\n" +
                 server(12));
}

TEST(CheckEngine, AFileAddsToTheWeight) {
  EngineDriver driver{with_file("")};
  driver.step(FileChanged{FileId{0}, 3});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 11, 10.1.10.12:80 1");
  driver.step(FileChanged{FileId{0}, -3});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 0, 10.1.10.12:80 1");
  driver.step(FileChanged{FileId{0}, std::nullopt});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 5, 10.1.10.12:80 1");
}

TEST(CheckEngine, AFileOfWeightZeroTakesTheServerOut) {
  EngineDriver driver{with_file("weight 0")};
  driver.step(FileChanged{FileId{0}, 1});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1");
  driver.step(FileChanged{FileId{0}, 0});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1, 10.1.10.11:80 5");
}

TEST(CheckEngine, AServerWithTwoCheckersNeedsBoth) {
  EngineDriver driver{service(server(11, "PING_CHECK {\nwarmup 0\n}\n") + server(12))};
  driver.run_for(seconds{1});
  EXPECT_EQ(driver.probes[kFirst], 2);
  driver.now += seconds{2};
  driver.step(DeadlineReached{});
  ASSERT_EQ(driver.asked.size(), 3U);
  driver.asked.clear();
  driver.step(ProbeFinished{CheckerId{0}, 0, kRefused});
  driver.step(ProbeFinished{CheckerId{1}, 0, {.outcome = Outcome::answered}});
  driver.step(ProbeFinished{CheckerId{2}, 0, {.outcome = Outcome::answered}});
  driver.now += seconds{1};
  driver.step(DeadlineReached{});
  driver.asked.clear();
  driver.step(ProbeFinished{CheckerId{0}, 0, kRefused});
  EXPECT_EQ(driver.pool(), "10.1.10.12:80 1");
}

// ---------------------------------------------------------------- the host

TEST(CheckEngine, WithHaSuspendNothingIsAskedWhileTheAddressIsElsewhere) {
  EngineDriver driver{article("ha_suspend\n")};
  driver.run_for(seconds{10});
  EXPECT_EQ(driver.probes.size(), 0U);
  driver.take_log();
  driver.step(AddressChanged{IpAddress::v4(10, 1, 10, 7), true});
  EXPECT_EQ(driver.take_log(),
            (Lines{"Activating healthchecker for service [10.1.10.11]:tcp:80 for VS [10.1.10.7]:tcp:80",
                   "Activating healthchecker for service [10.1.10.12]:tcp:80 for VS [10.1.10.7]:tcp:80"}));
  driver.run_for(seconds{2});
  EXPECT_EQ(driver.probes[kFirst], 1);
  driver.step(AddressChanged{IpAddress::v4(10, 1, 10, 7), false});
  driver.run_for(seconds{10});
  EXPECT_EQ(driver.probes[kFirst], 1);
}

TEST(CheckEngine, AForeignEditIsPutRight) {
  EngineDriver driver{article()};
  driver.take_log();
  driver.table.begin()->second.servers.pop_back();
  driver.step(TableRead{driver.table});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
  EXPECT_EQ(driver.take_log(), Lines{"The IPVS table was changed by somebody else: put right with 1 edit"});
  driver.step(TableRead{driver.table});
  EXPECT_EQ(driver.take_log(), Lines{});
}

TEST(CheckEngine, ARefusedEditIsToldInWords) {
  EngineDriver driver{article()};
  driver.take_log();
  driver.step(EditFailed{ipvs::RemoveService{driver.table.begin()->first}, 2});
  EXPECT_EQ(driver.take_log(),
            Lines{"IPVS: the kernel refused to remove service TCP 10.1.10.7:80: No such file or directory"});
}

// ---------------------------------------------------------------- reload and stop

void reload(EngineDriver& driver, const std::string& text) {
  driver.step(ConfigurationLoaded{testing::configuration_of(text)});
}

TEST(CheckEngine, AReloadWithoutChangeEditsNothing) {
  EngineDriver driver{article()};
  driver.run_for(seconds{1});
  driver.answers[kFirst] = kRefused;
  driver.run_for(seconds{5});
  driver.take_edits();
  driver.take_told();
  reload(driver, article());
  EXPECT_EQ(driver.take_edits(), Lines{});
  EXPECT_EQ(driver.take_told(), Lines{});
}

TEST(CheckEngine, AReloadWhileTheSorryServerServesKeepsIt) {
  EngineDriver driver{article()};
  driver.answers[kFirst] = kRefused;
  driver.answers[kSecond] = kRefused;
  driver.run_for(seconds{1});
  ASSERT_EQ(driver.pool(), "127.0.0.1:80 1");
  // Even with other checks: nobody knows more of the servers than before.
  reload(driver, service("sorry_server 127.0.0.1 80\n" + server(11, "", "connect_timeout 3") +
                         server(12, "", "connect_timeout 3")));
  EXPECT_EQ(driver.pool(), "127.0.0.1:80 1");
  driver.answers.clear();
  driver.run_for(seconds{1});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
}

/// A director without a live server reads a file in which every check has another time-out.
EngineDriver corrected(bool trusts) {
  vrrp::Profile profile = vrrp::vipdrift_profile();
  profile.reload_trusts_changed_checks = trusts;
  EngineDriver driver{article(), profile};
  driver.answers[kFirst] = kRefused;
  driver.answers[kSecond] = kRefused;
  driver.run_for(seconds{1});
  reload(driver, service("sorry_server 127.0.0.1 80\n" + server(11, "", "connect_timeout 3") +
                         server(12, "", "connect_timeout 3")));
  return driver;
}

TEST(ReloadTrustsChangedChecks, SetServersAreUpAtOnceBesideTheSorryServerUntilTheQuorumChanges) {
  EngineDriver driver = corrected(true);
  EXPECT_EQ(driver.pool(), "127.0.0.1:80 1, 10.1.10.11:80 1, 10.1.10.12:80 1");
  driver.answers.erase(kFirst);
  driver.run_for(seconds{5});
  EXPECT_EQ(driver.pool(), "127.0.0.1:80 1, 10.1.10.11:80 1");
  driver.answers[kFirst] = kRefused;
  driver.run_for(seconds{5});
  EXPECT_EQ(driver.pool(), "127.0.0.1:80 1");
  driver.answers.clear();
  driver.run_for(seconds{5});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
}

TEST(ReloadTrustsChangedChecks, UnsetServersAreWhatTheyWereUntilTheirChecksSayMore) {
  EngineDriver driver = corrected(false);
  EXPECT_EQ(driver.pool(), "127.0.0.1:80 1");
  driver.answers.clear();
  driver.run_for(seconds{5});
  EXPECT_EQ(driver.pool(), "10.1.10.11:80 1, 10.1.10.12:80 1");
}

TEST(CheckEngine, AReloadTouchesOnlyWhatChanged) {
  EngineDriver driver{article()};
  driver.run_for(seconds{1});
  driver.take_edits();
  reload(driver, service("sorry_server 127.0.0.1 80\n" + server(11, "weight 4") + server(13)));
  EXPECT_EQ(driver.take_edits(), (Lines{"add server 10.1.10.13:80 (DR, weight 1) to TCP 10.1.10.7:80",
                                        "set server 10.1.10.11:80 (DR, weight 4) of TCP 10.1.10.7:80",
                                        "remove server 10.1.10.12:80 from TCP 10.1.10.7:80"}));
}

TEST(CheckEngine, AProbeUnderWayAtAReloadIsAskedAgain) {
  EngineDriver driver{article()};
  driver.now += seconds{1};
  driver.step(DeadlineReached{});
  ASSERT_EQ(driver.asked.size(), 2U);
  reload(driver, article());
  EXPECT_TRUE(driver.asked.empty());
  driver.step(DeadlineReached{});
  EXPECT_EQ(driver.asked.size(), 2U);
}

TEST(CheckEngine, AnAnswerThatNobodyWaitsForChangesNothing) {
  EngineDriver driver{article()};
  const CheckEngine before = driver.engine;
  driver.step(ProbeFinished{CheckerId{0}, 0, kRefused});
  driver.step(ProbeFinished{CheckerId{77}, 0, kRefused});
  EXPECT_TRUE(driver.engine == before);
}

TEST(CheckEngine, AStopClearsTheTable) {
  EngineDriver driver{article()};
  driver.take_log();
  driver.take_told();
  driver.step(StopRequested{});
  EXPECT_TRUE(driver.table.empty());
  EXPECT_TRUE(driver.stopped);
  EXPECT_EQ(driver.take_log(), (Lines{"Shutting down service [10.1.10.11]:tcp:80 from VS [10.1.10.7]:tcp:80",
                                      "Shutting down service [10.1.10.12]:tcp:80 from VS [10.1.10.7]:tcp:80"}));
  EXPECT_EQ(driver.take_told(), Lines{});
  EXPECT_EQ(driver.engine.next_deadline(), kNever);
}

TEST(CheckEngine, OmegaMournsAtAStop) {
  EngineDriver driver{article("omega\nquorum_down /bin/down\n")};
  driver.answers[kSecond] = kRefused;
  driver.run_for(seconds{1});
  driver.take_told();
  driver.step(StopRequested{});
  EXPECT_EQ(driver.take_told(),
            (Lines{"RS [10.1.10.11]:tcp:80 [10.1.10.7]:tcp:80 DOWN",
                   "mail [lvs1] Realserver [10.1.10.11]:tcp:80 of virtual server [10.1.10.7]:tcp:80 - DOWN",
                   "run /bin/down", "VS [10.1.10.7]:tcp:80 DOWN"}));
}

// ---------------------------------------------------------------- the value

TEST(CheckEngine, ACopyIsAUniverseOfItsOwn) {
  EngineDriver driver{article()};
  driver.run_for(seconds{3});
  CheckEngine copy = driver.engine;
  EXPECT_TRUE(copy == driver.engine);
  EXPECT_EQ(copy.hash(driver.now), driver.engine.hash(driver.now));
  ActionList actions;
  copy.step(driver.now + seconds{2}, DeadlineReached{}, actions);
  EXPECT_FALSE(copy == driver.engine);
}

TEST(CheckEngine, TheHashIsOverTimeLeft) {
  EngineDriver early{article()};
  EngineDriver late{article()};
  early.run_for(seconds{3});
  late.run_for(seconds{5});
  EXPECT_FALSE(early.engine == late.engine);
  EXPECT_EQ(early.engine.hash(early.now), late.engine.hash(late.now));
}

// Whatever servers do and whoever reloads: the driver checks after every step that the kernel holds what is wanted, and
// that the kernel would have taken each edit; here, that no pool is ever empty while a sorry server is configured.
TEST(CheckEngineProperty, ThePoolIsAlwaysTheWantedOneAndNeverEmpty) {
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 draw{seed};
    const auto text = [&] {
      std::string body = "sorry_server 10.1.10." + std::string{draw() % 3 == 0 ? "12" : "200"} + " 80\n";
      if (draw() % 2 == 0) body += "quorum 2\nhysteresis " + std::to_string(draw() % 2) + "\n";
      if (draw() % 3 == 0) body += "alpha\n";
      if (draw() % 4 == 0) body += "sorry_server_inhibit\n";
      for (int last = 11; last < 15; ++last) {
        if (draw() % 5 == 0) continue;
        body += server(last, (draw() % 3 == 0 ? "inhibit_on_failure\n" : "") +
                                 ("weight " + std::to_string(1 + draw() % 3)));
      }
      return service(body + server(15));
    };
    EngineDriver driver{text()};
    for (int round = 0; round < 200; ++round) {
      const std::string name = "[10.1.10." + std::to_string(11 + draw() % 5) + "]:tcp:80";
      if (draw() % 2 == 0) {
        driver.answers[name] = kRefused;
      } else {
        driver.answers.erase(name);
      }
      if (draw() % 10 == 0) reload(driver, text());
      driver.run_for(milliseconds{draw() % 3'000});
    }
    EXPECT_FALSE(driver.ever_empty) << "seed " << seed;
  }
}

}  // namespace
}  // namespace vipdrift::check
