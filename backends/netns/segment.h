// One wire of a world: a bridge in a namespace of its own, its ports, what goes wrong on them, and who hears whom.
#ifndef VIPDRIFT_BACKENDS_NETNS_SEGMENT_H_
#define VIPDRIFT_BACKENDS_NETNS_SEGMENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/netns/links.h"
#include "backends/netns/network_namespace.h"
#include "backends/netns/port_filter.h"
#include "backends/netns/port_shaper.h"
#include "scenarios/scenario.h"

namespace vipdrift::netns {

/// A place where a node's interface is plugged in. Everything but `name` and `node` is a fault or its absence.
struct Port {
  std::string name;  ///< of the interface in the segment's namespace
  std::string node;  ///< empty: where strangers speak
  std::string interface;
  bool director = false;
  bool there = true;    ///< the node's interface exists, and the cable with it
  bool up = true;       ///< the node's interface is
  bool silent = false;  ///< the node is frozen: it neither speaks nor hears
  bool isolated = false;
  std::size_t group = 0;
  scenarios::LinkFaults from_node = {};
  scenarios::LinkFaults to_node = {};
};

/// What a bridge itself needs from port to port on a machine that does nothing else, with room.
inline constexpr Duration kWireTakes = std::chrono::milliseconds{1};

class Segment {
 public:
  using Error = std::optional<std::string>;

  /// Brings this thread into the namespace of the new segment.
  static std::unique_ptr<Segment> make(const scenarios::SegmentSpec& spec, Error& error);

  const std::string& name() const { return name_; }
  bool enter() const { return namespace_.enter(); }

  /// A cable from a new port to `interface` of the namespace open as `node_namespace`. The port is up.
  Error plug(Port port, int node_namespace, const MacAddress& mac);
  /// A new cable in the place of one that is gone. Nothing passes before the node's end is up.
  Error plug_again(Port& port, int node_namespace, const MacAddress& mac);
  const std::vector<Port>& ports() const { return ports_; }
  std::vector<Port>& ports() { return ports_; }

  void partition(const std::vector<std::vector<std::string>>& groups);
  void cut_one_way(const std::string& from, const std::string& to);
  void heal();
  void set_faults(const scenarios::LinkFaults& faults) { faults_ = faults; }
  /// Makes the kernel do what the ports, cuts and faults say now.
  Error enforce();

  /// The directors here that hear each other, and those that hear anything of each other: see ConnectivityChanged.
  struct Connectivity {
    std::vector<std::vector<std::string>> groups;
    std::vector<std::vector<std::string>> audible;
    friend bool operator==(const Connectivity&, const Connectivity&) = default;
  };
  Connectivity connectivity() const;

 private:
  Segment(std::string name, NetworkNamespace place) : name_(std::move(name)), namespace_(std::move(place)) {}

  Error connect(const Port& port, int node_namespace, const MacAddress& mac);
  Error shape(const Port& port);
  bool passes(const Port& from, const Port& to) const;
  bool some_way(const std::string& from, const std::string& to, bool loss_free) const;
  std::string ruleset() const;

  std::string name_;
  NetworkNamespace namespace_;
  Links links_;          ///< made when the thread is in the segment's namespace
  PortFilter filter_;    ///< the same
  PortShaper shaper_;    ///< the same
  Duration latency_{0};  ///< beyond what a bridge itself needs
  std::vector<Port> ports_;
  std::vector<std::pair<std::string, std::string>> cuts_;
  scenarios::LinkFaults faults_;
  std::string enforced_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_SEGMENT_H_
