// The simulated wire: segments (learning switches), ports, and what goes wrong between them.
#ifndef VIPDRIFT_SIM_NETWORK_H_
#define VIPDRIFT_SIM_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "scenarios/scenario.h"
#include "sim/choices.h"
#include "sim/event_queue.h"
#include "sim/frame.h"

namespace vipdrift::sim {

/// A machine of the scenario; the number is its owner's.
using NodeId = StrongId<struct NodeIdTag, std::uint32_t>;
/// Position of a segment in the network, in order of add_segment().
using SegmentId = StrongId<struct SegmentIdTag, std::uint32_t>;
/// Position of a port in the network, in order of attach().
using PortId = StrongId<struct PortIdTag, std::uint32_t>;

/// Event::kind of the network's events; whoever runs the queue gives them to Network::handle().
inline constexpr std::uint16_t kNetworkEvent = 0;

/// A machine's end of a port.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  /// A frame has arrived. Every frame that the switch sends to the port comes, whatever its destination address: the
  /// receiver filters. Copy `frame` to keep it.
  virtual void frame_arrived(PortId port, const Frame& frame) = 0;
};

struct FaultStreams;

/// What a tap sees.
struct TappedFrame {
  enum class Direction : std::uint8_t {
    sent,      ///< leaving the node, before any fault; once a frame
    delivered  ///< reaching the node, after all faults; once a receiving port
  };
  SimTime at{};
  SegmentId segment;
  PortId port;  ///< the sender's, or the receiver's
  Direction direction{};
  std::span<const std::uint8_t> bytes;
};

/// Sees the frames of all segments, for captures and counters. Must not call the network.
class FrameTap {
 public:
  virtual ~FrameTap() = default;
  virtual void frame_seen(const TappedFrame& frame) = 0;
};

struct SegmentOptions {
  std::string name;
  Duration latency = std::chrono::microseconds{50};  ///< from port to port, one way
  Duration mac_ageing = std::chrono::seconds{300};   ///< IEEE 802.1Q, 8.8.3: default
  /// The switch snoops IGMP and nobody queries: an IPv4 group outside 224.0.0.0/24 reaches a port only for
  /// kGroupMembership after the port's last join (Network::join_group). RFC 4541, 2.1.2.
  bool igmp_snooping = false;
};
/// How long a switch believes a membership report (RFC 3376, 8.4 with its default values).
inline constexpr Duration kGroupMembership = std::chrono::seconds{260};

/// Which way through a port, seen from its node.
enum class FaultDirection : std::uint8_t { from_node, to_node };

struct NetworkStatistics {
  std::uint64_t sent = 0;       ///< frames given to send() on a port with link
  std::uint64_t delivered = 0;  ///< frames given to sinks
  std::uint64_t lost = 0;       ///< copies dropped by loss, cuts, partitions and links that went down
};

/// All segments of a simulation.
///
/// A frame passes, in order: the sender's port (link, `from_node` faults), the switch (learns the source, finds the
/// ports: the learned one, or all but the sender's), then for each receiving port the segment's faults, the port's
/// `to_node` faults and the segment's latency. Each fault of each place draws from a stream of its own, named after
/// the port ("loss/lan/lvs1/eno1/to_node"). Link state, partitions, isolation and one-way cuts are asked twice: when
/// the switch forwards and when the frame arrives, so that what is in flight when the wire breaks is lost too. Frames
/// that arrive at the same time are delivered in the order of sending, copies of one frame by port number.
///
/// Partitions split the switch: each group keeps its own table of MAC addresses, and healing merges the tables, the
/// newest entry winning. Isolation, cuts and faults leave tables and links alone, as a broken cable behind a media
/// converter does. A link that goes down flushes its port's entries.
class Network {
 public:
  /// All three outlive the network.
  Network(EventQueue& queue, FramePool& pool, Choices& choices);
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // ---- building

  SegmentId add_segment(SegmentOptions options);
  std::optional<SegmentId> find_segment(std::string_view name) const;
  const std::string& segment_name(SegmentId segment) const;

  /// A new port of `segment` for one interface of `node`, link up. `name` ("lvs1/eno1") names the port's streams of
  /// draws and is unique on the segment. `sink` outlives the network; null: nobody listens (an injector).
  PortId attach(SegmentId segment, NodeId node, std::string_view name, FrameSink* sink);
  NodeId node_of(PortId port) const;
  SegmentId segment_of(PortId port) const;

  /// null: none.
  void set_tap(FrameTap* tap) { tap_ = tap; }

  // ---- traffic

  /// Puts `frame` on the wire at the queue's now(). Frames shorter than an Ethernet header are not sent.
  /// false: the port's link is down.
  bool send(PortId port, Frame&& frame);

  /// Carries out an event of kind kNetworkEvent.
  void handle(const Fired& fired);

  /// The port's host reports membership of an IPv4 group (IGMP). Only matters with igmp_snooping.
  void join_group(PortId port, const IpAddress& group);

  // ---- what goes wrong

  void set_link(PortId port, bool up);
  bool link_up(PortId port) const;
  /// Replaces the port's faults in one direction.
  void set_faults(PortId port, FaultDirection direction, const scenarios::LinkFaults& faults);
  /// Replaces the faults of a whole segment: each copy of a frame meets them once.
  void set_faults(SegmentId segment, const scenarios::LinkFaults& faults);
  /// Frames pass only inside a group; nodes in no group form one of their own. Replaces an earlier partition;
  /// no groups: none.
  void partition(SegmentId segment, const std::vector<std::vector<NodeId>>& groups);
  /// Cuts the node off on all its segments; links stay up.
  void isolate(NodeId node);
  /// Frames sent by `from` no longer reach `to` on this segment.
  void cut_one_way(SegmentId segment, NodeId from, NodeId to);
  /// Ends all partitions, isolation and one-way cuts. Faults and links stay.
  void heal();

  // ---- what a judge asks

  /// Which nodes of `segment` hear each other: the largest sets in which every pair has a loss-free way in both
  /// directions (link up, no partition, cut, loss or corruption; delays are no loss). Sorted, and each set sorted;
  /// nodes that hear nobody stand alone. The sets overlap only when one-way cuts make hearing intransitive.
  /// `among`: only these nodes count; empty: all of the segment.
  std::vector<std::vector<NodeId>> connectivity_groups(SegmentId segment, std::span<const NodeId> among = {}) const;

  /// Nodes of `segment` joined by ways that let at least some frames through in at least one direction. Sorted,
  /// disjoint.
  std::vector<std::vector<NodeId>> audible_groups(SegmentId segment, std::span<const NodeId> among = {}) const;

  /// The port where the switch (the group of `asking`) believes `mac`; nullopt: unknown or aged.
  std::optional<PortId> learned_port(PortId asking, const MacAddress& mac) const;

  const NetworkStatistics& statistics() const { return statistics_; }

 private:
  struct Port;
  struct Segment;

  /// Event::detail of the network's events. Event::data: the frame's number, and above it the sender's port.
  enum class Happening : std::uint16_t {
    flood,     ///< the frame reaches every port but the sender's
    delivery,  ///< the frame reaches port Event::target
    ingress    ///< the frame reaches the switch from port Event::target
  };

  Port& at(PortId port);
  const Port& at(PortId port) const;
  Segment& at(SegmentId segment);
  const Segment& at(SegmentId segment) const;

  void schedule(Duration delay, Happening happening, PortId target, PortId sender, Frame&& frame);
  void enter_switch(Port& from, Frame&& frame);
  void learn(Segment& segment, Port& from, std::span<const std::uint8_t> bytes);
  void flood(Segment& segment, Port& from, Frame&& frame);
  void forward(Segment& segment, Port& from, Port& to, Frame frame);
  void deliver(const Port& from, PortId to, const Frame& frame);
  void tap(const Port& port, TappedFrame::Direction direction, const Frame& frame);
  /// Hands what becomes of `frame` in one place to `emit(frame, delay)`: nothing, one copy or two.
  template <class Emit>
  void meet(const scenarios::LinkFaults& faults, const FaultStreams& streams, Frame&& frame, Emit&& emit);
  Frame corrupted(const Frame& frame, StreamId bit);
  FaultStreams streams_of(const Port& port, std::string_view place);

  bool passes(const Segment& segment, const Port& from, const Port& to) const;
  bool snooped_away(Segment& segment, const Port& to, std::span<const std::uint8_t> bytes);
  void regroup(Segment& segment, const std::vector<std::vector<NodeId>>& groups);
  void refresh(Segment& segment);
  std::vector<NodeId> nodes_of(const Segment& segment, std::span<const NodeId> among) const;
  bool some_way(const Segment& segment, NodeId from, NodeId to, bool loss_free) const;

  EventQueue& queue_;
  FramePool& pool_;
  Choices& choices_;
  FrameTap* tap_ = nullptr;
  NetworkStatistics statistics_;
  std::vector<Segment> segments_;
  std::vector<Port> ports_;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_NETWORK_H_
