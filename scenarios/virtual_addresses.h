// The virtual addresses of a scenario's cluster.
#ifndef VIPDRIFT_SCENARIOS_VIRTUAL_ADDRESSES_H_
#define VIPDRIFT_SCENARIOS_VIRTUAL_ADDRESSES_H_

#include <set>

#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// Of all instances in all configurations that the scenario names, also those of virtual_ipaddress_excluded.
std::set<IpAddress> virtual_addresses(const Scenario& scenario);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_VIRTUAL_ADDRESSES_H_
