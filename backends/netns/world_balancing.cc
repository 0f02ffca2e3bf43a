// Real servers, their clients, and directors' IPVS tables in a world of namespaces.
#include <algorithm>
#include <utility>

#include "backends/linux/real_server_setup.h"
#include "backends/netns/port_filter.h"
#include "backends/netns/world.h"

namespace vipdrift::netns {
namespace {

using Why = std::optional<std::string>;
using scenarios::LvsRealServer;

constexpr const char* kTunnel = "tunl0";
constexpr const char* kTunnel6 = "ip6tnl0";

/// The thread is in the machine's namespace, as in all of these.
Why set_option(const std::string& name, int value) {
  if (set_network_option(name, std::to_string(value))) return std::nullopt;
  return "net/" + name + " cannot be set";
}

Why put_on_loopback(const LvsRealServer& lvs) {
  std::vector<linux_backend::RealServerChange> made;
  if (Why why = linux_backend::make_real_server(linux_backend::plan_real_server(lvs.vips), made)) return why;
  for (const char* scope : {"all", "lo"}) {
    const std::string place = std::string{"ipv4/conf/"} + scope + "/";
    if (Why why = set_option(place + "arp_ignore", lvs.arp_ignore)) return why;
    if (Why why = set_option(place + "arp_announce", lvs.arp_announce)) return why;
  }
  return std::nullopt;
}

Why put_behind_tunnel(Links& links, const LvsRealServer& lvs) {
  for (const IpAddress& vip : lvs.vips) {
    const bool v4 = vip.family() == Family::ipv4;
    const char* device = v4 ? kTunnel : kTunnel6;
    if (Why why = links.set_link(device, true)) {
      return *why + " (is the module " + (v4 ? "ipip" : "ip6_tunnel") + " loaded?)";
    }
    if (Why why = links.add_address(device, host_prefix(vip))) return why;
    if (!v4) continue;
    // What comes out of a tunnel has come in elsewhere.
    for (const char* scope : {"all", kTunnel}) {
      if (Why why = set_option(std::string{"ipv4/conf/"} + scope + "/rp_filter", 0)) return why;
    }
  }
  for (const char* scope : {"all", "lo"}) {
    const std::string place = std::string{"ipv4/conf/"} + scope + "/";
    if (Why why = set_option(place + "arp_ignore", lvs.arp_ignore)) return why;
    if (Why why = set_option(place + "arp_announce", lvs.arp_announce)) return why;
  }
  return std::nullopt;
}

/// What of a rule of nftables says which packets are marked.
std::string matched(const scenarios::FirewallMark& mark) {
  std::string transport{to_string(mark.transport)};
  for (char& c : transport) c = static_cast<char>(c - 'A' + 'a');
  std::string text = (mark.address.family() == Family::ipv4 ? "ip daddr " : "ip6 daddr ") + mark.address.to_string();
  if (mark.port != 0) text += " " + transport + " dport " + std::to_string(mark.port);
  return text;
}

const NodeInterface* interface_towards(const Node& node, const IpAddress& address) {
  for (const NodeInterface& interface : node.interfaces()) {
    for (const IpPrefix& prefix : interface.addresses) {
      if (prefix.contains(address)) return &interface;
    }
  }
  return nullptr;
}

}  // namespace

Why NetnsTestbed::World::prepare(Node& node, const scenarios::DirectorSpec& director) {
  if (!node.place().enter()) return "its network namespace cannot be entered";
  const auto has_gateway = [](const scenarios::HostSpec& host) { return host.gateway.has_value(); };
  const auto& cluster = scenario_.cluster;
  const bool routes = std::any_of(cluster.real_servers.begin(), cluster.real_servers.end(), has_gateway) ||
                      std::any_of(cluster.clients.begin(), cluster.clients.end(), has_gateway);
  if (routes) {
    if (Why why = set_option("ipv4/ip_forward", 1)) return why;
    if (Why why = set_option("ipv6/conf/all/forwarding", 1)) return why;
  }
  if (director.lvs) {
    if (Why why = put_on_loopback(*director.lvs)) return why;
  }
  if (options_.facilities.ipvs) node.ipvs = std::make_unique<IpvsWatch>(node.name(), recorder_);
  return serve(node, director.serves);
}

// When all machines are there: a rule may name another one's MAC address.
Why NetnsTestbed::World::mark_packets(const scenarios::DirectorSpec& director) {
  if (director.fwmarks.empty()) return std::nullopt;
  if (!find(director.name)->place().enter()) return "its network namespace cannot be entered";
  std::string rules = "chain marks {\ntype filter hook prerouting priority mangle;\n";
  for (const scenarios::FirewallMark& mark : director.fwmarks) {
    rules += matched(mark);
    for (const std::string& name : mark.not_from) {
      for (const NodeInterface& interface : find(name)->interfaces()) {
        rules += " ether saddr != " + interface.mac.to_string();
      }
    }
    rules += " meta mark set " + std::to_string(mark.mark) + "\n";
  }
  return PortFilter("inet").replace(rules + "}\n");
}

Why NetnsTestbed::World::prepare(Node& node, const scenarios::HostSpec& host) {
  if (!node.place().enter()) return "its network namespace cannot be entered";
  if (host.gateway) {
    const NodeInterface* interface = interface_towards(node, *host.gateway);
    if (interface == nullptr) return "its gateway " + host.gateway->to_string() + " is in none of its networks";
    if (Why why = node.links().add_default_route(*host.gateway, interface->name)) return why;
  }
  if (host.lvs) {
    const bool direct = host.lvs->method == LvsRealServer::Method::direct_routing;
    if (Why why = direct ? put_on_loopback(*host.lvs) : put_behind_tunnel(node.links(), *host.lvs)) return why;
  }
  node.requests = std::make_unique<Requests>(node.name(), node.place(), loop_, recorder_);
  return serve(node, host.serves);
}

Why NetnsTestbed::World::serve(Node& node, const std::vector<scenarios::ServedPort>& ports) {
  if (ports.empty()) return std::nullopt;
  node.services = std::make_unique<Services>(node.name(), node.place(), loop_);
  node.services->set_mail_sink([this](const IpAddress& from, const std::string& subject) {
    for (const std::unique_ptr<Node>& one : nodes_) {
      if (one->daemon && one->interface_with(from) != nullptr) {
        recorder_.note(one->name(), scenarios::MailTaken{subject});
      }
    }
  });
  return node.services->serve(ports);
}

// ---------------------------------------------------------------- steps

Why NetnsTestbed::World::on(const scenarios::StopService& step) {
  Node* node = find(step.node);
  return node == nullptr || !node->services ? "'" + step.node + "' serves nothing" : node->services->stop(step.port);
}

Why NetnsTestbed::World::on(const scenarios::StartService& step) {
  Node* node = find(step.node);
  return node == nullptr || !node->services ? "'" + step.node + "' serves nothing" : node->services->start(step.port);
}

Why NetnsTestbed::World::on(const scenarios::SetService& step) {
  Node* node = find(step.node);
  return node == nullptr || !node->services ? "'" + step.node + "' serves nothing" : node->services->set(step);
}

Why NetnsTestbed::World::on(const scenarios::StartRequests& step) {
  Node* node = find(step.client);
  if (node == nullptr || !node->requests) return "'" + step.client + "' is no client";
  node->requests->start(step);
  return std::nullopt;
}

Why NetnsTestbed::World::on(const scenarios::OpenConnection& step) {
  Node* node = find(step.client);
  if (node == nullptr || !node->requests) return "'" + step.client + "' is no client";
  node->requests->open(step);
  return std::nullopt;
}

Why NetnsTestbed::World::on(const scenarios::EditIpvs& step) {
  Node* node = find(step.director);
  if (node == nullptr || !node->ipvs) return "'" + step.director + "' has no IPVS";
  return node->ipvs->edit(step.edit);
}

}  // namespace vipdrift::netns
