#include "scenarios/world_state.h"

namespace vipdrift::scenarios {

struct WorldState::Applier {
  WorldState& world;
  const std::string& node;
  Duration at;

  /// Observations of nodes that are no directors say nothing about daemons.
  NodeView* view() const {
    const auto found = world.directors_.find(node);
    return found == world.directors_.end() ? nullptr : &found->second;
  }

  void operator()(const DaemonChanged& it) const {
    NodeView* director = view();
    if (director == nullptr || it.part == DaemonPart::check) return;  // whose death changes no VRRP
    switch (it.event) {
      case DaemonEvent::started:
        start(*director);
        break;
      case DaemonEvent::stopped:
      case DaemonEvent::crashed:
        die(*director);
        break;
      case DaemonEvent::powered_off:
        die(*director);
        director->addresses.clear();
        director->pools.clear();
        break;
      case DaemonEvent::paused:
        if (director->life == Life::running) director->life = Life::paused;
        break;
      case DaemonEvent::resumed:
        if (director->life == Life::paused) director->life = Life::running;
        break;
      case DaemonEvent::reloaded:
        ++director->reloads;
        adopt_reloaded_file(*director);
        break;
      case DaemonEvent::powered_on:
      case DaemonEvent::refused:
        break;
    }
  }
  void operator()(const InstanceChanged& it) const {
    if (NodeView* director = view()) director->instances[it.instance] = {it.to, it.vrid};
  }
  void operator()(const PriorityChanged& it) const {
    if (NodeView* director = view()) director->priorities[it.instance] = it.to;
  }
  void operator()(const AddressAdded& it) const {
    if (NodeView* director = view()) director->addresses.emplace(it.address, it.interface);
  }
  void operator()(const AddressRemoved& it) const {
    if (NodeView* director = view()) director->addresses.erase({it.address, it.interface});
  }
  void operator()(const LinkState& it) const {
    NodeView* director = view();
    if (director == nullptr) return;
    if (it.up) {
      director->interfaces_down.erase(it.interface);
    } else {
      director->interfaces_down.insert(it.interface);
    }
  }
  void operator()(const ProbeAnswers& it) const { world.answers_[{node, it.target, it.port}] = {it.node, at}; }
  void operator()(const NeighbourLearned& it) const { world.beliefs_[{node, it.address}] = {it.node, it.mac}; }
  void operator()(const ServiceChanged& it) const {
    NodeView* director = view();
    if (director == nullptr) return;
    if (it.present) {
      director->pools.try_emplace(it.service);
    } else {
      director->pools.erase(it.service);
    }
  }
  void operator()(const ServerChanged& it) const {
    NodeView* director = view();
    if (director == nullptr) return;
    if (it.present) {
      director->pools[it.service][it.server] = it.weight;
    } else if (const auto pool = director->pools.find(it.service); pool != director->pools.end()) {
      pool->second.erase(it.server);
    }
  }
  void operator()(const QuorumChanged& it) const {
    if (NodeView* director = view()) director->quorum[it.service] = it.up;
  }
  void operator()(const ConnectionChanged& it) const {
    ConnectionView& connection = world.connections_[{node, it.target, it.port}];
    connection.state = it.state;
    if (!it.node.empty()) connection.node = it.node;
  }
  void operator()(const ConnectivityChanged& it) const { world.connectivity_[it.segment] = it; }
  template <class Other>
  void operator()(const Other&) const {}

 private:
  /// The newest reload step that names a file says what the daemon now runs on, also after a later restart.
  void adopt_reloaded_file(NodeView& director) const {
    for (const Step& step : world.scenario_.steps) {
      if (step.at > at) break;
      const auto* reload = std::get_if<ReloadDaemon>(&step.action);
      if (reload != nullptr && reload->director == node && reload->config_file) {
        director.config_file = *reload->config_file;
      }
    }
  }
  static void start(NodeView& director) {
    director.life = Life::running;
    director.instances.clear();
    director.priorities.clear();
    director.quorum.clear();
  }
  static void die(NodeView& director) {
    director.life = Life::dead;
    director.instances.clear();
    director.priorities.clear();
    director.quorum.clear();
  }
};

WorldState::WorldState(const Scenario& scenario) : scenario_{scenario} {
  for (const DirectorSpec& director : scenario.cluster.directors) {
    directors_[director.name].config_file = director.config_file;
  }
}

void WorldState::apply(const Observation& observation) {
  std::visit(Applier{*this, observation.node, observation.at}, observation.what);
}

const NodeView& WorldState::director(const std::string& name) const {
  static const NodeView nothing;
  const auto found = directors_.find(name);
  return found == directors_.end() ? nothing : found->second;
}

bool WorldState::holds(const std::string& director_name, const IpAddress& address) const {
  const auto& held = director(director_name).addresses;
  const auto found = held.lower_bound({address, std::string{}});
  return found != held.end() && found->first == address;
}

vrrp::State WorldState::state(const std::string& director_name, const std::string& instance) const {
  const auto& instances = director(director_name).instances;
  const auto found = instances.find(instance);
  return found == instances.end() ? vrrp::State::initialize : found->second.state;
}

std::optional<int> WorldState::priority(const std::string& director_name, const std::string& instance) const {
  const NodeView& view = director(director_name);
  if (view.life == Life::dead) return std::nullopt;
  const auto found = view.priorities.find(instance);
  if (found != view.priorities.end()) return found->second;
  const DirectorConfig* config = scenario_.config_of(director_name, view.config_file);
  if (config == nullptr || !config->configuration) return std::nullopt;
  for (const config::VrrpInstance& candidate : config->configuration->instances) {
    if (candidate.name == instance) return candidate.priority;
  }
  return std::nullopt;
}

const Answer* WorldState::answer(const std::string& client, const IpAddress& target, std::uint16_t port) const {
  const auto found = answers_.find({client, target, port});
  return found == answers_.end() ? nullptr : &found->second;
}

const Belief* WorldState::belief(const std::string& client, const IpAddress& address) const {
  const auto found = beliefs_.find({client, address});
  return found == beliefs_.end() || found->second.node.empty() ? nullptr : &found->second;
}

const Pool* WorldState::pool(const std::string& director_name, const ipvs::ServiceKey& service) const {
  const auto& pools = director(director_name).pools;
  const auto found = pools.find(service);
  return found == pools.end() ? nullptr : &found->second;
}

std::optional<bool> WorldState::quorum(const std::string& director_name, const ipvs::ServiceKey& service) const {
  const auto& quorum = director(director_name).quorum;
  const auto found = quorum.find(service);
  return found == quorum.end() ? std::nullopt : std::optional{found->second};
}

const ConnectionView* WorldState::connection(const std::string& client, const IpAddress& target,
                                             std::uint16_t port) const {
  const auto found = connections_.find({client, target, port});
  return found == connections_.end() ? nullptr : &found->second;
}

const ConnectivityChanged* WorldState::connectivity(const std::string& segment) const {
  const auto found = connectivity_.find(segment);
  return found == connectivity_.end() ? nullptr : &found->second;
}

bool changes_state(const What& what) {
  return std::holds_alternative<DaemonChanged>(what) || std::holds_alternative<InstanceChanged>(what) ||
         std::holds_alternative<PriorityChanged>(what) || std::holds_alternative<AddressAdded>(what) ||
         std::holds_alternative<AddressRemoved>(what) || std::holds_alternative<LinkState>(what) ||
         std::holds_alternative<ProbeAnswers>(what) || std::holds_alternative<NeighbourLearned>(what) ||
         std::holds_alternative<ConnectivityChanged>(what) || std::holds_alternative<ServiceChanged>(what) ||
         std::holds_alternative<ServerChanged>(what) || std::holds_alternative<QuorumChanged>(what) ||
         std::holds_alternative<ConnectionChanged>(what);
}

WorldState state_at(const Scenario& scenario, const Timeline& timeline, Duration moment) {
  WorldState state{scenario};
  for (const Observation& observation : timeline.observations()) {
    if (observation.at > moment) break;
    state.apply(observation);
  }
  return state;
}

}  // namespace vipdrift::scenarios
