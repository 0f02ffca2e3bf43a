#include "scenarios/pool_judge.h"

#include <gtest/gtest.h>

#include "protocol/check/check_plan.h"
#include "scenarios/condition.h"
#include "scenarios/expectation_judge.h"
#include "scenarios/judge_test_support.h"
#include "scenarios/virtual_services.h"

namespace vipdrift::scenarios {
namespace {

const ipvs::ServiceKey kService{Family::ipv4, 0, ipvs::Transport::tcp, kVip, 80};
const ipvs::ServerKey kRs1{IpAddress::v4(10, 1, 10, 11), 80};
const ipvs::ServerKey kRs2{IpAddress::v4(10, 1, 10, 12), 80};
const ipvs::ServerKey kSorry{IpAddress::v4(127, 0, 0, 1), 80};

/// Both directors have a virtual server 10.1.10.7:80 with a sorry server.
Scenario balanced() {
  Scenario scenario = two_directors();
  for (DirectorConfig& config : scenario.configs) {
    config::Configuration configuration = *config.configuration;
    config::VirtualServer server;
    server.address = kVip;
    server.port = 80;
    server.transport = ipvs::Transport::tcp;
    server.sorry_server.emplace();
    server.sorry_server->address = kSorry.address;
    server.sorry_server->port = kSorry.port;
    configuration.virtual_servers.push_back(server);
    config.configuration = std::make_shared<const config::Configuration>(std::move(configuration));
  }
  return scenario;
}

Story& server(Story& story, Duration at, const ipvs::ServerKey& key, int weight) {
  return story.at(at).note("lvs1", ServerChanged{kService, key, true, weight});
}
Story& gone(Story& story, Duration at, const ipvs::ServerKey& key) {
  return story.at(at).note("lvs1", ServerChanged{kService, key, false, 0});
}

// ------------------------------------------------------------------ pool_not_empty

Judgement not_empty(const Story& story, Duration except_for) {
  return judge_pool_not_empty(balanced(), story.timeline(), {kService, {}, except_for});
}

TEST(PoolNotEmptyJudge, AGapMayLastSoLong) {
  Story story;
  story.at(kSecond).note("lvs1", ServiceChanged{kService, true});
  server(story, 2 * kSecond, kRs1, 1);
  gone(story, 10 * kSecond, kRs1);
  server(story, 10 * kSecond + kMs, kSorry, 1);
  EXPECT_TRUE(not_empty(story, kMs).held);
  const Judgement judgement = not_empty(story, kMs - kNs);
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.at, 10 * kSecond);
  EXPECT_EQ(judgement.seen, "the pool of 10.1.10.7:80 on lvs1 was empty for 1ms from 10s");
}

TEST(PoolNotEmptyJudge, WhatIsPutRightInTheSameMomentIsNoGap) {
  Story story;
  server(story, 2 * kSecond, kRs1, 1);
  gone(story, 10 * kSecond, kRs1);
  server(story, 10 * kSecond, kSorry, 1);
  EXPECT_TRUE(not_empty(story, Duration{0}).held);
}

TEST(PoolNotEmptyJudge, AServerOfWeightZeroIsNone) {
  Story story;
  server(story, 2 * kSecond, kRs1, 1);
  server(story, 10 * kSecond, kRs1, 0);
  EXPECT_FALSE(not_empty(story, kSecond).held);
}

TEST(PoolNotEmptyJudge, ATableThatIsGoneIsNotEmpty) {
  Story story;
  server(story, 2 * kSecond, kRs1, 1);
  gone(story, 10 * kSecond, kRs1);
  story.note("lvs1", ServiceChanged{kService, false});
  EXPECT_TRUE(not_empty(story, Duration{0}).held);
}

// ------------------------------------------------------------------ no_mixed_pool

TEST(NoMixedPoolJudge, SorryAndRealServersTogether) {
  Story story;
  server(story, 2 * kSecond, kSorry, 1);
  server(story, 10 * kSecond, kRs1, 1);
  gone(story, 10 * kSecond + kMs, kSorry);
  EXPECT_TRUE(judge_no_mixed_pool(balanced(), story.timeline(), {{}, kMs}).held);
  const Judgement judgement = judge_no_mixed_pool(balanced(), story.timeline(), {kService, kMs - kNs});
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.seen, "sorry and real servers of 10.1.10.7:80 together on lvs1 for 1ms from 10s");
}

TEST(NoMixedPoolJudge, ARealServerOfWeightZeroMayStay) {
  Story story;
  server(story, 2 * kSecond, kSorry, 1);
  server(story, 10 * kSecond, kRs1, 0);
  EXPECT_TRUE(judge_no_mixed_pool(balanced(), story.timeline(), {{}, Duration{0}}).held);
}

// ------------------------------------------------------------------ connections

Story& connection(Story& story, Duration at, ConnectionState state, const std::string& node = {}) {
  return story.at(at).note("client", ConnectionChanged{kVip, 22, state, node});
}

Judgement survives(const Story& story, Duration stalled_at_most) {
  return judge_connection(balanced(), story.timeline(), {"client", kVip, 22, stalled_at_most});
}

TEST(ConnectionJudge, MayStallSoLong) {
  Story story;
  connection(story, kSecond, ConnectionState::alive, "rs1");
  connection(story, 10 * kSecond, ConnectionState::stalled);
  connection(story, 14 * kSecond, ConnectionState::alive, "rs1");
  EXPECT_TRUE(survives(story, 4 * kSecond).held);
  const Judgement judgement = survives(story, 4 * kSecond - kNs);
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.seen, "it stalled for 4s from 10s");
}

TEST(ConnectionJudge, MustNotBreak) {
  Story story;
  connection(story, kSecond, ConnectionState::alive, "rs1");
  story.at(10 * kSecond).note("client", ConnectionChanged{kVip, 22, ConnectionState::broken, "", "reset"});
  const Judgement judgement = survives(story, 40 * kSecond);
  EXPECT_FALSE(judgement.held);
  EXPECT_EQ(judgement.seen, "it was broken (reset) at 10s");
}

TEST(ConnectionJudge, AStallThatIsNotOverLastsToTheEnd) {
  Story story;
  connection(story, kSecond, ConnectionState::alive, "rs1");
  connection(story, 20 * kSecond, ConnectionState::stalled);
  EXPECT_TRUE(survives(story, 40 * kSecond).held);
  EXPECT_FALSE(survives(story, 40 * kSecond - kNs).held);
}

TEST(ConnectionJudge, MustComeAbout) { EXPECT_FALSE(survives(Story{}, 40 * kSecond).held); }

// ------------------------------------------------------------------ conditions

PoolIs pool_of(std::vector<PoolMember> members, bool weighted = false) {
  return {kService, "lvs1", std::move(members), weighted};
}

bool is_so(const Condition& condition, const Story& story) {
  const Scenario scenario = balanced();
  return is_true(condition, state_at(scenario, story.timeline(), 59 * kSecond));
}

TEST(PoolCondition, IsExact) {
  Story story;
  server(story, kSecond, kRs1, 3);
  server(story, kSecond, kRs2, 0);
  EXPECT_TRUE(is_so(pool_of({{"rs1", kRs1, {}}}), story));
  EXPECT_FALSE(is_so(pool_of({}), story));
  EXPECT_FALSE(is_so(pool_of({{"rs1", kRs1, {}}, {"rs2", kRs2, {}}}), story));
  EXPECT_TRUE(is_so(pool_of({{"rs1", kRs1, 3}, {"rs2", kRs2, 0}}, true), story));
  EXPECT_FALSE(is_so(pool_of({{"rs1", kRs1, 3}}, true), story));
  EXPECT_FALSE(is_so(pool_of({{"rs1", kRs1, 2}, {"rs2", kRs2, 0}}, true), story));
}

TEST(PoolCondition, OfATableThatIsNotThereIsFalse) {
  EXPECT_FALSE(is_so(pool_of({}), Story{}));
  Story story;
  story.note("lvs1", ServiceChanged{kService, true});
  EXPECT_TRUE(is_so(pool_of({}), story));
}

TEST(PoolCondition, PowerOffEmptiesTheKernelsTableAndACrashDoesNot) {
  Story story;
  server(story, kSecond, kRs1, 1);
  story.at(2 * kSecond).daemon("lvs1", DaemonEvent::crashed);
  EXPECT_TRUE(is_so(pool_of({{"rs1", kRs1, {}}}), story));
  story.at(3 * kSecond).daemon("lvs1", DaemonEvent::powered_off);
  EXPECT_FALSE(is_so(pool_of({{"rs1", kRs1, {}}}), story));
}

TEST(QuorumCondition, IsWhatTheDaemonSaidLast) {
  Story story;
  EXPECT_FALSE(is_so(QuorumIs{kService, "lvs1", false}, story));
  story.note("lvs1", QuorumChanged{kService, true}).note("lvs1", QuorumChanged{kService, false});
  EXPECT_TRUE(is_so(QuorumIs{kService, "lvs1", false}, story));
  EXPECT_FALSE(is_so(QuorumIs{kService, "lvs1", true}, story));
}

TEST(ConnectionCondition, NamesStateAndNode) {
  Story story;
  connection(story, kSecond, ConnectionState::alive, "rs1");
  EXPECT_TRUE(is_so(ConnectionIs{"client", kVip, 22, ConnectionState::alive, "rs1"}, story));
  EXPECT_FALSE(is_so(ConnectionIs{"client", kVip, 22, ConnectionState::alive, "rs2"}, story));
  EXPECT_FALSE(is_so(ConnectionIs{"client", kVip, 22, ConnectionState::broken, {}}, story));
}

TEST(CheckChild, ItsDeathTouchesNoInstance) {
  Story story;
  story.daemon("lvs1", DaemonEvent::started).becomes("lvs1", vrrp::State::master);
  story.note("lvs1", DaemonChanged{DaemonEvent::crashed, "", DaemonPart::check});
  EXPECT_TRUE(is_so(InstanceState{"VI_1", "lvs1", vrrp::State::master}, story));
  story.note("lvs1", DaemonChanged{DaemonEvent::crashed, "", DaemonPart::vrrp});
  EXPECT_FALSE(is_so(InstanceState{"VI_1", "lvs1", vrrp::State::master}, story));
}

TEST(VirtualServices, OfAGroupAreAllItsAddresses) {
  config::Configuration configuration;
  config::VirtualServerGroup group;
  group.name = "G";
  group.entries.push_back({IpAddress::v4(10, 0, 0, 254), IpAddress::v4(10, 0, 1, 1), 80, 0, {}});
  group.entries.push_back({{}, {}, 0, 3, Family::ipv6});
  configuration.server_groups.push_back(group);
  config::VirtualServer server;
  server.group = "G";
  server.transport = ipvs::Transport::tcp;
  const auto keys = check::service_keys(configuration, server);
  ASSERT_EQ(keys.size(), 5U);
  EXPECT_EQ(keys[2].address, IpAddress::v4(10, 0, 1, 0));
  EXPECT_EQ(keys[3].address, IpAddress::v4(10, 0, 1, 1));
  EXPECT_EQ(to_string(keys[4]), "FWM 3 inet6");
}

}  // namespace
}  // namespace vipdrift::scenarios
