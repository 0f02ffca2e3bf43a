// The steps of a scenario, carried out on real kernels.
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "backends/netns/world.h"
#include "protocol/net/announcement.h"
#include "scenarios/injection.h"

namespace vipdrift::netns {
namespace {

using scenarios::WorldError;
using Why = std::optional<std::string>;

/// Strangers' frames come from here unless they claim another address.
constexpr MacAddress kStrangerMac{{0x02, 0x76, 0x64, 0xff, 0xff, 0x01}};

std::string unknown(const char* what, const std::string& name) {
  return std::string("there is no ") + what + " '" + name + "'";
}

}  // namespace

NetnsTestbed::World::Error NetnsTestbed::World::apply(const scenarios::Step& step) {
  const Duration begun = recorder_.clock.now();
  const Why why = std::visit([this](const auto& action) { return on(action); }, step.action);
  if (why) return WorldError{step.place, *why};
  if (Why refused = enforce()) return WorldError{step.place, *refused};
  note_connectivity();
  note_lateness(begun);
  return std::nullopt;
}

Why NetnsTestbed::World::enforce() {
  for (const std::unique_ptr<Segment>& segment : segments_) {
    if (Why why = segment->enforce()) return why;
  }
  return std::nullopt;
}

template <class Do>
Why NetnsTestbed::World::for_nodes(const std::vector<std::string>& names, Do what) {
  for (const std::string& name : names) {
    Node* node = find(name);
    if (node == nullptr) return unknown("node", name);
    if (Why why = what(*node)) return why;
  }
  return std::nullopt;
}

template <class Do>
Why NetnsTestbed::World::for_daemons(const std::vector<std::string>& names, Do what) {
  return for_nodes(names, [&](Node& node) -> Why {
    return node.daemon == nullptr ? unknown("director", node.name()) : what(*node.daemon);
  });
}

template <class Do>
void NetnsTestbed::World::for_ports(const std::string& node, Do what) {
  for (const std::unique_ptr<Segment>& segment : segments_) {
    for (Port& port : segment->ports()) {
      if (port.node == node) what(port);
    }
  }
}

// ---------------------------------------------------------------- daemons and machines

Why NetnsTestbed::World::on(const scenarios::StartDaemon& step) {
  return for_nodes(step.directors, [](Node& node) -> Why {
    if (node.daemon == nullptr) return unknown("director", node.name());
    return node.powered ? node.daemon->start() : std::nullopt;
  });
}

Why NetnsTestbed::World::on(const scenarios::StopDaemon& step) {
  return for_daemons(step.directors, [](Daemon& daemon) { return daemon.stop(); });
}

Why NetnsTestbed::World::on(const scenarios::CrashDaemon& step) {
  return for_daemons(step.directors, [&](Daemon& daemon) { return daemon.crash(step.part); });
}

Why NetnsTestbed::World::on(const scenarios::PauseDaemon& step) {
  return for_daemons(step.directors, [&](Daemon& daemon) { return daemon.pause(step.part); });
}

Why NetnsTestbed::World::on(const scenarios::ResumeDaemon& step) {
  return for_daemons(step.directors, [&](Daemon& daemon) { return daemon.resume(step.part); });
}

Why NetnsTestbed::World::on(const scenarios::PowerOff& step) {
  return for_nodes(step.nodes, [this](Node& node) -> Why {
    if (!node.powered) return std::nullopt;
    node.powered = false;
    node.frozen = false;
    for_ports(node.name(), [](Port& port) { port.up = false; });
    if (node.prober) node.prober->set_powered(false);
    if (node.requests) node.requests->set_powered(false);
    if (Why why = node.services ? node.services->set_powered(false) : std::nullopt) return why;
    const Why killed = node.daemon ? node.daemon->power_off() : node.init().order({"kill", "all"});
    if (killed) return killed;
    if (node.ipvs) node.ipvs->forget();
    const Why lost = node.lose_power();
    node.monitor->receive();
    return lost;
  });
}

Why NetnsTestbed::World::on(const scenarios::PowerOn& step) {
  return for_nodes(step.nodes, [this](Node& node) -> Why {
    if (node.powered) return std::nullopt;
    for (const NodeInterface& interface : node.interfaces()) {
      if (interface.present) continue;
      if (Why why = plug_again(node, interface)) return why;
    }
    if (Why why = node.regain_power()) return why;
    for_ports(node.name(), [](Port& port) { port.up = true; });
    node.monitor->receive();
    node.powered = true;
    if (node.prober) node.prober->set_powered(true);
    if (node.requests) node.requests->set_powered(true);
    if (Why why = node.services ? node.services->set_powered(true) : std::nullopt) return why;
    return node.daemon ? node.daemon->power_on() : std::nullopt;
  });
}

Why NetnsTestbed::World::on(const scenarios::PauseNode& step) {
  return for_nodes(step.nodes, [this](Node& node) -> Why {
    if (node.frozen || !node.powered) return std::nullopt;
    node.frozen = true;
    if (node.services) node.services->set_frozen(true);
    if (node.requests) node.requests->set_frozen(true);
    for_ports(node.name(), [](Port& port) { port.silent = true; });
    if (Why why = enforce()) return why;
    return node.daemon ? node.daemon->freeze() : node.init().order({"freeze", "all"});
  });
}

Why NetnsTestbed::World::on(const scenarios::ResumeNode& step) {
  return for_nodes(step.nodes, [this](Node& node) -> Why {
    if (!node.frozen) return std::nullopt;
    node.frozen = false;
    if (node.services) node.services->set_frozen(false);
    if (node.requests) node.requests->set_frozen(false);
    for_ports(node.name(), [](Port& port) { port.silent = false; });
    if (Why why = enforce()) return why;
    return node.daemon ? node.daemon->thaw() : node.init().order({"thaw", "all"});
  });
}

Why NetnsTestbed::World::on(const scenarios::ReloadDaemon& step) {
  return for_daemons({step.director}, [&](Daemon& daemon) { return daemon.reload(step.config_file.value_or("")); });
}

Why NetnsTestbed::World::on(const scenarios::TouchFile& step) {
  return for_nodes({step.node}, [&](Node& node) { return node.init().write_file(step.path, step.contents); });
}

Why NetnsTestbed::World::on(const scenarios::RemoveFile& step) {
  return for_nodes({step.node}, [&](Node& node) -> Why {
    node.init().remove_file(step.path);
    return std::nullopt;
  });
}

Why NetnsTestbed::World::on(const scenarios::StartProcess& step) {
  return for_nodes({step.node}, [&](Node& node) { return node.init().order({"process", step.process}); });
}

Why NetnsTestbed::World::on(const scenarios::StopProcess& step) {
  return for_nodes({step.node}, [&](Node& node) { return node.init().order({"end-process", step.process}); });
}

Why NetnsTestbed::World::on(const scenarios::StepClock&) { return "real machines share one clock"; }

// ---------------------------------------------------------------- interfaces and addresses

Why NetnsTestbed::World::set_link(const std::string& node_name, const std::string& interface, bool up) {
  return for_nodes({node_name}, [&](Node& node) -> Why {
    if (node.interface(interface) == nullptr) return unknown("interface", node_name + "/" + interface);
    if (!node.powered) return std::nullopt;
    for_ports(node_name, [&](Port& port) {
      if (port.interface == interface) port.up = up;
    });
    const Why why = node.set_link(interface, up);
    node.monitor->receive();
    return why;
  });
}

Why NetnsTestbed::World::on(const scenarios::InterfaceDown& step) {
  return set_link(step.node, step.interface, false);
}

Why NetnsTestbed::World::on(const scenarios::InterfaceUp& step) { return set_link(step.node, step.interface, true); }

// What the interface has sent until then waits in the captures still.
Why NetnsTestbed::World::on(const scenarios::DeleteInterface& step) {
  return for_daemons({step.node}, [&](Daemon&) -> Why {
    Node& node = *find(step.node);
    Port* const port = port_of(step.node, step.interface);
    if (port == nullptr || !port->there) return unknown("interface", step.node + "/" + step.interface);
    if (!node.powered) return std::nullopt;
    if (Why why = node.delete_interface(step.interface)) return why;
    close_captures(*port);
    port->there = false;
    port->up = false;
    node.monitor->receive();
    return std::nullopt;
  });
}

Why NetnsTestbed::World::on(const scenarios::CreateInterface& step) {
  return for_daemons({step.node}, [&](Daemon&) -> Why {
    Node& node = *find(step.node);
    Port* const port = port_of(step.node, step.interface);
    const NodeInterface* interface = node.interface(step.interface);
    if (port == nullptr || interface == nullptr) return unknown("interface", step.node + "/" + step.interface);
    if (!node.powered) return std::nullopt;
    if (port->there) {
      return "'" + step.node + "/" + step.interface + "' is there; only a deleted interface can be created";
    }
    if (Why why = plug_again(node, *interface)) return why;
    port->up = true;
    const Why why = node.boot_interface(step.interface);
    node.monitor->receive();
    return why;
  });
}

Port* NetnsTestbed::World::port_of(const std::string& node, const std::string& interface) {
  Port* found = nullptr;
  for_ports(node, [&](Port& port) {
    if (port.interface == interface) found = &port;
  });
  return found;
}

Why NetnsTestbed::World::plug_again(const Node& node, const NodeInterface& interface) {
  Port* const port = port_of(node.name(), interface.name);
  const std::vector<std::size_t> segment = segments(interface.segment);
  if (port == nullptr || segment.size() != 1) return unknown("interface", node.name() + "/" + interface.name);
  if (Why why = segments_[segment.front()]->plug_again(*port, node.place().descriptor(), interface.mac)) return why;
  return open_captures(*port);
}

Why NetnsTestbed::World::on(const scenarios::RemoveAddressByHand& step) {
  return for_nodes({step.node}, [&](Node& node) -> Why {
    node.monitor->receive();
    const auto held = node.monitor->addresses();
    const auto found = held.find(step.address);
    if (found == held.end()) return "'" + step.node + "' does not hold " + step.address.to_string();
    node.report(step.address);
    return node.links().remove_address(found->second.first, found->second.second);
  });
}

Why NetnsTestbed::World::on(const scenarios::AddAddressByHand& step) {
  return for_nodes({step.node}, [&](Node& node) { return node.links().add_address(step.interface, step.address); });
}

// ---------------------------------------------------------------- the wire

Why NetnsTestbed::World::on(const scenarios::Isolate& step) {
  return for_nodes({step.node}, [this](Node& node) -> Why {
    for_ports(node.name(), [](Port& port) { port.isolated = true; });
    return std::nullopt;
  });
}

Why NetnsTestbed::World::on(const scenarios::Partition& step) {
  const std::vector<std::size_t> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  for (const std::size_t segment : meant) segments_[segment]->partition(step.groups);
  return std::nullopt;
}

Why NetnsTestbed::World::on(const scenarios::CutOneWay& step) {
  const std::vector<std::size_t> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  for (const std::size_t segment : meant) segments_[segment]->cut_one_way(step.from, step.to);
  return std::nullopt;
}

Why NetnsTestbed::World::on(const scenarios::Heal&) {
  for (const std::unique_ptr<Segment>& segment : segments_) segment->heal();
  return std::nullopt;
}

Why NetnsTestbed::World::on(const scenarios::SetFaults& step) {
  const std::vector<std::size_t> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  for (const std::size_t segment : meant) {
    if (step.node.empty()) {
      segments_[segment]->set_faults(step.faults);
      continue;
    }
    for (Port& port : segments_[segment]->ports()) {
      if (port.node != step.node) continue;
      if (step.from_node) port.from_node = step.faults;
      if (step.to_node) port.to_node = step.faults;
    }
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- strangers

MacAddress NetnsTestbed::World::mac_of_destination(const IpAddress& destination) const {
  if (const std::optional<MacAddress> group = group_mac(destination)) return *group;
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (const NodeInterface* holder = node->interface_with(destination)) return holder->mac;
  }
  return MacAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
}

Why NetnsTestbed::World::on(const scenarios::InjectAdvertisement& step) {
  const std::vector<std::size_t> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  const IpAddress destination = scenarios::destination_of(step);
  const std::vector<std::uint8_t> frame = make_vrrp_frame({step.source, destination, step.ttl, kStrangerMac},
                                                          mac_of_destination(destination), scenarios::message_of(step));
  for (const std::size_t segment : meant) {
    injections_.push_back({segment, frame, step.every, step.times});
    inject(injections_.size() - 1);
  }
  return std::nullopt;
}

void NetnsTestbed::World::inject(std::size_t position) {
  Injection& injection = injections_[position];
  if (injection.left <= 0) return;
  --injection.left;
  const Duration next = recorder_.clock.now() + injection.every;
  send(injection.segment, injection.bytes);
  if (injection.left > 0) loop_.at(recorder_.clock.moment(next), [this, position] { inject(position); });
}

bool NetnsTestbed::World::send(std::size_t segment, Bytes bytes) const {
  const ssize_t sent = ::send(strangers_[segment].socket.get(), bytes.data(), bytes.size(), 0);
  return sent == static_cast<ssize_t>(bytes.size());
}

Why NetnsTestbed::World::on(const scenarios::InjectArp& step) {
  const std::vector<std::size_t> meant = segments(step.segment);
  if (meant.empty()) return unknown("segment", step.segment);
  for (const std::size_t segment : meant) {
    const bool sent = step.address.family() == Family::ipv4
                          ? send(segment, gratuitous_arp(step.mac, step.address))
                          : send(segment, unsolicited_advertisement(step.mac, step.address));
    if (!sent) return "the kernel does not take the frame";
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- clients

Why NetnsTestbed::World::on(const scenarios::FlushArp& step) {
  return for_nodes({step.client}, [](Node& node) { return node.links().flush_neighbours(); });
}

Why NetnsTestbed::World::on(const scenarios::StartProbe& step) {
  return for_nodes({step.client}, [&](Node& node) -> Why {
    if (!node.prober) return unknown("client", step.client);
    for (const NodeInterface& interface : node.interfaces()) {
      const bool reaches = std::any_of(
          interface.addresses.begin(), interface.addresses.end(),
          [&](const IpPrefix& address) { return address.address.family() == step.target.family(); });
      if (reaches) return node.prober->start(step, interface.index);
    }
    return "'" + step.client + "' has no address to reach " + step.target.to_string() + " from";
  });
}

Why NetnsTestbed::World::on(const scenarios::Comment&) { return std::nullopt; }

}  // namespace vipdrift::netns
