#include "backends/netns/segment.h"

#include <algorithm>
#include <array>

#include "scenarios/cliques.h"

namespace vipdrift::netns {
namespace {

using scenarios::LinkFaults;

constexpr const char* kBridge = "switch";
/// Before br_netfilter, whose hooks are at -1 and 0: it takes IP packets away, and they come back behind it.
constexpr const char* kPriority = "-200";
constexpr std::uint32_t kEverything = 1'000'000;

bool lossy(const LinkFaults& faults) {
  return faults.cut || faults.loss.value != 0 || faults.corruption.value != 0;
}

bool dead(const LinkFaults& faults) { return faults.cut || faults.loss.value >= kEverything; }

std::string quoted(const std::string& interface) { return '"' + interface + '"'; }

/// "MATCH drop", or by chance; empty when nothing is lost.
std::string losing(const std::string& match, const LinkFaults& faults) {
  if (dead(faults)) return "    " + match + "drop\n";
  if (faults.loss.value == 0) return {};
  return "    " + match + "numgen random mod 1000000 < " + std::to_string(faults.loss.value) + " drop\n";
}

std::string chain(const std::string& name, const std::string& hook, const std::string& rules) {
  if (rules.empty()) return {};
  return "  chain " + name + " {\n    type filter hook " + hook + " priority " + kPriority + ";\n" + rules + "  }\n";
}

}  // namespace

std::unique_ptr<Segment> Segment::make(const scenarios::SegmentSpec& spec, Error& error) {
  std::string why;
  std::optional<NetworkNamespace> place = NetworkNamespace::create(why);
  if (!place) {
    error = why;
    return nullptr;
  }
  std::unique_ptr<Segment> segment(new Segment(spec.name, std::move(*place)));
  if (spec.latency > kWireTakes) segment->latency_ = spec.latency;
  if (!segment->links_.good()) {
    error = "rtnetlink cannot be used";
    return nullptr;
  }
  // The switch has no addresses and speaks for nobody.
  set_network_option("ipv6/conf/all/disable_ipv6", "1");
  set_network_option("ipv6/conf/default/disable_ipv6", "1");
  error = segment->links_.add_bridge(kBridge);
  return error ? nullptr : std::move(segment);
}

Segment::Error Segment::plug(Port port, int node_namespace, const MacAddress& mac) {
  port.name = "port" + std::to_string(ports_.size());
  if (auto error = connect(port, node_namespace, mac)) return error;
  ports_.push_back(std::move(port));
  return std::nullopt;
}

Segment::Error Segment::plug_again(Port& port, int node_namespace, const MacAddress& mac) {
  if (auto error = connect(port, node_namespace, mac)) return error;
  port.there = true;
  return std::nullopt;
}

Segment::Error Segment::connect(const Port& port, int node_namespace, const MacAddress& mac) {
  if (auto error = links_.add_cable(port.name, port.interface, node_namespace, mac)) return error;
  if (auto error = links_.plug_into(kBridge, port.name)) return error;
  shaper_.forget(port.name);
  if (auto error = shape(port)) return error;
  return links_.set_link(port.name, true);
}

// In the order in which a frame meets them; what loses frames is nftables'.
Segment::Error Segment::shape(const Port& port) {
  if (auto error = shaper_.shape_entering(port.name, netem_setting(std::array{port.from_node}))) return error;
  LinkFaults wire;
  wire.delay = latency_;
  return shaper_.shape_leaving(port.name, netem_setting(std::array{faults_, port.to_node, wire}));
}

void Segment::partition(const std::vector<std::vector<std::string>>& groups) {
  for (Port& port : ports_) {
    port.group = 0;
    for (std::size_t i = 0; i < groups.size(); ++i) {
      if (std::find(groups[i].begin(), groups[i].end(), port.node) != groups[i].end()) port.group = i + 1;
    }
  }
}

void Segment::cut_one_way(const std::string& from, const std::string& to) {
  if (std::find(cuts_.begin(), cuts_.end(), std::pair{from, to}) == cuts_.end()) cuts_.emplace_back(from, to);
}

void Segment::heal() {
  for (Port& port : ports_) {
    port.isolated = false;
    port.group = 0;
  }
  cuts_.clear();
}

bool Segment::passes(const Port& from, const Port& to) const {
  if (from.isolated || to.isolated || from.group != to.group) return false;
  return std::find(cuts_.begin(), cuts_.end(), std::pair{from.node, to.node}) == cuts_.end();
}

std::string Segment::ruleset() const {
  std::string entering, passing;
  for (const Port& port : ports_) {
    const std::string from = "iifname " + quoted(port.name) + " ", to = "oifname " + quoted(port.name) + " ";
    if (port.silent) {
      entering += "    " + from + "drop\n";
      passing += "    " + to + "drop\n";
    }
    entering += losing(from, port.from_node);
    passing += losing(to, port.to_node);
    for (const Port& other : ports_) {
      if (&other == &port || passes(port, other)) continue;
      passing += "    " + from + "oifname " + quoted(other.name) + " drop\n";
    }
  }
  passing += losing("", faults_);
  return chain("entering", "prerouting", entering) + chain("passing", "forward", passing);
}

Segment::Error Segment::enforce() {
  for (const Port& port : ports_) {
    if (!port.there) continue;
    if (auto error = shape(port)) return error;
  }
  std::string wanted = ruleset();
  if (wanted == enforced_) return std::nullopt;
  if (auto error = filter_.replace(wanted)) return error;
  enforced_ = std::move(wanted);
  return std::nullopt;
}

// ---------------------------------------------------------------- who hears whom

bool Segment::some_way(const std::string& from, const std::string& to, bool loss_free) const {
  const auto broken = loss_free ? lossy : dead;
  if (broken(faults_)) return false;
  for (const Port& a : ports_) {
    if (a.node != from || !a.up || broken(a.from_node)) continue;
    for (const Port& b : ports_) {
      if (b.node == to && b.up && passes(a, b) && !broken(b.to_node)) return true;
    }
  }
  return false;
}

Segment::Connectivity Segment::connectivity() const {
  std::vector<std::string> nodes;
  for (const Port& port : ports_) {
    if (port.director && std::find(nodes.begin(), nodes.end(), port.node) == nodes.end()) nodes.push_back(port.node);
  }
  scenarios::Relation hear_each_other{nodes.size()}, heard{nodes.size()};
  for (std::size_t a = 0; a < nodes.size(); ++a) {
    for (std::size_t b = a + 1; b < nodes.size(); ++b) {
      if (some_way(nodes[a], nodes[b], true) && some_way(nodes[b], nodes[a], true)) hear_each_other.relate(a, b);
      if (some_way(nodes[a], nodes[b], false) || some_way(nodes[b], nodes[a], false)) heard.relate(a, b);
    }
  }
  Connectivity found{scenarios::pick(nodes, scenarios::maximal_cliques(hear_each_other)),
                     scenarios::pick(nodes, scenarios::components(heard))};
  if (found.audible == found.groups) found.audible.clear();
  return found;
}

}  // namespace vipdrift::netns
