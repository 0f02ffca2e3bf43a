#include "scenarios/load_context.h"

#include <algorithm>

#include "protocol/check/check_plan.h"
#include "scenarios/virtual_services.h"

namespace vipdrift::scenarios {
namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

void add_once(std::vector<IpAddress>& addresses, const IpAddress& address) {
  if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) addresses.push_back(address);
}

}  // namespace

LoadContext::LoadContext(YamlReader& reader, Scenario& target, ConfigLoader& config_loader)
    : in{reader}, scenario{target}, configs{config_loader} {
  for (const SegmentSpec& segment : scenario.cluster.segments) segments_.push_back(segment.name);
  for (const DirectorSpec& director : scenario.cluster.directors) directors_.push_back(director.name);
  for (const HostSpec& client : scenario.cluster.clients) clients_.push_back(client.name);
  nodes_ = directors_;
  nodes_.insert(nodes_.end(), clients_.begin(), clients_.end());
  for (const HostSpec& server : scenario.cluster.real_servers) nodes_.push_back(server.name);
}

std::optional<std::string> LoadContext::read_director(const YamlNode& node) const {
  return in.read_name(node, "director", directors_);
}

std::vector<std::string> LoadContext::read_directors(const YamlNode& node) const {
  std::vector<std::string> names;
  for (const YamlNode* item : in.one_or_more(node)) {
    if (auto name = read_director(*item)) names.push_back(std::move(*name));
  }
  return names;
}

std::optional<std::string> LoadContext::read_node(const YamlNode& node) const {
  return in.read_name(node, "machine", nodes_);
}

std::vector<std::string> LoadContext::read_nodes(const YamlNode& node) const {
  std::vector<std::string> names;
  for (const YamlNode* item : in.one_or_more(node)) {
    if (auto name = read_node(*item)) names.push_back(std::move(*name));
  }
  return names;
}

std::optional<std::string> LoadContext::read_interface(const YamlNode& node, const std::string& owner) const {
  std::vector<std::string> names;
  if (const auto* list = interfaces(owner)) {
    for (const InterfaceSpec& interface : *list) names.push_back(interface.name);
  }
  return in.read_name(node, "interface of " + owner, names);
}

std::string LoadContext::read_segment(const YamlNode* node) const {
  if (node != nullptr) return in.read_name(*node, "segment", segments_).value_or("");
  return segments_.size() == 1 ? segments_.front() : "";
}

std::optional<std::string> LoadContext::read_client(const YamlNode* node, const YamlNode& owner) const {
  if (node != nullptr) return in.read_name(*node, "client", clients_);
  if (clients_.size() == 1) return clients_.front();
  in.error(owner, clients_.empty() ? "the cluster has no client" : "'client' is missing: the cluster has several");
  return std::nullopt;
}

std::vector<std::string> LoadContext::names_in_configs(const std::string& of, Whose whose) const {
  std::vector<std::string> names;
  for (const DirectorConfig& config : scenario.configs) {
    if (!config.configuration || (!of.empty() && config.director != of)) continue;
    for (const config::VrrpInstance& instance : config.configuration->instances) add_once(names, instance.name);
    if (whose == Whose::instances) continue;
    for (const config::SyncGroup& group : config.configuration->sync_groups) add_once(names, group.name);
  }
  return names;
}

std::optional<std::string> LoadContext::read_instance(const YamlNode& node, const std::string& of) const {
  return in.read_name(node, of.empty() ? "instance" : "instance of " + of, names_in_configs(of, Whose::instances));
}

std::optional<std::string> LoadContext::read_instance_or_group(const YamlNode& node, const std::string& of) const {
  return in.read_name(node, "instance or group of " + of, names_in_configs(of, Whose::instances_and_groups));
}

std::vector<IpAddress> LoadContext::virtual_addresses() const {
  std::vector<IpAddress> addresses;
  for (const DirectorConfig& config : scenario.configs) {
    if (!config.configuration) continue;
    for (const config::VrrpInstance& instance : config.configuration->instances) {
      for (const auto& address : instance.virtual_addresses) add_once(addresses, address.address);
      for (const auto& address : instance.excluded_addresses) add_once(addresses, address.address);
    }
  }
  for (const Step& step : scenario.steps) {
    if (const auto* added = std::get_if<AddAddressByHand>(&step.action)) add_once(addresses, added->address.address);
  }
  return addresses;
}

std::optional<IpAddress> LoadContext::read_vip(const YamlNode& node) const {
  const auto address = in.read_address(node);
  if (!address) return std::nullopt;
  std::vector<std::string> known;
  for (const IpAddress& candidate : virtual_addresses()) known.push_back(candidate.to_string());
  YamlNode canonical = node;
  canonical.scalar = address->to_string();
  if (!in.read_name(canonical, "virtual address", known)) return std::nullopt;
  return address;
}

std::optional<Target> LoadContext::read_target(const YamlNode& node) const {
  constexpr std::string_view kWanted = "10.1.10.7, tcp://10.1.10.7:80 or http://10.1.10.7/";
  const auto text = in.read_text(node);
  if (!text) return std::nullopt;
  const auto target = parse_target(*text);
  if (!target) {
    in.error(node, node.name + ": '" + *text + "' cannot be probed", std::string{kWanted});
    return std::nullopt;
  }
  if (!is_known_address(node, target->address)) return std::nullopt;
  return target;
}

bool LoadContext::is_known_address(const YamlNode& node, const IpAddress& address) const {
  std::vector<std::string> known;
  for (const IpAddress& candidate : virtual_addresses()) known.push_back(candidate.to_string());
  for (const std::string& name : nodes_) {
    for (const InterfaceSpec& interface : *interfaces(name)) {
      for (const IpPrefix& prefix : interface.addresses) known.push_back(prefix.address.to_string());
    }
  }
  YamlNode text = node;
  text.scalar = address.to_string();
  return in.read_name(text, "address", known).has_value();
}

std::optional<Url> LoadContext::read_url(const YamlNode& node) const {
  const auto text = in.read_text(node);
  if (!text) return std::nullopt;
  const auto url = parse_url(*text);
  if (!url) {
    in.error(node, node.name + ": '" + *text + "' is no URL that a client can ask",
             "http://10.1.10.7/, https://10.1.10.7/, tcp://10.1.10.7:7 or udp://10.1.10.7:53");
    return std::nullopt;
  }
  if (!is_known_address(node, url->address)) return std::nullopt;
  return url;
}

std::optional<Target> LoadContext::read_endpoint(const YamlNode& node) const {
  const auto text = in.read_text(node);
  if (!text) return std::nullopt;
  const auto target = parse_host_and_port(*text, 0);
  if (!target) {
    in.error(node, node.name + ": '" + *text + "' is no address with a port", "10.1.10.7:22");
    return std::nullopt;
  }
  if (!is_known_address(node, target->address)) return std::nullopt;
  return target;
}

std::optional<ipvs::ServiceKey> LoadContext::read_service(const YamlNode& node, const std::string& of) const {
  const auto text = in.read_text(node);
  if (!text) return std::nullopt;
  const auto wanted = parse_service(*text);
  if (!wanted) {
    in.error(node, node.name + ": '" + *text + "' is no service", "10.1.10.7:80, udp://10.1.10.7:53 or fwmark 3");
    return std::nullopt;
  }
  std::vector<std::string> known;
  for (const DirectorConfig& config : scenario.configs) {
    if (!config.configuration || (!of.empty() && config.director != of)) continue;
    for (const config::VirtualServer& server : config.configuration->virtual_servers) {
      for (const ipvs::ServiceKey& key : check::service_keys(*config.configuration, server)) {
        ipvs::ServiceKey same = key;
        if (wanted->any_transport) same.transport = wanted->key.transport;
        if (same == wanted->key) return key;
        add_once(known, service_text(key));
      }
    }
  }
  if (known.empty()) {
    in.error(node, node.name + ": " + (of.empty() ? "no director" : of) + " has no virtual_server");
    return std::nullopt;
  }
  YamlNode canonical = node;
  canonical.scalar = service_text(wanted->key);
  in.read_name(canonical, of.empty() ? "service" : "service of " + of, known);
  return std::nullopt;
}

const DirectorSpec* LoadContext::director(const std::string& name) const {
  for (const DirectorSpec& spec : scenario.cluster.directors) {
    if (spec.name == name) return &spec;
  }
  return nullptr;
}

const std::vector<ServedPort>& LoadContext::served_by(const std::string& node) const {
  static const std::vector<ServedPort> nothing;
  if (const DirectorSpec* spec = director(node)) return spec->serves;
  for (const HostSpec& host : scenario.cluster.real_servers) {
    if (host.name == node) return host.serves;
  }
  return nothing;
}

const std::vector<InterfaceSpec>* LoadContext::interfaces(const std::string& node) const {
  if (const DirectorSpec* spec = director(node)) return &spec->interfaces;
  for (const auto* hosts : {&scenario.cluster.clients, &scenario.cluster.real_servers}) {
    for (const HostSpec& host : *hosts) {
      if (host.name == node) return &host.interfaces;
    }
  }
  return nullptr;
}

}  // namespace vipdrift::scenarios
