// The stack: several instances, tracking, the priority arithmetic, the value semantics of the whole.
#include "protocol/vrrp/vrrp_stack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::contains;
using testing::deeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kEth0;
using testing::kEth1;
using testing::make_configuration;
using testing::make_instance;
using testing::StackDriver;

config::VrrpScript make_script(std::string name, int weight, Duration interval = 2s) {
  config::VrrpScript script;
  script.name = std::move(name);
  script.weight = weight;
  script.interval = interval;
  script.command.argv = {"/bin/true"};
  return script;
}

config::Configuration tracking(std::vector<config::VrrpScript> scripts, std::uint8_t priority = 100) {
  config::VrrpInstance instance = make_instance("VI_1", 151, priority);
  for (const config::VrrpScript& script : scripts) instance.track_scripts.push_back({script.name, std::nullopt, false});
  config::Configuration configuration = make_configuration({instance});
  configuration.scripts = std::move(scripts);
  return configuration;
}

ScriptFinished ended(std::uint32_t script, int status) { return {{script}, status, false}; }

// ---------------------------------------------------------------- dispatch

TEST(VrrpStackDispatch, AnUnknownVridTouchesNobody) {
  StackDriver driver(make_instance());
  driver.start();
  StackDriver stranger(make_instance("VI_2", 152));
  driver.now += 1s;
  const VrrpStack before = driver.stack;
  const std::vector<std::uint8_t> bytes = {0x21, 152, 200, 1, 0, 1, 0, 0};
  Datagram datagram;
  datagram.interface = kEth0;
  datagram.source = testing::kLowerPeer;
  datagram.destination = kVrrpGroupIpv4;
  datagram.ip_payload_length = 8;
  datagram.payload = bytes;
  EXPECT_THAT(driver.feed(datagram), ElementsAre("discard unknown_vrid"));
  EXPECT_EQ(driver.stack, before);
  EXPECT_EQ(driver.stack.unknown_vrids(), 1U);
}

TEST(VrrpStackDispatch, TheVridCountsPerInterface) {
  StackDriver driver(make_instance());
  driver.start();
  const std::vector<std::uint8_t> bytes = {0x21, 151, 0, 1, 0, 1, 0, 0};
  Datagram datagram;
  datagram.interface = kEth1;
  datagram.source = testing::kLowerPeer;
  datagram.destination = kVrrpGroupIpv4;
  datagram.ip_payload_length = 8;
  datagram.payload = bytes;
  EXPECT_THAT(driver.feed(datagram), ElementsAre("discard unknown_vrid"));
}

TEST(VrrpStackDispatch, InstancesOfOneInterfaceRunTheirOwnTimers) {
  StackDriver driver(make_configuration(
      {make_instance("VI_1", 151, 100), make_instance("VI_2", 152, 98, IpAddress::v4(10, 1, 10, 77))}));
  driver.start();
  driver.now += 1s;
  driver.receive({.priority = 200, .instance = 1});
  driver.run_until(3'609'375us);
  EXPECT_EQ(driver.state(0), State::master);
  EXPECT_EQ(driver.state(1), State::backup);
  driver.run_until(1s + 3'617'187'499ns);
  EXPECT_EQ(driver.state(1), State::backup);
  driver.run_until(1s + 3'617'187'500ns);
  EXPECT_EQ(driver.state(1), State::master);
}

TEST(VrrpStackDispatch, ManyInstancesAllTakeOverOnTime) {
  std::vector<config::VrrpInstance> instances;
  for (int i = 1; i <= 255; ++i) {
    instances.push_back(make_instance("VI_" + std::to_string(i), static_cast<std::uint8_t>(i),
                                      static_cast<std::uint8_t>(1 + i % 254),
                                      IpAddress::v4(10, 2, 0, static_cast<std::uint8_t>(i))));
  }
  StackDriver driver(make_configuration(instances));
  driver.start();
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const Duration down = 3s + Duration{std::chrono::seconds{256 - instances[i].priority}} / 256;
    EXPECT_EQ(driver.router(i).deadline(), TimePoint{down});
  }
  driver.run_until(4s);
  for (std::size_t i = 0; i < instances.size(); ++i) EXPECT_EQ(driver.state(i), State::master);
}

// ---------------------------------------------------------------- tracking

TEST(VrrpStackTracking, AFailingScriptCostsItsWeightAtTheFirstFailure) {
  config::VrrpScript script = make_script("chk_down", -5);
  script.fall = 3;
  StackDriver driver(tracking({script}));
  EXPECT_TRUE(contains(driver.start(), "run chk_down"));
  EXPECT_THAT(driver.feed(ended(0, 1)),
              ElementsAre("log VRRP_Script(chk_down) failed (exited with status 1)",
                          "log (VI_1) Changing effective priority from 100 to 95", "priority VI_1 100 -> 95"));
}

TEST(VrrpStackTracking, ScriptsRunAtTheirInterval) {
  StackDriver driver(tracking({make_script("chk_down", -5)}));
  driver.start();
  driver.feed(ended(0, 0));
  EXPECT_THAT(driver.run_until(2s - Duration{1}), IsEmpty());
  EXPECT_THAT(driver.run_until(2s), ElementsAre("2.0 run chk_down"));
}

/// The worked example of the priority arithmetic: 100, A +20, B -30, C -5.
TEST(VrrpStackTracking, SeveralScriptsJustAdd) {
  StackDriver driver(tracking({make_script("A", 20), make_script("B", -30), make_script("C", -5)}));
  driver.start();
  const auto priority_after = [&](std::uint32_t script, int status) {
    driver.feed(ended(script, status));
    return driver.router().effective_priority();
  };
  EXPECT_EQ(driver.router().effective_priority(), 100);
  EXPECT_EQ(priority_after(0, 0), 120);
  EXPECT_EQ(priority_after(1, 1), 90);
  EXPECT_EQ(priority_after(2, 1), 85);
  EXPECT_EQ(priority_after(0, 1), 65);
  EXPECT_EQ(priority_after(2, 0), 70);
  EXPECT_EQ(priority_after(0, 0), 90);
  EXPECT_EQ(priority_after(1, 0), 120);
}

TEST(VrrpStackTracking, TheClampIsOnlyAView) {
  StackDriver driver(tracking({make_script("A", 20), make_script("B", 20)}, 250));
  driver.start();
  driver.feed(ended(0, 0));
  driver.feed(ended(1, 0));
  EXPECT_EQ(driver.router().total_priority(), 290);
  EXPECT_EQ(driver.router().effective_priority(), 254);
  driver.feed(ended(0, 1));
  EXPECT_EQ(driver.router().total_priority(), 270);
  EXPECT_EQ(driver.router().effective_priority(), 254);
}

TEST(VrrpStackTracking, TheWeightAtTheInstanceOverridesTheScripts) {
  config::Configuration configuration = tracking({make_script("A", -5)});
  configuration.instances[0].track_scripts[0].weight = -50;
  StackDriver driver(configuration);
  driver.start();
  driver.feed(ended(0, 1));
  EXPECT_EQ(driver.router().effective_priority(), 50);
}

TEST(VrrpStackTracking, AnOwnersPriorityNeverChanges) {
  StackDriver driver(tracking({make_script("A", -5)}, 255));
  driver.start();
  driver.feed(ended(0, 1));
  EXPECT_EQ(driver.router().effective_priority(), 255);
}

TEST(VrrpStackTracking, AWeightlessScriptIsWaitedForInSilence) {
  StackDriver driver(tracking({make_script("A", 0)}));
  EXPECT_THAT(driver.start(), ElementsAre("run A"));
  EXPECT_EQ(driver.state(), State::initialize);
  driver.now += 1s;
  EXPECT_THAT(driver.feed(ended(0, 0)), ElementsAre("log VRRP_Script(A) succeeded", "log (VI_1) Entering BACKUP STATE",
                                                    "state VI_1 INIT -> BACKUP"));
  EXPECT_EQ(driver.router().deadline(), TimePoint{1s + 3'609'375us});
}

TEST(VrrpStackTracking, AWeightlessScriptThatFailsIsAFault) {
  StackDriver driver(tracking({make_script("A", 0)}));
  driver.start();
  EXPECT_TRUE(contains(driver.feed(ended(0, 1)), "Entering FAULT STATE"));
  driver.now += 2s;
  EXPECT_TRUE(contains(driver.feed(ended(0, 0)), "state VI_1 FAULT -> BACKUP"));
}

TEST(VrrpStackTracking, AWeightlessFailureTakesAMasterToFault) {
  StackDriver driver(tracking({make_script("A", 0)}));
  driver.start();
  driver.feed(ended(0, 0));
  driver.run_until(4s);
  ASSERT_EQ(driver.state(), State::master);
  EXPECT_THAT(deeds(driver.feed(ended(0, 1))),
              ElementsAre("send VI_1 0 to 224.0.0.18", "send VI_1 0 to 224.0.0.18", "remove 10.1.10.7"));
}

TEST(VrrpStackTracking, InitFailStartsFailed) {
  config::VrrpScript script = make_script("A", -5);
  script.init_fail = true;
  StackDriver driver(tracking({script}));
  driver.start();
  EXPECT_EQ(driver.router().effective_priority(), 95);
  config::VrrpScript weightless = make_script("A", 0);
  weightless.init_fail = true;
  StackDriver faulty(tracking({weightless}));
  faulty.start();
  EXPECT_EQ(faulty.state(), State::fault);
}

TEST(VrrpStackTracking, ATimedOutScriptIsKilledAndCountsAsAFailure) {
  config::VrrpScript script = make_script("A", -5, 10s);
  script.timeout = 3s;
  StackDriver driver(tracking({script}));
  driver.start();
  EXPECT_THAT(driver.run_until(3s), ElementsAre("3.0 kill A"));
  EXPECT_TRUE(contains(driver.feed(ended(0, 0)), "timed_out"));
  EXPECT_EQ(driver.router().effective_priority(), 95);
}

TEST(VrrpStackTracking, ADisabledScriptNeverRunsAndNeverCounts) {
  config::VrrpScript script = make_script("chk_down", 0);
  script.disabled = true;
  StackDriver driver(tracking({script}));
  EXPECT_FALSE(contains(driver.start(), "run"));
  EXPECT_EQ(driver.state(), State::backup);
}

TEST(VrrpStackTracking, AWeightedInterfaceChangesThePriority) {
  config::VrrpInstance instance = make_instance();
  instance.track_interfaces = {{"eth1", -20, false}};
  StackDriver driver(instance);
  driver.start();
  driver.feed(LinkChanged{kEth1, false});
  EXPECT_EQ(driver.router().effective_priority(), 80);
  driver.feed(LinkChanged{kEth1, true});
  EXPECT_EQ(driver.router().effective_priority(), 100);
}

TEST(VrrpStackTracking, ATrackedInterfaceThatDoesNotExistIsDown) {
  config::VrrpInstance instance = make_instance();
  instance.track_interfaces = {{"eth7", std::nullopt, false}};
  StackDriver driver(instance);
  driver.start();
  EXPECT_EQ(driver.state(), State::fault);
}

TEST(VrrpStackTracking, ATrackedFileAddsItsValue) {
  config::VrrpInstance instance = make_instance();
  instance.track_files = {{"f", 2, false}};
  config::Configuration configuration = make_configuration({instance});
  config::TrackFile file;
  file.name = "f";
  configuration.track_files = {file};
  StackDriver driver(configuration);
  driver.start();
  driver.feed(FileChanged{{0}, 7});
  EXPECT_EQ(driver.router().effective_priority(), 114);
  driver.feed(FileChanged{{0}, std::nullopt});
  EXPECT_EQ(driver.router().effective_priority(), 100);
}

TEST(VrrpStackTracking, ATrackedProcessCountsWhileEnoughRun) {
  config::VrrpInstance instance = make_instance();
  instance.track_processes = {{"p", -10, false}};
  config::Configuration configuration = make_configuration({instance});
  config::TrackProcess process;
  process.name = "p";
  configuration.track_processes = {process};
  StackDriver driver(configuration);
  driver.start();
  driver.feed(ProcessCountChanged{{0}, 0});
  EXPECT_EQ(driver.router().effective_priority(), 90);
  driver.feed(ProcessCountChanged{{0}, 1});
  EXPECT_EQ(driver.router().effective_priority(), 100);
}

config::Configuration tracking_quorum(int weight) {
  config::Configuration configuration = make_configuration({make_instance()});
  configuration.virtual_servers.resize(1);
  configuration.instances[0].track_quorums.edit().push_back({VirtualServerId{0}, weight, false});
  return configuration;
}

TEST(VrrpStackTracking, ALostQuorumCostsItsWeight) {
  StackDriver driver(tracking_quorum(-10));
  driver.start();
  EXPECT_EQ(driver.router().effective_priority(), 100);
  driver.feed(QuorumChanged{VirtualServerId{0}, false});
  EXPECT_EQ(driver.router().effective_priority(), 90);
  driver.feed(QuorumChanged{VirtualServerId{0}, true});
  EXPECT_EQ(driver.router().effective_priority(), 100);
  driver.feed(QuorumChanged{VirtualServerId{7}, false});  // none of the configuration's
  EXPECT_EQ(driver.router().effective_priority(), 100);
}

TEST(VrrpStackTracking, ALostQuorumWithoutWeightIsAFaultThatAReloadDoesNotHeal) {
  StackDriver driver(tracking_quorum(0));
  driver.start();
  EXPECT_EQ(driver.state(), State::backup);
  driver.feed(QuorumChanged{VirtualServerId{0}, false});
  EXPECT_EQ(driver.state(), State::fault);
  driver.feed(ConfigurationLoaded{std::make_shared<const config::Configuration>(tracking_quorum(0))});
  EXPECT_EQ(driver.state(), State::fault);
  driver.feed(QuorumChanged{VirtualServerId{0}, true});
  EXPECT_EQ(driver.state(), State::backup);
}

TEST(VrrpStackTracking, PriorityChangesGoToTheFifoWhenAsked) {
  config::Configuration configuration = tracking({make_script("A", -5)});
  configuration.global.vrrp_notify_fifo.path = "/run/fifo";
  configuration.instances[0].notify_priority_changes = true;
  StackDriver driver(configuration);
  driver.start();
  EXPECT_TRUE(contains(driver.feed(ended(0, 1)), "fifo INSTANCE \"VI_1\" BACKUP_PRIORITY 95"));
}

TEST(VrrpStackTracking, AMasterAnnouncesItsNewPriorityWithTheNextAdvertisementOnly) {
  StackDriver driver(tracking({make_script("A", -5)}));
  driver.start();
  driver.feed(ended(0, 0));
  driver.run_until(6s);
  EXPECT_FALSE(contains(driver.feed(ended(0, 1)), "send"));
  EXPECT_TRUE(contains(driver.run_until(7s), "6.609375 send VI_1 95"));
}

// ---------------------------------------------------------------- notifications

TEST(VrrpStackNotify, OrderIsSpecificGenericFifoMail) {
  config::VrrpInstance instance = make_instance();
  instance.notifies.edit().master.argv = {"/n.sh", "master"};
  instance.notifies.edit().generic.argv = {"/g.sh"};
  instance.smtp_alert = true;
  config::Configuration configuration = make_configuration({instance});
  configuration.global.vrrp_notify_fifo.path = "/run/fifo";
  configuration.global.notification_email = {"root@localhost"};
  configuration.global.router_id = "centos7s";
  StackDriver driver(configuration);
  driver.start();
  const auto lines = driver.run_until(4s);
  const std::vector<std::string> tail(lines.end() - 4, lines.end());
  EXPECT_THAT(tail, ElementsAre("3.609375 notify /n.sh master", "3.609375 notify /g.sh INSTANCE VI_1 MASTER 100",
                                "3.609375 fifo INSTANCE \"VI_1\" MASTER 100",
                                "3.609375 mail [centos7s] VRRP Instance VI_1 - Entering MASTER state"));
}

TEST(VrrpStackNotify, NoEmailFaultsKeepsFaultsOutOfTheMail) {
  for (const bool unwanted : {false, true}) {
    config::VrrpInstance instance = make_instance();
    instance.smtp_alert = true;
    config::Configuration configuration = make_configuration({instance});
    configuration.global.notification_email = {"root@localhost"};
    configuration.global.router_id = "r";
    configuration.global.no_email_faults = unwanted;
    StackDriver driver(configuration);
    driver.start();
    EXPECT_TRUE(contains(driver.run_until(4s), "mail [r] VRRP Instance VI_1 - Entering MASTER state"));
    const auto lines = driver.feed(LinkChanged{kEth0, false});
    EXPECT_EQ(contains(lines, "mail [r] VRRP Instance VI_1 - Entering FAULT state"), !unwanted);
  }
}

// ---------------------------------------------------------------- failed actions

TEST(VrrpStackFailures, ARefusedAddressIsAskedForAgainAfterASecond) {
  StackDriver driver(make_instance());
  driver.start();
  driver.run_until(4s);
  driver.feed(ActionFailed{ActionFailed::What::add_address, InstanceId{0}, testing::kVip, 105});
  const auto lines = driver.run_until(20s);
  EXPECT_EQ(testing::count(lines, "add 10.1.10.7"), 1);
  EXPECT_TRUE(contains(lines, "5.0 add 10.1.10.7"));
}

// ---------------------------------------------------------------- a value

TEST(VrrpStackValue, ACopyIsAnotherUniverse) {
  StackDriver original(make_instance());
  original.start();
  StackDriver fork = original;
  fork.run_until(10s);
  EXPECT_EQ(fork.state(), State::master);
  EXPECT_EQ(original.state(), State::backup);
  EXPECT_EQ(original.left(), 3'609'375us);
}

TEST(VrrpStackValue, HashAndFutureAreOverTimeLeft) {
  StackDriver early(make_instance());
  early.start();
  StackDriver late(make_instance());
  late.now += 1000s;
  late.start();
  EXPECT_EQ(early.stack.hash(early.now), late.stack.hash(late.now));
  EXPECT_TRUE(VrrpStack::same_future(early.stack, early.now, late.stack, late.now));
  EXPECT_NE(early.stack, late.stack);
  EXPECT_NE(early.stack.hash(early.now), late.stack.hash(late.now + Duration{1}));
  late.receive({.priority = 0});
  EXPECT_FALSE(VrrpStack::same_future(early.stack, early.now, late.stack, late.now));
}

TEST(VrrpStackValue, TheSameInputsGiveTheSameActions) {
  const auto run = [] {
    StackDriver driver(tracking({make_script("A", -5)}));
    std::vector<std::string> all = driver.start();
    for (int i = 0; i < 50; ++i) {
      for (const auto& line : driver.feed(ended(0, i % 3 == 0 ? 1 : 0))) all.push_back(line);
      for (const auto& line : driver.receive({.priority = 90 + i % 20})) all.push_back(line);
      for (const auto& line : driver.run_until(driver.now.time_since_epoch() + 700ms)) all.push_back(line);
    }
    return all;
  };
  EXPECT_EQ(run(), run());
}

/// Scaling every interval of a v3 instance by k scales the timeline by k.
TEST(VrrpStackLaws, ScaledIntervalsScaleTheTimeline) {
  const auto takeover = [](Duration interval) {
    config::VrrpInstance instance = make_instance();
    instance.version = Version::v3;
    instance.advert_int = interval;
    StackDriver driver(instance);
    driver.start();
    return driver.left();
  };
  EXPECT_EQ(takeover(100ms) * 7, takeover(700ms));
}

}  // namespace
}  // namespace vipdrift::vrrp
