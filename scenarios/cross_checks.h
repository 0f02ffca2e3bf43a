// What the cluster and the configurations say of each other.
#ifndef VIPDRIFT_SCENARIOS_CROSS_CHECKS_H_
#define VIPDRIFT_SCENARIOS_CROSS_CHECKS_H_

#include <vector>

#include "protocol/config/diagnostic.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// Warnings, each said once: tracking scripts that no model tells the fate of, models of scripts that nobody has,
/// instances on interfaces that their director lacks.
std::vector<config::Diagnostic> cross_check(const Scenario& scenario);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_CROSS_CHECKS_H_
