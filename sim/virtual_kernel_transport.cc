// Routes, TCP and UDP of a simulated machine, and what its IPVS does with packets.
#include <algorithm>
#include <bit>
#include <tuple>

#include "sim/byte_order.h"
#include "sim/ipvs_sync.h"
#include "sim/node_events.h"
#include "sim/packets.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {
namespace {

/// From a program to another one on the same machine.
constexpr Duration kLoopbackTakes = std::chrono::microseconds{10};

bool is_loopback(const IpAddress& address) {
  if (address.family() == Family::ipv4) return address.bytes()[0] == 127;
  const auto bytes = address.bytes();
  return std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t byte) { return byte == 0; }) && bytes[15] == 1;
}

/// An IP packet from its header on, without the frame's padding.
std::span<const std::uint8_t> packet_of(const EthernetView& frame, const IpView& packet) {
  const std::size_t padding = packet.payload.size() - packet.message().size();
  return frame.payload.first(frame.payload.size() - padding);
}

ipvs::Transport transport_of(const IpView& packet) {
  return packet.header.protocol == IpProtocol::tcp ? ipvs::Transport::tcp : ipvs::Transport::udp;
}

/// Takes one from the TTL or hop limit of an IP packet; the checksum of an IPv4 header follows (RFC 1624, 3).
void count_hop(std::span<std::uint8_t> packet) {
  constexpr std::size_t kTtl = 8, kChecksum = 10, kHopLimit = 7;
  if (packet[0] >> 4U == 6) {
    --packet[kHopLimit];
    return;
  }
  --packet[kTtl];
  const std::uint32_t sum = get16(packet, kChecksum) + 0x100U;
  put16(packet, kChecksum, static_cast<std::uint16_t>(sum + (sum >> 16U)));
}

/// Leading bits that two addresses of one family share.
int common_bits(const IpAddress& a, const IpAddress& b) {
  int bits = 0;
  for (std::size_t i = 0; i < a.bytes().size(); ++i) {
    const auto different = static_cast<std::uint8_t>(a.bytes()[i] ^ b.bytes()[i]);
    bits += std::countl_zero(different);
    if (different != 0) break;
  }
  return bits;
}

/// RFC 6724, 5: of the destination's scope, not deprecated, with the most leading bits in common as far as the prefix
/// goes (rules 2, 3 and 8); of equals Linux takes the newest.
IpAddress source_v6(const std::vector<VirtualKernel::Address>& addresses, const IpAddress& destination) {
  const VirtualKernel::Address* best = nullptr;
  const auto rank = [&](const VirtualKernel::Address& one) {
    const bool same_scope = one.prefix.address.is_link_local() == destination.is_link_local();
    return std::tuple{same_scope, !one.deprecated,
                      std::min<int>(one.prefix.length, common_bits(one.prefix.address, destination))};
  };
  for (const VirtualKernel::Address& one : addresses) {
    if (one.prefix.address.family() != Family::ipv6) continue;
    if (best == nullptr || rank(one) >= rank(*best)) best = &one;
  }
  return best == nullptr ? IpAddress{} : best->prefix.address;
}

}  // namespace

// ---------------------------------------------------------------- routes

bool VirtualKernel::on_loopback_device(const IpAddress& address) const {
  return std::find(loopback_.begin(), loopback_.end(), address) != loopback_.end();
}

bool VirtualKernel::is_local(const IpAddress& address) const { return is_loopback(address) || holds(address); }

void VirtualKernel::work_out(Way& way) const {
  way.held = find_address(way.address) != nullptr || on_loopback_device(way.address);
  way.route = find_route(way);
  if (way.route) way.source = find_source(*way.route, way.address);
}

std::optional<Route> VirtualKernel::find_route(const Way& way) const {
  const IpAddress& destination = way.address;
  if (interfaces_.empty()) return std::nullopt;
  if (way.held || is_loopback(destination)) return Route{interfaces_.front().id, destination, true};
  const auto connected = [&](const IpAddress& target) -> InterfaceId {
    for (const Interface& interface : interfaces_) {
      if (!interface.present || !interface.up) continue;
      for (const Address& held : interface.addresses) {
        if (held.prefix.contains(target)) return interface.id;
      }
    }
    return {};
  };
  InterfaceId interface = connected(destination);
  if (interface.value != 0) return Route{interface, destination};
  if (gateway_ && gateway_->family() == destination.family()) {
    interface = connected(*gateway_);
    if (interface.value != 0) return Route{interface, *gateway_};
  }
  interface = interface_towards(destination);
  if (interface.value == 0 || !at(interface).up) return std::nullopt;
  return Route{interface, destination};
}

IpAddress VirtualKernel::find_source(const Route& route, const IpAddress& destination) const {
  if (route.local) return destination;
  if (destination.family() == Family::ipv6) return source_v6(at(route.interface).addresses, destination);
  for (const Address& held : at(route.interface).addresses) {
    if (held.prefix.contains(route.next_hop)) return held.prefix.address;
  }
  return primary_address(route.interface, destination.family());
}

IpAddress VirtualKernel::source_for(const Route& route, const IpAddress& destination) const {
  const Way& way = way_to(destination);
  return way.route == route ? way.source : find_source(route, destination);
}

/// Of the next hop; an entry of the cache is made when something is sent there.
NeighbourCache::Slot VirtualKernel::slot_towards(const Route& route) {
  NeighbourCache& neighbours = at(route.interface).neighbours;
  Way& way = way_to(route.next_hop);
  if (!way.route || way.route->interface != route.interface || way.route->local) {
    return neighbours.slot_of(route.next_hop);
  }
  if (way.slot == Way::kNoSlot) way.slot = neighbours.slot_of(route.next_hop);
  return way.slot;
}

void VirtualKernel::send_routed(const Route& route, Frame frame, const IpAddress& source_ip) {
  if (!powered_) return;
  if (route.local) {
    world_.queue.schedule(world_.queue.now() + kLoopbackTakes, {kind_of(NodeEvent::kernel_loopback), 0, index_,
                                                                world_.frames.detach(std::move(frame))});
    return;
  }
  send_resolved(route.interface, slot_towards(route), std::move(frame), source_ip);
}

void VirtualKernel::on_loopback(std::uint64_t number) {
  const Frame frame = world_.frames.attach(static_cast<std::uint32_t>(number));
  if (!runs() || transport_ == nullptr) return;
  const auto ethernet = parse_ethernet(frame.bytes());
  const auto packet = ethernet ? parse_ip(*ethernet, frame.sound()) : std::nullopt;
  if (!packet) return;
  if (const auto segment = parse_tcp(*packet)) {
    transport_->on_tcp(packet->header, *segment);
  } else if (const auto datagram = parse_udp(*packet)) {
    transport_->on_udp(packet->header, *datagram, packet_of(*ethernet, *packet));
  } else if (const auto error = parse_port_unreachable(*packet)) {
    transport_->on_port_unreachable(*error);
  } else if (const auto echo = parse_echo(*packet)) {
    transport_->on_echo_reply(packet->header.source, echo->identifier, echo->sequence);
  }
}

// ---------------------------------------------------------------- receiving

void VirtualKernel::receive_tcp(Interface& interface, const EthernetView& frame, const IpView& packet) {
  const std::optional<TcpSegment> segment = parse_tcp(packet);
  if (!segment || refuses(packet.header.destination)) return;
  const bool opening = (segment->flags & (kTcpSyn | kTcpAck)) == kTcpSyn;
  if (ipvs_ != nullptr) {
    IpvsPacket asked;
    asked.flow = {ipvs::Transport::tcp, packet.header.source, segment->source_port, packet.header.destination,
                  segment->destination_port};
    asked.syn = opening;
    asked.fin = (segment->flags & kTcpFin) != 0;
    asked.reset = (segment->flags & kTcpReset) != 0;
    if (balance(frame, packet, asked)) return;
  }
  if (transport_ != nullptr && transport_->on_tcp(packet.header, *segment)) return;
  if (!opening) {
    if (user_ != nullptr && (segment->flags & (kTcpSyn | kTcpReset)) != 0) {
      user_->on_answer(packet.header.source, segment->source_port, segment->destination_port, frame.header.source);
    }
    return;
  }
  IpHeader header;
  header.source = packet.header.destination;
  header.destination = packet.header.source;
  header.dont_fragment = true;
  answer_probe(
      interface, packet,
      make_tcp(world_.frames, answering_mac(interface, header.source), {}, header, tcp_answer(*segment, true, 1)));
}

void VirtualKernel::receive_udp(const EthernetView& frame, const IpView& packet) {
  const std::optional<UdpDatagram> datagram = parse_udp(packet);
  if (datagram && packet.header.destination == kIpvsSyncGroup) learn_connections(*datagram);
  if (!datagram || packet.header.destination.is_multicast() || refuses(packet.header.destination)) return;
  if (ipvs_ != nullptr) {
    IpvsPacket asked;
    asked.flow = {ipvs::Transport::udp, packet.header.source, datagram->source_port, packet.header.destination,
                  datagram->destination_port};
    if (balance(frame, packet, asked)) return;
  }
  if (transport_ != nullptr) transport_->on_udp(packet.header, *datagram, packet_of(frame, packet));
}

void VirtualKernel::receive_tunnelled(Interface& interface, const EthernetView& frame, const IpView& packet) {
  if (!tunnel_end_) return;
  const auto inside = parse_tunnelled(frame, packet);
  const auto inner = inside ? parse_ip(*inside) : std::nullopt;
  if (!inner || !inner->header_checksum_ok || !takes_ip(interface, inner->header)) return;
  if (inner->header.protocol == IpProtocol::tcp) receive_tcp(interface, *inside, *inner);
  if (inner->header.protocol == IpProtocol::udp) receive_udp(*inside, *inner);
}

// ---------------------------------------------------------------- IPVS

std::uint32_t VirtualKernel::mark_of(const MacAddress& from, ipvs::Transport transport, const IpAddress& address,
                                     std::uint16_t port) const {
  const auto found = std::find_if(fwmarks_.begin(), fwmarks_.end(), [&](const MarkRule& rule) {
    return rule.mark.transport == transport && rule.mark.address == address && rule.mark.port == port &&
           std::find(rule.not_from.begin(), rule.not_from.end(), from) == rule.not_from.end();
  });
  return found == fwmarks_.end() ? 0 : found->mark.mark;
}

/// true: the packet is no business of the host itself.
bool VirtualKernel::balance(const EthernetView& frame, const IpView& packet, IpvsPacket asked) {
  asked.fwmark =
      mark_of(frame.header.source, asked.flow.transport, asked.flow.destination, asked.flow.destination_port);
  const IpvsVerdict verdict = ipvs_->input(asked, world_.queue.now());
  switch (verdict.kind) {
    case IpvsVerdict::Kind::accept:
      return false;
    case IpvsVerdict::Kind::drop:
      return true;
    case IpvsVerdict::Kind::refuse: {
      IpHeader back;
      back.source = packet.header.destination;
      back.destination = packet.header.source;
      if (const auto route = route_to(back.destination)) {
        send_routed(*route, make_port_unreachable(world_.frames, mac(route->interface), {}, back,
                                                  packet_of(frame, packet)),
                    back.source);
      }
      return true;
    }
    case IpvsVerdict::Kind::forward:
      if (ipvs_->has_unsynced()) tell_backups();
      if (is_local(verdict.server.address)) return false;
      forward(frame, packet, verdict);
      return true;
  }
  return false;
}

// Hops count whatever the method, as Linux does since 4.10; else a packet that two directors send to each other would
// never die. Nobody is told here; a real kernel's ICMP error ends an attempt to connect at once, as unreachable.
void VirtualKernel::forward(const EthernetView& frame, const IpView& packet, const IpvsVerdict& to) {
  if (packet.header.ttl <= 1) return;
  const auto route = route_to(to.server.address);
  if (!route) return;
  switch (to.forwarding.method) {
    case ipvs::Method::direct_route:
      return forward_direct(frame, packet, *route);
    case ipvs::Method::masquerade:
      return forward_translated(packet, *route, to.server);
    case ipvs::Method::tunnel: {
      IpHeader outer;
      outer.source = source_for(*route, to.server.address);
      outer.destination = to.server.address;
      outer.dont_fragment = true;
      Frame wrapped = make_tunnelled(world_.frames, mac(route->interface), {}, outer, packet_of(frame, packet));
      const std::size_t inner = wrapped.size() - packet_of(frame, packet).size();
      const bool sound = wrapped.sound();
      count_hop(wrapped.writable().subspan(inner));
      if (sound) wrapped.mark_sound();
      return send_routed(*route, std::move(wrapped), outer.source);
    }
  }
}

/// Only the frame changes, and the hop is counted.
void VirtualKernel::forward_direct(const EthernetView& frame, const IpView& packet, const Route& route) {
  constexpr std::size_t kEthernetHeader = 14;
  Frame copy = world_.frames.make(kEthernetHeader + frame.payload.size());
  const auto out = copy.writable();
  const MacAddress& from = mac(route.interface);
  std::fill_n(out.begin(), 6, std::uint8_t{0});
  std::copy(from.bytes.begin(), from.bytes.end(), out.begin() + 6);
  put16(out, 12, static_cast<std::uint16_t>(frame.header.type));
  std::copy(frame.payload.begin(), frame.payload.end(), out.begin() + kEthernetHeader);
  count_hop(out.subspan(kEthernetHeader));
  if (packet.sound) copy.mark_sound();
  send_routed(route, std::move(copy), source_for(route, route.next_hop));
}

void VirtualKernel::forward_translated(const IpView& packet, const Route& route, const ipvs::ServerKey& server) {
  IpHeader header = packet.header;
  header.destination = server.address;
  send_translated(route, header, packet, get16(packet.payload, 0), server.port);
}

void VirtualKernel::send_translated(const Route& route, IpHeader header, const IpView& packet,
                                    std::uint16_t source_port, std::uint16_t destination_port) {
  header.ttl = static_cast<std::uint8_t>(packet.header.ttl - 1);
  const MacAddress& from = mac(route.interface);
  const IpAddress asking = primary_address(route.interface, header.source.family());
  if (auto segment = parse_tcp(packet)) {
    segment->source_port = source_port;
    segment->destination_port = destination_port;
    send_routed(route, make_tcp(world_.frames, from, {}, header, *segment), asking);
  } else if (auto datagram = parse_udp(packet)) {
    datagram->source_port = source_port;
    datagram->destination_port = destination_port;
    send_routed(route, make_udp(world_.frames, from, {}, header, *datagram), asking);
  }
}

/// What a real server behind NAT answers goes out in the name of the service.
bool VirtualKernel::translate_answer(const IpView& packet) {
  const IpProtocol protocol = packet.header.protocol;
  if ((protocol != IpProtocol::tcp && protocol != IpProtocol::udp) || packet.payload.size() < 4) return false;
  const std::uint16_t client_port = get16(packet.payload, 2);
  const auto flow = ipvs_->flow_of_answer(transport_of(packet), {packet.header.source, get16(packet.payload, 0)},
                                          packet.header.destination, client_port);
  const auto route = flow ? route_to(packet.header.destination) : std::nullopt;
  if (!route) return false;
  IpHeader header = packet.header;
  header.source = flow->destination;
  send_translated(*route, header, packet, flow->destination_port, client_port);
  return true;
}

// Nobody is told: it is forgotten that they could have been.
void VirtualKernel::tell_backups() {
  const std::vector<IpvsConnection> connections = ipvs_->take_unsynced();
  if (!ipvs_sync_.master || !known(ipvs_sync_.interface) || connections.empty()) return;
  Interface& interface = at(ipvs_sync_.interface);
  IpHeader header;
  header.source = primary_address(interface.id, Family::ipv4);
  header.destination = kIpvsSyncGroup;
  header.ttl = 1;
  const std::vector<std::uint8_t> message = encode_sync(connections, ipvs_sync_.id);
  transmit(interface, make_udp(world_.frames, interface.mac, multicast_mac(kIpvsSyncGroup), header,
                               {kIpvsSyncPort, kIpvsSyncPort, message}));
}

void VirtualKernel::learn_connections(const UdpDatagram& datagram) {
  if (!ipvs_sync_.backup || ipvs_ == nullptr || datagram.destination_port != kIpvsSyncPort) return;
  for (const IpvsConnection& connection : decode_sync(datagram.data, ipvs_sync_.id)) {
    ipvs_->learn(connection, world_.queue.now());
  }
}

namespace {

/// The errno that the kernel refuses an edit with.
struct Refused {
  int operator()(const ipvs::AddService&) const { return kAddressExists; }
  int operator()(const ipvs::AddServer& edit) const {
    return table.count(edit.service) == 0 ? kNoSuchService : kAddressExists;
  }
  int operator()(const ipvs::SetServer& edit) const {
    return table.count(edit.service) == 0 ? kNoSuchService : kNoSuchEntry;
  }
  int operator()(const ipvs::RemoveServer& edit) const {
    return table.count(edit.service) == 0 ? kNoSuchService : kNoSuchEntry;
  }
  template <class Other>
  int operator()(const Other&) const {
    return kNoSuchService;
  }
  const ipvs::Table& table;
};

/// What an edit changes, for the timeline.
struct Changes {
  Recorder& recorder;
  const std::string& node;

  void operator()(const ipvs::AddService& edit) const {
    recorder.note(node, scenarios::ServiceChanged{edit.service, true});
  }
  void operator()(const ipvs::SetService&) const {}
  void operator()(const ipvs::RemoveService& edit) const {
    recorder.note(node, scenarios::ServiceChanged{edit.service, false});
  }
  void operator()(const ipvs::AddServer& edit) const { present(edit.service, edit.server); }
  void operator()(const ipvs::SetServer& edit) const { present(edit.service, edit.server); }
  void operator()(const ipvs::RemoveServer& edit) const {
    recorder.note(node, scenarios::ServerChanged{edit.service, edit.server, false, 0});
  }

 private:
  void present(const ipvs::ServiceKey& service, const ipvs::Server& server) const {
    recorder.note(node, scenarios::ServerChanged{service, server.key, true, server.settings.weight});
  }
};

}  // namespace

int VirtualKernel::edit_ipvs(const ipvs::Edit& edit) {
  if (ipvs_ == nullptr) return kNoDevice;
  if (!ipvs_->edit(edit)) return std::visit(Refused{ipvs_->table()}, edit);
  std::visit(Changes{world_.recorder, name_}, edit);
  return kDone;
}

void VirtualKernel::clear_ipvs() {
  if (ipvs_ == nullptr) return;
  while (!ipvs_->table().empty()) edit_ipvs(ipvs::RemoveService{ipvs_->table().begin()->first});
}

}  // namespace vipdrift::sim
