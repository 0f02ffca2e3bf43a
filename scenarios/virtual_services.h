// From a service of an IPVS table back to the configuration.
#ifndef VIPDRIFT_SCENARIOS_VIRTUAL_SERVICES_H_
#define VIPDRIFT_SCENARIOS_VIRTUAL_SERVICES_H_

#include "protocol/config/configuration.h"
#include "protocol/ipvs/table.h"

namespace vipdrift::scenarios {

/// The virtual server that `service` comes from; nullptr: none.
const config::VirtualServer* virtual_server_of(const config::Configuration& configuration,
                                               const ipvs::ServiceKey& service);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_VIRTUAL_SERVICES_H_
