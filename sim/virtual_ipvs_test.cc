#include "sim/virtual_ipvs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>

namespace vipdrift::sim {
namespace {

using ipvs::Scheduler;
using std::chrono::milliseconds;
using std::chrono::seconds;

const IpAddress kVip = IpAddress::v4(10, 1, 10, 7);

ipvs::ServiceKey service(ipvs::Transport transport = ipvs::Transport::tcp) {
  return {Family::ipv4, 0, transport, kVip, 80};
}

/// Servers are told by the last number of their addresses: rs(1) is 10.1.10.11:80.
ipvs::ServerKey rs(int number) { return {IpAddress::v4(10, 1, 10, static_cast<std::uint8_t>(10 + number)), 80}; }
int number_of(const IpvsVerdict& verdict) {
  if (verdict.kind == IpvsVerdict::Kind::forward) return verdict.server.address.bytes()[3] - 10;
  return verdict.kind == IpvsVerdict::Kind::refuse ? 0 : verdict.kind == IpvsVerdict::Kind::drop ? -1 : -2;
}

class World {
 public:
  explicit World(Scheduler scheduler, ipvs::ServiceSettings settings = {}) {
    settings.scheduler = scheduler;
    EXPECT_TRUE(ipvs.edit(ipvs::AddService{service(), settings}));
  }
  /// The kernel puts new servers first: they are added from the last to the first, so that rr begins with rs(1).
  World& with(const std::vector<int>& weights) {
    for (std::size_t i = weights.size(); i-- > 0;) add(static_cast<int>(i + 1), weights[i]);
    return *this;
  }
  void add(int number, int weight) {
    ipvs::Server server{rs(number), {}};
    server.settings.weight = weight;
    EXPECT_TRUE(ipvs.edit(ipvs::AddServer{service(), server}));
  }
  void set(int number, int weight) {
    ipvs::Server server{rs(number), {}};
    server.settings.weight = weight;
    EXPECT_TRUE(ipvs.edit(ipvs::SetServer{service(), server}));
  }
  void remove(int number) { EXPECT_TRUE(ipvs.edit(ipvs::RemoveServer{service(), rs(number)})); }

  IpvsPacket packet(std::uint16_t port, IpAddress client = IpAddress::v4(10, 1, 10, 200)) const {
    return {{ipvs::Transport::tcp, client, port, kVip, 80}, 0, false, false, false};
  }
  int open(std::uint16_t port, IpAddress client = IpAddress::v4(10, 1, 10, 200)) {
    IpvsPacket syn = packet(port, client);
    syn.syn = true;
    return number_of(ipvs.input(syn, now));
  }
  int open() { return open(next_port++); }
  int close(std::uint16_t port) {
    IpvsPacket fin = packet(port);
    fin.fin = true;
    return number_of(ipvs.input(fin, now));
  }
  int more(std::uint16_t port) { return number_of(ipvs.input(packet(port), now)); }
  /// The servers of the next connections, one digit each.
  std::string openings(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += std::to_string(open());
    return text;
  }

  VirtualIpvs ipvs{[this](std::uint64_t n) { return draws++ * 7 % n; }};
  SimTime now{0};
  std::uint16_t next_port = 1024;
  std::uint64_t draws = 1;
};

// ---------------------------------------------------------------- schedulers

TEST(IpvsSchedulers, RoundRobinIgnoresWeightsButZero) {
  EXPECT_EQ(World{Scheduler::rr}.with({1, 5, 0, 1}).openings(7), "1241241");
}

TEST(IpvsSchedulers, RoundRobinGoesOnWhereAServerWasRemoved) {
  World world{Scheduler::rr};
  world.with({1, 1, 1});
  EXPECT_EQ(world.openings(2), "12");
  world.remove(2);
  EXPECT_EQ(world.openings(3), "313");
}

TEST(IpvsSchedulers, WeightedRoundRobinInterleaves) {
  // The well-known example: A 4, B 3, C 2 gives AABABCABC; the first round is the last of these.
  EXPECT_EQ(World{Scheduler::wrr}.with({4, 3, 2}).openings(18), "123112123123112123");
  EXPECT_EQ(World{Scheduler::wrr}.with({200, 100}).openings(6), "121121");
  EXPECT_EQ(World{Scheduler::wrr}.with({0, 0}).openings(2), "00");
}

TEST(IpvsSchedulers, LeastConnectionsCountsInactiveOnesALittle) {
  World world{Scheduler::lc};
  world.with({1, 9});
  EXPECT_EQ(world.openings(4), "1212");
  world.close(1024);  // the first of rs1: 1 active and 1 inactive against 2 active
  EXPECT_EQ(world.openings(1), "1");
}

TEST(IpvsSchedulers, WeightedLeastConnectionsFollowsWeights) {
  World world{Scheduler::wlc};
  world.with({3, 1});
  const std::string openings = world.openings(8);
  EXPECT_EQ(std::count(openings.begin(), openings.end(), '1'), 6);
}

TEST(IpvsSchedulers, ShortestExpectedDelay) {
  // (active + 1) / weight: 1/3 and 1/1, then 2/3, then 3/3 = 1/1 for the first of them.
  EXPECT_EQ(World{Scheduler::sed}.with({3, 1}).openings(4), "1112");
}

TEST(IpvsSchedulers, NeverQueueTakesAnIdleServerFirst) {
  EXPECT_EQ(World{Scheduler::nq}.with({3, 1}).openings(3), "121");
}

TEST(IpvsSchedulers, SourceHashingIsSteadyAndFallsBackOnlyWhenTold) {
  for (const bool fallback : {false, true}) {
    ipvs::ServiceSettings settings;
    settings.flags.flag_1 = fallback;
    World world{Scheduler::sh, settings};
    world.with({1, 1, 1});
    std::map<int, int> seen;
    for (std::uint8_t i = 1; i < 100; ++i) {
      const IpAddress client = IpAddress::v4(10, 1, 20, i);
      const int first = world.open(5000, client);
      EXPECT_EQ(world.open(5001, client), first);
      ++seen[first];
    }
    EXPECT_EQ(seen.size(), 3U);
    const IpAddress client = IpAddress::v4(10, 1, 20, 1);
    const int own = world.open(5002, client);
    world.set(own, 0);
    const int other = world.open(5003, client);
    EXPECT_EQ(other != 0, fallback);
    EXPECT_NE(other, own);
  }
}

TEST(IpvsSchedulers, MaglevMovesFewClientsWhenAServerGoes) {
  World world{Scheduler::mh};
  world.with({1, 1, 1, 1});
  std::map<int, int> before;
  int moved = 0;
  for (std::uint8_t i = 0; i < 200; ++i) before[i] = world.open(5000, IpAddress::v4(10, 1, 20, i));
  world.remove(4);
  for (std::uint8_t i = 0; i < 200; ++i) {
    const int after = world.open(5001, IpAddress::v4(10, 1, 20, i));
    EXPECT_NE(after, 4);
    if (before[i] != 4 && after != before[i]) ++moved;
  }
  EXPECT_LT(moved, 20);
}

TEST(IpvsSchedulers, DestinationHashingAndLocalityKeepOneServerForOneAddress) {
  for (const Scheduler scheduler : {Scheduler::dh, Scheduler::lblc, Scheduler::lblcr}) {
    World world{scheduler};
    world.with({8, 8, 8});
    const std::string openings = world.openings(4);
    EXPECT_EQ(openings, std::string(4, openings[0])) << to_string(scheduler);
    EXPECT_NE(openings[0], '0');
  }
}

TEST(IpvsSchedulers, LocalityLeavesAServerThatIsBusierThanItsWeight) {
  World world{Scheduler::lblc};
  world.with({1, 1, 1});
  world.set(2, 4);
  const std::string openings = world.openings(12);
  EXPECT_NE(std::count(openings.begin(), openings.end(), openings[0]), 12);
}

TEST(IpvsSchedulers, FailOverAndOverflowGoByWeight) {
  World fail_over{Scheduler::fo};
  fail_over.with({1, 3, 2});
  EXPECT_EQ(fail_over.openings(3), "222");
  fail_over.set(2, 0);
  EXPECT_EQ(fail_over.openings(2), "33");
  EXPECT_EQ(World{Scheduler::ovf}.with({1, 3, 2}).openings(10), "2222333110");
}

TEST(IpvsSchedulers, PowerOfTwoReachesEverybody) {
  const std::string openings = World{Scheduler::twos}.with({1, 1, 1}).openings(60);
  for (const char number : {'1', '2', '3'}) EXPECT_GT(std::count(openings.begin(), openings.end(), number), 0);
}

// ---------------------------------------------------------------- as Linux chose

/// What Linux 6.1.176 chose (User-Mode Linux, read from `ipvsadm -Lnc`): four servers of weights 4, 3, 2, 1 added in
/// this order; connections from ports 5000 to 5023 of 10.9.0.2 that nobody answers, or from 10.9.2.1:6001 to
/// 10.9.2.30:6030.
struct Chosen {
  const char* scheduler;
  bool by_port;
  bool many_clients;
  const char* servers;
};
constexpr Chosen kChosen[] = {{"rr", false, false, "432143214321432143214321"},
                              {"wrr", false, false, "432112132143211213214321"},
                              {"lc", false, false, "432143214321432143214321"},
                              {"wlc", false, false, "432112312143211231214321"},
                              {"sed", false, false, "123121432112312143211231"},
                              {"nq", false, false, "432112132112312143211231"},
                              {"fo", false, false, "111111111111111111111111"},
                              {"ovf", false, false, "111112222333440000000000"},
                              {"dh", false, false, "222222222222222222222222"},
                              {"lblc", false, false, "443332222111111111111111"},
                              {"sh", false, true, "233414111212123231314111122222"},
                              {"sh", true, true, "111223311111334422224111222231"},
                              {"mh", false, true, "131223322243411111112221222314"},
                              {"mh", true, true, "132414111143122411324123343221"}};

/// The ports of the services that these were behind: the hash of a server's address takes its port in.
std::uint16_t port_of(const Chosen& chosen) {
  const std::string name = chosen.scheduler;
  if (name == "mh") return chosen.by_port ? 90 : 89;
  return 85;
}

TEST(IpvsSchedulers, ChooseAsLinuxDoes) {
  const IpAddress vip = IpAddress::v4(10, 9, 0, 7);
  for (const Chosen& chosen : kChosen) {
    VirtualIpvs ipvs;
    const std::uint16_t port = port_of(chosen);
    const ipvs::ServiceKey key{Family::ipv4, 0, ipvs::Transport::tcp, vip, port};
    ipvs::ServiceSettings settings;
    settings.scheduler = *ipvs::scheduler_of(chosen.scheduler);
    settings.flags.flag_2 = chosen.by_port;
    ASSERT_TRUE(ipvs.edit(ipvs::AddService{key, settings}));
    for (int i = 1; i <= 4; ++i) {
      ipvs::Server server{{IpAddress::v4(10, 9, 1, static_cast<std::uint8_t>(i)), port}, {}};
      server.settings.weight = 5 - i;
      ASSERT_TRUE(ipvs.edit(ipvs::AddServer{key, server}));
    }
    std::string servers;
    for (std::uint16_t i = 0; i < (chosen.many_clients ? 30 : 24); ++i) {
      const auto client_port = static_cast<std::uint16_t>(5000 + i);
      IpvsPacket syn{{ipvs::Transport::tcp, IpAddress::v4(10, 9, 0, 2), client_port, vip, port}};
      if (chosen.many_clients) {
        syn.flow.client = IpAddress::v4(10, 9, 2, static_cast<std::uint8_t>(i + 1));
        syn.flow.client_port = static_cast<std::uint16_t>(6001 + i);
      }
      syn.syn = true;
      const IpvsVerdict verdict = ipvs.input(syn, SimTime{0});
      servers += verdict.kind == IpvsVerdict::Kind::forward ? std::to_string(verdict.server.address.bytes()[3]) : "0";
    }
    EXPECT_EQ(servers, chosen.servers) << chosen.scheduler << (chosen.by_port ? " by port" : "");
  }
}

/// Least-connection choices against their definition, over random openings and endings.
TEST(IpvsSchedulers, WeightedLeastConnectionsIsLeastInAPlainModel) {
  std::mt19937 random{7};
  World world{Scheduler::wlc};
  const std::vector<int> weights{1, 2, 3, 5};
  world.with(weights);
  std::map<int, int> active;
  std::map<int, int> inactive;
  std::vector<std::pair<std::uint16_t, int>> alive;
  for (int i = 0; i < 2000; ++i) {
    if (!alive.empty() && random() % 3 == 0) {
      const std::size_t which = random() % alive.size();
      world.close(alive[which].first);
      --active[alive[which].second];
      ++inactive[alive[which].second];
      alive.erase(alive.begin() + static_cast<std::ptrdiff_t>(which));
      continue;
    }
    int best = 1;
    const auto load = [&](int number) { return active[number] * 256 + inactive[number]; };
    for (int number = 2; number <= 4; ++number) {
      if (load(number) * weights[static_cast<std::size_t>(best - 1)] <
          load(best) * weights[static_cast<std::size_t>(number - 1)]) {
        best = number;
      }
    }
    const std::uint16_t port = world.next_port;
    ASSERT_EQ(world.open(), best);
    alive.emplace_back(port, best);
    ++active[best];
  }
  for (int number = 1; number <= 4; ++number) {
    const VirtualIpvs::Counts counts = world.ipvs.counts(service(), rs(number));
    EXPECT_EQ(counts.active, static_cast<std::uint32_t>(active[number]));
    EXPECT_EQ(counts.inactive, static_cast<std::uint32_t>(inactive[number]));
  }
}

// ---------------------------------------------------------------- connections

TEST(VirtualIpvs, PacketsOfAConnectionStayWithItsServer) {
  World world{Scheduler::rr};
  world.with({1, 1});
  EXPECT_EQ(world.open(5000), 1);
  EXPECT_EQ(world.more(5000), 1);
  EXPECT_EQ(world.open(5001), 2);
  EXPECT_EQ(world.more(5000), 1);
}

TEST(VirtualIpvs, WithoutASynNothingIsScheduled) {
  World world{Scheduler::rr};
  world.with({1});
  EXPECT_EQ(world.more(5000), -2);
}

TEST(VirtualIpvs, OtherAddressesAreNoBusinessOfIpvs) {
  World world{Scheduler::rr};
  world.with({1});
  IpvsPacket packet = world.packet(5000);
  packet.syn = true;
  packet.flow.destination_port = 81;
  EXPECT_EQ(number_of(world.ipvs.input(packet, world.now)), -2);
}

TEST(VirtualIpvs, AServiceWithoutServersRefuses) {
  World world{Scheduler::rr};
  EXPECT_EQ(world.open(), 0);
  world.add(1, 0);
  EXPECT_EQ(world.open(), 0);
}

TEST(VirtualIpvs, WeightZeroKeepsConnectionsAndTakesNoNewOnes) {
  World world{Scheduler::rr};
  world.with({1, 1});
  EXPECT_EQ(world.open(5000), 1);
  world.set(1, 0);
  EXPECT_EQ(world.more(5000), 1);
  EXPECT_EQ(world.openings(2), "22");
}

TEST(VirtualIpvs, PacketsToARemovedServerAreDroppedUntilItIsBack) {
  World world{Scheduler::rr};
  world.with({1, 1});
  EXPECT_EQ(world.open(5000), 1);
  world.remove(1);
  EXPECT_EQ(world.more(5000), -1);
  EXPECT_EQ(world.open(5000), -1);  // a port that is used again, too
  world.add(1, 1);
  EXPECT_EQ(world.more(5000), 1);
}

TEST(VirtualIpvs, ConnectionsAreForgottenAfterTheirTime) {
  World world{Scheduler::rr};
  world.with({1, 1});
  world.open(5000);
  world.close(5000);
  EXPECT_EQ(world.ipvs.counts(service(), rs(1)), (VirtualIpvs::Counts{0, 1}));
  world.now = seconds{120} - Duration{1};
  EXPECT_EQ(world.open(5000), 1);  // still the old one
  world.close(5000);
  world.now = seconds{240};
  EXPECT_EQ(world.open(5001), 2);
  EXPECT_EQ(world.open(5000), 1);
  world.now = seconds{240} + seconds{60};
  EXPECT_EQ(world.open(5002), 2);  // both SYNs were never followed by anything
  EXPECT_EQ(world.ipvs.connections(), 1U);
}

TEST(VirtualIpvs, AnEstablishedConnectionLastsFifteenMinutes) {
  World world{Scheduler::rr};
  world.with({1, 1});
  world.open(5000);
  world.more(5000);
  world.now = seconds{900} - Duration{1};
  EXPECT_EQ(world.more(5000), 1);
  world.now += seconds{900};
  EXPECT_EQ(world.more(5000), -2);
}

TEST(VirtualIpvs, ThresholdsCloseAServerAndOpenItAgain) {
  World world{Scheduler::rr};
  ipvs::Server server{rs(1), {}};
  server.settings.upper_threshold = 4;
  ASSERT_TRUE(world.ipvs.edit(ipvs::AddServer{service(), server}));
  EXPECT_EQ(world.openings(5), "11110");
  world.close(1024);
  world.now = seconds{10};
  for (const std::uint16_t port : {std::uint16_t{1024}, std::uint16_t{1025}}) {
    IpvsPacket reset = world.packet(port);
    reset.reset = true;
    world.ipvs.input(reset, world.now);
  }
  world.now = seconds{20};
  EXPECT_EQ(world.openings(1), "1");  // 2 left, below three quarters of 4
}

// ---------------------------------------------------------------- persistence, one packet

TEST(VirtualIpvs, PersistenceKeepsAClientsNetworkTogether) {
  ipvs::ServiceSettings settings;
  settings.persistence = seconds{50};
  settings.persistence_prefix = 24;
  World world{Scheduler::rr, settings};
  world.with({1, 1});
  EXPECT_EQ(world.open(5000, IpAddress::v4(10, 2, 0, 1)), 1);
  EXPECT_EQ(world.open(5000, IpAddress::v4(10, 2, 0, 2)), 1);
  EXPECT_EQ(world.open(5000, IpAddress::v4(10, 2, 1, 1)), 2);
  world.now = seconds{60};  // the time is over, and so are the connections
  EXPECT_EQ(world.open(5001, IpAddress::v4(10, 2, 1, 1)), 1);
}

TEST(VirtualIpvs, PersistenceOutlivesItsTimeWhileConnectionsDo) {
  ipvs::ServiceSettings settings;
  settings.persistence = seconds{50};
  World world{Scheduler::rr, settings};
  world.with({1, 1});
  EXPECT_EQ(world.open(5000), 1);
  world.close(5000);
  world.now = seconds{119};
  EXPECT_EQ(world.open(5001), 1);
}

TEST(VirtualIpvs, PersistenceLeavesARemovedServerButNotOneOfWeightZero) {
  ipvs::ServiceSettings settings;
  settings.persistence = seconds{50};
  World world{Scheduler::rr, settings};
  world.with({1, 1});
  EXPECT_EQ(world.open(5000), 1);
  world.set(1, 0);
  EXPECT_EQ(world.open(5001), 1);
  world.remove(1);
  EXPECT_EQ(world.open(5002), 2);
}

TEST(VirtualIpvs, OnePacketSchedulesEveryDatagram) {
  VirtualIpvs ipvs;
  ipvs::ServiceSettings settings;
  settings.scheduler = Scheduler::rr;
  settings.one_packet = true;
  ASSERT_TRUE(ipvs.edit(ipvs::AddService{service(ipvs::Transport::udp), settings}));
  ASSERT_TRUE(ipvs.edit(ipvs::AddServer{service(ipvs::Transport::udp), {rs(2), {}}}));
  ASSERT_TRUE(ipvs.edit(ipvs::AddServer{service(ipvs::Transport::udp), {rs(1), {}}}));
  const IpvsPacket packet{{ipvs::Transport::udp, IpAddress::v4(10, 1, 10, 200), 5000, kVip, 80}};
  EXPECT_EQ(number_of(ipvs.input(packet, SimTime{0})), 1);
  EXPECT_EQ(number_of(ipvs.input(packet, SimTime{0})), 2);
  EXPECT_EQ(ipvs.connections(), 0U);
}

TEST(VirtualIpvs, AFirewallMarkComesBeforeAnAddress) {
  World world{Scheduler::rr};
  world.with({1});
  ipvs::ServiceKey marked;
  marked.fwmark = 3;
  ASSERT_TRUE(world.ipvs.edit(ipvs::AddService{marked, {}}));
  ASSERT_TRUE(world.ipvs.edit(ipvs::AddServer{marked, {rs(5), {}}}));
  IpvsPacket packet = world.packet(5000);
  packet.syn = true;
  packet.fwmark = 3;
  EXPECT_EQ(number_of(world.ipvs.input(packet, world.now)), 5);
  EXPECT_EQ(world.open(5001), 1);
}

// ---------------------------------------------------------------- translation, the sync daemon

TEST(VirtualIpvs, FindsTheConnectionOfAnAnswer) {
  World world{Scheduler::rr};
  world.with({1, 1});
  world.open(5000);
  const IpAddress client = IpAddress::v4(10, 1, 10, 200);
  const auto flow = world.ipvs.flow_of_answer(ipvs::Transport::tcp, rs(1), client, 5000);
  ASSERT_TRUE(flow.has_value());
  EXPECT_EQ(flow->destination, kVip);
  EXPECT_FALSE(world.ipvs.flow_of_answer(ipvs::Transport::tcp, rs(2), client, 5000).has_value());
}

TEST(VirtualIpvs, AConnectionIsToldFromItsThirdPacketOnAndGoesOnElsewhere) {
  World master{Scheduler::rr};
  World backup{Scheduler::rr};
  master.with({1, 1});
  backup.with({1, 1});
  master.open(4999);
  EXPECT_EQ(master.open(5000), 2);
  master.more(5000);
  EXPECT_TRUE(master.ipvs.take_unsynced().empty());
  master.more(5000);
  const auto told = master.ipvs.take_unsynced();
  ASSERT_EQ(told.size(), 1U);
  EXPECT_TRUE(master.ipvs.take_unsynced().empty());
  EXPECT_EQ(backup.more(5000), -2);
  backup.ipvs.learn(told.front(), backup.now);
  EXPECT_EQ(backup.more(5000), 2);
}

TEST(VirtualIpvs, AConnectionIsToldAgainEveryFiftyPackets) {
  World master{Scheduler::rr};
  master.with({1});
  master.open(5000);
  std::vector<int> told_at;
  for (int packet = 2; packet <= 110; ++packet) {
    master.more(5000);
    if (!master.ipvs.take_unsynced().empty()) told_at.push_back(packet);
  }
  EXPECT_EQ(told_at, (std::vector<int>{3, 53, 103}));
}

TEST(VirtualIpvs, WhoTakesOverTellsOfItsConnectionsInTurn) {
  World first{Scheduler::rr};
  World second{Scheduler::rr};
  first.with({1});
  second.with({1});
  first.open(5000);
  first.more(5000);
  first.more(5000);
  second.ipvs.learn(first.ipvs.take_unsynced().front(), second.now);
  for (int packet = 1; packet < 50; ++packet) second.more(5000);
  EXPECT_TRUE(second.ipvs.take_unsynced().empty());
  second.more(5000);
  EXPECT_EQ(second.ipvs.take_unsynced().size(), 1U);
}

TEST(VirtualIpvs, RefusesWhatTheKernelRefuses) {
  World world{Scheduler::rr};
  world.with({1});
  EXPECT_FALSE(world.ipvs.edit(ipvs::AddService{service(), {}}));
  EXPECT_FALSE(world.ipvs.edit(ipvs::RemoveServer{service(), rs(2)}));
  world.ipvs.clear();
  EXPECT_TRUE(world.ipvs.table().empty());
  EXPECT_EQ(world.open(), -2);
}

/// Random edits and packets: counts fit the connections, and nobody is sent to a server that takes nothing.
TEST(VirtualIpvs, KeepsItsBooks) {
  std::mt19937 random{11};
  for (const Scheduler scheduler : {Scheduler::rr, Scheduler::wrr, Scheduler::lc, Scheduler::wlc, Scheduler::sed,
                                    Scheduler::nq, Scheduler::sh, Scheduler::mh, Scheduler::twos}) {
    World world{scheduler};
    std::map<int, int> weights;
    for (int i = 0; i < 3000; ++i) {
      const int number = static_cast<int>(random() % 5) + 1;
      switch (random() % 6) {
        case 0:
          if (weights.count(number) == 0) {
            weights[number] = static_cast<int>(random() % 4);
            world.add(number, weights[number]);
          }
          break;
        case 1:
          if (weights.erase(number) > 0) world.remove(number);
          break;
        case 2:
          if (weights.count(number) > 0) world.set(number, weights[number] = static_cast<int>(random() % 4));
          break;
        case 3:
          world.now += milliseconds{random() % 3000};
          break;
        default: {
          const auto port = static_cast<std::uint16_t>(1024 + random() % 60000);
          if (world.more(port) != -2) break;
          const int taken = world.open(port);
          if (taken > 0) {
            ASSERT_GT(weights[taken], 0) << to_string(scheduler);
          }
          if (random() % 2 == 0) world.close(port);
        }
      }
      if (weights.count(number) == 0) weights.erase(number);
    }
    std::uint64_t counted = 0;
    for (const auto& entry : weights) {
      const auto counts = world.ipvs.counts(service(), rs(entry.first));
      counted += counts.active + counts.inactive;
    }
    EXPECT_LE(counted, world.ipvs.connections());
  }
}

}  // namespace
}  // namespace vipdrift::sim
