// What must be seen of load balancing: pools, quorums, answers and connections.
#ifndef VIPDRIFT_SCENARIOS_BALANCING_LOADER_H_
#define VIPDRIFT_SCENARIOS_BALANCING_LOADER_H_

#include <optional>

#include "scenarios/load_context.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

// Conditions of `expect`; `value` is what stands behind the key. nullopt after an error, which is in the diagnostics.

std::optional<Condition> load_pool(LoadContext& context, const YamlNode& value);
std::optional<Condition> load_answers(LoadContext& context, const YamlNode& value);
std::optional<Condition> load_shares(LoadContext& context, const YamlNode& value);
/// `refused` and `not_answered`.
std::optional<Condition> load_not_served(LoadContext& context, const YamlNode& value);
std::optional<Condition> load_connection(LoadContext& context, const YamlNode& value);

// Lines of `always`, without their place.

std::optional<Always> load_requests(LoadContext& context, const YamlNode& value);
std::optional<Always> load_pool_not_empty(LoadContext& context, const YamlNode& value);
std::optional<Always> load_no_mixed_pool(LoadContext& context, const YamlNode& value);
std::optional<Always> load_connection_survives(LoadContext& context, const YamlNode& value);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_BALANCING_LOADER_H_
