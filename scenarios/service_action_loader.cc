#include "scenarios/service_action_loader.h"

#include <algorithm>
#include <utility>

#include "scenarios/service_loader.h"
#include "scenarios/step_text.h"
#include "scenarios/virtual_services.h"

namespace vipdrift::scenarios {
namespace {

using Actions = std::vector<StepAction>;

constexpr Duration kFastestRequests = std::chrono::microseconds{1};
constexpr Duration kFastestExchange = std::chrono::milliseconds{1};
constexpr int kHeaviest = 65535;

// ------------------------------------------------------------------ services

std::string ports_text(const std::vector<ServedPort>& served) {
  std::string text;
  for (const ServedPort& port : served) text += (text.empty() ? "" : ", ") + std::to_string(port.port);
  return text;
}

/// A machine that serves something.
std::optional<std::string> read_server(LoadContext& context, const YamlNode& node) {
  auto name = context.read_node(node);
  if (!name || !context.served_by(*name).empty()) return name;
  context.in.error(node, node.name + ": " + *name + " serves nothing", "a machine with 'serves' in the cluster");
  return std::nullopt;
}

std::optional<std::uint16_t> read_port_of(LoadContext& context, const std::string& server, const YamlNode* node,
                                          const YamlNode& owner) {
  const std::vector<ServedPort>& served = context.served_by(server);
  if (node == nullptr) {
    if (served.size() == 1) return served.front().port;
    context.in.error(owner, "'port' is missing: " + server + " serves " + ports_text(served));
    return std::nullopt;
  }
  const auto number = context.in.read_integer(*node, 1, 65535);
  if (!number) return std::nullopt;
  for (const ServedPort& port : served) {
    if (port.port == *number) return port.port;
  }
  context.in.error(*node, "port: " + server + " does not serve " + std::to_string(*number), ports_text(served));
  return std::nullopt;
}

/// `rs1`, `[rs1, rs2]` (each with one port), or {node: rs1, port: 80}.
template <class Action>
Actions load_for_services(LoadContext& context, const YamlNode& value) {
  Actions actions;
  const auto add = [&](const YamlNode& node, const YamlNode* port, const YamlNode& owner) {
    const auto server = read_server(context, node);
    const auto number = server ? read_port_of(context, *server, port, owner) : std::nullopt;
    if (number) actions.push_back(Action{*server, *number});
  };
  if (value.kind == YamlNode::Kind::map) {
    const Fields fields{context.in, value, keys::kServiceOfNode};
    if (const YamlNode* node = fields.required("node")) add(*node, fields["port"], value);
    return actions;
  }
  for (const YamlNode* item : context.in.one_or_more(value)) add(*item, nullptr, *item);
  return actions;
}

// ------------------------------------------------------------------ servers in a table

/// Every address that a machine has, those that it was prepared with included.
std::vector<IpAddress> addresses_of(const LoadContext& context, const std::string& node) {
  std::vector<IpAddress> addresses;
  if (const auto* interfaces = context.interfaces(node)) {
    for (const InterfaceSpec& interface : *interfaces) {
      for (const IpPrefix& prefix : interface.addresses) addresses.push_back(prefix.address);
    }
  }
  return addresses;
}

/// The servers behind `service` in the configurations of `director` (empty: of all), each with its settings.
std::vector<ipvs::Server> servers_of(const LoadContext& context, const ipvs::ServiceKey& service,
                                     const std::string& director) {
  std::vector<ipvs::Server> servers;
  const auto add = [&](const IpAddress& address, std::uint16_t port, ipvs::ServerSettings settings) {
    const ipvs::ServerKey key{address, port};
    const bool known =
        std::any_of(servers.begin(), servers.end(), [&](const ipvs::Server& each) { return each.key == key; });
    if (!known) servers.push_back({key, std::move(settings)});
  };
  for (const DirectorConfig& config : context.scenario.configs) {
    if (!config.configuration || (!director.empty() && config.director != director)) continue;
    const config::VirtualServer* virtual_server = virtual_server_of(*config.configuration, service);
    if (virtual_server == nullptr) continue;
    for (const config::RealServer& real : virtual_server->real_servers) {
      add(real.address, real.port,
          {real.forwarding, real.weight, real.upper_threshold, real.lower_threshold});
    }
    if (virtual_server->sorry_server) {
      const config::SorryServer& sorry = *virtual_server->sorry_server;
      add(sorry.address, sorry.port, {sorry.forwarding, 1, 0, 0});
    }
  }
  return servers;
}

std::optional<ipvs::ServerKey> sorry_server_of(const LoadContext& context, const ipvs::ServiceKey& service,
                                               const std::string& director) {
  for (const DirectorConfig& config : context.scenario.configs) {
    if (!config.configuration || (!director.empty() && config.director != director)) continue;
    const config::VirtualServer* server = virtual_server_of(*config.configuration, service);
    if (server == nullptr || !server->sorry_server) continue;
    return ipvs::ServerKey{server->sorry_server->address, server->sorry_server->port};
  }
  return std::nullopt;
}

std::optional<ipvs::ServerKey> server_named(LoadContext& context, const YamlNode& node, const std::string& name,
                                            const std::vector<ipvs::Server>& servers) {
  std::vector<ipvs::ServerKey> found;
  for (const IpAddress& address : addresses_of(context, name)) {
    for (const ipvs::Server& server : servers) {
      if (server.key.address == address) found.push_back(server.key);
    }
  }
  if (found.size() == 1) return found.front();
  if (found.empty()) {
    context.in.error(node, name + " is no server of this service", "one that a configuration has behind it");
  } else {
    context.in.error(node, name + " has several servers of this service", "ADDRESS:PORT");
  }
  return std::nullopt;
}

/// add, set and remove of one server.
std::optional<ipvs::Edit> read_server_edit(LoadContext& context, const Fields& fields, const ipvs::ServiceKey& service,
                                           const std::string& director) {
  constexpr std::string_view kVerbs[] = {"add", "remove", "set"};
  const auto verbs = std::count_if(std::begin(kVerbs), std::end(kVerbs),
                                   [&](std::string_view verb) { return fields[verb] != nullptr; });
  if (verbs != 1) {
    context.in.error(fields.node(), "edit_ipvs: " + std::to_string(verbs) + " edits", "one of add, remove and set");
    return std::nullopt;
  }
  const YamlNode* weight = fields["weight"];
  if (weight == nullptr && fields["set"] != nullptr) fields.required("weight");
  if (weight != nullptr && fields["remove"] != nullptr) {
    context.in.error(*weight, "'weight' does not go with 'remove'");
  }
  const YamlNode& named = fields["add"] ? *fields["add"] : fields["set"] ? *fields["set"] : *fields["remove"];
  const auto member = read_pool_member(context, named, service, director);
  if (!member) return std::nullopt;
  if (fields["remove"] != nullptr) return ipvs::RemoveServer{service, member->key};
  ipvs::Server server{member->key, {}};
  for (const ipvs::Server& known : servers_of(context, service, director)) {
    if (known.key == member->key) server = known;
  }
  if (weight != nullptr) {
    server.settings.weight = static_cast<int>(context.in.read_integer(*weight, 0, kHeaviest).value_or(1));
  }
  if (fields["add"] != nullptr) return ipvs::AddServer{service, std::move(server)};
  return ipvs::SetServer{service, std::move(server)};
}

// ------------------------------------------------------------------ what clients do

/// A step that an expectation needs, put before all others.
void add_at_beginning(LoadContext& context, StepAction action) {
  Step step;
  step.place = {context.in.file(), 0, 0};
  step.text = describe(action);
  step.action = std::move(action);
  context.scenario.steps.insert(context.scenario.steps.begin(), std::move(step));
}

}  // namespace

Actions load_stop_service(LoadContext& context, const YamlNode& value) {
  return load_for_services<StopService>(context, value);
}

Actions load_start_service(LoadContext& context, const YamlNode& value) {
  return load_for_services<StartService>(context, value);
}

Actions load_set_service(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kSetService};
  const YamlNode* node = fields.required("node");
  const auto server = node == nullptr ? std::nullopt : read_server(context, *node);
  const auto port = server ? read_port_of(context, *server, fields["port"], value) : std::nullopt;
  if (!port) return {};
  SetService set;
  set.node = *server;
  set.port = *port;
  if (const YamlNode* status = fields["status"]) take_status(context.in, status, set.status.emplace(200));
  if (const YamlNode* body = fields["body"]) take_body(context.in, body, set.body.emplace());
  context.in.take(fields["delay"], set.delay);
  context.in.take(fields["drip"], set.drip);
  for (const ServedPort& served : context.served_by(*server)) {
    if (served.port == *port) check_answer(context.in, fields, served.protocol);
  }
  if (!set.status && !set.body && !set.delay && !set.drip) {
    context.in.error(value, "set_service: nothing to change", "one of status, delay, drip and body");
  }
  return {std::move(set)};
}

Actions load_request(LoadContext& context, const YamlNode& value) {
  StartRequests requests;
  const YamlNode* url = &value;
  const YamlNode* client = nullptr;
  const YamlNode* from = nullptr;
  if (value.kind == YamlNode::Kind::map) {
    const Fields fields{context.in, value, keys::kRequest};
    url = fields.required("url");
    client = fields["client"];
    from = fields["from"];
    context.in.take(fields["every"], requests.every);
    context.in.take(fields["timeout"], requests.timeout);
    if (requests.every < kFastestRequests) context.in.error(*fields["every"], "every: too fast", "1us or more");
  }
  const auto name = context.read_client(client, value);
  if (url == nullptr || !name) return {};
  const auto found = context.read_url(*url);
  if (!found) return {};
  requests.client = *name;
  requests.url = *found;
  if (from != nullptr) {
    requests.from = context.in.read_address(*from);
    const std::vector<IpAddress> own = addresses_of(context, *name);
    if (requests.from && std::find(own.begin(), own.end(), *requests.from) == own.end()) {
      context.in.error(*from, "from: " + *name + " has no address " + requests.from->to_string());
    }
  }
  return {std::move(requests)};
}

Actions load_connect(LoadContext& context, const YamlNode& value) {
  OpenConnection open;
  const YamlNode* to = &value;
  const YamlNode* client = nullptr;
  if (value.kind == YamlNode::Kind::map) {
    const Fields fields{context.in, value, keys::kConnect};
    to = fields.required("to");
    client = fields["client"];
    context.in.take(fields["every"], open.every);
    context.in.take(fields["timeout"], open.timeout);
    if (open.every < kFastestExchange) context.in.error(*fields["every"], "every: too fast", "1ms or more");
  }
  const auto name = context.read_client(client, value);
  if (to == nullptr || !name) return {};
  const auto target = context.read_endpoint(*to);
  if (!target) return {};
  open.client = *name;
  open.target = target->address;
  open.port = target->port;
  return {std::move(open)};
}

Actions load_edit_ipvs(LoadContext& context, const YamlNode& value) {
  const Fields fields{context.in, value, keys::kEditIpvs};
  const YamlNode* on = fields.required("on");
  const auto director = on == nullptr ? std::nullopt : context.read_director(*on);
  if (!director) return {};
  EditIpvs edit;
  edit.director = *director;
  if (const YamlNode* clear = fields["clear"]) {
    for (const std::string_view key : {"service", "add", "remove", "set", "weight"}) {
      if (fields[key] != nullptr) context.in.error(*fields[key], "'" + std::string{key} + "' beside 'clear'");
    }
    if (context.in.read_bool(*clear) == false) context.in.error(*clear, "clear: false does nothing", "clear: true");
    return {std::move(edit)};
  }
  const YamlNode* service_node = fields.required("service");
  const auto service = service_node == nullptr ? std::nullopt : context.read_service(*service_node, *director);
  if (!service) return {};
  edit.edit = read_server_edit(context, fields, *service, *director);
  if (!edit.edit) return {};
  return {std::move(edit)};
}

std::optional<PoolMember> read_pool_member(LoadContext& context, const YamlNode& node, const ipvs::ServiceKey& service,
                                           const std::string& director) {
  const auto text = context.in.read_text(node);
  if (!text) return std::nullopt;
  if (*text == "sorry") {
    const auto key = sorry_server_of(context, service, director);
    if (key) return PoolMember{*text, *key, {}};
    context.in.error(node, service_text(service) + " has no sorry_server");
    return std::nullopt;
  }
  if (const auto target = parse_host_and_port(*text, 0)) {
    return PoolMember{*text, {target->address, target->port}, {}};
  }
  const auto name = context.read_node(node);
  if (!name) return std::nullopt;
  const auto key = server_named(context, node, *name, servers_of(context, service, director));
  if (!key) return std::nullopt;
  return PoolMember{*name, *key, {}};
}

void ensure_requests(LoadContext& context, const std::string& client, const Url& url) {
  for (const Step& step : context.scenario.steps) {
    const auto* requests = std::get_if<StartRequests>(&step.action);
    if (requests != nullptr && requests->client == client && requests->url == url) return;
  }
  StartRequests requests;
  requests.client = client;
  requests.url = url;
  add_at_beginning(context, std::move(requests));
}

void ensure_connection(LoadContext& context, const std::string& client, const Target& target) {
  for (const Step& step : context.scenario.steps) {
    const auto* open = std::get_if<OpenConnection>(&step.action);
    if (open == nullptr || open->client != client) continue;
    if (open->target == target.address && open->port == target.port) return;
  }
  OpenConnection open;
  open.client = client;
  open.target = target.address;
  open.port = target.port;
  add_at_beginning(context, std::move(open));
}

}  // namespace vipdrift::scenarios
