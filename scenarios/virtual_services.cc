#include "scenarios/virtual_services.h"

#include <algorithm>
#include <vector>

#include "protocol/check/check_plan.h"

namespace vipdrift::scenarios {
const config::VirtualServer* virtual_server_of(const config::Configuration& configuration,
                                               const ipvs::ServiceKey& service) {
  for (const config::VirtualServer& server : configuration.virtual_servers) {
    const std::vector<ipvs::ServiceKey> keys = check::service_keys(configuration, server);
    if (std::find(keys.begin(), keys.end(), service) != keys.end()) return &server;
  }
  return nullptr;
}

}  // namespace vipdrift::scenarios
