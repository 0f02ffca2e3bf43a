#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "protocol/config/resolve.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

constexpr std::chrono::seconds kDefaultPersistence = std::chrono::seconds{360};

std::string name_of(const IpAddress& address, std::uint16_t port) {
  return "[" + address.to_string() + "]:" + std::to_string(port);
}

/// Completes one virtual server.
class ServerResolver {
 public:
  ServerResolver(Model& model, VirtualServer& server, VirtualServerDraft& draft)
      : report_{model.report}, server_{server}, draft_{draft} {}

  void run() {
    say_defaults();
    if (server_.sorry_server) {
      if (server_.sorry_server->port == 0) server_.sorry_server->port = server_.port;
      server_.sorry_server->forwarding = server_.forwarding;
    }
    server_.family = server_.address.family();
    for (std::size_t i = 0; i < server_.real_servers.size(); ++i) complete(i);
    find_duplicates();
    lower_quorum();
  }

 private:
  std::string name() const { return "virtual_server " + name_of(server_.address, server_.port); }

  void say_defaults() {
    if (!draft_.has_protocol) report_.warning(draft_.spot, name() + " has no 'protocol': keepalived takes UDP");
    if (!draft_.has_algorithm) report_.warning(draft_.spot, name() + " has no 'lb_algo': keepalived takes wlc");
    if (!draft_.has_method) report_.warning(draft_.spot, name() + " has no 'lb_kind': keepalived takes NAT");
    if (server_.port == 0 && server_.settings.persistence.count() == 0) {
      report_.warning(draft_.spot, name() + " has no port: keepalived makes it persistent");
      server_.settings.persistence = kDefaultPersistence;
    }
  }

  void complete(std::size_t index) {
    RealServer& real = server_.real_servers[index];
    const RealServerDraft& draft = draft_.real_servers[index];
    if (real.port == 0) real.port = server_.port;
    real.inhibit_on_failure = draft.inhibit_on_failure.value_or(draft_.inhibit_on_failure);
    real.forwarding = draft.forwarding.value_or(server_.forwarding);
    if (real.address.family() != server_.family && real.forwarding.method != ipvs::Method::tunnel) {
      report_.error(draft.spot,
                    "real_server " + in_quotes(real.address.to_string()) + " is not of the family of " + name(),
                    server_.address.family() == Family::ipv4 ? "an IPv4 address" : "an IPv6 address");
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

  void find_duplicates() {
    std::set<std::pair<IpAddress, std::uint16_t>> seen;
    for (std::size_t i = 0; i < server_.real_servers.size(); ++i) {
      const RealServer& real = server_.real_servers[i];
      if (seen.insert({real.address, real.port}).second) continue;
      report_.error(draft_.real_servers[i].spot,
                    "real_server " + name_of(real.address, real.port) + " is in " + name() + " twice");
    }
  }

  void lower_quorum() {
    std::int64_t weights = 0;
    for (const RealServer& real : server_.real_servers) weights += real.weight;
    const Spot spot = draft_.quorum.known() ? draft_.quorum : draft_.spot;
    if (server_.hysteresis >= server_.quorum && server_.hysteresis > 0) {
      report_.warning(spot, "the hysteresis " + std::to_string(server_.hysteresis) + " is lowered to " +
                                std::to_string(server_.quorum - 1) + ", below the quorum");
      server_.hysteresis = server_.quorum - 1;
    }
    if (server_.quorum <= weights) return;
    report_.warning(spot, "the quorum " + std::to_string(server_.quorum) +
                              " can never be met: it is lowered to the sum of the weights, " + std::to_string(weights));
    server_.quorum = static_cast<int>(weights);
    server_.hysteresis = std::min(server_.hysteresis, std::max(0, server_.quorum - 1));
  }

  Report& report_;
  VirtualServer& server_;
  VirtualServerDraft& draft_;
};

void find_duplicate_servers(Model& model) {
  std::map<std::tuple<IpAddress, std::uint16_t, ipvs::Transport>, int> lines;
  for (std::size_t i = 0; i < model.virtual_servers.size(); ++i) {
    const VirtualServer& server = model.configuration.virtual_servers[i];
    const auto [first, added] = lines.emplace(
        std::tuple{server.address, server.port, server.transport}, model.virtual_servers[i].spot.line);
    if (added) continue;
    model.report.warning(model.virtual_servers[i].spot,
                         "virtual_server " + name_of(server.address, server.port) + " " +
                             std::string{to_string(server.transport)} + " is defined on line " +
                             std::to_string(first->second) + " already");
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
    model.report.warning(model.virtual_servers[i].spot, "virtual_server " + name_of(server.address, server.port) +
                                                            " has no real servers: keepalived leaves it out");
  }
  model.configuration.virtual_servers = std::move(kept);
}

}  // namespace

void resolve_virtual_servers(Model& model) {
  for (std::size_t i = 0; i < model.virtual_servers.size(); ++i) {
    ServerResolver{model, model.configuration.virtual_servers[i], model.virtual_servers[i]}.run();
  }
  find_duplicate_servers(model);
  drop_empty_servers(model);
}

}  // namespace vipdrift::config
