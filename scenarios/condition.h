// What a condition of an expectation means, moment by moment.
#ifndef VIPDRIFT_SCENARIOS_CONDITION_H_
#define VIPDRIFT_SCENARIOS_CONDITION_H_

#include <string>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {

/// Events happen (an advertisement, a notification, a log line) and can be counted; every other condition is a state
/// that lasts, or is_window().
bool is_event(const Condition& condition);

/// What is said of all requests that begin in a stretch of time: neither state nor event, see request_judge.h.
bool is_window(const Condition& condition);

/// Whether the state `condition` is the case. False for events and windows.
bool is_true(const Condition& condition, const WorldState& world);

/// How often the event `condition` happens in `observation` (a burst of announcements counts each). 0 for states.
int occurrences(const Condition& condition, const Observation& observation);

/// What `condition` asks for, in the words of the scenario language: "10.1.10.7 on lvs2".
std::string describe(const Condition& condition);

/// What is there instead: "10.1.10.7 is on lvs1 (daemon dead)". For events and windows a mere "it".
std::string describe_actual(const Condition& condition, const WorldState& world);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_CONDITION_H_
