#include "analysis/rehearsal.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "analysis/detection.h"
#include "analysis/known_addresses.h"

namespace vipdrift::analysis {
namespace {

using Kind = vrrp::TrackReference::Kind;

IpAddress usual_address(Family family, std::size_t director) {
  const auto last = static_cast<std::uint8_t>(director + 1);
  if (family == Family::ipv4) return IpAddress::v4(192, 0, 2, last);
  std::array<std::uint8_t, 16> bytes{0xfe, 0x80};
  bytes[15] = last;
  return IpAddress::v6(bytes);
}

/// The same, or a copy whose scripts decide after kMostRuns at the latest: it makes no difference to who holds what in
/// the end.
std::shared_ptr<const config::Configuration> with_bounded_runs(
    const std::shared_ptr<const config::Configuration>& configuration) {
  const std::vector<config::VrrpScript>& scripts = configuration->scripts;
  if (std::none_of(scripts.begin(), scripts.end(),
                   [](const config::VrrpScript& script) { return std::max(script.rise, script.fall) > kMostRuns; })) {
    return configuration;
  }
  auto bounded = std::make_shared<config::Configuration>(*configuration);
  for (config::VrrpScript& script : bounded->scripts) {
    script.rise = std::min(script.rise, kMostRuns);
    script.fall = std::min(script.fall, kMostRuns);
  }
  return bounded;
}

class FactsMaker {
 public:
  /// The interface of that name, made when it is new.
  vrrp::InterfaceFacts& interface(const std::string& name) {
    for (vrrp::InterfaceFacts& known : facts_) {
      if (known.name == name) return known;
    }
    facts_.push_back({InterfaceId{static_cast<std::uint32_t>(facts_.size() + 1)}, name, {}, true, {}, {}});
    return facts_.back();
  }
  void add_address(const std::string& name, const IpAddress& address) {
    std::vector<IpAddress>& addresses = interface(name).addresses;
    if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
  }
  std::vector<vrrp::InterfaceFacts> take() { return std::move(facts_); }

 private:
  std::vector<vrrp::InterfaceFacts> facts_;
};

}  // namespace

std::vector<vrrp::InterfaceFacts> supposed_interfaces(std::span<const Director> directors,
                                                      std::span<const VirtualRouterSeats> routers,
                                                      std::size_t director) {
  FactsMaker maker;
  for (const VirtualRouterSeats& router : routers) {
    for (const VirtualRouterSeats::Seat& seat : router.seats) {
      if (seat.director != director) continue;
      const config::VrrpInstance& instance = instance_of(directors, seat);
      std::optional<IpAddress> source = instance.source;
      if (!source && !instance.unicast_peers.empty()) source = address_known_by_peers(directors, router, seat);
      maker.add_address(instance.interface, source.value_or(usual_address(instance.family, director)));
    }
  }
  const config::Configuration& configuration = *directors[director].configuration;
  for (const config::VrrpInstance& instance : configuration.instances) {
    for (const config::Tracked& tracked : instance.track_interfaces) maker.interface(tracked.name);
    for (const config::VirtualAddress& address : instance.virtual_addresses) {
      if (!address.device.empty()) maker.interface(address.device);
    }
  }
  for (const config::SyncGroup& group : configuration.sync_groups) {
    for (const config::Tracked& tracked : group.track_interfaces) maker.interface(tracked.name);
  }
  return maker.take();
}

int bad_value(const config::TrackFile& file) { return file.weight > 0 ? -1 : 1; }

Rehearsal::Rehearsal(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
                     const vrrp::Profile& profile)
    : routers_(routers.begin(), routers.end()), profile_(profile) {
  for (const Director& director : directors) router_of_.emplace_back(director.configuration->instances.size());
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    for (const VirtualRouterSeats::Seat& seat : routers_[i].seats) router_of_[seat.director][seat.instance] = i;
  }
  for (std::size_t i = 0; i < directors.size(); ++i) {
    Member member;
    member.interfaces = supposed_interfaces(directors, routers, i);
    member.configuration = with_bounded_runs(directors[i].configuration);
    member.script_fails.resize(member.configuration->scripts.size());
    member.stack.emplace(member.configuration, vrrp::HostFacts{member.interfaces}, profile);
    members_.push_back(std::move(member));
  }
}

void Rehearsal::start(std::size_t director) {
  Member& member = members_[director];
  member.started = true;
  step(director, vrrp::Started{});
  // A daemon counts the processes that run already.
  for (std::uint32_t i = 0; i < member.configuration->track_processes.size(); ++i) {
    step(director, vrrp::ProcessCountChanged{ProcessId{i}, member.configuration->track_processes[i].quorum});
  }
  settle_mail();
}

void Rehearsal::crash(std::size_t director) { members_[director].stack.reset(); }

void Rehearsal::stop(std::size_t director) {
  step(director, vrrp::StopRequested{});
  settle_mail();
  crash(director);  // it has said all that it had to say
}

void Rehearsal::cut_off(std::size_t director) { members_[director].cut_off = true; }

void Rehearsal::restart(std::size_t director) {
  Member& member = members_[director];
  member.stack.emplace(member.configuration, vrrp::HostFacts{member.interfaces}, profile_);
  start(director);
}

void Rehearsal::fail(std::size_t director, const Failure& failure) {
  Member& member = members_[director];
  if (!member.stack) return;
  if (failure.kind == Kind::script) {
    member.script_fails[failure.index] = true;
  } else {
    tell(director, failure, false);
  }
  settle_mail();
}

void Rehearsal::decide(std::size_t director, const Failure& failure, bool well) {
  Member& member = members_[director];
  if (!member.stack) return;
  if (failure.kind == Kind::script) {
    member.script_fails[failure.index] = !well;
    const config::VrrpScript& script = member.configuration->scripts[failure.index];
    for (int i = 0; i < (well ? script.rise : script.fall); ++i) {
      step(director, vrrp::ScriptFinished{ScriptId{failure.index}, well ? 0 : 1});
    }
  } else {
    tell(director, failure, well);
  }
  settle_mail();
}

void Rehearsal::tell(std::size_t director, const Failure& failure, bool well) {
  Member& member = members_[director];
  switch (failure.kind) {
    case Kind::script:
      break;
    case Kind::interface: {
      const InterfaceId interface { failure.index };
      std::erase(member.dead_links, interface);
      if (!well) member.dead_links.push_back(interface);
      step(director, vrrp::LinkChanged{interface, well});
      break;
    }
    case Kind::file: {
      const int bad = bad_value(member.configuration->track_files[failure.index]);
      step(director, vrrp::FileChanged{FileId{failure.index}, well ? 0 : bad});
      break;
    }
    case Kind::process: {
      const int enough = member.configuration->track_processes[failure.index].quorum;
      step(director, vrrp::ProcessCountChanged{ProcessId{failure.index}, well ? enough : 0});
      break;
    }
    case Kind::quorum:
      step(director, vrrp::QuorumChanged{VirtualServerId{failure.index}, well});
      break;
  }
}

void Rehearsal::run_for(Duration length) {
  const TimePoint end = now_ + length;
  while (play_next(end)) {
  }
}

bool Rehearsal::play_next(TimePoint end) {
  std::size_t next = members_.size();
  TimePoint due = end;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (!members_[i].lives() || members_[i].stack->next_deadline() > due) continue;
    due = members_[i].stack->next_deadline();
    next = i;
  }
  if (next == members_.size()) {
    now_ = end;
    return false;
  }
  now_ = std::max(now_, due);
  step(next, vrrp::DeadlineReached{});
  settle_mail();
  return true;
}

const vrrp::VrrpStack* Rehearsal::stack(std::size_t director) const {
  return members_[director].stack ? &*members_[director].stack : nullptr;
}

const std::string& Rehearsal::interface_name(std::size_t director, InterfaceId interface) const {
  return members_[director].interfaces[interface.value - 1].name;  // numbered from 1, in order
}

void Rehearsal::step(std::size_t director, const vrrp::Event& event) {
  vrrp::ActionList actions;
  members_[director].stack->step(now_, event, actions);
  carry_out(director, actions);
}

/// Addresses are added and announced as a matter of course; what others must hear of waits in line.
void Rehearsal::carry_out(std::size_t director, const vrrp::ActionList& actions) {
  for (const vrrp::Action& action : actions) {
    if (const auto* send = std::get_if<vrrp::SendAdvertisement>(&action)) {
      const auto bytes = actions.bytes(*send);
      packets_.push_back({director, *send, {bytes.begin(), bytes.end()}});
      ++members_[director].sent;
    } else if (const auto* run = std::get_if<vrrp::RunScript>(&action)) {
      scripts_.push_back({director, run->script});
    } else if (std::holds_alternative<vrrp::StateNote>(action)) {
      ++changes_;
    }
  }
}

void Rehearsal::settle_mail() {
  while (!packets_.empty() || !scripts_.empty()) {
    if (!scripts_.empty()) {
      const ScriptEnd end = scripts_.front();
      scripts_.pop_front();
      const Member& member = members_[end.director];
      if (!member.stack) continue;
      step(end.director, vrrp::ScriptFinished{end.script, member.script_fails[end.script.value] ? 1 : 0});
      continue;
    }
    const Packet packet = std::move(packets_.front());
    packets_.pop_front();
    deliver(packet);
  }
}

void Rehearsal::deliver(const Packet& packet) {
  const auto dead = [](const Member& member, InterfaceId interface) {
    return std::find(member.dead_links.begin(), member.dead_links.end(), interface) != member.dead_links.end();
  };
  if (members_[packet.sender].cut_off || dead(members_[packet.sender], packet.send.interface)) return;
  for (const VirtualRouterSeats::Seat& seat : routers_[router_of_[packet.sender][packet.send.instance.value]].seats) {
    Member& member = members_[seat.director];
    if (seat.director == packet.sender || !member.lives() || member.cut_off) continue;
    const vrrp::InstancePlan& plan = member.stack->routers()[seat.instance].plan();
    if (dead(member, plan.interface)) continue;
    const auto facts = std::find_if(member.interfaces.begin(), member.interfaces.end(),
                                    [&](const vrrp::InterfaceFacts& one) { return one.id == plan.interface; });
    const bool heard =
        plan.group_address == packet.send.destination ||
        (facts != member.interfaces.end() && std::find(facts->addresses.begin(), facts->addresses.end(),
                                                       packet.send.destination) != facts->addresses.end());
    if (!heard) continue;
    vrrp::Datagram datagram;
    datagram.interface = plan.interface;
    datagram.source = packet.send.source;
    datagram.destination = packet.send.destination;
    datagram.ttl = packet.send.ttl;
    datagram.ip_payload_length = static_cast<std::uint16_t>(packet.message.size());
    datagram.payload = packet.message;
    step(seat.director, datagram);
  }
}

Rehearsal at_peace(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
                   const vrrp::Profile& profile, std::size_t first) {
  const Duration settling = settling_time(directors);
  Rehearsal rehearsal(directors, routers, profile);
  rehearsal.start(first);
  rehearsal.run_for(settling);
  for (std::size_t i = 0; i < directors.size(); ++i) {
    if (i != first) rehearsal.start(i);
  }
  rehearsal.run_for(settling);
  return rehearsal;
}

Duration settling_time(std::span<const Director> directors) {
  Duration scripts{0}, intervals{0}, delays{0};
  for (const Director& director : directors) {
    const config::Configuration& configuration = *director.configuration;
    for (const config::VrrpScript& script : configuration.scripts) {
      scripts = std::max(scripts, script.interval * (std::min(std::max(script.rise, script.fall), kMostRuns) + 1));
    }
    for (const config::TrackProcess& process : configuration.track_processes) {
      scripts = std::max({scripts, process.terminate_delay, process.fork_delay});
    }
    for (const config::InterfaceDelays& link : configuration.interface_delays) {
      scripts = std::max({scripts, link.down, link.up});
    }
    for (const config::VrrpInstance& instance : configuration.instances) {
      intervals = std::max(intervals, instance.advert_int * (instance.down_timer_adverts + 1));
      delays = std::max(delays, instance.preempt_delay);
    }
    delays = std::max(delays, configuration.global.vrrp_startup_delay);
  }
  // Twice the master-down interval: a sync group waits for its last member. A second for the skew of version 2.
  return scripts + delays + 2 * intervals + std::chrono::seconds{2};
}

}  // namespace vipdrift::analysis
