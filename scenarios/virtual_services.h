// The services that a configuration's virtual servers become in an IPVS table, and the servers behind them.
#ifndef VIPDRIFT_SCENARIOS_VIRTUAL_SERVICES_H_
#define VIPDRIFT_SCENARIOS_VIRTUAL_SERVICES_H_

#include <vector>

#include "protocol/config/configuration.h"
#include "protocol/ipvs/table.h"

namespace vipdrift::scenarios {

/// One for an address or a mark, one for each address of a group.
std::vector<ipvs::ServiceKey> services_of(const config::Configuration& configuration,
                                          const config::VirtualServer& server);

/// The virtual server that `service` comes from; nullptr: none.
const config::VirtualServer* virtual_server_of(const config::Configuration& configuration,
                                               const ipvs::ServiceKey& service);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_VIRTUAL_SERVICES_H_
