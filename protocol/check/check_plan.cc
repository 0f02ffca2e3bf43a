#include "protocol/check/check_plan.h"

#include <utility>

namespace vipdrift::check {
namespace {

/// "[10.1.10.7]:tcp:80".
std::string endpoint_name(const IpAddress& address, ipvs::Transport transport, std::uint16_t port) {
  std::string name = "[" + address.to_string() + "]:";
  for (const char c : to_string(transport)) name += static_cast<char>(c - 'A' + 'a');
  return name + ":" + std::to_string(port);
}

/// The address after `address`.
IpAddress next(const IpAddress& address) {
  std::array<std::uint8_t, 16> bytes{};
  std::copy(address.bytes().begin(), address.bytes().end(), bytes.begin());
  for (std::size_t i = address.bytes().size(); i-- > 0;) {
    if (++bytes[i] != 0) break;
  }
  return IpAddress::from_bytes(address.family(), std::span{bytes}.first(address.bytes().size()));
}

void add_keys(const config::GroupEntry& entry, const config::VirtualServer& service,
              std::vector<ipvs::ServiceKey>& keys) {
  if (entry.fwmark != 0) {
    keys.push_back({.family = entry.family.value_or(service.family), .fwmark = entry.fwmark});
    return;
  }
  for (IpAddress address = entry.first;; address = next(address)) {
    keys.push_back(
        {.family = address.family(), .transport = service.transport, .address = address, .port = entry.port});
    if (address == entry.last) break;
  }
}

ServerPlan plan_server(const config::VirtualServer& service, const config::RealServer& server) {
  ServerPlan plan;
  plan.key = {.address = server.address, .port = server.port};
  plan.settings = {.forwarding = server.forwarding,
                   .weight = server.weight,
                   .upper_threshold = server.upper_threshold,
                   .lower_threshold = server.lower_threshold};
  plan.name = server_name(service, server);
  return plan;
}

void plan_sorry(const config::VirtualServer& service, ServicePlan& plan) {
  if (!service.sorry_server) return;
  const config::SorryServer& sorry = *service.sorry_server;
  plan.sorry = ipvs::Server{.key = {.address = sorry.address, .port = sorry.port},
                            .settings = {.forwarding = sorry.forwarding, .weight = 1}};
  plan.sorry_name = endpoint_name(sorry.address, service.transport, sorry.port);
}

/// Of the probes whose answer may come in parts.
void restart_timeouts(std::vector<Question>& questions) {
  for (Question& question : questions) {
    if (auto* http = std::get_if<HttpProbe>(&question.probe)) http->connection.restarts_timeout = true;
    if (auto* smtp = std::get_if<SmtpProbe>(&question.probe)) smtp->connection.restarts_timeout = true;
  }
}

}  // namespace

std::vector<ipvs::ServiceKey> service_keys(const config::Configuration& configuration,
                                           const config::VirtualServer& service) {
  if (service.fwmark != 0) return {{.family = service.family, .fwmark = service.fwmark}};
  if (service.group.empty()) {
    return {{.family = service.family,
             .transport = service.transport,
             .address = service.address,
             .port = service.port}};
  }
  std::vector<ipvs::ServiceKey> keys;
  for (const config::VirtualServerGroup& group : configuration.server_groups) {
    if (group.name != service.group) continue;
    for (const config::GroupEntry& entry : group.entries) add_keys(entry, service, keys);
  }
  return keys;
}

std::string server_name(const config::VirtualServer& service, const config::RealServer& server) {
  return endpoint_name(server.address, service.transport, server.port);
}

std::string service_name(const config::VirtualServer& service) {
  if (!service.group.empty()) return service.group;
  if (service.fwmark != 0) return "FWM " + std::to_string(service.fwmark);
  return endpoint_name(service.address, service.transport, service.port);
}

std::string_view to_string(CheckerKind kind) {
  switch (kind) {
    case CheckerKind::http:
      return "HTTP_GET";
    case CheckerKind::https:
      return "SSL_GET";
    case CheckerKind::tcp:
      return "TCP_CHECK";
    case CheckerKind::smtp:
      return "SMTP_CHECK";
    case CheckerKind::dns:
      return "DNS_CHECK";
    case CheckerKind::misc:
      return "MISC_CHECK";
    case CheckerKind::ping:
      return "PING_CHECK";
    case CheckerKind::udp:
      return "UDP_CHECK";
    case CheckerKind::file:
      return "FILE_CHECK";
  }
  return {};
}

bool CheckerPlan::same_check(const CheckerPlan& other) const {
  return kind == other.kind && questions == other.questions && delay_loop == other.delay_loop &&
         delay_before_retry == other.delay_before_retry && retry == other.retry &&
         fast_recovery == other.fast_recovery && dynamic_weight == other.dynamic_weight && file == other.file &&
         file_weight == other.file_weight;
}

CheckPlan::CheckPlan(std::shared_ptr<const config::Configuration> the_configuration, const vrrp::Profile& the_profile)
    : configuration{std::move(the_configuration)}, profile{the_profile} {
  for (std::uint32_t i = 0; i < configuration->virtual_servers.size(); ++i) {
    const config::VirtualServer& service = configuration->virtual_servers[i];
    ServicePlan plan;
    plan.keys = service_keys(*configuration, service);
    plan.name = service_name(service);
    plan_sorry(service, plan);
    for (std::uint32_t j = 0; j < service.real_servers.size(); ++j) {
      const config::RealServer& server = service.real_servers[j];
      ServerPlan server_plan = plan_server(service, server);
      server_plan.first_checker = static_cast<std::uint32_t>(checkers.size());
      for (const config::Checker& checker : server.checkers) {
        checkers.push_back(plan_checker(*configuration, service, server, checker));
        if (profile.each_byte_restarts_timeout) restart_timeouts(checkers.back().questions);
        checkers.back().service = VirtualServerId{i};
        checkers.back().server = j;
      }
      server_plan.last_checker = static_cast<std::uint32_t>(checkers.size());
      plan.servers.push_back(std::move(server_plan));
    }
    services.push_back(std::move(plan));
  }
}

}  // namespace vipdrift::check
