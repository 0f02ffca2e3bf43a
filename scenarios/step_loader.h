// The list `steps:`: when, what, and what must be seen then.
#ifndef VIPDRIFT_SCENARIOS_STEP_LOADER_H_
#define VIPDRIFT_SCENARIOS_STEP_LOADER_H_

#include "scenarios/load_context.h"

namespace vipdrift::scenarios {

/// Reads the list into Scenario::steps and Scenario::expectations. Times never go back from one item to the next.
void load_steps(LoadContext& context, const YamlNode& list);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_STEP_LOADER_H_
