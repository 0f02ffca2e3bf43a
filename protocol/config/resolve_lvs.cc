#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "protocol/config/nearest_word.h"
#include "protocol/config/resolve.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::chrono::seconds kDefaultPersistence = std::chrono::seconds{360};

std::string name_of(const IpAddress& address, std::uint16_t port) {
  return "[" + address.to_string() + "]:" + std::to_string(port);
}

std::string name_of(const VirtualServer& server) {
  if (!server.group.empty()) return "group " + server.group;
  if (server.fwmark != 0) return "fwmark " + std::to_string(server.fwmark);
  return name_of(server.address, server.port);
}

/// Completes one virtual server.
class ServerResolver {
 public:
  ServerResolver(Model& model, VirtualServer& server, VirtualServerDraft& draft)
      : report_{model.report},
        global_{model.configuration.global},
        groups_{model.configuration.server_groups},
        server_{server},
        draft_{draft} {}

  void run() {
    say_defaults();
    find_family();
    complete_sorry();
    complete_mail();
    for (std::size_t i = 0; i < server_.real_servers.size(); ++i) complete(i);
    compare_with_sorry();
    find_duplicates();
    lower_quorum();
  }

 private:
  std::string name() const { return "virtual_server " + name_of(server_); }

  bool is_address() const { return server_.group.empty() && server_.fwmark == 0; }

  void say_defaults() {
    if (!draft_.has_protocol && server_.fwmark == 0) {
      report_.warning(RuleId::default_taken, draft_.spot, name() + " has no 'protocol': keepalived takes UDP");
    }
    if (draft_.has_protocol && server_.fwmark != 0) {
      report_.warning(RuleId::setting_ignored, draft_.spot,
                      name() + " is a firewall mark: its 'protocol' counts for nothing");
    }
    if (!draft_.has_algorithm)
      report_.warning(RuleId::default_taken, draft_.spot, name() + " has no 'lb_algo': keepalived takes wlc");
    if (!draft_.has_method)
      report_.warning(RuleId::default_taken, draft_.spot, name() + " has no 'lb_kind': keepalived takes NAT");
    if (server_.settings.one_packet && server_.fwmark == 0 && server_.transport != ipvs::Transport::udp) {
      report_.warning(RuleId::value_changed, draft_.spot, name() + " is not of UDP: 'ops' is reset");
      server_.settings.one_packet = false;
    }
    if (is_address() && server_.port == 0 && server_.settings.persistence.count() == 0) {
      report_.warning(RuleId::default_taken, draft_.spot, name() + " has no port: keepalived makes it persistent");
      server_.settings.persistence = kDefaultPersistence;
    }
  }

  /// The family of an address is its own, a group's that of its addresses; a firewall mark has that of its servers.
  void find_family() {
    if (is_address()) {
      server_.family = server_.address.family();
    } else if (draft_.family) {
      server_.family = *draft_.family;
    } else if (const auto family = family_of_group()) {
      server_.family = *family;
    } else if (!server_.real_servers.empty()) {
      server_.family = server_.real_servers.front().address.family();
    }
    // A whole address is what persists anyhow, and what the kernel tells of both.
    const int whole = server_.family == Family::ipv4 ? 32 : 128;
    if (server_.settings.persistence_prefix == whole) server_.settings.persistence_prefix = 0;
  }

  std::optional<Family> family_of_group() const {
    for (const VirtualServerGroup& group : groups_) {
      if (group.name != server_.group) continue;
      for (const GroupEntry& entry : group.entries) {
        if (entry.fwmark == 0) return entry.first.family();
      }
    }
    return std::nullopt;
  }

  void complete_sorry() {
    if (!server_.sorry_server) return;
    SorryServer& sorry = *server_.sorry_server;
    if (sorry.port == 0) sorry.port = server_.port;
    sorry.forwarding = draft_.sorry_forwarding.value_or(server_.forwarding);
    sorry.inhibit = draft_.sorry_inhibit;
    if (sorry.address.family() == server_.family || sorry.forwarding.method == ipvs::Method::tunnel) return;
    report_.warning(RuleId::family_mismatch, draft_.spot,
                    "the sorry server of " + name() + " is not of its family: it is left out");
    server_.sorry_server.reset();
  }

  /// Mails about real servers are on unless turned off, about virtual servers only when asked for.
  void complete_mail() {
    const auto& wanted = global_.smtp_alert_checker;
    server_.smtp_alert = draft_.smtp_alert.value_or(wanted.value_or(global_.smtp_alert));
    for (std::size_t i = 0; i < server_.real_servers.size(); ++i) {
      server_.real_servers[i].smtp_alert = draft_.real_servers[i].smtp_alert.value_or(wanted.value_or(true));
    }
  }

  void complete(std::size_t index) {
    RealServer& real = server_.real_servers[index];
    const RealServerDraft& draft = draft_.real_servers[index];
    if (server_.fwmark != 0 && real.port != 0) {
      report_.warning(RuleId::value_changed, draft.spot,
                      name() + " is a firewall mark: keepalived clears the port of real_server " +
                          name_of(real.address, real.port));
    }
    if (real.port == 0) real.port = server_.port;
    real.weight = draft.weight.value_or(draft_.weight.value_or(1));
    real.inhibit_on_failure = draft.inhibit_on_failure.value_or(draft_.inhibit_on_failure);
    real.forwarding = draft.forwarding.value_or(server_.forwarding);
    if (real.address.family() != server_.family && real.forwarding.method != ipvs::Method::tunnel) {
      report_.error(RuleId::family_mismatch, draft.spot,
                    "real_server " + in_quotes(real.address.to_string()) + " is not of the family of " + name(),
                    server_.family == Family::ipv4 ? "an IPv4 address" : "an IPv6 address");
    }
    for (Checker& checker : real.checkers) {
      inherit(checker, draft.defaults);
      inherit(checker, draft_.defaults);
    }
  }

  static bool can_have(const Checker& checker, std::string_view keyword) {
    const bool http = checker.kind == "HTTP_GET" || checker.kind == "SSL_GET";
    if (keyword == "virtualhost") return http;
    if (keyword == "connect_timeout") return checker.kind != "MISC_CHECK" && checker.kind != "FILE_CHECK";
    return checker.kind != "FILE_CHECK";
  }

  /// Whether `keyword` is said of the whole checker, not of a `url` or `host` in it.
  static bool says(const Checker& checker, std::string_view keyword) {
    bool inside = false;
    for (const auto& [word, values] : checker.settings) {
      if (word == "url" || word == "host") inside = true;
      if (!inside && word == keyword) return true;
      if (word == "}") inside = false;
    }
    return false;
  }

  static void inherit(Checker& checker, const CheckDefaults& defaults) {
    for (const auto& setting : defaults) {
      if (!says(checker, setting.first) && can_have(checker, setting.first)) checker.settings.push_back(setting);
    }
  }

  void compare_with_sorry() {
    if (!server_.sorry_server) return;
    const SorryServer& sorry = *server_.sorry_server;
    for (std::size_t i = 0; i < server_.real_servers.size(); ++i) {
      const RealServer& real = server_.real_servers[i];
      if (real.address != sorry.address || real.port != sorry.port) continue;
      if (real.inhibit_on_failure == sorry.inhibit) continue;
      report_.warning(RuleId::value_changed, draft_.real_servers[i].spot,
                      "real_server " + name_of(real.address, real.port) + " is the sorry server of " + name() +
                          " too, but only one of them is inhibited: keepalived inhibits the sorry server as well");
    }
  }

  void find_duplicates() {
    std::set<std::pair<IpAddress, std::uint16_t>> seen;
    for (std::size_t i = 0; i < server_.real_servers.size(); ++i) {
      const RealServer& real = server_.real_servers[i];
      if (seen.insert({real.address, real.port}).second) continue;
      report_.error(RuleId::listed_twice, draft_.real_servers[i].spot,
                    "real_server " + name_of(real.address, real.port) + " is in " + name() + " twice");
    }
  }

  void lower_quorum() {
    std::int64_t weights = 0;
    for (const RealServer& real : server_.real_servers) weights += real.weight;
    const Spot spot = draft_.quorum.known() ? draft_.quorum : draft_.spot;
    if (server_.hysteresis >= server_.quorum && server_.hysteresis > 0) {
      report_.warning(RuleId::unreachable_quorum, spot,
                      "the hysteresis " + std::to_string(server_.hysteresis) + " is lowered to " +
                          std::to_string(server_.quorum - 1) + ", below the quorum");
      server_.hysteresis = server_.quorum - 1;
    }
    if (server_.quorum <= weights) return;
    report_.warning(RuleId::unreachable_quorum, spot,
                    "the quorum " + std::to_string(server_.quorum) +
                        " can never be met: it is lowered to the sum of the weights, " + std::to_string(weights));
    server_.quorum = static_cast<int>(weights);
    server_.hysteresis = std::min(server_.hysteresis, std::max(0, server_.quorum - 1));
  }

  Report& report_;
  const GlobalDefs& global_;
  const std::vector<VirtualServerGroup>& groups_;
  VirtualServer& server_;
  VirtualServerDraft& draft_;
};

void find_duplicate_servers(Model& model) {
  std::map<std::pair<std::string, ipvs::Transport>, int> lines;
  for (std::size_t i = 0; i < model.virtual_servers.size(); ++i) {
    const VirtualServer& server = model.configuration.virtual_servers[i];
    const auto [first, added] =
        lines.emplace(std::pair{name_of(server), server.transport}, model.virtual_servers[i].spot.line);
    if (added) continue;
    model.report.warning(RuleId::duplicate_name, model.virtual_servers[i].spot,
                         "virtual_server " + name_of(server) + " " + std::string{to_string(server.transport)} +
                             " is defined on line " + std::to_string(first->second) + " already");
  }
}

void find_groups(Model& model) {
  std::map<std::string, int> lines;
  for (std::size_t i = 0; i < model.server_groups.size(); ++i) {
    const std::string& name = model.configuration.server_groups[i].name;
    const auto [first, added] = lines.emplace(name, model.server_groups[i].line);
    if (added) continue;
    model.report.error(
        RuleId::duplicate_name, model.server_groups[i],
        "virtual_server_group " + in_quotes(name) + " is defined on line " + std::to_string(first->second) + " already",
        "another name");
  }
  for (std::size_t i = 0; i < model.virtual_servers.size(); ++i) {
    const std::string& name = model.configuration.virtual_servers[i].group;
    if (name.empty() || lines.count(name) != 0) continue;
    std::vector<std::string_view> names;
    for (const auto& [known, line] : lines) names.push_back(known);
    model.report.error(RuleId::unknown_name, model.virtual_servers[i].spot,
                       "there is no virtual_server_group " + in_quotes(name), "the name of a virtual_server_group",
                       std::string{nearest_word(name, names)});
  }
}

/// keepalived leaves out a virtual server that has no real servers.
void drop_empty_servers(Model& model) {
  std::vector<VirtualServer> kept;
  for (std::size_t i = 0; i < model.virtual_servers.size(); ++i) {
    VirtualServer& server = model.configuration.virtual_servers[i];
    if (!server.real_servers.empty()) {
      kept.push_back(std::move(server));
      continue;
    }
    model.report.warning(RuleId::no_real_servers, model.virtual_servers[i].spot,
                         "virtual_server " + name_of(server) + " has no real servers: keepalived leaves it out");
  }
  model.configuration.virtual_servers = std::move(kept);
}

/// What a track_quorum line may call a virtual server: with its transport, and without when that leaves no doubt.
std::vector<std::string> names_for_tracking(const VirtualServer& server) {
  if (!server.group.empty()) return {"group " + server.group};
  if (server.fwmark != 0) return {"fwmark " + std::to_string(server.fwmark)};
  const std::string name = server.address.to_string() + " " + std::to_string(server.port);
  std::string transport{to_string(server.transport)};
  for (char& c : transport) c = static_cast<char>(c - 'A' + 'a');
  return {name + " " + transport, name};
}

/// Gives track_quorum lines the virtual servers that they name.
void find_quorums(Model& model) {
  std::map<std::string, std::uint32_t> servers;
  const auto& all = model.configuration.virtual_servers;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    for (const std::string& name : names_for_tracking(all[i])) servers.emplace(name, i);
  }
  for (std::size_t i = 0; i < model.instances.size(); ++i) {
    for (const TrackedQuorumDraft& draft : model.instances[i].quorums) {
      const auto server = servers.find(draft.name);
      if (server == servers.end()) {
        std::vector<std::string_view> names;
        for (const auto& [name, position] : servers) names.push_back(name);
        model.report.error(RuleId::unknown_name, draft.spot, "there is no virtual_server " + in_quotes(draft.name),
                           "a virtual_server as it is written: ADDRESS PORT, fwmark NUMBER or group NAME",
                           std::string{nearest_word(draft.name, names)});
        continue;
      }
      model.configuration.instances[i].track_quorums.edit().push_back(
          {VirtualServerId{server->second}, draft.weight, draft.reverse});
    }
  }
}

}  // namespace

void resolve_virtual_servers(Model& model) {
  find_groups(model);
  for (std::size_t i = 0; i < model.virtual_servers.size(); ++i) {
    ServerResolver{model, model.configuration.virtual_servers[i], model.virtual_servers[i]}.run();
  }
  find_duplicate_servers(model);
  drop_empty_servers(model);
  find_quorums(model);
}

}  // namespace vipdrift::config
