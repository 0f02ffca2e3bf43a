// Steps that concern services, clients that use them, and IPVS tables edited by hand.
#ifndef VIPDRIFT_SCENARIOS_SERVICE_ACTION_LOADER_H_
#define VIPDRIFT_SCENARIOS_SERVICE_ACTION_LOADER_H_

#include <optional>
#include <string>
#include <vector>

#include "scenarios/load_context.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

// Each returns nothing after an error, which is in the diagnostics.

std::vector<StepAction> load_stop_service(LoadContext& context, const YamlNode& value);
std::vector<StepAction> load_start_service(LoadContext& context, const YamlNode& value);
std::vector<StepAction> load_set_service(LoadContext& context, const YamlNode& value);
std::vector<StepAction> load_request(LoadContext& context, const YamlNode& value);
std::vector<StepAction> load_connect(LoadContext& context, const YamlNode& value);
std::vector<StepAction> load_edit_ipvs(LoadContext& context, const YamlNode& value);

/// The server that `node` names behind `service` of `director`: a real server or director by its name, `sorry`, or
/// ADDRESS:PORT as it stands in the configurations.
std::optional<PoolMember> read_pool_member(LoadContext& context, const YamlNode& node, const ipvs::ServiceKey& service,
                                           const std::string& director);

/// Sees to it that `client` asks `url`, or keeps the connection to `target`: when no step above says so, from the
/// beginning.
void ensure_requests(LoadContext& context, const std::string& client, const Url& url);
void ensure_connection(LoadContext& context, const std::string& client, const Target& target);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_SERVICE_ACTION_LOADER_H_
