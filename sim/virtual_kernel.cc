#include "sim/virtual_kernel.h"

#include <algorithm>

#include "sim/ipvs_sync.h"
#include "sim/node_events.h"

namespace vipdrift::sim {
namespace {

/// Frames that wait for one neighbour; Linux bounds them by bytes, with about the same effect.
constexpr std::size_t kMostWaiting = 64;

/// A simulated daemon reads the moment that a datagram arrives; what waits longer waits inside DirectorNode.
constexpr Duration kJustNow{0};

const IpAddress kAllNodes = IpAddress::v6({0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01});

bool is_solicited_node_mac(const MacAddress& mac) {
  return mac.bytes[0] == 0x33 && mac.bytes[1] == 0x33 && mac.bytes[2] == 0xff;
}

}  // namespace

VirtualKernel::VirtualKernel(const KernelWorld& world, std::uint32_t index, std::string name, VirtualClock clock)
    : world_(world), index_(index), name_(std::move(name)), clock_(clock) {}

// ---------------------------------------------------------------- sending

void VirtualKernel::join(InterfaceId id, const IpAddress& group) {
  if (!known(id)) return;
  Interface& interface = at(id);
  if (std::find(interface.groups.begin(), interface.groups.end(), group) != interface.groups.end()) return;
  interface.groups.push_back(group);
  forget_flows();
  interface.group_macs.push_back(multicast_mac(group));
  if (group.family() == Family::ipv4) world_.network.join_group(interface.port, group);
}

void VirtualKernel::leave_all() {
  forget_flows();
  for (Interface& interface : interfaces_) {
    interface.groups.clear();
    interface.group_macs.clear();
  }
}

void VirtualKernel::transmit(Interface& interface, Frame&& frame) {
  if (interface.up && powered_) world_.network.send(interface.port, std::move(frame));
}

int VirtualKernel::send_vrrp(InterfaceId id, const IpAddress& source, const IpAddress& destination, std::uint8_t ttl,
                             std::uint16_t identification, std::span<const std::uint8_t> message,
                             const MacAddress& source_mac) {
  if (!known(id)) return kNoDevice;
  Interface& interface = at(id);
  if (!interface.up) return kNetworkDown;
  const MacAddress& from = source_mac.is_zero() ? interface.mac : source_mac;
  const VrrpHeaders& headers = vrrp_headers(interface, from, source, destination, ttl, message.size());
  Frame frame = headers.frame.make(world_.frames, identification, message);
  if (headers.to_group) {
    transmit(interface, std::move(frame));
  } else {
    send_resolved(id, interface.neighbours.slot_of(destination), std::move(frame), source);
  }
  return kDone;
}

const VirtualKernel::VrrpHeaders& VirtualKernel::vrrp_headers(Interface& interface, const MacAddress& from,
                                                              const IpAddress& source, const IpAddress& destination,
                                                              std::uint8_t ttl, std::size_t length) {
  std::optional<VrrpHeaders>& last = interface.vrrp_headers;
  if (!last || last->source != source || last->destination != destination || last->from != from || last->ttl != ttl ||
      last->length != length) {
    const std::optional<MacAddress> group = group_destination(destination);
    last = VrrpHeaders{source,
                       destination,
                       from,
                       ttl,
                       length,
                       group.has_value(),
                       {from, group.value_or(MacAddress{}), vrrp_header(source, destination, ttl, 0), length}};
  }
  return *last;
}

int VirtualKernel::announce(InterfaceId id, const IpAddress& address, const MacAddress& mac) {
  if (!known(id)) return kNoDevice;
  Interface& interface = at(id);
  if (!interface.up) return kNetworkDown;
  const MacAddress& from = mac.is_zero() ? interface.mac : mac;
  transmit(interface, address.family() == Family::ipv4 ? make_gratuitous_arp(world_.frames, from, address)
                                                       : make_unsolicited_advertisement(world_.frames, from, address));
  return kDone;
}

void VirtualKernel::send_resolved(InterfaceId id, NeighbourCache::Slot slot, Frame frame, const IpAddress& source_ip) {
  Interface& interface = at(id);
  if (!interface.up || !powered_) return;
  if (const MacAddress* mac = interface.neighbours.use(slot, now(), solicitations_)) {
    frame.set_destination(mac->bytes);
    transmit(interface, std::move(frame));
  } else {
    if (interface.waiting.size() >= kMostWaiting) interface.waiting.erase(interface.waiting.begin());
    interface.waiting.push_back({slot, source_ip, std::move(frame)});
  }
  solicit(interface);
  arm_timer(interface.neighbours.next_deadline().time_since_epoch());
}

IpAddress VirtualKernel::asking_address(const Interface& interface, const IpAddress& neighbour) const {
  const auto suits = [&](const IpAddress& source) {
    if (arp_announce_ < 2 && source.family() == Family::ipv4) return true;
    return loopback_.empty() || !on_loopback_device(source);
  };
  for (const Waiting& waiting : interface.waiting) {
    if (interface.neighbours.entry(waiting.slot).address == neighbour && suits(waiting.source_ip)) {
      return waiting.source_ip;
    }
  }
  return primary_address(interface.id, neighbour.family());
}

void VirtualKernel::solicit(Interface& interface) {
  if (solicitations_.empty()) return;
  for (const Solicitation& question : solicitations_) {
    const IpAddress asking = asking_address(interface, question.address);
    const MacAddress& from = answering_mac(interface, asking);
    if (question.address.family() == Family::ipv4) {
      const ArpMessage message{ArpOperation::request, from, asking, {}, question.address};
      transmit(interface, make_arp(world_.frames, from, question.to.is_zero() ? kBroadcastMac : question.to, message));
    } else {
      const bool everybody = question.to.is_zero();
      const IpAddress to_ip = everybody ? solicited_node_group(question.address) : question.address;
      const NeighbourMessage message{NeighbourMessage::Kind::solicitation, question.address, 0, from};
      transmit(interface, make_neighbour(world_.frames, from, everybody ? multicast_mac(to_ip) : question.to, asking,
                                         to_ip, message));
    }
  }
  solicitations_.clear();
}

void VirtualKernel::settle_waiting(Interface& interface) {
  if (interface.waiting.empty()) return;
  std::vector<Waiting> waiting;
  waiting.swap(interface.waiting);
  for (Waiting& one : waiting) {
    const NeighbourState state = interface.neighbours.entry(one.slot).state;
    if (state == NeighbourState::failed) {
      if (transport_ != nullptr) transport_->on_unsent(one.frame.bytes());
      continue;
    }
    if (state == NeighbourState::incomplete) {
      interface.waiting.push_back(std::move(one));
    } else {
      send_resolved(interface.id, one.slot, std::move(one.frame), one.source_ip);
    }
  }
}

void VirtualKernel::flush_neighbours() {
  for (Interface& interface : interfaces_) {
    interface.neighbours.flush();
    interface.waiting.clear();
  }
}

// ---------------------------------------------------------------- receiving

bool VirtualKernel::takes(const Interface& interface, const MacAddress& destination) const {
  if (destination == interface.mac || destination == kBroadcastMac) return true;
  if (ipvs_sync_.backup && destination == multicast_mac(kIpvsSyncGroup)) return true;
  for (const MacAddress& group : interface.group_macs) {
    if (destination == group) return true;
  }
  if (destination.is_group()) return destination == multicast_mac(kAllNodes) || is_solicited_node_mac(destination);
  for (const Address& held : interface.addresses) {
    if (!held.virtual_mac.is_zero() && held.virtual_mac == destination) return true;
  }
  return false;
}

void VirtualKernel::frame_arrived(PortId port, const Frame& frame) {
  if (!runs()) return;
  const auto found =
      std::find_if(interfaces_.begin(), interfaces_.end(),
                   [&](const Interface& one) { return one.port == port && one.present; });
  if (found == interfaces_.end() || !found->up) return;
  if (const VrrpFlows::Flow* flow = found->vrrp_flows.find(frame.bytes())) {
    if (user_ != nullptr) {
      user_->on_vrrp({found->id, flow->source, flow->destination, flow->ttl, flow->payload_length, kJustNow,
                      frame.bytes().subspan(VrrpFlows::kHeaders)});
    }
    return;
  }
  const std::optional<EthernetView> view = parse_ethernet(frame.bytes());
  if (!view || !takes(*found, view->header.destination)) return;
  switch (view->header.type) {
    case EtherType::arp:
      receive_arp(*found, *view);
      return;
    case EtherType::ipv4:
    case EtherType::ipv6:
      receive_ip(*found, *view, frame);
      return;
  }
}

void VirtualKernel::learn(Interface& interface, const IpAddress& address, const MacAddress& mac, Evidence evidence) {
  const bool changed = interface.neighbours.learn(address, mac, evidence, now());
  arm_timer(interface.neighbours.next_deadline().time_since_epoch());
  if (changed && user_ != nullptr) user_->on_neighbour(interface.id, address, mac);
  settle_waiting(interface);
}

const MacAddress& VirtualKernel::answering_mac(const Interface& interface, const IpAddress& address) const {
  const Address* held = find_address(address);
  return held == nullptr || held->virtual_mac.is_zero() ? interface.mac : held->virtual_mac;
}

void VirtualKernel::receive_arp(Interface& interface, const EthernetView& frame) {
  const std::optional<ArpMessage> message = parse_arp(frame);
  if (!message) return;
  const Address* asked = message->operation == ArpOperation::request ? find_address(message->target_ip) : nullptr;
  if (asked == nullptr && message->operation == ArpOperation::request && arp_ignore_ == 0 &&
      on_loopback_device(message->target_ip) && !holds(message->sender_ip)) {
    if (!message->sender_ip.is_unspecified()) {
      learn(interface, message->sender_ip, message->sender_mac, Evidence::request);
    }
    const ArpMessage answer{ArpOperation::reply, interface.mac, message->target_ip, message->sender_mac,
                            message->sender_ip};
    transmit(interface, make_arp(world_.frames, interface.mac, message->sender_mac, answer));
    return;
  }
  // Who asks in the name of one of our addresses is a martian, but not for the virtual MAC's interface.
  if (asked != nullptr && (!holds(message->sender_ip) || !asked->virtual_mac.is_zero())) {
    const MacAddress& from = answering_mac(interface, message->target_ip);
    const ArpMessage answer{ArpOperation::reply, from, message->target_ip, message->sender_mac, message->sender_ip};
    const bool may_learn = !message->sender_ip.is_unspecified() && !holds(message->sender_ip);
    if (may_learn) learn(interface, message->sender_ip, message->sender_mac, Evidence::request);
    transmit(interface, make_arp(world_.frames, from, message->sender_mac, answer));
    return;
  }
  const bool for_us = message->operation == ArpOperation::reply && !frame.header.destination.is_group();
  const Evidence evidence = for_us                  ? Evidence::answer
                            : message->gratuitous() ? Evidence::announcement
                                                    : Evidence::overheard;
  learn(interface, message->sender_ip, message->sender_mac, evidence);
}

bool VirtualKernel::takes_ip(const Interface& interface, const IpHeader& header) const {
  if (header.source.family() == Family::ipv4 && holds(header.source)) return false;
  if (!header.destination.is_multicast()) return holds(header.destination);
  if (ipvs_sync_.backup && header.destination == kIpvsSyncGroup) return true;
  if (header.destination.family() == Family::ipv6 && header.protocol == IpProtocol::icmpv6) return true;
  return std::find(interface.groups.begin(), interface.groups.end(), header.destination) != interface.groups.end();
}

void VirtualKernel::remember_flow(Interface& interface, const IpView& packet, const Frame& whole) {
  const IpHeader& header = packet.header;
  const bool plain = whole.size() == VrrpFlows::kHeaders + packet.payload.size();
  if (header.source.family() != Family::ipv4 || !plain) return;
  interface.vrrp_flows.remember(whole.bytes(),
                                {header.source, header.destination, header.ttl, packet.payload_length});
}

void VirtualKernel::receive_ip(Interface& interface, const EthernetView& frame, const Frame& whole) {
  const std::optional<IpView> packet = parse_ip(frame, whole.sound());
  if (!packet || !packet->header_checksum_ok) return;
  if (!takes_ip(interface, packet->header)) {
    if (ipvs_ != nullptr && !ipvs_->table().empty()) translate_answer(*packet);
    return;
  }
  switch (packet->header.protocol) {
    case IpProtocol::vrrp:
      remember_flow(interface, *packet, whole);
      if (user_ != nullptr) {
        user_->on_vrrp({interface.id, packet->header.source, packet->header.destination, packet->header.ttl,
                        packet->payload_length, kJustNow, packet->payload});
      }
      return;
    case IpProtocol::icmp:
    case IpProtocol::icmpv6:
      receive_icmp(interface, frame, *packet);
      return;
    case IpProtocol::tcp:
      receive_tcp(interface, frame, *packet);
      return;
    case IpProtocol::udp:
      receive_udp(frame, *packet);
      return;
    case IpProtocol::ipip:
    case IpProtocol::ipv6:
      receive_tunnelled(interface, frame, *packet);
      return;
    case IpProtocol::igmp:
      return;
  }
}

void VirtualKernel::receive_neighbour(Interface& interface, const EthernetView& frame, const IpView& packet,
                                      const NeighbourMessage& message) {
  const MacAddress mac = message.link_layer.value_or(frame.header.source);
  if (message.kind == NeighbourMessage::Kind::advertisement) {
    const bool solicited = (message.flags & kNeighbourSolicited) != 0;
    learn(interface, message.target, mac, solicited ? Evidence::answer : Evidence::announcement);
    return;
  }
  const bool ours = std::any_of(interface.addresses.begin(), interface.addresses.end(),
                                [&](const Address& held) { return held.prefix.address == message.target; });
  if (!ours || packet.header.source.is_unspecified()) return;
  learn(interface, packet.header.source, mac, Evidence::request);
  const MacAddress& from = answering_mac(interface, message.target);
  const NeighbourMessage answer{NeighbourMessage::Kind::advertisement, message.target,
                                static_cast<std::uint8_t>(kNeighbourSolicited | kNeighbourOverride), from};
  transmit(interface, make_neighbour(world_.frames, from, mac, message.target, packet.header.source, answer));
}

void VirtualKernel::answer_probe(Interface& interface, const IpView& packet, Frame answer) {
  send_resolved(interface.id, interface.neighbours.slot_of(packet.header.source), std::move(answer),
                packet.header.destination);
}

void VirtualKernel::receive_icmp(Interface& interface, const EthernetView& frame, const IpView& packet) {
  if (packet.header.protocol == IpProtocol::icmpv6) {
    if (const std::optional<NeighbourMessage> message = parse_neighbour(packet)) {
      receive_neighbour(interface, frame, packet, *message);
      return;
    }
  }
  std::optional<EchoMessage> echo = parse_echo(packet);
  if (!echo && transport_ != nullptr) {
    if (const auto error = parse_port_unreachable(packet)) transport_->on_port_unreachable(*error);
  }
  if (!echo || packet.header.destination.is_multicast() || refuses(packet.header.destination)) return;
  if (echo->reply) {
    if (transport_ != nullptr && transport_->on_echo_reply(packet.header.source, echo->identifier, echo->sequence)) {
      return;
    }
    if (user_ != nullptr) user_->on_answer(packet.header.source, 0, echo->sequence, frame.header.source);
    return;
  }
  echo->reply = true;
  IpHeader header;
  header.source = packet.header.destination;
  header.destination = packet.header.source;
  answer_probe(interface, packet, make_echo(world_.frames, answering_mac(interface, header.source), {}, header, *echo));
}

// ---------------------------------------------------------------- the rest of the machine

const std::string* VirtualKernel::file(const std::string& path) const {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

int VirtualKernel::running(const std::string& process) const {
  const auto found = processes_.find(process);
  return found == processes_.end() ? 0 : found->second;
}

void VirtualKernel::set_boot_processes(std::vector<std::string> processes) {
  boot_processes_ = std::move(processes);
  for (const std::string& process : boot_processes_) start_process(process);
}

void VirtualKernel::power_off() {
  if (!powered_) return;
  powered_ = false;
  frozen_ = false;
  leave_all();
  flush_neighbours();
  refused_.clear();
  processes_.clear();
  if (ipvs_ != nullptr) ipvs_->reset();
  ipvs_sync_ = {};
  if (transport_ != nullptr) transport_->on_power_off();
  for (Interface& interface : interfaces_) {
    for (std::size_t i = interface.addresses.size(); i-- > 0;) {
      if (!interface.addresses[i].configured) drop_address(interface, i);
    }
    world_.network.set_link(interface.port, false);
  }
}

void VirtualKernel::power_on() {
  if (powered_) return;
  powered_ = true;
  for (const std::string& process : boot_processes_) start_process(process);
  const std::size_t before = interfaces_.size();
  for (std::size_t i = 0; i < before; ++i) {
    if (!interfaces_[i].present) {
      create_interface(std::string{interfaces_[i].name});
      continue;
    }
    boot_addresses(interfaces_[i]);
    interfaces_[i].up = true;
    ways_.forget();
    world_.network.set_link(interfaces_[i].port, true);
  }
}

void VirtualKernel::thaw() {
  if (!frozen_) return;
  frozen_ = false;
  on_timer();
}

void VirtualKernel::on_timer() {
  if (timer_at_ <= world_.queue.now()) timer_at_ = kNoEvent;
  if (!runs()) return;
  for (Interface& interface : interfaces_) {
    expire_addresses(interface);
    interface.neighbours.expire(now(), solicitations_);
    solicit(interface);
    settle_waiting(interface);
  }
  for (const Interface& interface : interfaces_) {
    arm_timer(interface.neighbours.next_deadline().time_since_epoch());
    for (const Address& held : interface.addresses) arm_timer(held.expires);
  }
}

// One event serves all deadlines: it is moved forward at once and backward only when it fires.
void VirtualKernel::arm_timer(SimTime at) {
  if (at >= timer_at_) return;
  timer_at_ = std::max(at, world_.queue.now());
  if (!world_.queue.rearm(timer_, timer_at_)) {
    timer_ = world_.queue.schedule(timer_at_, {kind_of(NodeEvent::kernel_timer), 0, index_, 0});
  }
}

}  // namespace vipdrift::sim
