// Every member of Profile in both settings: what stock keepalived does, and what we do instead.
#include "protocol/vrrp/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/vrrp/stack_driver.h"
#include "protocol/vrrp/timers.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::contains;
using testing::count;
using testing::deeds;
using testing::kEth0;
using testing::kVip;
using testing::make_configuration;
using testing::make_instance;
using testing::PeerAdvertisement;
using testing::StackDriver;

/// keepalived's habits with one member changed.
template <class Value>
Profile with(Value Profile::*member, Value value) {
  Profile profile = keepalived_profile();
  profile.*member = value;
  return profile;
}

StackDriver master(const Profile& profile, config::VrrpInstance instance = make_instance()) {
  StackDriver driver(std::move(instance), profile);
  driver.start();
  driver.run_until(10s);
  EXPECT_EQ(driver.state(), State::master);
  return driver;
}

TEST(Profile, HasTwoPresetsByName) {
  EXPECT_EQ(profile_named("keepalived"), keepalived_profile());
  EXPECT_EQ(profile_named("vipdrift"), vipdrift_profile());
  EXPECT_EQ(profile_named("Keepalived"), std::nullopt);
}

TEST(Profile, AnyPacketRearmsMaster) {
  const auto sent_under_fire = [](bool rearms) {
    StackDriver driver = master(with(&Profile::any_packet_rearms_master, rearms));
    int sent = 0;
    for (int i = 0; i < 13; ++i) {  // rejected advertisements every 0.5 s for 6.5 s
      driver.receive({.priority = 200, .ttl = 254});
      sent += count(driver.run_until(driver.now.time_since_epoch() + 500ms), "send");
    }
    return sent;
  };
  EXPECT_EQ(sent_under_fire(true), 0);
  EXPECT_EQ(sent_under_fire(false), 6);
}

TEST(Profile, AnAcceptedLoserMovesTheTimerOnlyWhenAnyPacketRearms) {
  for (const bool rearms : {true, false}) {
    StackDriver driver = master(with(&Profile::any_packet_rearms_master, rearms));
    const Duration left = driver.router().deadline() - driver.now;
    driver.receive({.priority = 50});
    EXPECT_EQ(driver.router().deadline() - driver.now, rearms ? Duration{1s} : left);
  }
}

TEST(Profile, OwnIntervalNeedsDetailLog) {
  const auto skew_after_losing_an_address = [](bool needs, bool detailed) {
    config::VrrpInstance instance = make_instance();
    instance.version = Version::v3;
    HostFacts host = testing::make_host();
    host.detailed_log = detailed;
    StackDriver driver(make_configuration({instance}), with(&Profile::own_interval_needs_detail_log, needs), host);
    driver.start();
    driver.receive({.priority = 200, .interval = 500ms});
    driver.run_until(10s);
    driver.feed(AddressChanged{kEth0, kVip, true});
    driver.feed(AddressChanged{kEth0, kVip, false});
    return driver.left();
  };
  EXPECT_EQ(skew_after_losing_an_address(true, false), 304'687'500ns);
  EXPECT_EQ(skew_after_losing_an_address(true, true), 609'375'000ns);
  EXPECT_EQ(skew_after_losing_an_address(false, false), 609'375'000ns);
}

/// Seen with keepalived 2.2.7: a preempting backup took 3.56 s, but 5.60 s when a success raised 110 to 115 after 3 s.
TEST(Profile, BackupDeadlineShift) {
  const auto takeover = [](DeadlineShift shift) {
    config::VrrpInstance instance = make_instance("VI_1", 151, 110);
    instance.track_scripts = {{"A", std::nullopt, false}};
    config::Configuration configuration = make_configuration({instance});
    config::VrrpScript script;
    script.name = "A";
    script.weight = 5;
    script.interval = 60s;
    configuration.scripts = {script};
    StackDriver driver(configuration, with(&Profile::backup_deadline_shift, shift));
    driver.start();
    for (int second = 1; second <= 2; ++second) {
      driver.now = TimePoint{std::chrono::seconds{second}};
      driver.receive({.priority = 50});
    }
    driver.now = TimePoint{3s};
    driver.feed(ScriptFinished{{0}, 0, false});
    return driver.router().deadline().time_since_epoch();
  };
  const Duration at_110 = 3s + 570'312'500ns;
  const Duration at_115 = 3s + 550'781'250ns;
  EXPECT_EQ(takeover(DeadlineShift::by_skew_difference), at_115);
  // The stored timer is what was left at the last discarded advertisement, 2 s after the start.
  EXPECT_EQ(takeover(DeadlineShift::from_stored_timer), at_110 + (at_115 - (at_110 - 2s)));
}

TEST(Profile, ATrackerThatFlapsPostponesPreemptionForEverOnlyFromTheStoredTimer) {
  const auto ever_master = [](DeadlineShift shift) {
    config::VrrpInstance instance = make_instance("VI_1", 151, 110);
    instance.track_interfaces = {{"eth1", 5, false}};
    StackDriver driver(make_configuration({instance}), with(&Profile::backup_deadline_shift, shift));
    driver.start();
    for (int i = 1; i <= 60; ++i) {
      driver.run_until(std::chrono::seconds{i});
      if (driver.state() == State::master) return true;
      driver.receive({.priority = 50});
      driver.feed(LinkChanged{testing::kEth1, i % 2 == 0});
    }
    return false;
  };
  EXPECT_FALSE(ever_master(DeadlineShift::from_stored_timer));
  EXPECT_TRUE(ever_master(DeadlineShift::by_skew_difference));
}

config::VrrpInstance version3(const char* address) {
  config::VrrpInstance instance = make_instance("VI_1", 151, 100, *IpAddress::parse(address));
  instance.version = Version::v3;
  return instance;
}

/// A Backup that hears `peer` every second from 1 s on.
StackDriver backup_hearing(const Profile& profile, config::VrrpInstance instance, PeerAdvertisement peer) {
  StackDriver driver(std::move(instance), profile);
  driver.start();
  for (Duration at = 1s; at <= 10s; at += 1s) {
    driver.run_until(at);
    driver.receive(peer);
  }
  driver.run_until(10s + 1ms);
  return driver;
}

TEST(Profile, RefusesIntervalZero) {
  const PeerAdvertisement zero{.priority = 200, .interval = Duration{0}};
  const auto state_at = [&](bool refuses, Duration after) {
    StackDriver driver(version3("10.1.10.7"), with(&Profile::refuses_interval_zero, refuses));
    driver.start();
    driver.run_until(1s);
    driver.receive(zero);
    driver.run_until(1s + after);
    return driver.state();
  };
  // The 0 that was learned makes a master down interval of nothing.
  EXPECT_EQ(state_at(false, 1ms), State::master);
  EXPECT_EQ(state_at(true, 1ms), State::backup);
  EXPECT_EQ(state_at(true, 2600ms), State::backup);  // 3.609375 s from the start
  EXPECT_EQ(state_at(true, 2610ms), State::master);
}

TEST(Profile, RefusesGlobalFirstAddress) {
  const IpAddress peer = *IpAddress::parse("fe80::3");
  const auto state = [&](bool refuses, const char* ours, const char* theirs) {
    Profile profile = with(&Profile::refuses_global_first_address, refuses);
    profile.refuses_other_addresses = false;
    const PeerAdvertisement heard{.priority = 200, .from = peer, .addresses = {*IpAddress::parse(theirs)}};
    return backup_hearing(profile, version3(ours), heard).state();
  };
  EXPECT_EQ(state(false, "fe80::7", "2001:db8::7"), State::backup);
  EXPECT_EQ(state(true, "fe80::7", "2001:db8::7"), State::master);
  EXPECT_EQ(state(true, "fe80::7", "fe80::7"), State::backup);
  // Who breaks the rule himself does not demand it of others: two such directors must not both be master.
  EXPECT_EQ(state(true, "2001:db8::7", "2001:db8::7"), State::backup);
}

TEST(Profile, RefusesOtherAddresses) {
  const auto state = [](bool refuses, IpAddress listed) {
    return backup_hearing(with(&Profile::refuses_other_addresses, refuses), make_instance(),
                          {.priority = 200, .addresses = {listed}})
        .state();
  };
  EXPECT_EQ(state(true, IpAddress::v4(10, 1, 10, 8)), State::master);
  EXPECT_EQ(state(false, IpAddress::v4(10, 1, 10, 8)), State::backup);
  EXPECT_EQ(state(true, kVip), State::backup);
}

TEST(Profile, UnderstandsBothChecksums) {
  const auto state = [](bool both, bool ours_is_v2, Ipv4Checksum theirs) {
    config::VrrpInstance instance = version3("10.1.10.7");
    instance.v3_checksum_as_v2 = ours_is_v2;
    return backup_hearing(with(&Profile::understands_both_checksums, both), instance,
                          {.priority = 200, .ipv4_checksum = theirs})
        .state();
  };
  for (const bool ours_is_v2 : {false, true}) {
    const Ipv4Checksum same = ours_is_v2 ? Ipv4Checksum::message_only : Ipv4Checksum::with_pseudo_header;
    const Ipv4Checksum other = ours_is_v2 ? Ipv4Checksum::with_pseudo_header : Ipv4Checksum::message_only;
    EXPECT_EQ(state(false, ours_is_v2, same), State::backup);
    EXPECT_EQ(state(false, ours_is_v2, other), State::master);
    EXPECT_EQ(state(true, ours_is_v2, same), State::backup);
    EXPECT_EQ(state(true, ours_is_v2, other), State::backup);
  }
}

TEST(Profile, FaultFarewells) {
  for (const std::uint8_t farewells : {std::uint8_t{1}, std::uint8_t{2}}) {
    StackDriver driver = master(with(&Profile::fault_farewells, farewells));
    EXPECT_EQ(count(driver.feed(LinkChanged{kEth0, false}), "send VI_1 0"), farewells);
  }
}

TEST(Profile, V2SkewFollowsInterval) {
  config::VrrpInstance instance = make_instance();
  instance.advert_int = 10s;
  for (const bool follows : {false, true}) {
    StackDriver driver(instance, with(&Profile::v2_skew_follows_interval, follows));
    driver.start();
    EXPECT_EQ(driver.left(), follows ? 36'093'750us : 30'609'375us);
  }
}

TEST(Profile, StepDownAdvertises) {
  for (const bool advertises : {false, true}) {
    StackDriver driver = master(with(&Profile::step_down_advertises, advertises));
    EXPECT_EQ(count(driver.receive({.priority = 200}), "send VI_1 100"), advertises ? 1 : 0);
  }
}

TEST(Profile, AnnouncementsYieldToInput) {
  const auto announced = [](bool yields) {
    StackDriver driver(make_instance(), with(&Profile::announcements_yield_to_input, yields));
    driver.start();
    driver.now = TimePoint{3'609'375us};
    int announcements = count(driver.feed(DeadlineReached{}), "announce");
    announcements += count(driver.receive({.priority = 200}), "announce");  // was waiting in the socket
    announcements += count(driver.run_until(7s), "announce");
    return announcements;
  };
  EXPECT_EQ(announced(false), 5) << "the false master's announcements follow the true master's answer";
  EXPECT_EQ(announced(true), 0) << "stepping down drops what was not sent";
  StackDriver undisturbed(make_instance(), with(&Profile::announcements_yield_to_input, true));
  undisturbed.start();
  EXPECT_EQ(count(undisturbed.run_until(7s), "announce"), 5);
}

TEST(Profile, RivalAnnouncementRepeat) {
  for (const Duration repeat : {Duration{0}, Duration{100ms}}) {
    StackDriver driver = master(with(&Profile::rival_announcement_repeat, repeat));
    EXPECT_EQ(count(driver.receive({.priority = 50}), "announce"), 5);
    EXPECT_EQ(count(driver.run_until(10s + 99ms), "announce"), 0);
    EXPECT_EQ(count(driver.run_until(10s + 100ms), "announce"), repeat > Duration{0} ? 5 : 0);
  }
}

TEST(Profile, StateMasterStartsSooner) {
  config::VrrpInstance instance = make_instance();
  instance.state = config::WantedState::master;
  for (const bool sooner : {false, true}) {
    StackDriver driver(instance, with(&Profile::state_master_starts_sooner, sooner));
    driver.start();
    EXPECT_EQ(driver.left(), sooner ? 1'609'375us : 3'609'375us);
  }
  instance.state = config::WantedState::backup;
  StackDriver backup(instance, with(&Profile::state_master_starts_sooner, true));
  backup.start();
  EXPECT_EQ(backup.left(), 3'609'375us);
}

TEST(Profile, AddressLeases) {
  StackDriver forever(make_instance(), with(&Profile::address_leases, false));
  forever.start();
  const auto kept = forever.run_until(20s);
  EXPECT_EQ(count(kept, "add 10.1.10.7"), 1);
  EXPECT_FALSE(contains(kept, "add 10.1.10.7 for"));
  StackDriver leased(make_instance(), with(&Profile::address_leases, true));
  leased.start();
  const auto renewed = leased.run_until(3'609'375us + 8s);
  EXPECT_TRUE(contains(renewed, "3.609375 add 10.1.10.7 for 4s"));
  EXPECT_TRUE(contains(renewed, "5.609375 add 10.1.10.7 for 4s"));
  EXPECT_EQ(count(renewed, "add 10.1.10.7"), 5);
}

TEST(Profile, AdoptsLeasedAddresses) {
  HostFacts host = testing::make_host();
  host.interfaces[0].addresses.push_back(testing::kVip);
  host.interfaces[0].leased.push_back(testing::kVip);
  for (const bool adopts : {false, true}) {
    StackDriver driver(testing::make_configuration({make_instance()}), with(&Profile::adopts_leased_addresses, adopts),
                       host);
    EXPECT_EQ(contains(driver.start(), "remove 10.1.10.7"), !adopts);
    EXPECT_EQ(driver.left(), adopts ? 1'609'375us : 3'609'375us);
  }
}

TEST(Profile, StopGrace) {
  for (const Duration grace : {Duration{0}, Duration{1s}}) {
    StackDriver driver = master(with(&Profile::stop_grace, grace));
    driver.feed(StopRequested{});
    EXPECT_EQ(driver.left(), grace);
    EXPECT_TRUE(contains(driver.run_until(10s + grace), "stopped"));
  }
}

}  // namespace
}  // namespace vipdrift::vrrp
