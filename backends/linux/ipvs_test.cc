// On a kernel that has IPVS; elsewhere uml_test boots one (see CMakeLists.txt).
#include "backends/linux/ipvs.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <set>
#include <string>
#include <vector>

#include "backends/linux/own_namespace.h"
#include "protocol/ipvs/edits.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;
using ipvs::EditOrder;
using ipvs::Scheduler;
using ipvs::Table;
using ipvs::Transport;
using Clock = std::chrono::steady_clock;

double milliseconds_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

/// Each test has an empty table in a network namespace of its own.
class IpvsTest : public OwnNamespace {
 protected:
  // Root stays root of the machine: older kernels let nobody else in.
  void SetUp() override {
    if (geteuid() == 0) {
      ASSERT_EQ(unshare(CLONE_NEWNET), 0);
    } else {
      OwnNamespace::SetUp();
    }
    ip("link set lo up");  // IPVS refuses servers in a namespace that has no routing table yet
    IpvsReading reading;
    Ipvs ipvs;
    if (ipvs.read(reading, Ipvs::Detail::table_only) == 0) return;
    std::cout << "SKIPPED: " << ipvs.why() << std::endl;
    std::exit(77);
  }

  static ipvs::ServiceKey service(std::uint16_t port, Transport transport = Transport::tcp) {
    return {Family::ipv4, 0, transport, IpAddress::v4(10, 1, 10, 7), port};
  }
  static ipvs::Server server(int number, int weight = 1, ipvs::Method method = ipvs::Method::direct_route) {
    const IpAddress address = IpAddress::v4(10, 2, static_cast<std::uint8_t>(number / 250),
                                            static_cast<std::uint8_t>(1 + number % 250));
    return {{address, 80}, {{method, {}}, weight, 0, 0}};
  }
  /// The table as the kernel holds it.
  static Table held(Ipvs& ipvs) {
    IpvsReading reading;
    EXPECT_EQ(ipvs.read(reading, Ipvs::Detail::table_only), 0);
    EXPECT_TRUE(reading.strangers.empty());
    return reading.table;
  }
  static void make(Ipvs& ipvs, const Table& wanted) {
    const std::vector<ipvs::Edit> list = ipvs::edits(held(ipvs), wanted, EditOrder::additions_first);
    const std::vector<Ipvs::Refusal> refused = ipvs.carry_out(list);
    ASSERT_TRUE(refused.empty()) << refused.size() << " of " << list.size() << " edits were refused, first "
                                 << ipvs::to_string(list[refused[0].position]) << ": "
                                 << std::strerror(refused[0].error);
  }
};

TEST_F(IpvsTest, WhatIsWrittenIsReadAgainWhateverItIs) {
  Table wanted;
  ipvs::ServiceSettings settings;
  settings.scheduler = Scheduler::rr;
  wanted[service(80)] = {settings, {server(1), server(2, 3), server(3, 0, ipvs::Method::masquerade)}};
  settings.persistence = 360s;
  settings.persistence_prefix = 24;
  settings.scheduler = Scheduler::wlc;
  wanted[service(443)] = {settings, {server(1)}};
  settings = {};
  settings.scheduler = Scheduler::sh;
  settings.flags = {true, true, false};
  settings.one_packet = true;
  wanted[service(53, Transport::udp)] = {settings, {server(9)}};
  settings = {};
  settings.scheduler = Scheduler::wrr;
  ipvs::Server limited = server(4);
  limited.settings.upper_threshold = 100;
  limited.settings.lower_threshold = 50;
  wanted[{Family::ipv4, 7, {}, {}, 0}] = {settings, {limited}};
  ipvs::Server tunnelled = server(5, 2, ipvs::Method::tunnel);
  wanted[service(81)] = {settings, {tunnelled}};
  tunnelled.settings.forwarding.tunnel = {ipvs::Tunnel::Type::gue, 5555, ipvs::Tunnel::Checksum::full};
  wanted[service(82)] = {settings, {tunnelled}};
  const IpAddress v6 = *IpAddress::parse("2001:db8::7");
  settings.persistence = 60s;
  settings.persistence_prefix = 64;
  wanted[{Family::ipv6, 0, Transport::tcp, v6, 80}] = {
      settings, {{{*IpAddress::parse("2001:db8::11"), 80}, {{ipvs::Method::direct_route, {}}, 1, 0, 0}}}};
  wanted[{Family::ipv6, 7, {}, {}, 0}] = {{}, {}};

  Ipvs ipvs;
  ASSERT_EQ(ipvs.error(), 0) << ipvs.why();
  make(ipvs, wanted);
  const Table read = held(ipvs);
  ASSERT_EQ(read.size(), wanted.size());
  for (const auto& [key, one] : wanted) {
    ASSERT_TRUE(read.contains(key)) << to_string(key);
    EXPECT_TRUE(read.at(key) == one) << to_string(key);
  }
}

TEST_F(IpvsTest, SettingsChangeWithoutAnyServerBeingTouched) {
  Ipvs ipvs;
  Table wanted;
  ipvs::ServiceSettings settings;
  settings.scheduler = Scheduler::rr;
  settings.persistence = 60s;
  wanted[service(80)] = {settings, {server(1), server(2)}};
  make(ipvs, wanted);
  settings.scheduler = Scheduler::wrr;
  settings.persistence = 0s;
  wanted[service(80)] = {settings, {server(1, 5), server(3)}};
  make(ipvs, wanted);
  const Table read = held(ipvs);
  EXPECT_EQ(read.at(service(80)).settings, settings);
  EXPECT_EQ(*read.at(service(80)).find(server(1).key), server(1, 5));
  EXPECT_EQ(read.at(service(80)).find(server(2).key), nullptr);
  EXPECT_NE(read.at(service(80)).find(server(3).key), nullptr);
}

TEST_F(IpvsTest, EachRefusalNamesItsEditAndTheOthersAreDone) {
  Ipvs ipvs;
  ipvs::ServiceSettings settings;
  settings.scheduler = Scheduler::rr;
  const std::vector<ipvs::Edit> list = {
      ipvs::AddService{service(80), settings},
      ipvs::AddService{service(80), settings},
      ipvs::AddServer{service(80), server(1)},
      ipvs::AddServer{service(80), server(1)},
      ipvs::AddServer{service(81), server(1)},
      ipvs::RemoveServer{service(80), server(2).key},
      ipvs::SetServer{service(80), server(2)},
      ipvs::RemoveService{service(82)},
      ipvs::AddServer{service(80), server(3)},
  };
  std::set<std::pair<std::size_t, int>> refused;
  for (const Ipvs::Refusal& one : ipvs.carry_out(list)) refused.emplace(one.position, one.error);
  const std::set<std::pair<std::size_t, int>> expected = {{1, EEXIST}, {3, EEXIST}, {4, ESRCH},
                                                          {5, ENOENT}, {6, ENOENT}, {7, ESRCH}};
  EXPECT_EQ(refused, expected);
  EXPECT_EQ(held(ipvs).at(service(80)).servers, (std::vector<ipvs::Server>{server(1), server(3)}));
}

TEST_F(IpvsTest, ServersAreReadInTheOrderInWhichTheyWereAdded) {
  Ipvs ipvs;
  Table wanted;
  for (const int number : {3, 1, 2}) wanted[service(80)].servers.push_back(server(number));
  make(ipvs, wanted);
  EXPECT_EQ(held(ipvs).at(service(80)).servers, wanted.at(service(80)).servers);
}

TEST_F(IpvsTest, TenThousandServersComeAndAreReadAndGo) {
  constexpr int kServices = 10;
  constexpr int kEach = 1000;
  Table wanted;
  for (int i = 0; i < kServices; ++i) {
    ipvs::Service& one = wanted[service(static_cast<std::uint16_t>(8000 + i))];
    one.settings.scheduler = Scheduler::rr;
    for (int j = 0; j < kEach; ++j) one.servers.push_back(server(j));
  }
  Ipvs ipvs;
  Clock::time_point start = Clock::now();
  make(ipvs, wanted);
  const double added = milliseconds_since(start);
  start = Clock::now();
  const Table read = held(ipvs);
  const double looked = milliseconds_since(start);
  EXPECT_TRUE(read == wanted);
  start = Clock::now();
  IpvsReading reading;
  ASSERT_EQ(ipvs.read(reading, Ipvs::Detail::with_traffic), 0);
  const double counted = milliseconds_since(start);
  EXPECT_EQ(reading.servers.size(), std::size_t{kServices * kEach});
  start = Clock::now();
  make(ipvs, {});
  EXPECT_TRUE(held(ipvs).empty());
  std::cout << kServices << " services with " << kEach << " servers each: added in " << added << " ms, read in "
            << looked << " ms, with traffic in " << counted << " ms, removed in " << milliseconds_since(start)
            << " ms\n";
  // Other kernels' dumps and netlink's answers have taken milliseconds; a system call each would take no more than
  // this either, so the bound only catches what has become quadratic.
  EXPECT_LT(added, 10'000);
  EXPECT_LT(looked, 5'000);
}

TEST_F(IpvsTest, FlushLeavesNothing) {
  Ipvs ipvs;
  make(ipvs, {{service(80), {{}, {server(1)}}}, {service(81), {}}});
  EXPECT_EQ(held(ipvs).size(), 2U);
  EXPECT_EQ(ipvs.flush(), 0);
  EXPECT_TRUE(held(ipvs).empty());
}

// twos came with Linux 5.11, and Debian builds no module of it.
TEST_F(IpvsTest, AnotherSchedulerOfTheKernelCanBeEachOne) {
  Ipvs ipvs;
  for (const Scheduler scheduler :
       {Scheduler::rr, Scheduler::wrr, Scheduler::lc, Scheduler::wlc, Scheduler::lblc, Scheduler::lblcr, Scheduler::dh,
        Scheduler::sh, Scheduler::mh, Scheduler::sed, Scheduler::nq, Scheduler::fo, Scheduler::ovf}) {
    ipvs::ServiceSettings settings;
    settings.scheduler = scheduler;
    make(ipvs, {{service(80), {settings, {server(1)}}}});
    EXPECT_EQ(held(ipvs).at(service(80)).settings.scheduler, scheduler) << to_string(scheduler);
  }
}

TEST_F(IpvsTest, TimeoutsAreChangedOneByOne) {
  Ipvs ipvs;
  ASSERT_EQ(ipvs.set({900s, 120s, 300s}), 0);
  ASSERT_EQ(ipvs.set({0s, 60s, 0s}), 0);
  IpvsTimeouts read;
  ASSERT_EQ(ipvs.read(read), 0);
  EXPECT_EQ(read, (IpvsTimeouts{900s, 60s, 300s}));
}

TEST_F(IpvsTest, SyncDaemonsOfEitherRoleComeAndGo) {
  ip("link add eth0 type veth peer name eth1");
  ip("address add 10.1.10.1/24 dev eth0");
  ip("link set eth0 up");
  ip("link set eth1 up");
  Ipvs ipvs;
  const IpvsSyncDaemon master{IpvsSyncDaemon::Role::master, "eth0", 7, 1400, IpAddress::v4(239, 1, 2, 3), 8849, 2};
  IpvsSyncDaemon backup = master;
  backup.role = IpvsSyncDaemon::Role::backup;
  EXPECT_EQ(ipvs.start(IpvsSyncDaemon{IpvsSyncDaemon::Role::master, "none0", 7, 0, {}, 0, 0}), ENODEV);
  ASSERT_EQ(ipvs.start(master), 0);
  EXPECT_EQ(ipvs.start(master), EEXIST);
  std::vector<IpvsSyncDaemon> running;
  ASSERT_EQ(ipvs.read(running), 0);
  EXPECT_EQ(running, std::vector<IpvsSyncDaemon>{master});
  ASSERT_EQ(ipvs.stop(IpvsSyncDaemon::Role::master), 0);
  ASSERT_EQ(ipvs.start(backup), 0);
  ASSERT_EQ(ipvs.read(running), 0);
  EXPECT_EQ(running, std::vector<IpvsSyncDaemon>{backup});
  ASSERT_EQ(ipvs.stop(IpvsSyncDaemon::Role::backup), 0);
  EXPECT_EQ(ipvs.stop(IpvsSyncDaemon::Role::backup), ESRCH);
}

}  // namespace
}  // namespace vipdrift::linux_backend
