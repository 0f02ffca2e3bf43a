#include "scenarios/virtual_services.h"

#include <algorithm>
#include <array>

namespace vipdrift::scenarios {
namespace {

IpAddress next(const IpAddress& address) {
  std::array<std::uint8_t, 16> bytes{};
  const auto old = address.bytes();
  std::copy(old.begin(), old.end(), bytes.begin());
  for (std::size_t i = old.size(); i-- > 0;) {
    if (++bytes[i] != 0) break;
  }
  return IpAddress::from_bytes(address.family(), bytes);
}

void add_entry(const config::VirtualServer& server, const config::GroupEntry& entry,
               std::vector<ipvs::ServiceKey>& out) {
  if (entry.fwmark != 0) {
    ipvs::ServiceKey key;
    key.family = entry.family.value_or(server.family);
    key.fwmark = entry.fwmark;
    out.push_back(key);
    return;
  }
  for (IpAddress address = entry.first;; address = next(address)) {
    out.push_back({address.family(), 0, server.transport, address, entry.port});
    if (address == entry.last) return;
  }
}

}  // namespace

std::vector<ipvs::ServiceKey> services_of(const config::Configuration& configuration,
                                          const config::VirtualServer& server) {
  std::vector<ipvs::ServiceKey> services;
  if (server.fwmark != 0) {
    ipvs::ServiceKey key;
    key.family = server.family;
    key.fwmark = server.fwmark;
    services.push_back(key);
  } else if (server.group.empty()) {
    services.push_back({server.address.family(), 0, server.transport, server.address, server.port});
  } else {
    for (const config::VirtualServerGroup& group : configuration.server_groups) {
      if (group.name != server.group) continue;
      for (const config::GroupEntry& entry : group.entries) add_entry(server, entry, services);
    }
  }
  return services;
}

const config::VirtualServer* virtual_server_of(const config::Configuration& configuration,
                                               const ipvs::ServiceKey& service) {
  for (const config::VirtualServer& server : configuration.virtual_servers) {
    const std::vector<ipvs::ServiceKey> keys = services_of(configuration, server);
    if (std::find(keys.begin(), keys.end(), service) != keys.end()) return &server;
  }
  return nullptr;
}

}  // namespace vipdrift::scenarios
