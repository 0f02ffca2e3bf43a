// What a Backup remembers of the last advertisement is a short cut and nothing else.
#include "protocol/vrrp/last_heard.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "protocol/vrrp/advertisement_sample.h"
#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::describe;
using testing::make_configuration;
using testing::make_host;
using testing::make_instance;

struct Wire {
  Bytes bytes;
  Datagram datagram;

  Datagram& arrived() {
    datagram.payload = bytes;
    return datagram;
  }
};

Wire wire_of(const Sample& sample) {
  Wire wire;
  wire.bytes = sample.message();
  wire.datagram.interface = testing::kEth0;
  wire.datagram.source = sample.content.source;
  wire.datagram.destination = sample.content.destination;
  wire.datagram.ip_payload_length = static_cast<std::uint16_t>(wire.bytes.size());
  return wire;
}

TEST(LastHeard, IsRepeatedByTheSameAlone) {
  for (const std::size_t addresses : {1U, 2U, 6U}) {
    Wire wire = wire_of(sample(Version::v2, Family::ipv4, addresses));
    LastHeard last;
    EXPECT_FALSE(last.is_repeated_by(wire.arrived()));
    last.remember(wire.arrived());
    EXPECT_TRUE(last.is_repeated_by(wire.arrived()));
    for (std::uint8_t& byte : wire.bytes) {
      byte ^= 0x10U;
      EXPECT_FALSE(last.is_repeated_by(wire.arrived()));
      byte ^= 0x10U;
    }
    const auto differs = [&](auto change) {
      Wire other = wire;
      change(other);
      return !last.is_repeated_by(other.arrived());
    };
    EXPECT_TRUE(differs([](Wire& other) { --other.datagram.ttl; }));
    EXPECT_TRUE(differs([](Wire& other) { other.datagram.source = ip("10.1.10.6"); }));
    EXPECT_TRUE(differs([](Wire& other) { other.datagram.destination = ip("10.1.10.2"); }));
    EXPECT_TRUE(differs([](Wire& other) { ++other.datagram.ip_payload_length; }));
    EXPECT_TRUE(differs([](Wire& other) { --other.datagram.ip_payload_length; }));
    EXPECT_TRUE(differs([](Wire& other) { other.bytes.pop_back(); }));
    EXPECT_FALSE(differs([](Wire& other) { other.bytes.push_back(0); })) << "padding behind the IP datagram";
    last.forget();
    EXPECT_FALSE(last.is_repeated_by(wire.arrived()));
  }
}

TEST(LastHeard, KeepsNoLongMessage) {
  for (const std::size_t addresses : {2U, 3U}) {  // 40 and 56 bytes
    Wire wire = wire_of(sample(Version::v3, Family::ipv6, addresses));
    LastHeard last;
    last.remember(wire.arrived());
    EXPECT_EQ(last.is_repeated_by(wire.arrived()), wire.bytes.size() <= LastHeard::kLargest);
  }
}

TEST(LastHeard, NothingIsRepeatedByNothing) {
  LastHeard last;
  EXPECT_FALSE(last.is_repeated_by(Datagram{}));
  last.remember(Datagram{});
  EXPECT_FALSE(last.is_repeated_by(Datagram{}));
}

TEST(LastHeard, WhoWaitsForItsGroupWaitsNoMoreWhenTheMasterSpeaksAgain) {
  config::Configuration configuration =
      make_configuration({make_instance("VI_1", 151), make_instance("VI_2", 152)});
  config::SyncGroup group;
  group.name = "G";
  group.members = {"VI_1", "VI_2"};
  configuration.sync_groups.push_back(group);
  testing::StackDriver driver(configuration);
  driver.start();
  driver.receive({.priority = 100});
  for (Duration time = 1s; time < 5s; time += 1s) {  // VI_1 alone hears nothing for too long
    driver.run_until(time);
    driver.receive({.priority = 100, .instance = 1});
  }
  EXPECT_TRUE(driver.router(0).wants_master());
  EXPECT_EQ(driver.state(0), State::backup);
  driver.receive({.priority = 100});
  EXPECT_FALSE(driver.router(0).wants_master());
}

// ---------------------------------------------------------------- with and without

/// Two stacks that hear the same: the one in short, the other with every advertisement judged.
class Twins {
 public:
  Twins(const config::Configuration& configuration, const Profile& profile)
      : short_(std::make_shared<const config::Configuration>(configuration), make_host(), profile), long_(short_) {}

  void hear(TimePoint now, const Datagram& datagram) {
    clear();
    short_.step(now, datagram, short_actions_);
    long_.step(now, Event{datagram}, long_actions_);
    compare();
  }
  void feed(TimePoint now, const Event& event) {
    clear();
    short_.step(now, event, short_actions_);
    long_.step(now, event, long_actions_);
    compare();
  }
  const VrrpStack& stack() const { return short_; }

 private:
  void clear() {
    short_actions_.clear();
    long_actions_.clear();
  }
  void compare() const {
    ASSERT_EQ(lines(short_actions_, short_), lines(long_actions_, long_));
    ASSERT_EQ(short_, long_);
    ASSERT_EQ(short_.next_deadline(), long_.next_deadline());
    for (std::size_t i = 0; i < short_.routers().size(); ++i) {
      const VirtualRouter& a = short_.routers()[i];
      const VirtualRouter& b = long_.routers()[i];
      ASSERT_EQ(a, b);
      ASSERT_EQ(a.statistics().received, b.statistics().received);
      ASSERT_EQ(a.statistics().discards, b.statistics().discards);
    }
  }
  static std::vector<std::string> lines(const ActionList& actions, const VrrpStack& stack) {
    std::vector<std::string> result;
    for (const Action& action : actions) result.push_back(describe(action, stack));
    return result;
  }

  VrrpStack short_;
  VrrpStack long_;
  ActionList short_actions_;
  ActionList long_actions_;
};

/// So many instances, of every kind that treats what it hears differently, with a script; two of them are a group.
config::Configuration drawn_configuration(std::size_t count, Draws& draws) {
  std::vector<config::VrrpInstance> instances;
  for (std::size_t i = 0; i < count; ++i) {
    const bool v6 = draws.below(4) == 0;
    config::VrrpInstance instance =
        make_instance("VI_" + std::to_string(i), static_cast<std::uint8_t>(i + 1),
                      static_cast<std::uint8_t>(draws.below(8) == 0 ? 255 : 90 + draws.below(20)),
                      v6 ? ip("fe80::7") : IpAddress::v4(10, 1, 12, 0));
    instance.version = v6 || draws.below(2) == 0 ? Version::v3 : Version::v2;
    if (instance.version == Version::v2) {
      instance.auth_type = AuthType::pass;
      instance.auth_pass = "frSAmesX";
    }
    instance.nopreempt = draws.below(3) == 0;
    if (!instance.nopreempt && draws.below(3) == 0) instance.preempt_delay = 2s;
    instance.owner_ignore_adverts = draws.below(2) == 0;
    instance.track_scripts.push_back({"s", static_cast<int>(draws.below(3)) * 10 - 10, false});
    instances.push_back(instance);
  }
  config::Configuration configuration = make_configuration(std::move(instances));
  config::VrrpScript script;
  script.name = "s";
  script.interval = 1s;
  script.command.argv = {"/bin/true"};
  configuration.scripts.push_back(script);
  if (count > 1) {
    config::SyncGroup group;
    group.name = "G";
    group.members = {"VI_0", "VI_1"};
    configuration.sync_groups.push_back(group);
  }
  return configuration;
}

/// What a peer of `instance` says, now and then something strange.
Sample drawn_advertisement(const config::VrrpInstance& instance, Draws& draws) {
  const Family family = instance.family;
  Sample said = sample(instance.version, family, 1);
  said.content.vrid = instance.virtual_router_id;
  said.content.priority = static_cast<std::uint8_t>(draws.below(24) == 0 ? 0 : 85 + draws.below(6) * 10);
  if (draws.below(4) == 0) said.content.source = family == Family::ipv4 ? ip("10.1.10.1") : ip("fe80::1");
  switch (draws.below(24)) {
    case 0:
      said.ttl = 254;
      break;
    case 1:
      said.content.interval = 2s;
      break;
    case 2:
      said.content.password = make_password("other");
      break;
    case 3:
      said.spoil_unrepaired = [](Bytes& bytes) { bytes[6] ^= 1U; };
      break;
    case 4:
      said.addresses.push_back(family == Family::ipv4 ? ip("10.1.12.9") : ip("fd00::9"));
      break;
    case 5:
      said.content.destination = family == Family::ipv4 ? testing::kOurs : ip("fe80::2");
      break;
    default:
      break;
  }
  return said;
}

TEST(LastHeard, ChangesNothingButTheTimeItTakes) {
  std::uint64_t repeated = 0;
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    Draws draws(seed);
    const std::size_t count = seed % 3 == 0 ? 1 : seed % 3 == 1 ? 3 : 12;
    const config::Configuration configuration = drawn_configuration(count, draws);
    Twins twins(configuration, seed % 2 == 0 ? keepalived_profile() : vipdrift_profile());
    TimePoint now{};
    twins.feed(now, Started{});
    std::vector<Wire> wires(count);
    for (int round = 0; round < 400; ++round) {
      now += Duration{static_cast<std::int64_t>(draws.below(300'000'000 / count))};
      while (twins.stack().next_deadline() <= now) twins.feed(now, DeadlineReached{});
      const std::size_t i = draws.below(count);
      const std::size_t silent = static_cast<std::size_t>(round) / 100 % (count + 1);
      if (i == silent) continue;  // for so long that its deadline passes
      if (wires[i].bytes.empty() || draws.below(6) == 0) {
        wires[i] = wire_of(drawn_advertisement(configuration.instances[i], draws));
      } else {
        ++repeated;
      }
      wires[i].datagram.age = Duration{static_cast<std::int64_t>(draws.below(3) * 1'000'000)};
      twins.hear(now, wires[i].arrived());
      switch (draws.below(200)) {
        case 0:
          twins.feed(now, ScriptFinished{{0}, static_cast<int>(draws.below(2)) * 256, false});
          break;
        case 1:
          twins.feed(now, LinkChanged{testing::kEth0, draws.below(2) != 0});
          break;
        case 2:
          twins.feed(now, ConfigurationLoaded{std::make_shared<const config::Configuration>(configuration)});
          break;
        case 3:
          twins.feed(now, AddressChanged{testing::kEth0, testing::kOurs, draws.below(2) != 0});
          break;
        default:
          break;
      }
      if (HasFatalFailure()) FAIL() << "seed " << seed << ", round " << round;
    }
  }
  EXPECT_GT(repeated, 10'000U);
}

}  // namespace
}  // namespace vipdrift::vrrp
