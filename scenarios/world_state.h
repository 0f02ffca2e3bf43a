// The state of the world at one moment, rebuilt from a timeline: what the judges look at.
#ifndef VIPDRIFT_SCENARIOS_WORLD_STATE_H_
#define VIPDRIFT_SCENARIOS_WORLD_STATE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {

enum class Life : std::uint8_t { dead, running, paused };

struct InstanceView {
  vrrp::State state = vrrp::State::initialize;
  std::uint8_t vrid = 0;
};

/// The servers of one service with their weights.
using Pool = std::map<ipvs::ServerKey, int>;

/// One director (or any other node) as observed so far.
struct NodeView {
  Life life = Life::dead;
  int reloads = 0;
  std::string config_file;                                ///< of the scenario's DirectorConfig that the daemon runs on
  std::map<std::string, InstanceView> instances;          ///< of the living daemon; empty when dead
  std::map<std::string, int> priorities;                  ///< effective, as far as they ever changed
  std::set<std::pair<IpAddress, std::string>> addresses;  ///< with their interfaces; a crash does not clear them
  std::set<std::string> interfaces_down;
  std::map<ipvs::ServiceKey, Pool> pools;   ///< the kernel's table; a crash of the daemon does not clear it
  std::map<ipvs::ServiceKey, bool> quorum;  ///< as the living daemon said last
};

/// A client's long-lived connection; `node`: who answered last.
struct ConnectionView {
  ConnectionState state{};
  std::string node;
};

/// Who answered a client's newest probe; nobody: an empty node.
struct Answer {
  std::string node;
  Duration since{0};
};

/// Where a client's neighbour cache sends frames for an address.
struct Belief {
  std::string node;
  MacAddress mac;
};

class WorldState {
 public:
  /// A world in which every machine has booted and no daemon runs.
  explicit WorldState(const Scenario& scenario);

  void apply(const Observation& observation);

  const std::map<std::string, NodeView>& directors() const { return directors_; }
  /// The director's view; an empty, dead one for an unknown name.
  const NodeView& director(const std::string& name) const;
  bool holds(const std::string& director, const IpAddress& address) const;
  /// Initialize when the daemon is dead or the instance unknown.
  vrrp::State state(const std::string& director, const std::string& instance) const;
  /// Effective priority, from the configuration until it changes; nullopt when the daemon is dead.
  std::optional<int> priority(const std::string& director, const std::string& instance) const;
  /// nullptr before the first probe was judged.
  const Answer* answer(const std::string& client, const IpAddress& target, std::uint16_t port) const;
  /// nullptr when the client's neighbour cache knows no node.
  const Belief* belief(const std::string& client, const IpAddress& address) const;
  /// nullptr when the director's table has no such service.
  const Pool* pool(const std::string& director, const ipvs::ServiceKey& service) const;
  /// nullopt before the daemon said anything of it.
  std::optional<bool> quorum(const std::string& director, const ipvs::ServiceKey& service) const;
  /// nullptr before the first line was answered or not.
  const ConnectionView* connection(const std::string& client, const IpAddress& target, std::uint16_t port) const;
  /// nullptr: nothing was said, all directors of the segment hear each other.
  const ConnectivityChanged* connectivity(const std::string& segment) const;

 private:
  struct Applier;

  const Scenario& scenario_;
  std::map<std::string, NodeView> directors_;
  std::map<std::tuple<std::string, IpAddress, std::uint16_t>, Answer> answers_;
  std::map<std::pair<std::string, IpAddress>, Belief> beliefs_;
  std::map<std::string, ConnectivityChanged> connectivity_;
  std::map<std::tuple<std::string, IpAddress, std::uint16_t>, ConnectionView> connections_;
};

/// Whether an observation can change what WorldState says (advertisements, logs and the like cannot).
bool changes_state(const What& what);

/// The state after everything up to and including `moment`. The scenario outlives the result.
WorldState state_at(const Scenario& scenario, const Timeline& timeline, Duration moment);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_WORLD_STATE_H_
