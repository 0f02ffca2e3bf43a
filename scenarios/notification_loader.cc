#include "scenarios/notification_loader.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "protocol/check/check_plan.h"
#include "scenarios/server_notifications.h"
#include "scenarios/service_action_loader.h"
#include "scenarios/target.h"
#include "scenarios/virtual_services.h"

namespace vipdrift::scenarios {
namespace {

constexpr std::array kStates{vrrp::NotifyState::master, vrrp::NotifyState::backup,  vrrp::NotifyState::fault,
                             vrrp::NotifyState::stop,   vrrp::NotifyState::deleted,
                             vrrp::NotifyState::master_rx_lower_priority};

std::optional<std::string> read_on(LoadContext& context, const Fields& fields) {
  const YamlNode* on = fields.required("on");
  return on == nullptr ? std::nullopt : context.read_director(*on);
}

std::optional<vrrp::NotifyState> read_state(YamlReader& in, const YamlNode& node) {
  std::vector<std::string> words;
  for (const vrrp::NotifyState state : kStates) words.emplace_back(vrrp::to_string(state));
  const auto word = in.read_name(node, "state", words);
  if (!word) return std::nullopt;
  return kStates[static_cast<std::size_t>(std::find(words.begin(), words.end(), *word) - words.begin())];
}

std::optional<bool> read_up(YamlReader& in, const YamlNode& node) {
  static const std::vector<std::string> words{"UP", "DOWN"};
  const auto word = in.read_name(node, "state of a server", words);
  if (!word) return std::nullopt;
  return *word == "UP";
}

/// The name of the real server in logs; nullopt after an error.
std::optional<std::string> read_server(LoadContext& context, const YamlNode& node, const ipvs::ServiceKey& key,
                                       const std::string& director) {
  const auto member = read_pool_member(context, node, key, director);
  if (!member) return std::nullopt;
  for (const DirectorConfig& config : context.scenario.configs) {
    if (config.director != director || !config.configuration) continue;
    const config::VirtualServer* service = virtual_server_of(*config.configuration, key);
    if (service == nullptr) continue;
    for (const config::RealServer& server : service->real_servers) {
      if (ipvs::ServerKey{server.address, server.port} == member->key) return check::server_name(*service, server);
    }
  }
  context.in.error(node, "notify: '" + member->name + "' is no real_server of this service");
  return std::nullopt;
}

std::optional<std::string> service_name_of(const LoadContext& context, const ipvs::ServiceKey& key,
                                           const std::string& director) {
  for (const DirectorConfig& config : context.scenario.configs) {
    if (config.director != director || !config.configuration) continue;
    const config::VirtualServer* service = virtual_server_of(*config.configuration, key);
    if (service != nullptr) return check::service_name(*service);
  }
  return std::nullopt;
}

/// That there is such a script, and that its words are its alone: from outside nothing else tells it from others.
bool can_be_told(LoadContext& context, const YamlNode& node, const ServerNotified& wanted) {
  const auto is_wanted = [&](const ServerScript& script) {
    return script.service == wanted.service && script.server == wanted.server && script.up == wanted.up;
  };
  bool found = false;
  for (const DirectorConfig& config : context.scenario.configs) {
    if (config.director != wanted.director || !config.configuration) continue;
    const std::vector<ServerScript> scripts = server_scripts(*config.configuration);
    for (const ServerScript& script : scripts) {
      if (!is_wanted(script)) continue;
      found = true;
      for (const ServerScript& other : scripts) {
        if (is_wanted(other) || other.argv != script.argv) continue;
        context.in.error(node, "notify: " + keyword_of(script) + " has the same words as the " + keyword_of(other) +
                                   " of " + (other.server.empty() ? other.service : other.server) +
                                   ": nobody can tell them apart",
                         "an argument that says which is which");
        return false;
      }
    }
  }
  if (!found) {
    const ServerScript missing{wanted.service, wanted.server, wanted.up, {}};
    context.in.error(node, "notify: " + (wanted.server.empty() ? wanted.service : wanted.server) + " has no " +
                               keyword_of(missing) + " in the configuration of " + wanted.director);
  }
  return found;
}

std::optional<Condition> load_server_notification(LoadContext& context, const Fields& fields,
                                                  const std::string& director) {
  const YamlNode& what = *fields["notify"];
  const YamlNode* behind = fields["behind"];
  const YamlNode* state = fields.required("state");
  const auto key = context.read_service(behind == nullptr ? what : *behind, director);
  if (!key || state == nullptr) return std::nullopt;
  if (const YamlNode* priority = fields["priority"]) {
    context.in.error(*priority, "priority: a server has none");
    return std::nullopt;
  }
  const auto up = read_up(context.in, *state);
  const auto service = service_name_of(context, *key, director);
  if (!up || !service) return std::nullopt;
  ServerNotified condition{director, *service, {}, *up};
  if (behind != nullptr) {
    const auto server = read_server(context, what, *key, director);
    if (!server) return std::nullopt;
    condition.server = *server;
  }
  if (!can_be_told(context, what, condition)) return std::nullopt;
  return condition;
}

}  // namespace

std::optional<Condition> load_notification(LoadContext& context, const Fields& fields) {
  const auto director = read_on(context, fields);
  const YamlNode& what = *fields["notify"];
  const YamlNode* state = fields.required("state");
  if (!director || state == nullptr) return std::nullopt;
  const bool names_service = what.kind == YamlNode::Kind::scalar && parse_service(what.scalar).has_value();
  if (fields["behind"] != nullptr || names_service) return load_server_notification(context, fields, *director);
  const auto name = context.read_instance_or_group(what, *director);
  const auto value = read_state(context.in, *state);
  if (!name || !value) return std::nullopt;
  Notified condition{*name, *director, *value, {}};
  if (const YamlNode* priority = fields["priority"]) {
    if (const auto number = context.in.read_integer(*priority, 0, 255)) condition.priority = static_cast<int>(*number);
  }
  return condition;
}

std::optional<Condition> load_mail(LoadContext& context, const Fields& fields) {
  const auto director = read_on(context, fields);
  const YamlNode& node = *fields["mail"];
  const auto text = context.in.read_text(node);
  if (!director || !text) return std::nullopt;
  const auto taken = [&](const DirectorConfig& config) {
    return config.director == *director && config.configuration &&
           mail_server(context.scenario.cluster, config.configuration->global);
  };
  if (std::none_of(context.scenario.configs.begin(), context.scenario.configs.end(), taken)) {
    context.in.error(node, "mail: nobody takes the mails of " + *director,
                     "a machine that serves smtp (serves: {25: smtp}) at the smtp_server of its configuration");
    return std::nullopt;
  }
  return Mailed{*director, *text};
}

}  // namespace vipdrift::scenarios
