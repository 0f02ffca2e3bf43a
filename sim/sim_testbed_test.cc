// The article's cluster in the simulated world. Times of the formulas are literal: master down interval 3.609375 s for
// priority 100, 3.6171875 s for 98, skew 0.6171875 s for 98.
#include "sim/sim_testbed.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/vrrp/vrrp_stack.h"
#include "scenarios/start_delays.h"
#include "sim/article_rehearsal.h"

namespace vipdrift::sim {
namespace {

using namespace std::chrono_literals;
using scenarios::DaemonEvent;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using ::testing::Optional;
using testing::article_configuration;
using testing::article_scenario;
using testing::kDownFile;
using testing::kInterface;
using testing::kVip1;
using testing::kVip2;
using testing::Rehearsal;

SimOptions ideal() {
  SimOptions options;
  options.costs = ActionCosts::none();
  return options;
}

SimOptions seeded(std::uint64_t seed) {
  SimOptions options;
  options.seed = seed;
  return options;
}

Duration first_of(const Rehearsal& world, const std::string& node, DaemonEvent event, Duration from = {}) {
  const auto times =
      world.times<scenarios::DaemonChanged>(node, from, [&](const auto& what) { return what.event == event; });
  return times.empty() ? Duration{-1} : times.front();
}

// ---------------------------------------------------------------- formulas, without costs

TEST(SimTestbedFormulas, AColdStartTakesOneMasterDownInterval) {
  Rehearsal world(article_scenario(), ideal());
  world.start_both();
  world.run_until(20s);
  EXPECT_EQ(world.added("lvs1", kVip1, 0s), 3'609'375us);
  EXPECT_EQ(world.added("lvs2", kVip2, 0s), 3'609'375us);
  EXPECT_FALSE(world.added("lvs2", kVip1, 0s));
  EXPECT_FALSE(world.added("lvs1", kVip2, 0s));
}

TEST(SimTestbedFormulas, AfterACrashTheBackupsTimerRunsFromTheLastAdvertisement) {
  Rehearsal world(article_scenario(), ideal());
  world.start_both();
  world.run_until(20s);
  world.step(scenarios::CrashDaemon{{"lvs1"}});
  world.run_until(40s);
  // Last advertisement at 19.609375 s, 50 us on the wire.
  EXPECT_EQ(world.added("lvs2", kVip1, 0s), 19'609'375us + 50us + 3'617'187'500ns);
  EXPECT_FALSE(world.removed("lvs1", kVip1, 0s));
  EXPECT_TRUE(world.holds("lvs1", kVip1));
}

TEST(SimTestbedFormulas, AGracefulStopCostsOneSkewTime) {
  Rehearsal world(article_scenario(), ideal());
  world.start_both();
  world.run_until(20s);
  world.step(scenarios::StopDaemon{{"lvs1"}});
  world.run_until(40s);
  EXPECT_EQ(world.removed("lvs1", kVip1, 20s), 0s);
  EXPECT_EQ(world.added("lvs2", kVip1, 20s), 50us + 617'187'500ns);
  EXPECT_EQ(first_of(world, "lvs1", DaemonEvent::stopped), 21s);
}

TEST(SimTestbedFormulas, ADriftingClockMovesItsDirectorsTimers) {
  scenarios::Scenario scenario = article_scenario();
  scenario.cluster.directors[0].clock_drift_ppm = 1000;
  Rehearsal world(scenario, ideal());
  world.start_both();
  world.run_until(5s);
  // 3.609375 s on its own clock, which runs 1000 ppm fast.
  EXPECT_EQ(world.added("lvs1", kVip1, 0s), Duration{3'605'769'231});
}

// ---------------------------------------------------------------- daemons, with costs

TEST(SimTestbedDaemon, StartingTakesTimeAndEachDirectorGetsItsOwnAddress) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rehearsal world(article_scenario(), seeded(seed));
    world.start_both();
    world.run_until(10s);
    const auto added = world.added("lvs1", kVip1, 0s);
    ASSERT_TRUE(added);
    EXPECT_GT(*added, 3'609'375us + 20ms);
    EXPECT_LT(*added, 3'609'375us + 20ms + 150ms + 5ms);
    EXPECT_TRUE(world.holds("lvs1", kVip1));
    EXPECT_TRUE(world.holds("lvs2", kVip2));
    EXPECT_FALSE(world.holds("lvs2", kVip1));
    EXPECT_FALSE(world.holds("lvs1", kVip2));
  }
}

TEST(SimTestbedDaemon, StartsThatWereSeenElsewhereAreRepeated) {
  SimOptions options = seeded(1);
  options.start_delays = {{"lvs1", {700ms, std::nullopt, 300ms}}};
  Rehearsal world(article_scenario(), options);
  world.start_both();
  const auto restart = [&](Duration at) {
    world.run_until(at);
    world.step(scenarios::CrashDaemon{{"lvs1"}});
    world.run_until(at + 1s);
    world.step(scenarios::StartDaemon{{"lvs1"}});
  };
  restart(10s);
  restart(20s);
  world.run_until(30s);
  EXPECT_THAT(scenarios::start_delays(world.timeline).at("lvs1"),
              // The last one finds an address that the crash left, and removes it first.
              ElementsAre(700ms, Optional(AllOf(Ge(20ms), Le(171ms))), Optional(AllOf(Ge(300ms), Le(302ms)))));
}

TEST(SimTestbedDaemon, ARestartAfterACrashRemovesTheLeftoverAndComesHome) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.step(scenarios::CrashDaemon{{"lvs1"}});
  world.run_until(30s);
  EXPECT_TRUE(world.holds("lvs2", kVip1));
  world.step(scenarios::StartDaemon{{"lvs1"}});
  world.run_until(40s);
  EXPECT_LT(world.removed("lvs1", kVip1, 30s).value_or(1h), 180ms);
  EXPECT_GT(world.added("lvs1", kVip1, 30s).value_or(0s), 3'609'375us);
  EXPECT_FALSE(world.holds("lvs2", kVip1));
}

TEST(SimTestbedDaemon, PowerOffTakesEverythingAndPowerOnStartsTheDaemonAgain) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.probe(kVip1);
  world.run_until(25s);
  EXPECT_EQ(world.answered_by(kVip1), "lvs1");
  world.step(scenarios::PowerOff{{"lvs1"}});
  EXPECT_FALSE(world.holds("lvs1", kVip1));
  world.run_until(35s);
  EXPECT_EQ(world.answered_by(kVip1), "lvs2");
  EXPECT_TRUE(world.holds("lvs2", kVip2));
  world.step(scenarios::PowerOn{{"lvs1"}});
  world.run_until(45s);
  EXPECT_EQ(world.answered_by(kVip1), "lvs1");
  EXPECT_FALSE(world.holds("lvs2", kVip1));
}

TEST(SimTestbedDaemon, InterfaceDownIsFaultAndUpComesBack) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.step(scenarios::InterfaceDown{"lvs1", kInterface});
  world.run_until(30s);
  EXPECT_LT(world.removed("lvs1", kVip1, 20s).value_or(1h), 6ms);
  EXPECT_TRUE(world.holds("lvs2", kVip1));
  ASSERT_NE(world.testbed.stack("lvs1"), nullptr);
  EXPECT_EQ(world.testbed.stack("lvs1")->find("VI_1")->state(), vrrp::State::fault);
  world.step(scenarios::InterfaceUp{"lvs1", kInterface});
  world.run_until(40s);
  EXPECT_TRUE(world.holds("lvs1", kVip1));
  EXPECT_FALSE(world.holds("lvs2", kVip1));
}

TEST(SimTestbedDaemon, AnInterfaceVanishesWithItsAddressesAndComesBackAsSinceBoot) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.step(scenarios::DeleteInterface{"lvs1", kInterface});
  EXPECT_EQ(world.removed("lvs1", kVip1, 20s), 0s);
  world.run_until(30s);
  EXPECT_EQ(world.testbed.stack("lvs1")->find("VI_1")->state(), vrrp::State::fault);
  EXPECT_FALSE(world.holds("lvs1", kVip1));
  EXPECT_TRUE(world.holds("lvs2", kVip1));
  world.step(scenarios::CreateInterface{"lvs1", kInterface});
  world.run_until(33s);
  EXPECT_EQ(world.testbed.stack("lvs1")->find("VI_2")->state(), vrrp::State::backup);
  world.run_until(40s);
  EXPECT_TRUE(world.holds("lvs1", kVip1));
  EXPECT_FALSE(world.holds("lvs2", kVip1));
  EXPECT_FALSE(world.holds("lvs1", kVip2)) << "it hears lvs2 on the interface that is new to it";
}

TEST(SimTestbedDaemon, ADaemonThatSleptWhileItsInterfaceWasMadeAnewFindsTheNewOne) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.step(scenarios::PauseDaemon{{"lvs1"}});
  world.step(scenarios::DeleteInterface{"lvs1", kInterface});
  world.run_until(21s);
  world.step(scenarios::CreateInterface{"lvs1", kInterface});
  world.run_until(22s);
  world.step(scenarios::ResumeDaemon{{"lvs1"}});
  world.run_until(40s);
  EXPECT_TRUE(world.holds("lvs1", kVip1));
  EXPECT_FALSE(world.holds("lvs1", kVip2));
}

TEST(SimTestbedDaemon, ABootBringsADeletedInterfaceBack) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.step(scenarios::DeleteInterface{"lvs1", kInterface});
  world.run_until(21s);
  world.step(scenarios::PowerOff{{"lvs1"}});
  world.step(scenarios::CreateInterface{"lvs1", kInterface});  // of a machine without power: nothing
  world.run_until(25s);
  world.step(scenarios::PowerOn{{"lvs1"}});
  world.run_until(35s);
  EXPECT_TRUE(world.holds("lvs1", kVip1));
}

TEST(SimTestbedDaemon, WhatIsNotThereCannotBeDeletedNorWhatIsThereBeCreated) {
  Rehearsal world;
  const auto refused = [&](scenarios::StepAction action) {
    scenarios::Step step;
    step.action = std::move(action);
    const auto error = world.testbed.apply(step);
    return error ? error->message : std::string{};
  };
  EXPECT_EQ(refused(scenarios::CreateInterface{"lvs1", kInterface}),
            "'lvs1/eno16777736' is there; only a deleted interface can be created");
  EXPECT_EQ(refused(scenarios::DeleteInterface{"lvs1", kInterface}), "");
  EXPECT_EQ(refused(scenarios::DeleteInterface{"lvs1", kInterface}), "there is no interface 'lvs1/eno16777736'");
  EXPECT_EQ(refused(scenarios::InterfaceUp{"lvs1", kInterface}), "there is no interface 'lvs1/eno16777736'");
  EXPECT_EQ(refused(scenarios::CreateInterface{"lvs1", kInterface}), "");
}

TEST(SimTestbedDaemon, APausedDaemonFindsItsPacketsOnWaking) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.probe(kVip1);
  world.run_until(25s);
  world.step(scenarios::PauseDaemon{{"lvs1"}});
  world.run_until(30s);
  EXPECT_TRUE(world.holds("lvs1", kVip1));
  EXPECT_TRUE(world.holds("lvs2", kVip1));
  world.step(scenarios::ResumeDaemon{{"lvs1"}});
  world.run_until(31s);
  EXPECT_LT(world.removed("lvs2", kVip1, 30s).value_or(1h), 40ms);
  EXPECT_TRUE(world.holds("lvs1", kVip1));
  // A burst for each advertisement of priority 98 that had waited: lvs2 sent its first at 28.31 s.
  const auto bursts =
      world.times<scenarios::AnnouncementSent>("lvs1", 30s, [](const auto& a) { return a.address == kVip1; });
  EXPECT_EQ(bursts.size(), 2U);
}

TEST(SimTestbedDaemon, AFrozenMachineLosesItsPackets) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.step(scenarios::PauseNode{{"lvs1"}});
  world.run_until(25s);
  EXPECT_TRUE(world.holds("lvs2", kVip1));
  world.step(scenarios::ResumeNode{{"lvs1"}});
  world.run_until(25s + 100ms);
  EXPECT_THAT(world.times<scenarios::AnnouncementSent>("lvs1", 25s, [](const auto& a) { return a.address == kVip1; }),
              ::testing::IsEmpty());
  EXPECT_FALSE(world.holds("lvs2", kVip1));
}

TEST(SimTestbedDaemon, AFailingScriptMovesTheAddressWithoutAGap) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.probe(kVip1);
  world.step(scenarios::TouchFile{"lvs1", kDownFile, ""});
  world.run_until(30s);
  EXPECT_EQ(world.answered_by(kVip1), "lvs2");
  EXPECT_GT(world.added("lvs2", kVip1, 20s).value_or(0s), 2'600ms);
  EXPECT_LT(world.added("lvs2", kVip1, 20s).value_or(1h), 5'620ms);
  EXPECT_LE(world.longest_outage(kVip1, 20s), 50ms);
  world.step(scenarios::RemoveFile{"lvs1", kDownFile});
  world.run_until(40s);
  EXPECT_EQ(world.answered_by(kVip1), "lvs1");
}

TEST(SimTestbedDaemon, AReloadKeepsTheAddressAndARefusedOneTheDaemon) {
  scenarios::Scenario scenario = article_scenario();
  config::Configuration lower = article_configuration(true);
  lower.instances[0].priority = 90;
  scenario.configs.push_back({"lvs1", "lower.conf", "", std::make_shared<const config::Configuration>(lower)});
  scenario.configs.push_back({"lvs1", "broken.conf", "{", nullptr});
  Rehearsal world(scenario);
  world.start_both();
  world.run_until(20s);
  world.step(scenarios::ReloadDaemon{"lvs1", "broken.conf"});
  EXPECT_EQ(first_of(world, "lvs1", DaemonEvent::refused), 20s);
  world.step(scenarios::ReloadDaemon{"lvs1", std::nullopt});
  world.run_until(30s);
  EXPECT_FALSE(world.removed("lvs1", kVip1, 20s));
  world.step(scenarios::ReloadDaemon{"lvs1", "lower.conf"});
  world.run_until(40s);
  EXPECT_TRUE(world.holds("lvs2", kVip1));
  EXPECT_FALSE(world.holds("lvs1", kVip1));
}

// ---------------------------------------------------------------- what clients see

TEST(SimTestbedClients, AnOutageIsAsLongAsTheTakeover) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.probe(kVip1);
  world.run_until(25s);
  world.step(scenarios::PowerOff{{"lvs1"}});
  world.run_until(40s);
  const Duration takeover = world.added("lvs2", kVip1, 25s).value_or(0s);
  EXPECT_GE(world.longest_outage(kVip1), takeover - 50ms);
  EXPECT_LE(world.longest_outage(kVip1), takeover + 100ms);
}

TEST(SimTestbedClients, ProbesOverTcpSeeTheSame) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  scenarios::StartProbe probe;
  probe.client = "client";
  probe.target = kVip2;
  probe.port = 80;
  world.step(probe);
  world.run_until(30s);
  EXPECT_EQ(world.answered_by(kVip2), "lvs2");
  EXPECT_EQ(world.times<scenarios::ProbeAnswers>("client").size(), 1U);
}

TEST(SimTestbedClients, TheKernelOfADeadDaemonGoesOnAnswering) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.probe(kVip1);
  world.run_until(25s);
  world.step(scenarios::CrashDaemon{{"lvs1"}});
  world.run_until(40s);
  EXPECT_EQ(world.longest_outage(kVip1), 0s);
  EXPECT_EQ(world.answered_by(kVip1), "lvs2");
}

/// After a heal either the winner hears the loser first and announces, or nobody does and the client stays with the
/// loser's MAC until its neighbour entry has aged: 23 to 53 s.
TEST(SimTestbedClients, AfterAHealClientsMayStayInTheDark) {
  int at_once = 0;
  int dark = 0;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Rehearsal world(article_scenario(), seeded(seed));
    world.start_both();
    world.run_until(20s);
    world.probe(kVip1);
    world.step(scenarios::Partition{"lan", {{"lvs1"}, {"lvs2", "client"}}});
    world.run_until(40s + seed * 50ms);
    EXPECT_EQ(world.answered_by(kVip1), "lvs2");
    const Duration healed = world.now;
    world.step(scenarios::Heal{});
    world.run_for(60s);
    EXPECT_EQ(world.answered_by(kVip1), "lvs1");
    EXPECT_FALSE(world.holds("lvs2", kVip1));
    const Duration outage = world.longest_outage(kVip1, healed);
    if (outage <= 5100ms) {
      ++at_once;
    } else {
      ++dark;
      EXPECT_GE(outage, 23s);
      EXPECT_LE(outage, 53s + 100ms);
    }
  }
  EXPECT_GE(at_once, 4);
  EXPECT_GE(dark, 4);
}

TEST(SimTestbedClients, AnInjectedArpMovesAClientUntilTheNextAnnouncement) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.probe(kVip1);
  world.run_until(25s);
  world.step(scenarios::InjectArp{"lan", kVip1, {{2, 0, 0, 0, 0, 9}}});
  world.run_until(30s);
  EXPECT_EQ(world.answered_by(kVip1), "");
  world.step(scenarios::FlushArp{"client"});
  world.run_until(31s);
  EXPECT_EQ(world.answered_by(kVip1), "lvs1");
}

// ---------------------------------------------------------------- strangers on the wire

scenarios::InjectAdvertisement stranger(std::uint8_t priority) {
  scenarios::InjectAdvertisement advertisement;
  advertisement.segment = "lan";
  advertisement.vrid = 151;
  advertisement.priority = priority;
  advertisement.auth_pass = "frSAmesX";
  advertisement.source = IpAddress::v4(10, 1, 10, 200);
  advertisement.destination = IpAddress::v4(224, 0, 4, 18);
  advertisement.addresses = {kVip1};
  return advertisement;
}

TEST(SimTestbedStrangers, AGoodAdvertisementCounts) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  world.step(stranger(200));
  world.run_until(21s);
  EXPECT_LT(world.removed("lvs1", kVip1, 20s).value_or(1h), 10ms);
}

TEST(SimTestbedStrangers, EveryWrongFieldIsDiscardedForItsReason) {
  const auto wrong = [](auto change) {
    scenarios::InjectAdvertisement advertisement = stranger(200);
    change(advertisement);
    return advertisement;
  };
  const std::vector<std::pair<vrrp::Discard, scenarios::InjectAdvertisement>> cases = {
      {vrrp::Discard::checksum, wrong([](auto& a) { a.bad_checksum = true; })},
      {vrrp::Discard::ttl, wrong([](auto& a) { a.ttl = 254; })},
      {vrrp::Discard::type, wrong([](auto& a) { a.raw_type = 2; })},
      {vrrp::Discard::auth_data_mismatch, wrong([](auto& a) { a.auth_pass = "other"; })},
      {vrrp::Discard::auth_type_mismatch, wrong([](auto& a) { a.auth_pass.reset(); })},
      {vrrp::Discard::interval_mismatch, wrong([](auto& a) { a.raw_interval = 2; })},
      {vrrp::Discard::unknown_vrid, wrong([](auto& a) { a.vrid = 7; })},
      {vrrp::Discard::too_short, wrong([](auto& a) { a.truncate_to = 15; })},
  };
  for (const auto& [reason, advertisement] : cases) {
    Rehearsal world;
    world.start_both();
    world.run_until(20s);
    world.step(advertisement);
    world.run_until(20s + 1ms);
    const auto discarded = world.times<scenarios::AdvertisementDiscarded>(
        "lvs1", 20s, [&, why = reason](const auto& seen) { return seen.reason == why; });
    EXPECT_EQ(discarded.size(), 1U) << vrrp::to_string(reason);
    EXPECT_FALSE(world.removed("lvs1", kVip1, 20s));
  }
}

TEST(SimTestbedStrangers, ASeriesKeepsItsPace) {
  Rehearsal world;
  world.start_both();
  world.run_until(20s);
  scenarios::InjectAdvertisement series = stranger(1);
  series.every = 500ms;
  series.times = 4;
  world.step(series);
  world.run_until(30s);
  EXPECT_THAT(world.times<scenarios::AdvertisementSent>("lan"),
              ::testing::ElementsAre(20s, 20s + 500ms, 21s, 21s + 500ms));
}

// ---------------------------------------------------------------- the world itself

TEST(SimTestbedWorld, ConnectivityIsNotedWhenItChanges) {
  Rehearsal world;
  EXPECT_THAT(world.times<scenarios::ConnectivityChanged>("lan"), ::testing::IsEmpty());
  world.run_until(1s);
  world.step(scenarios::Partition{"lan", {{"lvs1"}, {"lvs2", "client"}}});
  world.run_until(2s);
  world.step(scenarios::Heal{});
  EXPECT_THAT(world.times<scenarios::ConnectivityChanged>("lan"), ::testing::ElementsAre(1s, 2s));
  const auto& seen = world.timeline.observations();
  const auto& parted = std::get<scenarios::ConnectivityChanged>(seen[0].what);
  EXPECT_THAT(parted.groups, ::testing::ElementsAre(::testing::ElementsAre("lvs1"), ::testing::ElementsAre("lvs2")));
}

TEST(SimTestbedWorld, AScriptWithoutAModelIsRefusedWithItsPlace) {
  scenarios::Scenario scenario = article_scenario();
  config::Configuration configuration = article_configuration(false);
  configuration.scripts[1].place = {"lvs2.conf", 14, 1};
  scenario.configs[1].configuration = std::make_shared<const config::Configuration>(configuration);
  scenario.cluster.directors[1].scripts.pop_back();
  SimTestbed testbed;
  scenarios::Timeline timeline;
  const auto error = testbed.build(scenario, {}, timeline);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->place.line, 14);
  EXPECT_THAT(error->message, ::testing::HasSubstr("script 'chk_httpd' has no model for director 'lvs2'"));
}

TEST(SimTestbedWorld, ADisabledScriptNeedsNoModel) {
  scenarios::Scenario scenario = article_scenario();
  config::Configuration configuration = article_configuration(false);
  configuration.scripts[1].disabled = true;
  scenario.configs[1].configuration = std::make_shared<const config::Configuration>(configuration);
  scenario.cluster.directors[1].scripts.pop_back();
  SimTestbed testbed;
  scenarios::Timeline timeline;
  EXPECT_FALSE(testbed.build(scenario, {}, timeline));
}

std::uint64_t timeline_hash(std::uint64_t seed, std::uint64_t* last_draw = nullptr) {
  Rehearsal world(article_scenario(), seeded(seed));
  world.start_both();
  world.probe(kVip1);
  world.run_until(10s);
  scenarios::SetFaults faults;
  faults.segment = "lan";
  faults.faults.loss.value = 300'000;
  world.step(faults);
  world.run_until(70s);
  world.step(scenarios::CrashDaemon{{"lvs2"}});
  world.run_until(80s);
  if (last_draw != nullptr) *last_draw = world.testbed.statistics().last_draw;
  return scenarios::hash(world.timeline);
}

TEST(SimTestbedWorld, EqualSeedsGiveEqualTimelinesAndOthersDiffer) {
  std::uint64_t first_draw = 0;
  std::uint64_t second_draw = 0;
  EXPECT_EQ(timeline_hash(1, &first_draw), timeline_hash(1, &second_draw));
  EXPECT_EQ(first_draw, second_draw);
  EXPECT_NE(timeline_hash(1), timeline_hash(2));
}

}  // namespace
}  // namespace vipdrift::sim
