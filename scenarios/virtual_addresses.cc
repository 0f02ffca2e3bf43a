#include "scenarios/virtual_addresses.h"

namespace vipdrift::scenarios {

std::set<IpAddress> virtual_addresses(const Scenario& scenario) {
  std::set<IpAddress> all;
  for (const DirectorConfig& config : scenario.configs) {
    if (!config.configuration) continue;
    for (const config::VrrpInstance& instance : config.configuration->instances) {
      for (const auto& address : instance.virtual_addresses) all.insert(address.address);
      for (const auto& address : instance.excluded_addresses) all.insert(address.address);
    }
  }
  return all;
}

}  // namespace vipdrift::scenarios
