// What each step of a scenario does to the simulated world.
#include <algorithm>

#include "scenarios/injection.h"
#include "sim/node_events.h"
#include "sim/packets.h"
#include "sim/sim_world.h"

namespace vipdrift::sim {
namespace {

using scenarios::WorldError;

/// Strangers' frames come from here unless they claim another address.
constexpr MacAddress kStrangerMac{{0x02, 0x76, 0x64, 0xff, 0xff, 0x01}};

WorldError unknown(const char* what, const std::string& name) {
  return {{}, std::string("there is no ") + what + " '" + name + "'"};
}

}  // namespace

SimTestbed::World::Error SimTestbed::World::apply(const scenarios::Step& step) {
  Error error = std::visit([this](const auto& action) { return on(action); }, step.action);
  if (error && error->place.line == 0) error->place = step.place;
  note_connectivity();
  return error;
}

template <class Do>
SimTestbed::World::Error SimTestbed::World::for_directors(const std::vector<std::string>& names, Do what) {
  for (const std::string& name : names) {
    SimNode* node = find_director(name);
    if (node == nullptr) return unknown("director", name);
    what(*node->director);
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- daemons and machines

SimTestbed::World::Error SimTestbed::World::on(const scenarios::StartDaemon& step) {
  return for_directors(step.directors, [](DirectorNode& director) { director.start(); });
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::StopDaemon& step) {
  return for_directors(step.directors, [](DirectorNode& director) { director.stop(); });
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::CrashDaemon& step) {
  const bool checks = step.part == scenarios::DaemonPart::check;
  return for_directors(step.directors,
                       [checks](DirectorNode& director) { checks ? director.crash_checks() : director.crash(); });
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::PauseDaemon& step) {
  const bool checks = step.part == scenarios::DaemonPart::check;
  return for_directors(step.directors,
                       [checks](DirectorNode& director) { checks ? director.pause_checks() : director.pause(); });
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::ResumeDaemon& step) {
  const bool checks = step.part == scenarios::DaemonPart::check;
  return for_directors(step.directors,
                       [checks](DirectorNode& director) { checks ? director.resume_checks() : director.resume(); });
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::PowerOff& step) {
  for (const std::string& name : step.nodes) {
    SimNode* node = find(name);
    if (node == nullptr) return unknown("node", name);
    node->director ? node->director->power_off() : node->kernel->power_off();
  }
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::PowerOn& step) {
  for (const std::string& name : step.nodes) {
    SimNode* node = find(name);
    if (node == nullptr) return unknown("node", name);
    node->director ? node->director->power_on() : node->kernel->power_on();
  }
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::PauseNode& step) {
  for (const std::string& name : step.nodes) {
    SimNode* node = find(name);
    if (node == nullptr) return unknown("node", name);
    node->director ? node->director->freeze() : node->kernel->freeze();
  }
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::ResumeNode& step) {
  for (const std::string& name : step.nodes) {
    SimNode* node = find(name);
    if (node == nullptr) return unknown("node", name);
    node->director ? node->director->thaw() : node->kernel->thaw();
  }
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::ReloadDaemon& step) {
  SimNode* node = find_director(step.director);
  if (node == nullptr) return unknown("director", step.director);
  const std::string file = step.config_file.value_or(spec_of(step.director).config_file);
  const scenarios::DirectorConfig* config = scenario_.config_of(step.director, file);
  if (config == nullptr) return unknown("configuration", file);
  if (config->configuration == nullptr) {
    node->director->refuse_reload(file + " has errors");
  } else {
    node->director->reload(config->configuration);
  }
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::TouchFile& step) {
  SimNode* node = find(step.node);
  if (node == nullptr) return unknown("node", step.node);
  node->kernel->write_file(step.path, step.contents);
  if (node->director) node->director->file_changed(step.path);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::RemoveFile& step) {
  SimNode* node = find(step.node);
  if (node == nullptr) return unknown("node", step.node);
  const bool removed = node->kernel->remove_file(step.path);
  if (removed && node->director) node->director->file_changed(step.path);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::StartProcess& step) {
  SimNode* node = find(step.node);
  if (node == nullptr) return unknown("node", step.node);
  node->kernel->start_process(step.process);
  if (node->director) node->director->process_changed(step.process);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::StopProcess& step) {
  SimNode* node = find(step.node);
  if (node == nullptr) return unknown("node", step.node);
  node->kernel->stop_process(step.process);
  if (node->director) node->director->process_changed(step.process);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::StepClock& step) {
  SimNode* node = find(step.node);
  if (node == nullptr) return unknown("node", step.node);
  node->kernel->clock().step_wall(step.by);
  return std::nullopt;
}

// ---------------------------------------------------------------- interfaces and addresses

SimTestbed::World::Error SimTestbed::World::set_link(const std::string& node_name, const std::string& interface,
                                                     bool up) {
  SimNode* node = find(node_name);
  if (node == nullptr) return unknown("node", node_name);
  const InterfaceId id = node->kernel->interface_named(interface);
  if (id.value == 0) return unknown("interface", node_name + "/" + interface);
  if (node->kernel->powered()) node->kernel->set_link(id, up);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::InterfaceDown& step) {
  return set_link(step.node, step.interface, false);
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::InterfaceUp& step) {
  return set_link(step.node, step.interface, true);
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::DeleteInterface& step) {
  SimNode* node = find_director(step.node);
  if (node == nullptr) return unknown("director", step.node);
  if (!node->kernel->powered()) return std::nullopt;
  const InterfaceId id = node->kernel->interface_named(step.interface);
  if (id.value == 0) return unknown("interface", step.node + "/" + step.interface);
  node->kernel->delete_interface(id);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::CreateInterface& step) {
  SimNode* node = find_director(step.node);
  if (node == nullptr) return unknown("director", step.node);
  if (!node->kernel->powered()) return std::nullopt;
  if (node->kernel->create_interface(step.interface).value != 0) return std::nullopt;
  return WorldError{{}, "'" + step.node + "/" + step.interface + "' is there; only a deleted interface can be created"};
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::RemoveAddressByHand& step) {
  SimNode* node = find(step.node);
  if (node == nullptr) return unknown("node", step.node);
  if (node->kernel->remove_address(node->kernel->interface_of(step.address), step.address) != kDone) {
    return WorldError{{}, "'" + step.node + "' does not hold " + step.address.to_string()};
  }
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::AddAddressByHand& step) {
  SimNode* node = find(step.node);
  if (node == nullptr) return unknown("node", step.node);
  const InterfaceId id = node->kernel->interface_named(step.interface);
  if (id.value == 0) return unknown("interface", step.node + "/" + step.interface);
  node->kernel->add_address(id, step.address, "", Duration::zero(), {});
  return std::nullopt;
}

// ---------------------------------------------------------------- the wire

SimTestbed::World::Error SimTestbed::World::on(const scenarios::Isolate& step) {
  SimNode* node = find(step.node);
  if (node == nullptr) return unknown("node", step.node);
  network_.isolate(NodeId{node->kernel->index()});
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::Partition& step) {
  std::vector<std::vector<NodeId>> groups;
  for (const std::vector<std::string>& names : step.groups) {
    std::vector<NodeId>& group = groups.emplace_back();
    for (const std::string& name : names) {
      SimNode* node = find(name);
      if (node == nullptr) return unknown("node", name);
      group.push_back(NodeId{node->kernel->index()});
    }
  }
  const std::vector<SegmentId> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  for (const SegmentId segment : meant) network_.partition(segment, groups);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::CutOneWay& step) {
  SimNode* from = find(step.from);
  if (from == nullptr) return unknown("node", step.from);
  SimNode* to = find(step.to);
  if (to == nullptr) return unknown("node", step.to);
  const std::vector<SegmentId> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  for (const SegmentId segment : meant) {
    network_.cut_one_way(segment, NodeId{from->kernel->index()}, NodeId{to->kernel->index()});
  }
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::Heal&) {
  network_.heal();
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::SetFaults& step) {
  const std::vector<SegmentId> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  const SimNode* node = step.node.empty() ? nullptr : find(step.node);
  if (!step.node.empty() && node == nullptr) return unknown("node", step.node);
  for (const SegmentId segment : meant) {
    if (node == nullptr) {
      network_.set_faults(segment, step.faults);
      continue;
    }
    for (const PortId port : ports_of(*node, segment)) {
      if (step.from_node) network_.set_faults(port, FaultDirection::from_node, step.faults);
      if (step.to_node) network_.set_faults(port, FaultDirection::to_node, step.faults);
    }
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- strangers

PortId SimTestbed::World::injector(SegmentId segment) {
  std::optional<PortId>& port = injectors_[segment.value];
  if (!port) {
    const NodeId stranger{static_cast<std::uint32_t>(nodes_.size()) + segment.value};
    port = network_.attach(segment, stranger, "stranger", nullptr);
  }
  return *port;
}

MacAddress SimTestbed::World::mac_of_destination(const IpAddress& destination) const {
  if (const std::optional<MacAddress> group = group_destination(destination)) return *group;
  for (const SimNode& node : nodes_) {
    const InterfaceId holder = node.kernel->interface_of(destination);
    if (holder.value != 0) return node.kernel->mac(holder);
  }
  return kBroadcastMac;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::InjectAdvertisement& step) {
  const std::vector<SegmentId> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  const IpAddress destination = scenarios::destination_of(step);
  const std::vector<std::uint8_t> message = scenarios::message_of(step);
  const Frame frame = make_ip_frame(frames_, kStrangerMac, mac_of_destination(destination),
                                    vrrp_header(step.source, destination, step.ttl, 1), message);
  for (const SegmentId segment : meant) {
    Injection injection;
    injection.port = injector(segment);
    injection.bytes.assign(frame.bytes().begin(), frame.bytes().end());
    injection.every = step.every;
    injection.left = step.times;
    injection.segment = network_.segment_name(segment);
    injection.seen = {"", step.vrid, step.priority, step.source, destination};
    if (recorder_.wants().advertisement_fields) {
      injection.seen.fields = std::make_shared<const scenarios::AdvertisementFields>(
          scenarios::read_fields(message, {step.source, destination, step.ttl, kStrangerMac}));
    }
    injections_.push_back(std::move(injection));
    inject(static_cast<std::uint32_t>(injections_.size() - 1));
  }
  return std::nullopt;
}

void SimTestbed::World::inject(std::uint32_t position) {
  Injection& injection = injections_[position];
  if (injection.left <= 0) return;
  --injection.left;
  if (recorder_.wants().advertisements) recorder_.note(injection.segment, injection.seen);
  network_.send(injection.port, frames_.copy(injection.bytes));
  if (injection.left > 0) {
    queue_.schedule(queue_.now() + injection.every, {kind_of(NodeEvent::injection), 0, position, 0});
  }
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::InjectArp& step) {
  const std::vector<SegmentId> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  for (const SegmentId segment : meant) {
    const bool v4 = step.address.family() == Family::ipv4;
    network_.send(injector(segment), v4 ? make_gratuitous_arp(frames_, step.mac, step.address)
                                        : make_unsolicited_advertisement(frames_, step.mac, step.address));
    recorder_.note(network_.segment_name(segment), scenarios::AnnouncementSent{step.address, step.mac, 1});
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- clients

SimTestbed::World::Error SimTestbed::World::on(const scenarios::FlushArp& step) {
  SimNode* node = find_client(step.client);
  if (node == nullptr) return unknown("client", step.client);
  node->host->flush_neighbours();
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::StartProbe& step) {
  SimNode* node = find_client(step.client);
  if (node == nullptr) return unknown("client", step.client);
  if (!node->host->can_probe(step.target)) {
    return WorldError{{}, "'" + step.client + "' has no address to reach " + step.target.to_string() + " from"};
  }
  node->host->start_probe(step);
  return std::nullopt;
}

// ---------------------------------------------------------------- services and those who use them

SimTestbed::World::Error SimTestbed::World::change_service(const std::string& name, std::uint16_t port,
                                                           void (Transport::*change)(std::uint16_t)) {
  SimNode* node = find(name);
  if (node == nullptr) return unknown("machine", name);
  ((*node->transport).*change)(port);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::StopService& step) {
  return change_service(step.node, step.port, &Transport::stop);
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::StartService& step) {
  return change_service(step.node, step.port, &Transport::start);
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::SetService& step) {
  SimNode* node = find(step.node);
  if (node == nullptr) return unknown("machine", step.node);
  node->transport->change(step);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::StartRequests& step) {
  SimNode* node = find_client(step.client);
  if (node == nullptr) return unknown("client", step.client);
  node->client->start(step);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::OpenConnection& step) {
  SimNode* node = find_client(step.client);
  if (node == nullptr) return unknown("client", step.client);
  node->client->open(step);
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::EditIpvs& step) {
  SimNode* node = find_director(step.director);
  if (node == nullptr) return unknown("director", step.director);
  if (!step.edit) {
    node->kernel->clear_ipvs();
  } else if (const int error = node->kernel->edit_ipvs(*step.edit); error != kDone) {
    return WorldError{{}, "the kernel of '" + step.director + "' refuses to " + to_string(*step.edit) +
                              ": there is no such entry, or it is there already"};
  }
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::on(const scenarios::Comment&) { return std::nullopt; }

}  // namespace vipdrift::sim
