#include "sim/network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "sim/packets.h"

namespace vipdrift::sim {
namespace {

using scenarios::LinkFaults;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Groups = std::vector<std::vector<NodeId>>;

MacAddress mac_of(std::uint8_t number) { return {{0x02, 0, 0, 0, 0, number}}; }
constexpr NodeId node(std::uint32_t number) { return {number}; }

/// A frame's arrival: when, at which port, and the mark in its payload.
struct Arrival {
  SimTime at{};
  std::uint32_t port = 0;
  std::uint8_t mark = 0;
  friend bool operator==(const Arrival&, const Arrival&) = default;
};
void PrintTo(const Arrival& arrival, std::ostream* out) {
  *out << "{" << arrival.at.count() << " ns, port " << arrival.port << ", mark " << int{arrival.mark} << "}";
}

/// A segment whose ports belong to one node each and write down what reaches them.
class Lan : private FrameSink {
 public:
  explicit Lan(std::uint32_t port_count, std::uint64_t seed = 1, SegmentOptions options = {.name = "lan"})
      : choices(Choices::random(seed)),
        network(queue, pool, choices),
        segment(network.add_segment(std::move(options))) {
    for (std::uint32_t i = 0; i < port_count; ++i) add_port();
  }

  PortId add_port() {
    const auto number = static_cast<std::uint32_t>(ports.size());
    ports.push_back(network.attach(segment, node(number), "node" + std::to_string(number) + "/eth0", this));
    return ports.back();
  }

  void send(std::uint32_t from, const MacAddress& to, std::uint8_t mark = 0) {
    send(from, mac_of(static_cast<std::uint8_t>(from)), to, mark);
  }
  void send(std::uint32_t from, const MacAddress& source, const MacAddress& to, std::uint8_t mark) {
    const std::array<std::uint8_t, 1> payload{mark};
    network.send(
        ports[from],
        make_ip_frame(pool, source, to,
                      {.source = IpAddress::v4(10, 0, 0, 1), .destination = IpAddress::v4(10, 0, 0, 2)}, payload));
  }
  void send_group(std::uint32_t from, const IpAddress& group, std::uint8_t mark) {
    const std::array<std::uint8_t, 1> payload{mark};
    network.send(ports[from], make_ip_frame(pool, mac_of(static_cast<std::uint8_t>(from)), multicast_mac(group),
                                            {.source = IpAddress::v4(10, 0, 0, 1), .destination = group}, payload));
  }
  void run(SimTime until = kNoEvent) {
    for (Fired fired; queue.pop(fired, until);) network.handle(fired);
    if (until != kNoEvent) queue.advance_to(until);
  }
  /// Runs to the end and returns the marks that reached each port since the last call.
  std::vector<std::vector<int>> reached() {
    run();
    std::vector<std::vector<int>> marks(ports.size());
    for (const Arrival& arrival : arrivals) marks[arrival.port].push_back(arrival.mark);
    arrivals.clear();
    return marks;
  }

  EventQueue queue;
  FramePool pool;
  Choices choices;
  Network network;
  SegmentId segment;
  std::vector<PortId> ports;
  std::vector<Arrival> arrivals;
  std::vector<std::vector<std::uint8_t>> contents;
  bool keep_contents = false;

 private:
  void frame_arrived(PortId port, const Frame& frame) override {
    arrivals.push_back({queue.now(), port.value, frame.bytes()[34]});
    if (keep_contents) contents.emplace_back(frame.bytes().begin(), frame.bytes().end());
  }
};

// ---------------------------------------------------------------- the switch

TEST(Network, BroadcastReachesEveryOtherPortAfterTheLatency) {
  Lan lan{4};
  lan.send(1, kBroadcastMac, 9);
  lan.run(microseconds{50} - nanoseconds{1});
  EXPECT_THAT(lan.arrivals, IsEmpty());
  lan.run();
  EXPECT_THAT(lan.arrivals, ElementsAre(Arrival{microseconds{50}, 0, 9}, Arrival{microseconds{50}, 2, 9},
                                        Arrival{microseconds{50}, 3, 9}));
  EXPECT_EQ(lan.pool.in_use(), 0U);
}

TEST(Network, UnknownUnicastIsFloodedAndKnownIsNot) {
  Lan lan{3};
  lan.send(0, mac_of(2), 1);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(1), ElementsAre(1)));
  lan.send(2, mac_of(0), 2);  // port 0 was learned from the frame before
  EXPECT_THAT(lan.reached(), ElementsAre(ElementsAre(2), IsEmpty(), IsEmpty()));
  lan.send(1, mac_of(2), 3);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), IsEmpty(), ElementsAre(3)));
}

TEST(Network, AnAddressMovesToThePortThatUsedItLast) {
  Lan lan{3};
  lan.send(0, mac_of(50), kBroadcastMac, 0);
  lan.reached();
  lan.send(2, mac_of(50), 1);
  EXPECT_THAT(lan.reached(), ElementsAre(ElementsAre(1), IsEmpty(), IsEmpty()));
  lan.send(1, mac_of(50), kBroadcastMac, 0);
  lan.reached();
  EXPECT_EQ(lan.network.learned_port(lan.ports[2], mac_of(50)), lan.ports[1]);
  lan.send(2, mac_of(50), 2);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(2), IsEmpty()));
  lan.send(0, mac_of(50), kBroadcastMac, 0);  // and back, past the port's own memory of the entry
  lan.reached();
  lan.send(2, mac_of(50), 3);
  EXPECT_THAT(lan.reached(), ElementsAre(ElementsAre(3), IsEmpty(), IsEmpty()));
}

TEST(Network, NothingGoesBackToItsPort) {
  Lan lan{2};
  lan.send(0, mac_of(50), kBroadcastMac, 0);
  lan.reached();
  lan.send(0, mac_of(50), 1);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(Network, EntriesAgeAtThreeHundredSeconds) {
  for (const bool aged : {false, true}) {
    Lan lan{3};
    lan.send(0, kBroadcastMac);
    lan.run(seconds{300} - nanoseconds{aged ? 0 : 1});
    lan.arrivals.clear();
    EXPECT_EQ(lan.network.learned_port(lan.ports[1], mac_of(0)).has_value(), !aged);
    lan.send(1, mac_of(0), 1);
    EXPECT_EQ(lan.reached()[2].size(), aged ? 1U : 0U);
  }
}

TEST(Network, EveryFrameRefreshesItsSource) {
  Lan lan{3};
  lan.send(0, kBroadcastMac);
  lan.run(seconds{200});
  lan.send(0, mac_of(9));
  lan.run(seconds{499});
  EXPECT_EQ(lan.network.learned_port(lan.ports[1], mac_of(0)), lan.ports[0]);
}

TEST(Network, AThousandAddressesAreKept) {
  Lan lan{2};
  for (int i = 0; i < 1000; ++i) {
    lan.send(0, {{2, 1, 0, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}}, kBroadcastMac, 0);
  }
  lan.run();
  for (int i = 0; i < 1000; ++i) {
    const MacAddress mac{{2, 1, 0, 0, static_cast<std::uint8_t>(i >> 8), static_cast<std::uint8_t>(i)}};
    ASSERT_EQ(lan.network.learned_port(lan.ports[1], mac), lan.ports[0]) << i;
  }
}

TEST(Network, GroupAddressesAreNeverLearned) {
  Lan lan{3};
  lan.send(0, kBroadcastMac, kBroadcastMac, 0);
  lan.reached();
  lan.send(1, kBroadcastMac, 1);
  EXPECT_THAT(lan.reached(), ElementsAre(ElementsAre(1), IsEmpty(), ElementsAre(1)));
}

TEST(Network, FramesOfOtherSegmentsStayThere) {
  Lan lan{2};
  const SegmentId other = lan.network.add_segment({.name = "other"});
  lan.network.attach(other, node(7), "stranger", nullptr);
  EXPECT_EQ(lan.network.find_segment("other"), other);
  EXPECT_EQ(lan.network.find_segment("nowhere"), std::nullopt);
  lan.send(0, kBroadcastMac);
  lan.run();
  EXPECT_EQ(lan.network.statistics().delivered, 1U);
}

// ---------------------------------------------------------------- links

TEST(Network, ADownLinkSendsAndReceivesNothing) {
  Lan lan{3};
  lan.network.set_link(lan.ports[1], false);
  EXPECT_FALSE(lan.network.send(lan.ports[1], lan.pool.copy(std::array<std::uint8_t, 14>{})));
  lan.send(1, kBroadcastMac, 1);
  lan.send(0, kBroadcastMac, 2);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), IsEmpty(), ElementsAre(2)));
  lan.network.set_link(lan.ports[1], true);
  lan.send(0, kBroadcastMac, 3);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(3), ElementsAre(3)));
}

TEST(Network, WhatIsInFlightWhenTheLinkGoesDownIsLost) {
  Lan lan{2};
  lan.send(0, kBroadcastMac, 1);
  lan.network.set_link(lan.ports[1], false);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), IsEmpty()));
  EXPECT_EQ(lan.network.statistics().lost, 1U);
}

TEST(Network, ALinkThatGoesDownForgetsItsAddresses) {
  Lan lan{3};
  lan.send(0, kBroadcastMac);
  lan.send(1, kBroadcastMac);
  lan.run();
  lan.network.set_link(lan.ports[0], false);
  lan.network.set_link(lan.ports[0], true);
  EXPECT_EQ(lan.network.learned_port(lan.ports[2], mac_of(0)), std::nullopt);
  EXPECT_EQ(lan.network.learned_port(lan.ports[2], mac_of(1)), lan.ports[1]);
}

// ---------------------------------------------------------------- faults

/// Marks 0 to 199, one each millisecond, from port 0 to all.
void send_series(Lan& lan) {
  for (int i = 0; i < 200; ++i) {
    lan.run(milliseconds{i});
    lan.send(0, kBroadcastMac, static_cast<std::uint8_t>(i));
  }
}

TEST(Network, LossTakesItsShareExactlyBySeed) {
  Lan lan{3};
  lan.network.set_faults(lan.ports[1], FaultDirection::to_node, {.loss = {300'000}});
  send_series(lan);
  const auto marks = lan.reached();
  EXPECT_EQ(marks[1].size(), 139U);
  EXPECT_EQ(marks[2].size(), 200U);
}

TEST(Network, LossOnLeavingIsSharedByAllReceivers) {
  Lan lan{3};
  lan.network.set_faults(lan.ports[0], FaultDirection::from_node, {.loss = {500'000}});
  send_series(lan);
  const auto marks = lan.reached();
  EXPECT_EQ(marks[1], marks[2]);
  EXPECT_EQ(marks[1].size(), 106U);
}

TEST(Network, LossOfTheSegmentIsEachReceiversOwn) {
  Lan lan{3};
  lan.network.set_faults(lan.segment, {.loss = {500'000}});
  send_series(lan);
  const auto marks = lan.reached();
  EXPECT_NE(marks[1], marks[2]);
  EXPECT_NEAR(static_cast<int>(marks[1].size()), 100, 25);
  EXPECT_NEAR(static_cast<int>(marks[2].size()), 100, 25);
}

TEST(Network, AddingANodeDoesNotMoveAnothersDraws) {
  Lan small{2};
  Lan large{5};
  for (Lan* lan : {&small, &large}) {
    lan->network.set_faults(lan->segment, {.jitter = milliseconds{3}, .loss = {400'000}});
    send_series(*lan);
  }
  EXPECT_EQ(small.reached()[1], large.reached()[1]);
}

TEST(Network, JitterDoesNotMoveTheDrawsOfLoss) {
  Lan calm{2};
  Lan jittery{2};
  calm.network.set_faults(calm.segment, {.loss = {400'000}});
  jittery.network.set_faults(jittery.segment, {.jitter = nanoseconds{1}, .loss = {400'000}});
  send_series(calm);
  send_series(jittery);
  EXPECT_EQ(calm.reached()[1], jittery.reached()[1]);
}

TEST(Network, SameSeedSameArrivalsOtherSeedOthers) {
  const auto arrivals = [](std::uint64_t seed) {
    Lan lan{4, seed};
    lan.network.set_faults(lan.segment, {.delay = milliseconds{1},
                                         .jitter = milliseconds{5},
                                         .loss = {100'000},
                                         .duplication = {100'000},
                                         .reordering = {100'000},
                                         .corruption = {100'000}});
    send_series(lan);
    lan.run();
    return std::pair{lan.arrivals, lan.choices.last_draw()};
  };
  EXPECT_EQ(arrivals(1), arrivals(1));
  EXPECT_NE(arrivals(1).first, arrivals(2).first);
  EXPECT_NE(arrivals(1).second, arrivals(2).second);
}

TEST(Network, DelaysOfAllPlacesAddUp) {
  Lan lan{2};
  lan.network.set_faults(lan.ports[0], FaultDirection::from_node, {.delay = milliseconds{1}});
  lan.network.set_faults(lan.segment, {.delay = milliseconds{20}});
  lan.network.set_faults(lan.ports[1], FaultDirection::to_node, {.delay = milliseconds{300}});
  lan.network.set_faults(lan.ports[1], FaultDirection::from_node, {.delay = seconds{9}});
  lan.send(0, kBroadcastMac, 1);
  lan.run();
  EXPECT_THAT(lan.arrivals, ElementsAre(Arrival{milliseconds{321} + microseconds{50}, 1, 1}));
}

TEST(Network, TheSwitchLearnsWhenADelayedFrameReachesIt) {
  Lan lan{2};
  lan.network.set_faults(lan.ports[0], FaultDirection::from_node, {.delay = milliseconds{1}});
  lan.send(0, kBroadcastMac);
  lan.run(milliseconds{1} - nanoseconds{1});
  EXPECT_FALSE(lan.network.learned_port(lan.ports[1], mac_of(0)));
  lan.run(milliseconds{1});
  EXPECT_TRUE(lan.network.learned_port(lan.ports[1], mac_of(0)));
}

TEST(Network, JitterStaysInItsBounds) {
  Lan lan{2};
  lan.network.set_faults(lan.segment, {.delay = microseconds{100}, .jitter = microseconds{200}});
  send_series(lan);
  lan.run();
  SimTime least = kNoEvent;
  SimTime most{0};
  for (const Arrival& arrival : lan.arrivals) {
    const SimTime took = arrival.at - milliseconds{arrival.mark};
    least = std::min(least, took);
    most = std::max(most, took);
  }
  EXPECT_GE(least, microseconds{150});
  EXPECT_LT(least, microseconds{160});
  EXPECT_LE(most, microseconds{350});
  EXPECT_GT(most, microseconds{340});
}

TEST(Network, ReorderedFramesAreOvertaken) {
  Lan lan{2};
  lan.network.set_faults(lan.segment, {.delay = milliseconds{2}, .reordering = {100'000}});
  send_series(lan);
  const std::vector<int> marks = lan.reached()[1];
  EXPECT_EQ(marks.size(), 200U);
  std::size_t overtaken = 0;
  for (std::size_t i = 1; i < marks.size(); ++i) overtaken += marks[i] < marks[i - 1] ? 1 : 0;
  EXPECT_EQ(overtaken, 26U);
}

TEST(Network, DuplicatesComeTwice) {
  Lan lan{3};
  lan.network.set_faults(lan.ports[1], FaultDirection::to_node, {.duplication = {1'000'000}});
  lan.send(0, kBroadcastMac, 1);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(1, 1), ElementsAre(1)));
  EXPECT_EQ(lan.pool.in_use(), 0U);
}

TEST(Network, CorruptionFlipsOneBitOfOneCopy) {
  Lan lan{3};
  lan.keep_contents = true;
  lan.network.set_faults(lan.ports[1], FaultDirection::to_node, {.corruption = {1'000'000}});
  lan.send(0, kBroadcastMac, 1);
  lan.run();
  ASSERT_EQ(lan.contents.size(), 2U);
  ASSERT_EQ(lan.contents[0].size(), lan.contents[1].size());
  int flipped = 0;
  for (std::size_t i = 0; i < lan.contents[0].size(); ++i) {
    flipped += std::popcount(static_cast<unsigned>(lan.contents[0][i] ^ lan.contents[1][i]));
  }
  EXPECT_EQ(flipped, 1);
}

TEST(Network, ACutStopsOneDirectionOnly) {
  Lan lan{3};
  lan.network.set_faults(lan.ports[1], FaultDirection::from_node, {.cut = true});
  lan.send(0, kBroadcastMac, 1);
  lan.send(1, kBroadcastMac, 2);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(1), ElementsAre(1)));
  lan.network.set_faults(lan.ports[1], FaultDirection::from_node, {});
  lan.send(1, kBroadcastMac, 3);
  EXPECT_THAT(lan.reached(), ElementsAre(ElementsAre(3), IsEmpty(), ElementsAre(3)));
}

// ---------------------------------------------------------------- partitions

TEST(Network, APartitionSeparatesUntilHealed) {
  Lan lan{4};
  lan.network.partition(lan.segment, {{node(0), node(1)}});
  lan.send(0, kBroadcastMac, 1);
  lan.send(3, kBroadcastMac, 2);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(1), ElementsAre(2), IsEmpty()));
  EXPECT_EQ(lan.network.connectivity_groups(lan.segment), (Groups{{node(0), node(1)}, {node(2), node(3)}}));
  lan.network.heal();
  lan.send(0, kBroadcastMac, 3);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(3), ElementsAre(3), ElementsAre(3)));
}

TEST(Network, ANewPartitionReplacesTheOld) {
  Lan lan{3};
  lan.network.partition(lan.segment, {{node(0)}, {node(1), node(2)}});
  lan.network.partition(lan.segment, {{node(0), node(1)}, {node(2)}});
  lan.send(0, kBroadcastMac, 1);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(1), IsEmpty()));
}

TEST(Network, EachSideOfAPartitionLearnsForItself) {
  Lan lan{4};
  const MacAddress shared = virtual_router_mac(Family::ipv4, 51);
  lan.network.partition(lan.segment, {{node(0), node(1)}, {node(2), node(3)}});
  lan.send(0, shared, kBroadcastMac, 0);
  lan.run(seconds{1});
  lan.send(2, shared, kBroadcastMac, 0);
  lan.run(seconds{2});
  EXPECT_EQ(lan.network.learned_port(lan.ports[1], shared), lan.ports[0]);
  EXPECT_EQ(lan.network.learned_port(lan.ports[3], shared), lan.ports[2]);
  lan.network.heal();  // the newer of the two
  EXPECT_EQ(lan.network.learned_port(lan.ports[1], shared), lan.ports[2]);
}

TEST(Network, WhatIsInFlightWhenThePartitionComesIsLost) {
  Lan lan{2};
  lan.send(0, kBroadcastMac, 1);
  lan.network.partition(lan.segment, {{node(0)}, {node(1)}});
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), IsEmpty()));
}

TEST(Network, AnIsolatedNodeHasLinkAndNobodyElse) {
  Lan lan{3};
  lan.network.isolate(node(1));
  EXPECT_TRUE(lan.network.link_up(lan.ports[1]));
  lan.send(0, kBroadcastMac, 1);
  lan.send(1, kBroadcastMac, 2);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), IsEmpty(), ElementsAre(1)));
  EXPECT_FALSE(lan.network.learned_port(lan.ports[0], mac_of(1)));
  lan.network.heal();
  lan.send(1, kBroadcastMac, 3);
  EXPECT_THAT(lan.reached(), ElementsAre(ElementsAre(3), IsEmpty(), ElementsAre(3)));
}

TEST(Network, AOneWayCutIsOneWay) {
  Lan lan{3};
  lan.network.cut_one_way(lan.segment, node(0), node(1));
  lan.send(0, kBroadcastMac, 1);
  lan.send(1, kBroadcastMac, 2);
  EXPECT_THAT(lan.reached(), ElementsAre(ElementsAre(2), IsEmpty(), ElementsAre(1, 2)));
  lan.network.heal();
  lan.send(0, kBroadcastMac, 3);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(3), ElementsAre(3)));
}

// ---------------------------------------------------------------- IGMP snooping

constexpr IpAddress kFarGroup = IpAddress::v4(224, 0, 4, 18);

TEST(Network, AnUnqueriedGroupDiesAfterTwoHundredSixtySeconds) {
  Lan lan{2, 1, {.name = "lan", .igmp_snooping = true}};
  lan.send_group(0, kFarGroup, 1);
  lan.run(seconds{260} - nanoseconds{1});
  lan.send_group(0, kFarGroup, 2);
  lan.run(seconds{260});
  lan.send_group(0, kFarGroup, 3);
  lan.send_group(0, kVrrpGroupIpv4, 4);
  lan.send(0, kBroadcastMac, 5);
  EXPECT_THAT(lan.reached()[1], ElementsAre(1, 2, 4, 5));
}

TEST(Network, OnlyJoinedPortsHearAGroup) {
  Lan lan{3, 1, {.name = "lan", .igmp_snooping = true}};
  lan.network.join_group(lan.ports[1], kFarGroup);
  lan.send_group(0, kFarGroup, 1);
  EXPECT_THAT(lan.reached(), ElementsAre(IsEmpty(), ElementsAre(1), IsEmpty()));
  lan.run(seconds{200});
  lan.network.join_group(lan.ports[1], kFarGroup);
  lan.run(seconds{459});
  lan.send_group(0, kFarGroup, 2);
  EXPECT_THAT(lan.reached()[1], ElementsAre(2));
}

TEST(Network, WithoutSnoopingGroupsLiveForEver) {
  Lan lan{2};
  lan.send_group(0, kFarGroup, 1);
  lan.run(seconds{10'000});
  lan.send_group(0, kFarGroup, 2);
  EXPECT_THAT(lan.reached()[1], ElementsAre(1, 2));
}

// ---------------------------------------------------------------- who hears whom

TEST(Connectivity, AllHearEachOtherAtFirst) {
  Lan lan{3};
  EXPECT_EQ(lan.network.connectivity_groups(lan.segment), (Groups{{node(0), node(1), node(2)}}));
  EXPECT_EQ(lan.network.connectivity_groups(lan.segment, std::array{node(2), node(0)}), (Groups{{node(0), node(2)}}));
}

TEST(Connectivity, LossSeparatesAndDelayDoesNot) {
  Lan lan{3};
  lan.network.set_faults(lan.ports[2], FaultDirection::to_node, {.loss = {1}});
  lan.network.set_faults(lan.ports[1], FaultDirection::from_node,
                         {.delay = seconds{1}, .jitter = seconds{1}, .duplication = {5}, .reordering = {5}});
  EXPECT_EQ(lan.network.connectivity_groups(lan.segment), (Groups{{node(0), node(1)}, {node(2)}}));
  EXPECT_EQ(lan.network.audible_groups(lan.segment), (Groups{{node(0), node(1), node(2)}}));
  lan.network.set_faults(lan.ports[2], FaultDirection::to_node, {.loss = {1'000'000}});
  EXPECT_EQ(lan.network.audible_groups(lan.segment), (Groups{{node(0), node(1), node(2)}}));  // it still speaks
  lan.network.set_faults(lan.ports[2], FaultDirection::from_node, {.cut = true});
  EXPECT_EQ(lan.network.audible_groups(lan.segment), (Groups{{node(0), node(1)}, {node(2)}}));
}

TEST(Connectivity, SegmentFaultsLinksAndIsolationCount) {
  Lan lan{3};
  lan.network.set_link(lan.ports[0], false);
  EXPECT_EQ(lan.network.connectivity_groups(lan.segment), (Groups{{node(0)}, {node(1), node(2)}}));
  lan.network.isolate(node(1));
  EXPECT_EQ(lan.network.connectivity_groups(lan.segment), (Groups{{node(0)}, {node(1)}, {node(2)}}));
  lan.network.heal();
  lan.network.set_link(lan.ports[0], true);
  lan.network.set_faults(lan.segment, {.corruption = {1}});
  EXPECT_EQ(lan.network.connectivity_groups(lan.segment).size(), 3U);
  EXPECT_EQ(lan.network.audible_groups(lan.segment).size(), 1U);
}

TEST(Connectivity, OneWayCutsMakeOverlappingGroups) {
  Lan lan{4};
  lan.network.cut_one_way(lan.segment, node(0), node(2));
  EXPECT_EQ(lan.network.connectivity_groups(lan.segment),
            (Groups{{node(0), node(1), node(3)}, {node(1), node(2), node(3)}}));
  EXPECT_EQ(lan.network.audible_groups(lan.segment).size(), 1U);
}

// ---------------------------------------------------------------- taps

class Recorder : public FrameTap {
 public:
  void frame_seen(const TappedFrame& frame) override {
    seen.emplace_back(frame.at, frame.port.value, frame.direction == TappedFrame::Direction::sent);
  }
  std::vector<std::tuple<SimTime, std::uint32_t, bool>> seen;
};

TEST(Network, ATapSeesEachFrameLeaveAndArrive) {
  Lan lan{3};
  Recorder recorder;
  lan.network.set_tap(&recorder);
  lan.network.set_faults(lan.ports[2], FaultDirection::to_node, {.cut = true});
  lan.send(0, kBroadcastMac);
  lan.run();
  EXPECT_THAT(recorder.seen, ElementsAre(std::tuple{SimTime{0}, 0U, true}, std::tuple{microseconds{50}, 1U, false}));
  EXPECT_EQ(lan.network.statistics().sent, 1U);
  EXPECT_EQ(lan.network.statistics().delivered, 1U);
  EXPECT_EQ(lan.network.statistics().lost, 1U);
}

TEST(Network, FramesShorterThanAHeaderAreNotSent) {
  Lan lan{2};
  EXPECT_TRUE(lan.network.send(lan.ports[0], lan.pool.make(13)));
  EXPECT_EQ(lan.network.statistics().sent, 0U);
}

}  // namespace
}  // namespace vipdrift::sim
