#include "scenarios/server_notifications.h"

#include <algorithm>

#include "protocol/check/check_plan.h"

namespace vipdrift::scenarios {
namespace {

bool takes_mail(const std::vector<InterfaceSpec>& interfaces, const std::vector<ServedPort>& serves,
                const IpAddress& address, std::uint16_t port) {
  const bool has_address = std::any_of(interfaces.begin(), interfaces.end(), [&](const InterfaceSpec& interface) {
    return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                       [&](const IpPrefix& prefix) { return prefix.address == address; });
  });
  return has_address && std::any_of(serves.begin(), serves.end(), [&](const ServedPort& service) {
           return service.port == port && service.protocol == ServiceProtocol::smtp;
         });
}

}  // namespace

std::vector<ServerScript> server_scripts(const config::Configuration& configuration) {
  std::vector<ServerScript> scripts;
  const auto add = [&](const std::string& service, const std::string& server, bool up, const config::Command& command) {
    if (!command.empty()) scripts.push_back({service, server, up, command.argv});
  };
  for (const config::VirtualServer& service : configuration.virtual_servers) {
    const std::string name = check::service_name(service);
    add(name, {}, true, service.quorum_up);
    add(name, {}, false, service.quorum_down);
    for (const config::RealServer& server : service.real_servers) {
      add(name, check::server_name(service, server), true, server.notify_up);
      add(name, check::server_name(service, server), false, server.notify_down);
    }
  }
  return scripts;
}

std::string keyword_of(const ServerScript& script) {
  return std::string{script.server.empty() ? "quorum_" : "notify_"} + (script.up ? "up" : "down");
}

std::optional<std::string> mail_server(const Cluster& cluster, const config::GlobalDefs& global) {
  const auto address = IpAddress::parse(global.smtp_server);
  if (!address) return std::nullopt;
  for (const DirectorSpec& director : cluster.directors) {
    if (takes_mail(director.interfaces, director.serves, *address, global.smtp_port)) return director.name;
  }
  for (const HostSpec& host : cluster.real_servers) {
    if (takes_mail(host.interfaces, host.serves, *address, global.smtp_port)) return host.name;
  }
  return std::nullopt;
}

}  // namespace vipdrift::scenarios
