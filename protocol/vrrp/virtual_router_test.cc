// The state machine of one instance, seen through the stack's door: literal times, boundary pairs.
#include "protocol/vrrp/virtual_router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::contains;
using testing::count;
using testing::deeds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kEth0;
using testing::kHigherPeer;
using testing::kLowerPeer;
using testing::kOurs;
using testing::kVip;
using testing::make_configuration;
using testing::make_host;
using testing::make_instance;
using testing::StackDriver;

constexpr Duration kTick{1};
/// Priority 100, one second, VRRPv2.
constexpr Duration kMasterDown = 3'609'375'000ns;
constexpr Duration kSkew = 609'375'000ns;

StackDriver started(config::VrrpInstance instance, Profile profile = keepalived_profile()) {
  StackDriver driver(std::move(instance), profile);
  driver.start();
  return driver;
}

StackDriver master(config::VrrpInstance instance, Profile profile = keepalived_profile()) {
  StackDriver driver = started(std::move(instance), profile);
  driver.run_until(10s);
  EXPECT_EQ(driver.state(), State::master);
  return driver;
}

// ---------------------------------------------------------------- start

TEST(VirtualRouterStart, EveryInstanceFirstBecomesBackupAndTellsIt) {
  config::VrrpInstance instance = make_instance();
  instance.state = config::WantedState::master;
  instance.notifies.edit().backup.argv = {"/etc/keepalived/notify.sh", "backup"};
  StackDriver driver(instance);
  EXPECT_THAT(driver.start(), ElementsAre("log (VI_1) Entering BACKUP STATE (init)", "state VI_1 INIT -> BACKUP",
                                          "notify /etc/keepalived/notify.sh backup"));
}

TEST(VirtualRouterStart, DetailsAreToldToWhoAskedForThem) {
  for (const bool detailed : {false, true}) {
    HostFacts host = make_host();
    host.detailed_log = detailed;
    StackDriver driver(make_configuration({make_instance()}), keepalived_profile(), host);
    driver.start();
    driver.now = TimePoint{1s};
    EXPECT_EQ(contains(driver.receive({.priority = 0}), "log (VI_1) Backup received priority 0 advertisement"),
              detailed);
    const auto lines = driver.run_until(2s);
    EXPECT_EQ(contains(lines, "log (VI_1) Receive advertisement timeout"), detailed);
    EXPECT_TRUE(contains(lines, "log (VI_1) Entering MASTER STATE"));
  }
}

TEST(VirtualRouterStart, StateMasterGivesNoHeadStart) {
  config::VrrpInstance instance = make_instance();
  instance.state = config::WantedState::master;
  StackDriver driver = started(instance);
  EXPECT_EQ(driver.left(), kMasterDown);
}

TEST(VirtualRouterStart, AnOwnerIsMasterAMicrosecondLater) {
  StackDriver driver = started(make_instance("VI_1", 151, 255));
  EXPECT_EQ(driver.left(), 1us);
  EXPECT_THAT(deeds(driver.run_until(1us)),
              ElementsAre("0.000001 send VI_1 255 to 224.0.0.18", "0.000001 add 10.1.10.7",
                          "0.000001 announce 10.1.10.7", "0.000001 announce 10.1.10.7", "0.000001 announce 10.1.10.7",
                          "0.000001 announce 10.1.10.7", "0.000001 announce 10.1.10.7"));
}

TEST(VirtualRouterStart, AnOwnerConfiguredAsBackupWaits) {
  config::VrrpInstance instance = make_instance("VI_1", 151, 255);
  instance.state = config::WantedState::backup;
  EXPECT_EQ(started(instance).left(), 3'003'906'250ns);
}

TEST(VirtualRouterStart, LeftoverAddressesGoFirst) {
  HostFacts host = make_host();
  host.interfaces[0].addresses.push_back(kVip);
  StackDriver driver(make_configuration({make_instance()}), keepalived_profile(), host);
  EXPECT_EQ(driver.start().front(), "remove 10.1.10.7");
}

TEST(VirtualRouterStart, StartupDelayDiscardsPacketsAndPostponesTheTimer) {
  config::Configuration configuration = make_configuration({make_instance()});
  configuration.global.vrrp_startup_delay = 10s;
  StackDriver driver(configuration);
  driver.start();
  EXPECT_EQ(driver.left(), 10s + kMasterDown);
  driver.now = TimePoint{10s - kTick};
  EXPECT_THAT(driver.receive({.priority = 200}), IsEmpty());
  EXPECT_EQ(driver.left(), kMasterDown + kTick);
  driver.now = TimePoint{10s};
  driver.receive({.priority = 0});
  EXPECT_EQ(driver.left(), kSkew);
}

TEST(VirtualRouterStart, WithoutItsInterfaceItIsInFault) {
  config::VrrpInstance instance = make_instance();
  instance.interface = "eth9";
  EXPECT_EQ(started(instance).state(), State::fault);
}

TEST(VirtualRouterStart, WithoutASourceAddressItIsInFault) {
  HostFacts host = make_host();
  host.interfaces[0].addresses.clear();
  StackDriver driver(make_configuration({make_instance()}), keepalived_profile(), host);
  driver.start();
  EXPECT_EQ(driver.state(), State::fault);
  driver.feed(AddressChanged{kEth0, kOurs, true});
  EXPECT_EQ(driver.state(), State::backup);
}

// ---------------------------------------------------------------- Backup

TEST(VirtualRouterBackup, TakesOverExactlyAfterTheMasterDownInterval) {
  StackDriver driver = started(make_instance());
  EXPECT_THAT(driver.run_until(kMasterDown - kTick), IsEmpty());
  EXPECT_EQ(driver.state(), State::backup);
  driver.run_until(kMasterDown);
  EXPECT_EQ(driver.state(), State::master);
}

TEST(VirtualRouterStatistics, CountMastershipAndFarewells) {
  StackDriver driver = started(make_instance());
  driver.receive({.priority = 0});
  driver.run_until(kMasterDown);
  driver.feed(StopRequested{});
  const RouterStatistics& statistics = driver.router().statistics();
  EXPECT_EQ(statistics.priority_zero_received, 1U);
  EXPECT_EQ(statistics.became_master, 1U);
  EXPECT_EQ(statistics.released_master, 1U);
  EXPECT_EQ(statistics.priority_zero_sent, 1U);
}

TEST(VirtualRouterBackup, TakeoverOrderIsAdvertisementAddressAnnouncementNotify) {
  config::VrrpInstance instance = make_instance();
  instance.garp_master_repeat = 2;
  instance.notifies.edit().master.argv = {"/etc/keepalived/notify.sh", "master"};
  StackDriver driver = started(instance);
  EXPECT_THAT(
      driver.run_until(4s),
      ElementsAre("3.609375 send VI_1 100 to 224.0.0.18", "3.609375 log (VI_1) Entering MASTER STATE",
                  "3.609375 state VI_1 BACKUP -> MASTER", "3.609375 add 10.1.10.7", "3.609375 announce 10.1.10.7",
                  "3.609375 announce 10.1.10.7", "3.609375 notify /etc/keepalived/notify.sh master"));
}

TEST(VirtualRouterBackup, AnEqualOrHigherAdvertisementRestartsTheTimer) {
  for (const int priority : {100, 101, 255}) {
    StackDriver driver = started(make_instance());
    driver.now += 1s;
    EXPECT_THAT(driver.receive({.priority = priority}), IsEmpty());
    EXPECT_EQ(driver.left(), kMasterDown) << priority;
  }
}

TEST(VirtualRouterBackup, EqualPriorityNeverComparesAddresses) {
  for (const IpAddress& peer : {kLowerPeer, kHigherPeer}) {
    StackDriver driver = started(make_instance());
    driver.now += 1s;
    driver.receive({.priority = 100, .from = peer});
    EXPECT_EQ(driver.left(), kMasterDown);
  }
}

TEST(VirtualRouterBackup, ALowerAdvertisementLeavesTheTimerRunning) {
  StackDriver driver = started(make_instance());
  driver.now += 1s;
  EXPECT_THAT(driver.receive({.priority = 99}),
              ElementsAre("log (VI_1) received lower priority (99) advert from 10.1.10.1 - discarding"));
  EXPECT_EQ(driver.left(), kMasterDown - 1s);
  EXPECT_THAT(driver.receive({.priority = 99}), IsEmpty()) << "logged once per state";
}

TEST(VirtualRouterBackup, NopreemptAcceptsALowerMaster) {
  config::VrrpInstance instance = make_instance();
  instance.nopreempt = true;
  StackDriver driver = started(instance);
  driver.now += 1s;
  driver.receive({.priority = 1});
  EXPECT_EQ(driver.left(), kMasterDown);
}

TEST(VirtualRouterBackup, PriorityZeroLeavesOnlyTheSkewTime) {
  StackDriver driver = started(make_instance());
  driver.now += 1s;
  driver.receive({.priority = 0});
  EXPECT_EQ(driver.left(), kSkew);
  driver.run_until(1s + kSkew - kTick);
  EXPECT_EQ(driver.state(), State::backup);
  driver.run_until(1s + kSkew);
  EXPECT_EQ(driver.state(), State::master);
}

TEST(VirtualRouterBackup, DeadlinesCountFromTheArrivalOfWhatIsReadLate) {
  StackDriver driver = started(make_instance());
  driver.now += 1s;
  driver.receive({.priority = 100, .age = 3ms});
  EXPECT_EQ(driver.left(), kMasterDown - 3ms);
  driver.receive({.priority = 0, .age = 2ms});
  EXPECT_EQ(driver.left(), kSkew - 2ms);
}

TEST(VirtualRouterBackup, PriorityZeroCountsWithNopreemptToo) {
  config::VrrpInstance instance = make_instance();
  instance.nopreempt = true;
  StackDriver driver = started(instance);
  driver.receive({.priority = 0});
  EXPECT_EQ(driver.left(), kSkew);
}

TEST(VirtualRouterBackup, ARejectedAdvertisementLeavesTheTimerRunning) {
  StackDriver driver = started(make_instance());
  driver.now += 1s;
  EXPECT_TRUE(contains(driver.receive({.priority = 200, .ttl = 254}), "discard ttl"));
  EXPECT_EQ(driver.left(), kMasterDown - 1s);
  EXPECT_EQ((*driver.router().statistics().discards)[static_cast<std::size_t>(Discard::ttl)], 1U);
}

TEST(VirtualRouterBackup, PreemptDelayHoldsBackUntilItEnds) {
  config::VrrpInstance instance = make_instance();
  instance.preempt_delay = 20s;
  StackDriver driver = started(instance);
  for (int second = 1; second <= 20; ++second) {
    driver.now = TimePoint{std::chrono::seconds{second}};
    driver.receive({.priority = 50});
    ASSERT_EQ(driver.left(), kMasterDown) << second;
  }
  driver.now = TimePoint{21s};  // 20 s after the first one: no longer accepted
  driver.receive({.priority = 50});
  EXPECT_EQ(driver.left(), kMasterDown - 1s);
}

TEST(VirtualRouterBackup, PreemptDelayIsClearedByAnEqualAdvertisement) {
  config::VrrpInstance instance = make_instance();
  instance.preempt_delay = 2s;
  StackDriver driver = started(instance);
  driver.receive({.priority = 50});
  driver.now = TimePoint{1s};
  EXPECT_TRUE(contains(driver.receive({.priority = 100}), "stop preempt delay"));
  driver.now = TimePoint{3s};
  EXPECT_TRUE(contains(driver.receive({.priority = 50}), "start preempt delay"));
  EXPECT_EQ(driver.left(), kMasterDown);
}

TEST(VirtualRouterBackup, PreemptDelayIsIgnoredWhenAdvertisementsStop) {
  config::VrrpInstance instance = make_instance();
  instance.preempt_delay = 300s;
  StackDriver driver = started(instance);
  driver.receive({.priority = 50});
  driver.run_until(kMasterDown);
  EXPECT_EQ(driver.state(), State::master);
}

StackDriver started_version_3() {
  config::VrrpInstance instance = make_instance();
  instance.version = Version::v3;
  return started(instance);
}

TEST(VirtualRouterBackup, Version3LearnsTheMastersInterval) {
  StackDriver driver = started_version_3();
  driver.receive({.priority = 200, .interval = 500ms});
  EXPECT_EQ(driver.left(), 3 * 500ms + 304'687'500ns);
}

TEST(VirtualRouterBackup, ALearnedIntervalIsLogged) {
  StackDriver driver = started_version_3();
  EXPECT_TRUE(contains(driver.receive({.priority = 200, .interval = 3s}),
                       "log (VI_1) advertisement interval updated from 1000ms to 3000ms by master"));
}

TEST(VirtualRouterBackup, AnIntervalThatStaysTheSameIsNotLogged) {
  StackDriver driver = started_version_3();
  EXPECT_FALSE(contains(driver.receive({.priority = 200}), "advertisement interval updated"));
  driver.receive({.priority = 200, .interval = 3s});
  EXPECT_FALSE(contains(driver.receive({.priority = 200, .interval = 3s}), "advertisement interval updated"));
}

TEST(VirtualRouterBackup, Version2DropsAnotherInterval) {
  StackDriver driver = started(make_instance());
  driver.now += 1s;
  EXPECT_TRUE(contains(driver.receive({.priority = 200, .interval = 2s}), "discard interval_mismatch"));
  EXPECT_EQ(driver.left(), kMasterDown - 1s);
}

TEST(VirtualRouterBackup, AWrongPasswordIsDiscarded) {
  config::VrrpInstance instance = make_instance();
  instance.auth_type = AuthType::pass;
  instance.auth_pass = "secret-1";
  StackDriver driver = started(instance);
  driver.now += 1s;
  EXPECT_TRUE(contains(driver.receive({.priority = 200, .password = "secret-2"}), "discard auth_data_mismatch"));
  EXPECT_EQ(driver.left(), kMasterDown - 1s);
  driver.receive({.priority = 200});
  EXPECT_EQ(driver.left(), kMasterDown);
}

TEST(VirtualRouterBackup, ADuplicateAdvertisementChangesNothing) {
  StackDriver once = started(make_instance());
  once.now += 1s;
  once.receive({.priority = 120});
  StackDriver twice = once;
  twice.receive({.priority = 120});
  EXPECT_EQ(once.stack, twice.stack);
}

// ---------------------------------------------------------------- Master

TEST(VirtualRouterMaster, AdvertisesEveryInterval) {
  StackDriver driver = started(make_instance());
  const auto lines = driver.run_until(kMasterDown + 3s);
  EXPECT_EQ(count(lines, "send VI_1 100"), 4);
  EXPECT_TRUE(contains(lines, "4.609375 send VI_1 100"));
  EXPECT_TRUE(contains(lines, "6.609375 send VI_1 100"));
}

TEST(VirtualRouterMaster, AnnouncesAgainAfterTheDelayAndNotASecondTime) {
  StackDriver driver = started(make_instance());
  const auto lines = driver.run_until(60s);
  EXPECT_EQ(count(lines, "3.609375 announce"), 5);
  EXPECT_EQ(count(lines, "8.609375 announce"), 5);
  EXPECT_EQ(count(lines, "announce"), 10);
}

TEST(VirtualRouterMaster, RefreshesAnnouncementsWhenConfigured) {
  config::VrrpInstance instance = make_instance();
  instance.garp_master_refresh = 10s;
  StackDriver driver = started(instance);
  const auto lines = driver.run_until(40s);
  EXPECT_EQ(count(lines, "18.609375 announce"), 1);
  EXPECT_EQ(count(lines, "28.609375 announce"), 1);
  EXPECT_EQ(count(lines, "38.609375 announce"), 1);
  EXPECT_EQ(count(lines, "announce"), 13);
}

TEST(VirtualRouterMaster, GarpIntervalSpacesTheAnnouncements) {
  config::VrrpInstance instance = make_instance();
  instance.garp_interval = 100ms;
  instance.garp_master_repeat = 3;
  instance.garp_master_delay = 0s;
  StackDriver driver = started(instance);
  const auto lines = driver.run_until(60s);
  EXPECT_EQ(count(lines, "announce"), 3);
  EXPECT_TRUE(contains(lines, "3.609375 announce"));
  EXPECT_TRUE(contains(lines, "3.709375 announce"));
  EXPECT_TRUE(contains(lines, "3.809375 announce"));
}

TEST(VirtualRouterMaster, YieldsToAHigherPriorityInSilence) {
  config::VrrpInstance instance = make_instance();
  instance.notifies.edit().backup.argv = {"backup.sh"};
  StackDriver driver = master(instance);
  EXPECT_THAT(driver.receive({.priority = 101}),
              ElementsAre("log (VI_1) Master received advert from 10.1.10.1 with higher priority 101, ours 100",
                          "log (VI_1) Entering BACKUP STATE", "remove 10.1.10.7", "state VI_1 MASTER -> BACKUP",
                          "notify backup.sh"));
  EXPECT_EQ(driver.left(), kMasterDown);
}

TEST(VirtualRouterMaster, HigherPrioSendAdvertSaysItOnceMore) {
  config::VrrpInstance instance = make_instance();
  instance.higher_prio_send_advert = true;
  StackDriver driver = master(instance);
  EXPECT_EQ(driver.receive({.priority = 101}).front(), "send VI_1 100 to 224.0.0.18");
}

TEST(VirtualRouterMaster, OfEqualPrioritiesTheHigherAddressWins) {
  StackDriver loses = master(make_instance());
  EXPECT_TRUE(contains(loses.receive({.priority = 100, .from = kHigherPeer}),
                       "with same priority 100 but higher IP address than ours"));
  EXPECT_EQ(loses.state(), State::backup);
  StackDriver wins = master(make_instance());
  wins.receive({.priority = 100, .from = kLowerPeer});
  EXPECT_EQ(wins.state(), State::master);
}

TEST(VirtualRouterMaster, EqualPriorityAndAddressOnlyWarns) {
  StackDriver driver = master(make_instance());
  EXPECT_TRUE(contains(driver.receive({.priority = 100, .from = kOurs}), "WARNING"));
  EXPECT_EQ(driver.state(), State::master);
}

TEST(VirtualRouterMaster, AnswersALoserWithAdvertisementAndTwoBlocksOfAnnouncements) {
  config::VrrpInstance instance = make_instance();
  instance.notifies.edit().master_rx_lower_priority.argv = {"rival.sh"};
  StackDriver driver = master(instance);
  EXPECT_THAT(driver.receive({.priority = 99}),
              ElementsAre("log (VI_1) Received advert from 10.1.10.1 with lower priority 99, ours 100, forcing new "
                          "election",
                          "send VI_1 100 to 224.0.0.18", "announce 10.1.10.7", "announce 10.1.10.7",
                          "announce 10.1.10.7", "announce 10.1.10.7", "announce 10.1.10.7", "notify rival.sh"));
  const auto later = driver.run_until(20s);
  EXPECT_EQ(count(later, "announce"), 5);
  EXPECT_EQ(count(later, "15.0 announce"), 5);
}

TEST(VirtualRouterMaster, LowerPrioNoAdvertKeepsQuietAndKeepsItsTimer) {
  config::VrrpInstance instance = make_instance();
  instance.lower_prio_no_advert = true;
  StackDriver driver = master(instance);
  const Duration left = driver.left();
  EXPECT_FALSE(contains(driver.receive({.priority = 99}), "send"));
  EXPECT_EQ(driver.left(), left);
}

TEST(VirtualRouterMaster, AnswersPriorityZeroAtOnce) {
  StackDriver driver = master(make_instance());
  EXPECT_THAT(driver.receive({.priority = 0}), ElementsAre("send VI_1 100 to 224.0.0.18"));
  EXPECT_EQ(driver.left(), 1s);
  EXPECT_EQ(driver.state(), State::master);
}

TEST(VirtualRouterMaster, Version3AdoptsTheWinnersInterval) {
  config::VrrpInstance instance = make_instance();
  instance.version = Version::v3;
  StackDriver driver = master(instance);
  driver.receive({.priority = 200, .interval = 200ms});
  EXPECT_EQ(driver.left(), 3 * 200ms + 121'875'000ns);
}

TEST(VirtualRouterMaster, StopSaysPriorityZeroAndRemovesTheAddresses) {
  config::VrrpInstance instance = make_instance();
  instance.notifies.edit().stop.argv = {"stop.sh"};
  StackDriver driver = master(instance);
  EXPECT_THAT(driver.feed(StopRequested{}), ElementsAre("send VI_1 0 to 224.0.0.18", "remove 10.1.10.7",
                                                        "state VI_1 MASTER -> INIT", "notify stop.sh"));
  EXPECT_THAT(driver.run_until(60s), ElementsAre("11.0 stopped"));
}

TEST(VirtualRouterMaster, AnAddressTakenAwayMeansGoodbyeAndBackAfterTheSkewTime) {
  StackDriver driver = master(make_instance());
  driver.feed(AddressChanged{kEth0, kVip, true});
  EXPECT_THAT(deeds(driver.feed(AddressChanged{kEth0, kVip, false})),
              ElementsAre("send VI_1 0 to 224.0.0.18", "remove 10.1.10.7"));
  EXPECT_EQ(driver.state(), State::backup);
  EXPECT_EQ(driver.left(), kSkew);
}

TEST(VirtualRouterMaster, ANoTrackAddressMayGo) {
  config::VrrpInstance instance = make_instance();
  instance.virtual_addresses[0].no_track = true;
  StackDriver driver = master(instance);
  driver.feed(AddressChanged{kEth0, kVip, true});
  driver.feed(AddressChanged{kEth0, kVip, false});
  EXPECT_EQ(driver.state(), State::master);
}

TEST(VirtualRouterMaster, TimerExpiredBackupStepsDownAfterALongSleep) {
  config::VrrpInstance instance = make_instance();
  instance.timer_expired_backup = true;
  instance.nopreempt = true;
  // The last advertisement left at 9.609375; patience is 3 s and the skew time of a peer with priority 1.
  const Duration patience = 3s + 996'093'750ns;
  StackDriver just_in_time = master(instance);
  just_in_time.now = TimePoint{9'609'375us + patience};
  just_in_time.feed(DeadlineReached{});
  EXPECT_EQ(just_in_time.state(), State::master);
  StackDriver too_late = master(instance);
  too_late.now = TimePoint{9'609'375us + patience + kTick};
  too_late.feed(DeadlineReached{});
  EXPECT_EQ(too_late.state(), State::backup);
}

TEST(VirtualRouterMaster, UnicastPeersEachGetACopy) {
  config::VrrpInstance instance = make_instance();
  instance.unicast_peers = {{kLowerPeer, 0, 255}, {kHigherPeer, 0, 255}};
  instance.source = kOurs;
  StackDriver driver = started(instance);
  const auto lines = driver.run_until(kMasterDown);
  EXPECT_TRUE(contains(lines, "send VI_1 100 to 10.1.10.1"));
  EXPECT_TRUE(contains(lines, "send VI_1 100 to 10.1.10.3"));
}

TEST(VirtualRouterMaster, UsesTheConfiguredGroup) {
  config::Configuration configuration = make_configuration({make_instance()});
  configuration.global.vrrp_mcast_group4 = IpAddress::v4(224, 0, 4, 18);
  StackDriver driver(configuration);
  driver.start();
  EXPECT_TRUE(contains(driver.run_until(kMasterDown), "send VI_1 100 to 224.0.4.18"));
}

TEST(VirtualRouterMaster, WhatItSendsPassesItsPeersChecks) {
  for (const Version version : {Version::v2, Version::v3}) {
    for (const std::string_view vip : {"10.1.10.7", "fe80::7"}) {
      const IpAddress address = *IpAddress::parse(vip);
      if (version == Version::v2 && address.family() == Family::ipv6) continue;
      config::VrrpInstance instance = make_instance("VI_1", 151, 100, address);
      instance.version = version;
      StackDriver driver = started(instance);
      driver.now = TimePoint{kMasterDown};
      driver.feed(DeadlineReached{});
      const auto* send = std::get_if<SendAdvertisement>(&*driver.actions().begin());
      ASSERT_NE(send, nullptr);
      const auto bytes = driver.actions().bytes(*send);
      Datagram datagram;
      datagram.source = send->source;
      datagram.destination = send->destination;
      datagram.ttl = send->ttl;
      datagram.ip_payload_length = static_cast<std::uint16_t>(bytes.size());
      datagram.payload = bytes;
      Advertisement advertisement;
      EXPECT_EQ(examine(datagram, driver.router().plan().rules, advertisement), Discard::none);
      EXPECT_EQ(advertisement.priority, 100);
      EXPECT_FALSE(advertisement.address_list_differs);
    }
  }
}

// ---------------------------------------------------------------- Fault

TEST(VirtualRouterFault, InterfaceDownRemovesTheAddressesAtOnce) {
  config::VrrpInstance instance = make_instance();
  instance.notifies.edit().fault.argv = {"fault.sh"};
  StackDriver driver = master(instance);
  EXPECT_THAT(
      deeds(driver.feed(LinkChanged{kEth0, false})),
      ElementsAre("log Netlink reports eth0 down", "send VI_1 0 to 224.0.0.18", "send VI_1 0 to 224.0.0.18",
                  "remove 10.1.10.7", "notify fault.sh"));
  EXPECT_EQ(driver.state(), State::fault);
  EXPECT_EQ(driver.stack.next_deadline(), kNever);
}

TEST(VirtualRouterFault, RecoversToBackupWithAFullInterval) {
  config::VrrpInstance instance = make_instance();
  instance.state = config::WantedState::master;
  StackDriver driver = master(instance);
  driver.feed(LinkChanged{kEth0, false});
  driver.now += 5s;
  driver.feed(LinkChanged{kEth0, true});
  EXPECT_EQ(driver.state(), State::backup);
  EXPECT_EQ(driver.left(), kMasterDown);
}

TEST(VirtualRouterFault, IgnoresPackets) {
  StackDriver driver = started(make_instance());
  driver.feed(LinkChanged{kEth0, false});
  EXPECT_THAT(driver.receive({.priority = 0}), IsEmpty());
  EXPECT_EQ(driver.stack.next_deadline(), kNever);
}

TEST(VirtualRouterFault, DontTrackPrimaryStaysMaster) {
  config::VrrpInstance instance = make_instance();
  instance.dont_track_primary = true;
  StackDriver driver = master(instance);
  driver.feed(LinkChanged{kEth0, false});
  EXPECT_EQ(driver.state(), State::master);
}

TEST(VirtualRouterFault, CausesAreIndependent) {
  config::VrrpInstance instance = make_instance();
  instance.track_interfaces = {{"eth1", std::nullopt, false}};
  StackDriver driver = master(instance);
  driver.feed(LinkChanged{kEth0, false});
  EXPECT_THAT(deeds(driver.feed(LinkChanged{testing::kEth1, false})), ElementsAre("log Netlink reports eth1 down"))
      << "a second cause does nothing";
  driver.feed(LinkChanged{kEth0, true});
  EXPECT_EQ(driver.state(), State::fault);
  driver.feed(LinkChanged{testing::kEth1, true});
  EXPECT_EQ(driver.state(), State::backup);
}

TEST(VirtualRouterFault, ALeavingUnicastInstanceAnnouncesItsOwnSource) {
  config::VrrpInstance instance = make_instance();
  instance.unicast_peers = {{kLowerPeer, 0, 255}};
  StackDriver driver = master(instance);
  driver.feed(LinkChanged{kEth0, false});
  EXPECT_TRUE(contains(driver.feed(LinkChanged{kEth0, true}), "announce 10.1.10.2"));
}

}  // namespace
}  // namespace vipdrift::vrrp
