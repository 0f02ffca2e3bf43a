// The list `always:`: what must hold through the whole run.
#ifndef VIPDRIFT_SCENARIOS_ALWAYS_LOADER_H_
#define VIPDRIFT_SCENARIOS_ALWAYS_LOADER_H_

#include "scenarios/load_context.h"

namespace vipdrift::scenarios {

/// Reads the list into Scenario::always; a client that is watched begins to probe.
void load_always(LoadContext& context, const YamlNode& list);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_ALWAYS_LOADER_H_
