// The advertisement path does not allocate: every allocation of this program is counted.
#include <gtest/gtest.h>

#include <cstdint>

#include "protocol/base/allocation_count.h"
#include "protocol/vrrp/stack_driver.h"

namespace vipdrift::vrrp {
namespace {

using namespace std::chrono_literals;
using testing::kLowerPeer;
using testing::make_instance;
using testing::StackDriver;
using vipdrift::testing::allocations;

struct Wire {
  std::vector<std::uint8_t> bytes;
  Datagram datagram;
};

Wire advertisement_for(const config::VrrpInstance& instance, std::uint8_t priority) {
  const IpAddress address = instance.virtual_addresses[0].address;
  AdvertisementContent content;
  content.version = instance.version;
  content.vrid = instance.virtual_router_id;
  content.priority = priority;
  content.interval = instance.advert_int;
  content.auth_type = instance.auth_type;
  content.password = make_password(instance.auth_pass);
  content.source = kLowerPeer;
  content.destination = kVrrpGroupIpv4;
  content.addresses = {&address, 1};
  Wire wire;
  wire.bytes.resize(encoded_size(content));
  encode(content, wire.bytes);
  wire.datagram.interface = testing::kEth0;
  wire.datagram.source = content.source;
  wire.datagram.destination = content.destination;
  wire.datagram.ip_payload_length = static_cast<std::uint16_t>(wire.bytes.size());
  wire.datagram.payload = wire.bytes;
  return wire;
}

config::VrrpInstance instance_of(Version version) {
  config::VrrpInstance instance = make_instance();
  instance.version = version;
  if (version == Version::v2) {
    instance.auth_type = AuthType::pass;
    instance.auth_pass = "frSAmesX";
  }
  return instance;
}

TEST(Allocation, TheCounterCounts) {
  const std::uint64_t before = allocations();
  void* volatile memory = ::operator new(1);  // volatile: not to be left out by the compiler
  ::operator delete(memory);
  EXPECT_EQ(allocations(), before + 1);
}

TEST(Allocation, ABackupReceivesWithoutAllocating) {
  for (const Version version : {Version::v2, Version::v3}) {
    const config::VrrpInstance instance = instance_of(version);
    StackDriver driver(instance);
    driver.start();
    const Wire wire = advertisement_for(instance, 100);
    ActionList actions;
    const std::uint64_t before = allocations();
    for (int i = 0; i < 1000; ++i) {
      driver.now += 100ms;
      driver.stack.step(driver.now, wire.datagram, actions);
    }
    EXPECT_EQ(allocations(), before);
    EXPECT_EQ(driver.router().statistics().received, 1000U);
  }
}

TEST(Allocation, AMasterSendsWithoutAllocating) {
  for (const Version version : {Version::v2, Version::v3}) {
    StackDriver driver(instance_of(version));
    driver.start();
    driver.run_until(20s);
    ActionList actions;
    TimePoint now = driver.now;
    const auto advertise = [&] {
      actions.clear();
      now += 1s;
      driver.stack.step(now, DeadlineReached{}, actions);
    };
    advertise();  // the list takes its memory
    const std::uint64_t before = allocations();
    for (int i = 0; i < 1000; ++i) advertise();
    EXPECT_EQ(allocations(), before);
    EXPECT_EQ(actions.size(), 1U);
  }
}

TEST(Allocation, AMasterDiscardsWithoutAllocating) {
  const config::VrrpInstance instance = instance_of(Version::v2);
  StackDriver driver(instance);
  driver.start();
  driver.run_until(20s);
  Wire wire = advertisement_for(instance, 100);
  wire.datagram.ttl = 254;
  ActionList actions;
  driver.stack.step(driver.now, wire.datagram, actions);  // the first one is logged
  const std::uint64_t before = allocations();
  for (int i = 0; i < 1000; ++i) {
    actions.clear();
    driver.stack.step(driver.now, wire.datagram, actions);
  }
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace vipdrift::vrrp
