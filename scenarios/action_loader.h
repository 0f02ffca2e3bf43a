// What a step does: one reader per action of the scenario language, in a table.
#ifndef VIPDRIFT_SCENARIOS_ACTION_LOADER_H_
#define VIPDRIFT_SCENARIOS_ACTION_LOADER_H_

#include <string_view>
#include <vector>

#include "scenarios/load_context.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// Whether `key` of a step names an action.
bool is_action(std::string_view key);

/// The action `key` with its value. Some words stand for several actions (`isolate: [lvs1, lvs2]`); none after an
/// error, which is in the diagnostics.
std::vector<StepAction> load_action(LoadContext& context, std::string_view key, const YamlNode& value);

/// What `advertise:` says.
std::vector<StepAction> load_advertise(LoadContext& context, const YamlNode& value);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_ACTION_LOADER_H_
