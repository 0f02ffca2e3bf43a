// Building the network, and the way of a frame through it.
#include "sim/network.h"

#include <algorithm>
#include <utility>

#include "sim/byte_order.h"
#include "sim/network_parts.h"
#include "sim/require.h"

namespace vipdrift::sim {

namespace {

constexpr std::size_t kEthernetHeader = 14;

}  // namespace

Network::Network(EventQueue& queue, FramePool& pool, Choices& choices)
    : queue_(queue), pool_(pool), choices_(choices) {}

Network::~Network() = default;

Network::Port& Network::at(PortId port) { return ports_[port.value]; }
const Network::Port& Network::at(PortId port) const { return ports_[port.value]; }
Network::Segment& Network::at(SegmentId segment) { return segments_[segment.value]; }
const Network::Segment& Network::at(SegmentId segment) const { return segments_[segment.value]; }

// ---------------------------------------------------------------- building

SegmentId Network::add_segment(SegmentOptions options) {
  segments_.emplace_back(std::move(options));
  refresh(segments_.back());
  return {static_cast<std::uint32_t>(segments_.size() - 1)};
}

std::optional<SegmentId> Network::find_segment(std::string_view name) const {
  for (std::uint32_t i = 0; i < segments_.size(); ++i) {
    if (segments_[i].options.name == name) return SegmentId{i};
  }
  return std::nullopt;
}

const std::string& Network::segment_name(SegmentId segment) const { return at(segment).options.name; }

PortId Network::attach(SegmentId segment, NodeId node, std::string_view name, FrameSink* sink) {
  const PortId id{static_cast<std::uint32_t>(ports_.size())};
  Port& port = ports_.emplace_back();
  port.id = id;
  port.node = node;
  port.segment = segment;
  port.name = name;
  port.sink = sink;
  if (at(segment).faulty) port.segment_streams = streams_of(port, "segment");
  at(segment).ports.push_back(id);
  return id;
}

NodeId Network::node_of(PortId port) const { return at(port).node; }
SegmentId Network::segment_of(PortId port) const { return at(port).segment; }

// ---------------------------------------------------------------- from the node to the switch

bool Network::send(PortId id, Frame&& frame) {
  Port& port = at(id);
  if (!port.up) return false;
  if (frame.size() < kEthernetHeader) return true;
  ++statistics_.sent;
  if (tap_ != nullptr) tap(port, TappedFrame::Direction::sent, frame);
  if (!port.from_node.active) [[likely]] {
    enter_switch(port, std::move(frame));
    return true;
  }
  meet(port.from_node.faults, port.from_node.streams, std::move(frame), [&](Frame copy, Duration delay) {
    if (delay == Duration{0}) {
      enter_switch(port, std::move(copy));
    } else {
      schedule(delay, Happening::ingress, id, id, std::move(copy));
    }
  });
  return true;
}

void Network::enter_switch(Port& from, Frame&& frame) {
  Segment& segment = at(from.segment);
  if (from.isolated) {
    ++statistics_.lost;
    return;
  }
  const std::span<const std::uint8_t> bytes = frame.bytes();
  learn(segment, from, bytes);
  if ((bytes[0] & 1U) != 0) return flood(segment, from, std::move(frame));
  const std::uint32_t known = segment.table.find(MacTable::key(from.group, bytes.first<6>()), queue_.now());
  if (known == MacTable::kNoPort) return flood(segment, from, std::move(frame));
  // A switch sends nothing back to where it came from.
  if (known == from.id.value) return;
  if (segment.plain) [[likely]] {
    return schedule(segment.options.latency, Happening::delivery, {known}, from.id, std::move(frame));
  }
  forward(segment, from, ports_[known], std::move(frame));
}

void Network::learn(Segment& segment, Port& from, std::span<const std::uint8_t> bytes) {
  if ((bytes[6] & 1U) != 0) return;  // No station has a group address.
  const std::uint64_t source = MacTable::key(from.group, bytes.subspan<6, 6>());
  MacTable& table = segment.table;
  if (source == from.last_source && from.last_version == table.version()) [[likely]] {
    table.refresh(from.last_place, from.id.value, queue_.now());
    return;
  }
  from.last_place = table.learn(source, from.id.value, queue_.now());
  from.last_source = source;
  from.last_version = table.version();
}

std::optional<PortId> Network::learned_port(PortId asking, const MacAddress& mac) const {
  const Port& port = at(asking);
  const std::uint32_t known = at(port.segment).table.find(MacTable::key(port.group, mac.bytes), queue_.now());
  if (known == MacTable::kNoPort) return std::nullopt;
  return PortId{known};
}

// ---------------------------------------------------------------- from the switch to the nodes

void Network::flood(Segment& segment, Port& from, Frame&& frame) {
  if (segment.plain) [[likely]] {
    return schedule(segment.options.latency, Happening::flood, from.id, from.id, std::move(frame));
  }
  for (const PortId to : segment.ports) {
    if (to != from.id) forward(segment, from, at(to), frame);
  }
}

void Network::forward(Segment& segment, Port& from, Port& to, Frame frame) {
  const Duration latency = segment.options.latency;
  const auto arrive = [&](Frame copy, Duration delay) {
    schedule(latency + delay, Happening::delivery, to.id, from.id, std::move(copy));
  };
  if (!passes(segment, from, to)) {
    ++statistics_.lost;
    return;
  }
  if (segment.options.igmp_snooping && snooped_away(segment, to, frame.bytes())) return;

  const auto reach_node = [&](Frame copy, Duration delay) {
    if (!to.to_node.active) return arrive(std::move(copy), delay);
    meet(to.to_node.faults, to.to_node.streams, std::move(copy),
         [&](Frame last, Duration more) { arrive(std::move(last), delay + more); });
  };
  if (!segment.faulty) return reach_node(std::move(frame), Duration{0});
  meet(segment.faults, to.segment_streams, std::move(frame), reach_node);
}

void Network::schedule(Duration delay, Happening happening, PortId target, PortId sender, Frame&& frame) {
  const std::uint64_t number = pool_.detach(std::move(frame));
  queue_.schedule(queue_.now() + delay, {.kind = kNetworkEvent,
                                         .detail = static_cast<std::uint16_t>(happening),
                                         .target = target.value,
                                         .data = std::uint64_t{sender.value} << 32U | number});
}

void Network::handle(const Fired& fired) {
  const Event& event = fired.event;
  Frame frame = pool_.attach(static_cast<std::uint32_t>(event.data));
  const Port& from = ports_[event.data >> 32U];
  switch (static_cast<Happening>(event.detail)) {
    case Happening::flood:
      for (const PortId to : at(from.segment).ports) {
        if (to != from.id) deliver(from, to, frame);
      }
      return;
    case Happening::delivery:
      return deliver(from, {event.target}, frame);
    case Happening::ingress:
      return enter_switch(ports_[event.target], std::move(frame));
  }
}

void Network::deliver(const Port& from, PortId id, const Frame& frame) {
  const Port& to = at(id);
  if (!passes(at(to.segment), from, to)) {
    ++statistics_.lost;
    return;
  }
  ++statistics_.delivered;
  if (tap_ != nullptr) tap(to, TappedFrame::Direction::delivered, frame);
  if (to.sink != nullptr) to.sink->frame_arrived(id, frame);
}

void Network::tap(const Port& port, TappedFrame::Direction direction, const Frame& frame) {
  tap_->frame_seen({queue_.now(), port.segment, port.id, direction, frame.bytes()});
}

// ---------------------------------------------------------------- faults

template <class Emit>
void Network::meet(const scenarios::LinkFaults& faults, const FaultStreams& streams, Frame&& frame, Emit&& emit) {
  if (faults.cut || choices_.chance(streams.loss, faults.loss)) {
    ++statistics_.lost;
    return;
  }
  if (choices_.chance(streams.corruption, faults.corruption)) frame = corrupted(frame, streams.flipped_bit);
  const auto delay = [&] {
    const Duration drawn = faults.delay + choices_.between(streams.jitter, Duration{0}, faults.jitter);
    return choices_.chance(streams.reordering, faults.reordering) ? drawn + faults.delay + faults.jitter : drawn;
  };
  const Duration first = delay();
  if (choices_.chance(streams.duplication, faults.duplication)) {
    emit(frame, first);
    return emit(std::move(frame), delay());
  }
  emit(std::move(frame), first);
}

Frame Network::corrupted(const Frame& frame, StreamId stream) {
  Frame copy = pool_.copy(frame.bytes());
  const std::uint64_t bit = choices_.below(stream, copy.size() * 8);
  copy.writable()[bit / 8] ^= static_cast<std::uint8_t>(1U << (bit % 8));
  return copy;
}

FaultStreams Network::streams_of(const Port& port, std::string_view place) {
  const auto stream = [&](std::string_view kind) {
    std::string name{kind};
    for (const std::string_view part :
         {std::string_view{at(port.segment).options.name}, std::string_view{port.name}, place}) {
      name += '/';
      name += part;
    }
    return choices_.stream(name);
  };
  return {.loss = stream("loss"),
          .corruption = stream("corruption"),
          .flipped_bit = stream("flipped_bit"),
          .jitter = stream("jitter"),
          .reordering = stream("reordering"),
          .duplication = stream("duplication")};
}

}  // namespace vipdrift::sim
