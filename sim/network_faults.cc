// What goes wrong on the network, and who then hears whom.
#include <algorithm>
#include <utility>

#include "sim/byte_order.h"
#include "scenarios/cliques.h"
#include "sim/network.h"
#include "sim/network_parts.h"
#include "sim/require.h"

namespace vipdrift::sim {

namespace {

constexpr std::uint32_t kEverything = 1'000'000;

bool lossy(const scenarios::LinkFaults& faults) {
  return faults.cut || faults.loss.value != 0 || faults.corruption.value != 0;
}

bool dead(const scenarios::LinkFaults& faults) { return faults.cut || faults.loss.value >= kEverything; }

}  // namespace

// ---------------------------------------------------------------- links and faults

void Network::set_link(PortId id, bool up) {
  Port& port = at(id);
  if (port.up == up) return;
  port.up = up;
  if (!up) at(port.segment).table.forget_port(id.value);
}

bool Network::link_up(PortId port) const { return at(port).up; }

void Network::set_faults(PortId id, FaultDirection direction, const scenarios::LinkFaults& faults) {
  Port& port = at(id);
  const bool leaving = direction == FaultDirection::from_node;
  PortFaults& place = leaving ? port.from_node : port.to_node;
  place.faults = faults;
  place.active = faults != scenarios::LinkFaults{};
  if (place.active) place.streams = streams_of(port, leaving ? "from_node" : "to_node");
  refresh(at(port.segment));
}

void Network::set_faults(SegmentId id, const scenarios::LinkFaults& faults) {
  Segment& segment = at(id);
  segment.faults = faults;
  segment.faulty = faults != scenarios::LinkFaults{};
  if (segment.faulty) {
    for (const PortId port : segment.ports) at(port).segment_streams = streams_of(at(port), "segment");
  }
  refresh(segment);
}

// ---------------------------------------------------------------- partitions, isolation, cuts

void Network::partition(SegmentId id, const std::vector<std::vector<NodeId>>& groups) {
  Segment& segment = at(id);
  segment.partitioned = !groups.empty();
  regroup(segment, groups);
  refresh(segment);
}

/// Gives each port its group and each group the table entries of its ports; of two for one address the newer wins.
void Network::regroup(Segment& segment, const std::vector<std::vector<NodeId>>& groups) {
  for (const PortId id : segment.ports) {
    Port& port = at(id);
    port.group = 0;
    for (std::uint32_t i = 0; i < groups.size(); ++i) {
      if (std::find(groups[i].begin(), groups[i].end(), port.node) != groups[i].end()) port.group = i + 1;
    }
  }
  std::vector<MacTable::Entry> known = segment.table.take_all();
  std::sort(known.begin(), known.end(), [](const MacTable::Entry& a, const MacTable::Entry& b) {
    return std::tie(a.seen, a.port, a.key) < std::tie(b.seen, b.port, b.key);
  });
  constexpr std::uint64_t kMacBits = 48;
  for (const MacTable::Entry& entry : known) {
    const std::uint64_t mac = entry.key & ((std::uint64_t{1} << kMacBits) - 1);
    segment.table.learn(std::uint64_t{ports_[entry.port].group} << kMacBits | mac, entry.port, entry.seen);
  }
}

void Network::isolate(NodeId node) {
  for (Port& port : ports_) {
    if (port.node != node) continue;
    port.isolated = true;
    refresh(at(port.segment));
  }
}

void Network::cut_one_way(SegmentId id, NodeId from, NodeId to) {
  Segment& segment = at(id);
  const std::pair<NodeId, NodeId> cut{from, to};
  if (std::find(segment.cuts.begin(), segment.cuts.end(), cut) == segment.cuts.end()) segment.cuts.push_back(cut);
  refresh(segment);
}

void Network::heal() {
  for (Port& port : ports_) port.isolated = false;
  for (Segment& segment : segments_) {
    segment.cuts.clear();
    if (std::exchange(segment.partitioned, false)) regroup(segment, {});
    refresh(segment);
  }
}

/// Works out again what the fast paths rely on.
void Network::refresh(Segment& segment) {
  const auto any = [&](auto&& has) {
    return std::any_of(segment.ports.begin(), segment.ports.end(), [&](PortId port) { return has(at(port)); });
  };
  segment.restricted =
      segment.partitioned || !segment.cuts.empty() || any([](const Port& port) { return port.isolated; });
  segment.plain = !segment.restricted && !segment.faulty && !segment.options.igmp_snooping &&
                  !any([](const Port& port) { return port.to_node.active; });
}

bool Network::passes(const Segment& segment, const Port& from, const Port& to) const {
  if (!to.up) return false;
  if (!segment.restricted) return true;
  if (from.isolated || to.isolated || from.group != to.group) return false;
  const std::pair<NodeId, NodeId> way{from.node, to.node};
  return std::find(segment.cuts.begin(), segment.cuts.end(), way) == segment.cuts.end();
}

// ---------------------------------------------------------------- IGMP snooping

void Network::join_group(PortId id, const IpAddress& group) {
  Segment& segment = at(at(id).segment);
  if (!segment.options.igmp_snooping || group.family() != Family::ipv4) return;
  const std::uint32_t address = get32(group.bytes(), 0);
  const SimTime until = queue_.now() + kGroupMembership;
  for (Segment::Membership& membership : segment.memberships) {
    if (membership.group == address && membership.port == id) {
      membership.until = until;
      return;
    }
  }
  segment.memberships.push_back({address, id, until});
}

/// Whether the snooping switch keeps this frame from `to`. A group that nobody has joined so far counts as joined by
/// every port at its first frame: its members reported when they started.
bool Network::snooped_away(Segment& segment, const Port& to, std::span<const std::uint8_t> bytes) {
  constexpr std::size_t kDestinationEnd = 34;
  const bool ipv4_group =
      bytes.size() >= kDestinationEnd && get32(bytes, 0) >> 8U == 0x01005eU && get16(bytes, 12) == 0x0800;
  if (!ipv4_group) return false;
  const std::uint32_t group = get32(bytes, 30);
  if (group >> 8U == 0xe00000U) return false;  // 224.0.0.0/24 is always flooded (RFC 4541, 2.1.2).

  bool known = false;
  for (const Segment::Membership& membership : segment.memberships) {
    if (membership.group != group) continue;
    known = true;
    if (queue_.now() < membership.until && membership.port.value_or(to.id) == to.id) return false;
  }
  if (!known) segment.memberships.push_back({group, std::nullopt, queue_.now() + kGroupMembership});
  return known;
}

// ---------------------------------------------------------------- who hears whom

std::vector<NodeId> Network::nodes_of(const Segment& segment, std::span<const NodeId> among) const {
  std::vector<NodeId> nodes;
  for (const PortId port : segment.ports) {
    const NodeId node = at(port).node;
    if (among.empty() || std::find(among.begin(), among.end(), node) != among.end()) nodes.push_back(node);
  }
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  return nodes;
}

/// Whether frames get from one node to the other: all of them, or at least some.
bool Network::some_way(const Segment& segment, NodeId from, NodeId to, bool loss_free) const {
  const auto broken = loss_free ? lossy : dead;
  if (broken(segment.faults)) return false;
  for (const PortId a : segment.ports) {
    if (at(a).node != from || !at(a).up || broken(at(a).from_node.faults)) continue;
    for (const PortId b : segment.ports) {
      if (at(b).node == to && passes(segment, at(a), at(b)) && !broken(at(b).to_node.faults)) return true;
    }
  }
  return false;
}

std::vector<std::vector<NodeId>> Network::connectivity_groups(SegmentId id, std::span<const NodeId> among) const {
  const Segment& segment = at(id);
  const std::vector<NodeId> nodes = nodes_of(segment, among);
  scenarios::Relation hear_each_other{nodes.size()};
  for (std::size_t a = 0; a < nodes.size(); ++a) {
    for (std::size_t b = a + 1; b < nodes.size(); ++b) {
      if (some_way(segment, nodes[a], nodes[b], true) && some_way(segment, nodes[b], nodes[a], true)) {
        hear_each_other.relate(a, b);
      }
    }
  }
  return scenarios::pick(nodes, scenarios::maximal_cliques(hear_each_other));
}

std::vector<std::vector<NodeId>> Network::audible_groups(SegmentId id, std::span<const NodeId> among) const {
  const Segment& segment = at(id);
  const std::vector<NodeId> nodes = nodes_of(segment, among);
  scenarios::Relation heard{nodes.size()};
  for (std::size_t a = 0; a < nodes.size(); ++a) {
    for (std::size_t b = a + 1; b < nodes.size(); ++b) {
      if (some_way(segment, nodes[a], nodes[b], false) || some_way(segment, nodes[b], nodes[a], false)) {
        heard.relate(a, b);
      }
    }
  }
  return scenarios::pick(nodes, scenarios::components(heard));
}

}  // namespace vipdrift::sim
