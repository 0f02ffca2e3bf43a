#include "sim/virtual_ipvs.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vipdrift::sim {
namespace {

using std::chrono::seconds;

/// How long a connection is remembered, by state (net/netfilter/ipvs: the defaults of the timeout tables).
constexpr std::array<Duration, 5> kTimeouts{seconds{60}, seconds{900}, seconds{120}, seconds{10}, seconds{300}};

/// The sync daemon tells of a connection at its third packet and again every fifty (net.ipv4.vs.sync_threshold).
constexpr std::uint16_t kSyncThreshold = 3;
constexpr std::uint16_t kSyncPeriod = 50;

std::uint64_t mixed(std::uint64_t value) {
  value ^= value >> 33U;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33U;
  return value;
}

std::uint64_t word_of(const IpAddress& address) {
  const auto bytes = address.bytes();
  if (address.family() == Family::ipv4) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    return word;
  }
  std::array<std::uint64_t, 2> halves{};
  std::memcpy(halves.data(), bytes.data(), sizeof halves);
  return halves[0] ^ mixed(halves[1]);
}

/// The client's network that persists together.
IpAddress network_of(const IpAddress& address, std::uint8_t prefix) {
  if (prefix == 0) return address;
  std::array<std::uint8_t, 16> bytes{};
  const auto old = address.bytes();
  for (std::size_t i = 0; i < old.size(); ++i) {
    const int bits = std::clamp(int{prefix} - static_cast<int>(i) * 8, 0, 8);
    bytes[i] = static_cast<std::uint8_t>(old[i] & (0xff00U >> static_cast<unsigned>(bits)));
  }
  return IpAddress::from_bytes(address.family(), bytes);
}

std::uint32_t hash_of(const IpvsFlow& flow) {
  const std::uint64_t ports = std::uint64_t{flow.client_port} << 32U | std::uint64_t{flow.destination_port} << 8U |
                              static_cast<std::uint64_t>(flow.transport);
  return static_cast<std::uint32_t>(mixed(word_of(flow.client) ^ mixed(word_of(flow.destination) ^ mixed(ports))));
}

}  // namespace

// ---------------------------------------------------------------- the table

VirtualIpvs::Service* VirtualIpvs::find(const ipvs::ServiceKey& key) {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

const VirtualIpvs::Service* VirtualIpvs::find(const ipvs::ServiceKey& key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : found->second;
}

/// Follows an edit that the table has taken.
struct VirtualIpvs::Editor {
  VirtualIpvs& ipvs;

  void operator()(const ipvs::AddService& edit) const {
    Service& service = ipvs.services_.emplace_back();
    service.key = edit.service;
    service.settings = edit.settings;
    service.scheduler.choose(edit.settings.scheduler, edit.settings.flags, service.servers);
    ipvs.by_key_[edit.service] = &service;
  }
  void operator()(const ipvs::SetService& edit) const {
    Service& service = *ipvs.find(edit.service);
    const bool other_scheduler = service.settings.scheduler != edit.settings.scheduler ||
                                 service.settings.flags != edit.settings.flags;
    service.settings = edit.settings;
    if (other_scheduler) {
      service.scheduler.choose(edit.settings.scheduler, edit.settings.flags, service.servers);
    }
  }
  void operator()(const ipvs::RemoveService& edit) const {
    Service& service = *ipvs.find(edit.service);
    while (!service.servers.empty()) remove(service, 0);
    service.present = false;
    ipvs.by_key_.erase(edit.service);
  }
  void operator()(const ipvs::AddServer& edit) const {
    Service& service = *ipvs.find(edit.service);
    auto known = std::find_if(service.all.begin(), service.all.end(),
                              [&](const auto& each) { return each->key == edit.server.key; });
    if (known == service.all.end()) {
      service.all.push_back(std::make_unique<IpvsServer>());
      known = service.all.end() - 1;
      (*known)->key = edit.server.key;
    }
    IpvsServer* server = known->get();
    server->settings = edit.server.settings;
    server->available = true;
    update_overload(*server);
    service.servers.insert(service.servers.begin(), server);
    service.scheduler.added(service.servers);
  }
  void operator()(const ipvs::SetServer& edit) const {
    Service& service = *ipvs.find(edit.service);
    IpvsServer& server = **position(service, edit.server.key);
    server.settings = edit.server.settings;
    update_overload(server);
    service.scheduler.changed(service.servers);
  }
  void operator()(const ipvs::RemoveServer& edit) const {
    Service& service = *ipvs.find(edit.service);
    remove(service, static_cast<std::size_t>(position(service, edit.server) - service.servers.begin()));
  }

 private:
  static IpvsScheduler::Servers::iterator position(Service& service, const ipvs::ServerKey& key) {
    return std::find_if(service.servers.begin(), service.servers.end(),
                        [&](const IpvsServer* each) { return each->key == key; });
  }
  static void remove(Service& service, std::size_t place) {
    service.scheduler.removing(service.servers, place);
    service.servers[place]->available = false;
    service.servers.erase(service.servers.begin() + static_cast<std::ptrdiff_t>(place));
  }
};

bool VirtualIpvs::edit(const ipvs::Edit& edit) {
  if (!ipvs::carry_out(edit, table_)) return false;
  std::visit(Editor{*this}, edit);
  return true;
}

void VirtualIpvs::clear() {
  while (!table_.empty()) edit(ipvs::RemoveService{table_.begin()->first});
}

void VirtualIpvs::reset() {
  table_.clear();
  by_key_.clear();
  by_flow_.clear();
  connections_.clear();
  free_.clear();
  unsynced_.clear();
  services_.clear();
  by_state_.fill({});
}

VirtualIpvs::Counts VirtualIpvs::counts(const ipvs::ServiceKey& key, const ipvs::ServerKey& server) const {
  const Service* service = find(key);
  if (service == nullptr) return {};
  for (const IpvsServer* each : service->servers) {
    if (each->key == server) return {each->active, each->inactive};
  }
  return {};
}

void VirtualIpvs::update_overload(IpvsServer& server) {
  const std::uint64_t upper = server.settings.upper_threshold;
  const std::uint64_t lower = server.settings.lower_threshold;
  const std::uint64_t total = std::uint64_t{server.active} + server.inactive;
  if (upper == 0) {
    server.overloaded = false;
  } else if (total >= upper) {
    server.overloaded = true;
  } else if (lower != 0 ? total < lower : total * 4 < upper * 3) {
    server.overloaded = false;
  }
}

// ---------------------------------------------------------------- packets

VirtualIpvs::Service* VirtualIpvs::service_for(const IpvsPacket& packet) {
  const IpvsFlow& flow = packet.flow;
  ipvs::ServiceKey key;
  key.family = flow.destination.family();
  if (packet.fwmark != 0) {
    key.fwmark = packet.fwmark;
    if (Service* marked = find(key)) return marked;
    key.fwmark = 0;
  }
  key.transport = flow.transport;
  key.address = flow.destination;
  key.port = flow.destination_port;
  if (Service* exact = find(key)) return exact;
  key.port = 0;
  return find(key);
}

IpvsVerdict VirtualIpvs::input(const IpvsPacket& packet, SimTime now) {
  if (by_key_.empty() && by_flow_.empty()) return {};
  expire(now);
  const std::uint32_t known = find_connection(packet.flow);
  if (known != FlowIndex::kNone) return pass(known, packet, now);
  if (packet.flow.transport == ipvs::Transport::tcp && !packet.syn) return {};
  Service* service = service_for(packet);
  return service == nullptr ? IpvsVerdict{} : open(*service, packet, now);
}

std::uint32_t VirtualIpvs::find_connection(const IpvsFlow& flow) const {
  return by_flow_.find(hash_of(flow), [&](std::uint32_t number) { return connections_[number].flow == flow; });
}

IpvsServer* VirtualIpvs::schedule(Service& service, const IpvsPacket& packet, SimTime now) {
  const IpvsClient client{packet.flow.client, packet.flow.client_port, packet.flow.destination,
                          packet.flow.destination_port};
  if (service.settings.persistence == seconds{0}) return service.scheduler.pick(service.servers, client, draw_);
  Template& known = service.templates[network_of(packet.flow.client, service.settings.persistence_prefix)];
  const bool lives = known.server != nullptr && now < std::max(known.expires, known.last_connection_ends);
  if (!lives || !known.server->available) {
    known.server = service.scheduler.pick(service.servers, client, draw_);
    known.last_connection_ends = {};
  }
  known.expires = now + service.settings.persistence;
  return known.server;
}

IpvsVerdict VirtualIpvs::open(Service& service, const IpvsPacket& packet, SimTime now) {
  IpvsServer* server = schedule(service, packet, now);
  if (server == nullptr) return {IpvsVerdict::Kind::refuse, {}, {}};
  ipvs::ServerKey to = server->key;
  if (to.port == 0) to.port = packet.flow.destination_port;
  const IpvsVerdict verdict{IpvsVerdict::Kind::forward, to, server->settings.forwarding};
  if (service.settings.one_packet && packet.flow.transport == ipvs::Transport::udp) return verdict;
  pass(add(packet.flow, service, *server, now), packet, now);
  return verdict;
}

std::uint32_t VirtualIpvs::add(const IpvsFlow& flow, Service& service, IpvsServer& server, SimTime now) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(connections_.size()));
    connections_.grow();
  }
  const std::uint32_t number = free_.back();
  free_.pop_back();
  Connection& connection = connections_[number];
  connection.flow = flow;
  connection.hash = hash_of(flow);
  connection.packets = 0;
  connection.server = &server;
  connection.service = &service;
  connection.forwarding = server.settings.forwarding;
  by_flow_.insert(connection.hash, number);
  const bool tcp = flow.transport != ipvs::Transport::udp;
  connection.state = tcp ? State::syn_received : State::datagrams;
  ++(counts_as_active(connection.state) ? server.active : server.inactive);
  update_overload(server);
  enter(connection, number, connection.state, now);
  return number;
}

IpvsVerdict VirtualIpvs::pass(std::uint32_t number, const IpvsPacket& packet, SimTime now) {
  Connection& connection = connections_[number];
  connection.packets = static_cast<std::uint16_t>(connection.packets == kSyncPeriod ? 1 : connection.packets + 1);
  State next = connection.state;
  if (packet.flow.transport == ipvs::Transport::udp) {
    next = State::datagrams;
  } else if (packet.reset) {
    next = State::closed;
  } else if (packet.fin) {
    next = State::fin_wait;
  } else if (!packet.syn && connection.state == State::syn_received) {
    next = State::established;
  }
  enter(connection, number, next, now);
  if (connection.packets == kSyncThreshold && connection.state == State::established) {
    unsynced_.push_back(number);
  }
  if (!connection.server->available) return {IpvsVerdict::Kind::drop, {}, {}};
  ipvs::ServerKey to = connection.server->key;
  if (to.port == 0) to.port = packet.flow.destination_port;
  return {IpvsVerdict::Kind::forward, to, connection.forwarding};
}

// ---------------------------------------------------------------- connections

void VirtualIpvs::enter(Connection& connection, std::uint32_t number, State state, SimTime now) {
  IpvsServer& server = *connection.server;
  if (counts_as_active(connection.state) && !counts_as_active(state)) {
    --server.active;
    ++server.inactive;
  } else if (!counts_as_active(connection.state) && counts_as_active(state)) {
    ++server.active;
    --server.inactive;
  }
  const SimTime deadline = now + kTimeouts[static_cast<std::size_t>(state)];
  if (connection.state == state && connection.deadline == deadline) return;
  unlink(connection);
  connection.state = state;
  connection.deadline = deadline;
  link(connection, number);
  Service& service = *connection.service;
  if (service.settings.persistence != seconds{0}) {
    Template& known = service.templates[network_of(connection.flow.client, service.settings.persistence_prefix)];
    known.last_connection_ends = std::max(known.last_connection_ends, connection.deadline);
  }
}

/// Behind all others of its state.
void VirtualIpvs::link(Connection& connection, std::uint32_t number) {
  List& list = by_state_[static_cast<std::size_t>(connection.state)];
  connection.before = list.last;
  connection.after = kNone;
  (list.last == kNone ? list.first : connections_[list.last].after) = number;
  list.last = number;
}

void VirtualIpvs::unlink(Connection& connection) {
  if (connection.deadline == SimTime{}) return;
  List& list = by_state_[static_cast<std::size_t>(connection.state)];
  (connection.before == kNone ? list.first : connections_[connection.before].after) = connection.after;
  (connection.after == kNone ? list.last : connections_[connection.after].before) = connection.before;
  connection.deadline = {};
}

void VirtualIpvs::expire(SimTime now) {
  for (const List& list : by_state_) {
    while (list.first != kNone && connections_[list.first].deadline <= now) {
      forget(list.first);
      // Among millions its place in the index is far away: have it come while others are dealt with.
      if (list.first != kNone) by_flow_.prefetch(connections_[list.first].hash);
    }
  }
}

void VirtualIpvs::forget(std::uint32_t number) {
  Connection& connection = connections_[number];
  --(counts_as_active(connection.state) ? connection.server->active : connection.server->inactive);
  update_overload(*connection.server);
  unlink(connection);
  by_flow_.erase(connection.hash, number);
  free_.push_back(number);
}

std::optional<IpvsFlow> VirtualIpvs::flow_of_answer(ipvs::Transport transport, const ipvs::ServerKey& server,
                                                    const IpAddress& client, std::uint16_t client_port) const {
  for (const Service& service : services_) {
    if (service.key.fwmark != 0 || service.key.transport != transport) continue;
    const IpvsFlow flow{transport, client, client_port, service.key.address, service.key.port};
    const std::uint32_t found = find_connection(flow);
    if (found != FlowIndex::kNone && connections_[found].server->key == server) return flow;
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- the sync daemon

std::vector<IpvsConnection> VirtualIpvs::take_unsynced() {
  std::vector<IpvsConnection> told;
  for (const std::uint32_t number : unsynced_) {
    const Connection& connection = connections_[number];
    if (connection.state != State::established) continue;
    told.push_back({connection.flow, connection.service->key, connection.server->key, connection.forwarding});
  }
  unsynced_.clear();
  return told;
}

void VirtualIpvs::learn(const IpvsConnection& told, SimTime now) {
  expire(now);
  if (const std::uint32_t known = find_connection(told.flow); known != FlowIndex::kNone) {
    return enter(connections_[known], known, State::established, now);
  }
  Service* service = find(told.service);
  if (service == nullptr) return;
  const auto server = std::find_if(service->servers.begin(), service->servers.end(),
                                   [&](const IpvsServer* each) { return each->key == told.server; });
  if (server == service->servers.end()) return;
  const std::uint32_t number = add(told.flow, *service, **server, now);
  connections_[number].packets = kSyncThreshold;
  enter(connections_[number], number, State::established, now);
}

}  // namespace vipdrift::sim
