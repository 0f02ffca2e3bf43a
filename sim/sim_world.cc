#include "sim/sim_world.h"

#include <algorithm>

#include "protocol/vrrp/profile_text.h"
#include "scenarios/server_notifications.h"
#include "sim/node_events.h"
#include "sim/packets.h"
#include "sim/require.h"

namespace vipdrift::sim {
namespace {

using scenarios::WorldError;

/// Linux: base_reachable_time 30 s, drawn from [0.5, 1.5) of it.
constexpr Duration kLeastReachable = std::chrono::seconds{15};
constexpr Duration kMostReachable = std::chrono::seconds{45};

/// A locally administered address that tells node and interface.
MacAddress made_mac(std::uint32_t node, std::size_t interface) {
  const std::uint32_t number = node + 1;
  return {{0x02, 0x76, 0x64, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number),
           static_cast<std::uint8_t>(interface)}};
}

void make_real_server(VirtualKernel& kernel, const scenarios::LvsRealServer& lvs) {
  for (const IpAddress& vip : lvs.vips) kernel.add_loopback_address(vip);
  kernel.set_arp_behaviour(lvs.arp_ignore, lvs.arp_announce);
  if (lvs.method == scenarios::LvsRealServer::Method::tunnel) kernel.set_tunnel_end();
}

bool injects(const scenarios::StepAction& action) {
  return std::holds_alternative<scenarios::InjectAdvertisement>(action) ||
         std::holds_alternative<scenarios::InjectArp>(action);
}

}  // namespace

SimTestbed::World::World(const scenarios::Scenario& scenario, const SimOptions& options,
                         const scenarios::RecordingOptions& recording, scenarios::Timeline& timeline)
    : scenario_(scenario),
      options_(options),
      choices_(options.choices ? *options.choices : Choices::random(options.seed.value_or(scenario.seed))),
      network_(queue_, frames_, choices_),
      recorder_(queue_, timeline, recording),
      kernel_world_{queue_, network_, frames_, recorder_} {
  network_.set_tap(options.tap);
}

// ---------------------------------------------------------------- building

SimTestbed::World::Error SimTestbed::World::build() {
  const scenarios::Cluster& cluster = scenario_.cluster;
  for (const scenarios::SegmentSpec& spec : cluster.segments) {
    SegmentOptions segment;
    segment.name = spec.name;
    segment.latency = spec.latency;
    segment.igmp_snooping = spec.igmp_snooping;
    network_.add_segment(segment);
  }
  injectors_.resize(cluster.segments.size());
  for (const scenarios::DirectorSpec& spec : cluster.directors) {
    if (Error error = add_director(spec)) return error;
  }
  directors_ = nodes_.size();
  for (const auto* hosts : {&cluster.clients, &cluster.real_servers}) {
    for (const scenarios::HostSpec& spec : *hosts) {
      if (Error error = add_host(spec)) return error;
    }
  }
  for (const scenarios::DirectorSpec& spec : cluster.directors) mark_packets(spec);
  const bool strangers = std::any_of(scenario_.steps.begin(), scenario_.steps.end(),
                                     [](const scenarios::Step& step) { return injects(step.action); });
  for (std::uint32_t i = 0; strangers && i < injectors_.size(); ++i) injector(SegmentId{i});

  for (std::uint32_t i = 0; i < cluster.segments.size(); ++i) {
    std::vector<NodeId> present;
    for (std::uint32_t node = 0; node < directors_; ++node) {
      if (!ports_of(nodes_[node], SegmentId{i}).empty()) present.push_back(NodeId{node});
    }
    Connectivity all;
    if (!present.empty()) all.groups = named({present});
    connectivity_.push_back(std::move(all));
    on_segment_.push_back(std::move(present));
  }
  note_connectivity();
  return std::nullopt;
}

std::optional<vrrp::Profile> SimTestbed::World::profile_of(const scenarios::DirectorSpec& spec) const {
  if (spec.profile) return vrrp::parse_profile(*spec.profile).profile;
  if (scenario_.profile) return vrrp::parse_profile(*scenario_.profile).profile;
  return options_.profile;
}

SimTestbed::World::Error SimTestbed::World::add_director(const scenarios::DirectorSpec& spec) {
  const scenarios::DirectorConfig* config = scenario_.config_of(spec.name, spec.config_file);
  if (config == nullptr || config->configuration == nullptr) {
    return WorldError{spec.place, "director '" + spec.name + "' has no configuration"};
  }
  const std::optional<vrrp::Profile> profile = profile_of(spec);
  if (!profile) {
    return WorldError{spec.place,
                      "there is no profile '" + spec.profile.value_or(scenario_.profile.value_or("")) + "'"};
  }
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  SimNode node;
  node.name = spec.name;
  node.kernel = std::make_unique<VirtualKernel>(kernel_world_, index, spec.name,
                                                VirtualClock{spec.clock_drift_ppm, spec.clock_offset});
  if (Error error = add_interfaces(*node.kernel, spec.interfaces, spec.place)) return error;
  node.transport = std::make_unique<Transport>(kernel_world_, *node.kernel);
  for (const scenarios::ServedPort& port : spec.serves) node.transport->serve(port);
  if (spec.lvs) make_real_server(*node.kernel, *spec.lvs);
  const StreamId ipvs = choices_.stream("ipvs/" + spec.name);
  node.kernel->enable_ipvs([this, ipvs](std::uint64_t n) { return choices_.below(ipvs, n); });
  node.kernel->set_boot_processes(spec.processes);
  for (const auto& [path, contents] : spec.files) node.kernel->write_file(path, contents);

  node.probes = std::make_unique<ProbeRunner>(kernel_world_, *node.kernel, *node.transport, spec.scripts);
  DirectorNode::Options options;
  options.configuration = config->configuration;
  options.profile = *profile;
  options.detailed_log = spec.detailed_log;
  options.costs = options_.costs;
  const auto delays = options_.start_delays.find(spec.name);
  if (delays != options_.start_delays.end()) options.start_delays = delays->second;
  options.scripts = spec.scripts;
  node.director = std::make_unique<DirectorNode>(kernel_world_, choices_, *node.kernel, std::move(options));
  node.checks = std::make_unique<CheckNode>(kernel_world_, choices_, *node.kernel, *node.probes,
                                            CheckNode::Options{*profile, spec.detailed_log, options_.costs});
  node.director->set_checks(node.checks.get());
  for (const scenarios::DirectorConfig& read : scenario_.configs) {
    if (read.director != spec.name || read.configuration == nullptr) continue;
    if (scenarios::mail_server(scenario_.cluster, read.configuration->global)) {
      if (!node.mail) node.mail = std::make_unique<MailSender>(kernel_world_, *node.kernel, *node.transport);
      node.checks->set_mail(node.mail.get());
      node.director->set_mail(node.mail.get());
    }
    const config::VrrpScript* script = node.director->scripts().without_model(*read.configuration);
    if (script != nullptr) {
      return WorldError{script->place, "script '" + script->name + "' has no model for director '" + spec.name +
                                           "'; say under 'scripts' of the cluster file when it fails"};
    }
  }
  nodes_.push_back(std::move(node));
  return std::nullopt;
}

void SimTestbed::World::mark_packets(const scenarios::DirectorSpec& spec) {
  std::vector<VirtualKernel::MarkRule> rules;
  for (const scenarios::FirewallMark& mark : spec.fwmarks) {
    VirtualKernel::MarkRule& rule = rules.emplace_back(VirtualKernel::MarkRule{mark, {}});
    for (const std::string& name : mark.not_from) {
      const VirtualKernel& other = *find(name)->kernel;
      for (std::uint32_t i = 1; i <= other.interface_count(); ++i) rule.not_from.push_back(other.mac(InterfaceId{i}));
    }
  }
  find(spec.name)->kernel->set_fwmarks(std::move(rules));
}

SimTestbed::World::Error SimTestbed::World::add_host(const scenarios::HostSpec& spec) {
  const auto index = static_cast<std::uint32_t>(nodes_.size());
  SimNode node;
  node.name = spec.name;
  node.kernel = std::make_unique<VirtualKernel>(kernel_world_, index, spec.name, VirtualClock{});
  if (Error error = add_interfaces(*node.kernel, spec.interfaces, spec.place)) return error;
  node.transport = std::make_unique<Transport>(kernel_world_, *node.kernel);
  for (const scenarios::ServedPort& port : spec.serves) node.transport->serve(port);
  if (spec.gateway) node.kernel->set_gateway(*spec.gateway);
  if (spec.lvs) make_real_server(*node.kernel, *spec.lvs);
  node.host = std::make_unique<Host>(kernel_world_, *node.kernel, *this);
  node.client = std::make_unique<ClientStreams>(kernel_world_, *node.kernel, *node.transport);
  nodes_.push_back(std::move(node));
  return std::nullopt;
}

SimTestbed::World::Error SimTestbed::World::add_interfaces(VirtualKernel& kernel,
                                                           const std::vector<scenarios::InterfaceSpec>& interfaces,
                                                           const scenarios::Place& place) {
  NeighbourTiming timing;
  timing.reachable = choices_.between(choices_.stream("neighbours/" + kernel.name()), kLeastReachable, kMostReachable);
  for (const scenarios::InterfaceSpec& spec : interfaces) {
    const std::vector<SegmentId> segment = segments(spec.segment);
    if (segment.size() != 1) {
      return WorldError{place, "interface '" + spec.name + "' of '" + kernel.name() + "' names no segment"};
    }
    const MacAddress mac = spec.mac.value_or(made_mac(kernel.index(), kernel.interface_count()));
    const InterfaceId id = kernel.add_interface(spec.name, mac, spec.addresses, timing);
    kernel.connect(id,
                   network_.attach(segment.front(), NodeId{kernel.index()}, kernel.name() + "/" + spec.name, &kernel));
    macs_.emplace_back(mac, kernel.index());
  }
  return std::nullopt;
}

const scenarios::DirectorSpec& SimTestbed::World::spec_of(const std::string& director) const {
  const auto& directors = scenario_.cluster.directors;
  const auto found = std::find_if(directors.begin(), directors.end(),
                                  [&](const scenarios::DirectorSpec& spec) { return spec.name == director; });
  require(found != directors.end(), "a director node has a specification");
  return *found;
}

// ---------------------------------------------------------------- looking up

const SimNode* SimTestbed::World::find(const std::string& name) const {
  const auto found = std::find_if(nodes_.begin(), nodes_.end(), [&](const SimNode& node) { return node.name == name; });
  return found == nodes_.end() ? nullptr : &*found;
}

SimNode* SimTestbed::World::find(const std::string& name) {
  return const_cast<SimNode*>(std::as_const(*this).find(name));
}

SimNode* SimTestbed::World::find_director(const std::string& name) {
  SimNode* node = find(name);
  return node == nullptr || node->director == nullptr ? nullptr : node;
}

SimNode* SimTestbed::World::find_client(const std::string& name) {
  SimNode* node = find(name);
  return node == nullptr || node->host == nullptr ? nullptr : node;
}

std::vector<SegmentId> SimTestbed::World::segments(const std::string& name) const {
  std::vector<SegmentId> found;
  for (std::uint32_t i = 0; i < scenario_.cluster.segments.size(); ++i) {
    if (name.empty() || scenario_.cluster.segments[i].name == name) found.push_back(SegmentId{i});
  }
  return found;
}

std::vector<PortId> SimTestbed::World::ports_of(const SimNode& node, SegmentId segment) const {
  std::vector<PortId> ports;
  for (std::uint32_t i = 1; i <= node.kernel->interface_count(); ++i) {
    const PortId port = node.kernel->port(InterfaceId{i});
    if (network_.segment_of(port) == segment) ports.push_back(port);
  }
  return ports;
}

const std::string& SimTestbed::World::owner_of(const MacAddress& mac, PortId asking) const {
  if (mac.is_zero()) return nobody_;
  for (const auto& [known, node] : macs_) {
    if (known == mac) return nodes_[node].name;
  }
  const std::optional<PortId> port = network_.learned_port(asking, mac);
  if (!port) return nobody_;
  const std::uint32_t node = network_.node_of(*port).value;
  return node < nodes_.size() ? nodes_[node].name : nobody_;
}

// ---------------------------------------------------------------- time

void SimTestbed::World::run_until(SimTime until) {
  Fired fired;
  while (queue_.pop(fired, until)) dispatch(fired);
  queue_.advance_to(until);
  for (std::size_t i = directors_; i < nodes_.size(); ++i) nodes_[i].host->settle();
  recorder_.put_in_order();
}

void SimTestbed::World::dispatch(const Fired& fired) {
  const Event& event = fired.event;
  if (event.kind == kNetworkEvent) return network_.handle(fired);
  switch (static_cast<NodeEvent>(event.kind)) {
    case NodeEvent::kernel_timer:
      return nodes_[event.target].kernel->on_timer();
    case NodeEvent::director_deadline:
      return nodes_[event.target].director->on_deadline();
    case NodeEvent::director_work:
      return nodes_[event.target].director->on_work();
    case NodeEvent::director_script:
      return nodes_[event.target].director->on_script(event.data);
    case NodeEvent::director_started:
      return nodes_[event.target].director->on_started();
    case NodeEvent::host_probe:
      return nodes_[event.target].host->on_probe(event.detail);
    case NodeEvent::kernel_loopback:
      return nodes_[event.target].kernel->on_loopback(event.data);
    case NodeEvent::transport_exchange:
      return nodes_[event.target].transport->on_exchange_timer(event.data);
    case NodeEvent::transport_answer:
      return nodes_[event.target].transport->on_answer_timer(event.data);
    case NodeEvent::client_request:
      return nodes_[event.target].client->on_request_due(event.detail);
    case NodeEvent::client_line:
      return nodes_[event.target].client->on_line_due(event.detail);
    case NodeEvent::client_stalled:
      return nodes_[event.target].client->on_line_late(event.detail, event.data);
    case NodeEvent::script_probe:
      return nodes_[event.target].probes->on_script_ended(event.data);
    case NodeEvent::check_deadline:
      return nodes_[event.target].checks->on_deadline();
    case NodeEvent::check_respawned:
      return nodes_[event.target].checks->on_respawned();
    case NodeEvent::injection:
      return inject(event.target);
  }
}

scenarios::WorldStatistics SimTestbed::World::statistics() const {
  return {queue_.popped(), network_.statistics().sent, choices_.last_draw()};
}

std::uint64_t SimTestbed::World::answered_requests() const {
  std::uint64_t answered = 0;
  for (std::size_t i = directors_; i < nodes_.size(); ++i) answered += nodes_[i].client->answered();
  return answered;
}

// ---------------------------------------------------------------- who hears whom

std::vector<std::vector<std::string>> SimTestbed::World::named(const std::vector<std::vector<NodeId>>& groups) const {
  std::vector<std::vector<std::string>> result;
  for (const std::vector<NodeId>& group : groups) {
    std::vector<std::string>& names = result.emplace_back();
    for (const NodeId node : group) names.push_back(nodes_[node.value].name);
  }
  return result;
}

void SimTestbed::World::note_connectivity() {
  for (std::uint32_t i = 0; i < connectivity_.size(); ++i) {
    const SegmentId segment{i};
    Connectivity now;
    now.groups = named(network_.connectivity_groups(segment, on_segment_[i]));
    now.audible = named(network_.audible_groups(segment, on_segment_[i]));
    if (now.audible == now.groups) now.audible.clear();
    if (on_segment_[i].empty() || now == connectivity_[i]) continue;
    connectivity_[i] = now;
    const std::string& name = network_.segment_name(segment);
    recorder_.note(name, scenarios::ConnectivityChanged{name, now.groups, now.audible});
  }
}

}  // namespace vipdrift::sim
