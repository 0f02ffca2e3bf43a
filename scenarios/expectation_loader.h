// `expect:` lines: a condition, and when it must be the case.
#ifndef VIPDRIFT_SCENARIOS_EXPECTATION_LOADER_H_
#define VIPDRIFT_SCENARIOS_EXPECTATION_LOADER_H_

#include "scenarios/load_context.h"

namespace vipdrift::scenarios {

/// Reads one expectation, or a list of them, that counts from scenario time `since`, into Scenario::expectations.
void load_expectations(LoadContext& context, const YamlNode& value, Duration since);

/// Lets the client probe the target from time 0 on unless a step does it already; returns how often it asks.
Duration ensure_probe(LoadContext& context, const std::string& client, const Target& target, Duration every);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_EXPECTATION_LOADER_H_
