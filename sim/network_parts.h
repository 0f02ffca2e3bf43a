// The inside of Network: its ports and segments.
#ifndef VIPDRIFT_SIM_NETWORK_PARTS_H_
#define VIPDRIFT_SIM_NETWORK_PARTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/mac_table.h"
#include "sim/network.h"

namespace vipdrift::sim {

/// The streams of one place where frames meet faults, one for each kind of fault.
struct FaultStreams {
  StreamId loss;
  StreamId corruption;
  StreamId flipped_bit;
  StreamId jitter;
  StreamId reordering;
  StreamId duplication;
};

/// Faults of one direction of a port.
struct PortFaults {
  scenarios::LinkFaults faults;
  FaultStreams streams;
  bool active = false;
};

struct Network::Port {
  PortId id;
  NodeId node;
  SegmentId segment;
  std::string name;
  FrameSink* sink = nullptr;
  bool up = true;
  bool isolated = false;
  std::uint32_t group = 0;  ///< of the partition; 0: the nodes in no group

  // The place of the last source address in the segment's table, to find it again without a search.
  std::uint64_t last_source = 0;
  std::size_t last_place = 0;
  std::uint32_t last_version = 0;

  PortFaults from_node;
  PortFaults to_node;
  FaultStreams segment_streams;  ///< for the segment's faults of what this port receives
};

struct Network::Segment {
  explicit Segment(SegmentOptions made_with) : options(std::move(made_with)), table(options.mac_ageing) {}

  struct Membership {
    std::uint32_t group = 0;     ///< IPv4 address
    std::optional<PortId> port;  ///< none: every port
    SimTime until{};
  };

  SegmentOptions options;
  MacTable table;
  std::vector<PortId> ports;
  scenarios::LinkFaults faults;
  bool faulty = false;      ///< `faults` are not all zero
  bool restricted = false;  ///< a partition, an isolated node, or a one-way cut
  bool plain = true;        ///< nothing but link state comes between the switch and its ports
  bool partitioned = false;
  std::vector<std::pair<NodeId, NodeId>> cuts;
  std::vector<Membership> memberships;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_NETWORK_PARTS_H_
