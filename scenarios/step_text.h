// A step in the words of the scenario language.
#ifndef VIPDRIFT_SCENARIOS_STEP_TEXT_H_
#define VIPDRIFT_SCENARIOS_STEP_TEXT_H_

#include <string>

#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// "crash lvs1", "partition lan: lvs1 | lvs2, client".
std::string describe(const StepAction& action);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_STEP_TEXT_H_
