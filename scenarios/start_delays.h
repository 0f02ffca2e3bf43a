// How long daemons took to get ready, as a timeline tells: what one world needs to begin in step with another.
#ifndef VIPDRIFT_SCENARIOS_START_DELAYS_H_
#define VIPDRIFT_SCENARIOS_START_DELAYS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/time.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {

/// Per director, its starts in order: from exec to the first state of an instance, when its timers began to run.
/// nullopt: the daemon never came so far.
using StartDelays = std::map<std::string, std::vector<std::optional<Duration>>>;

/// `timeline` is in order of time.
StartDelays start_delays(const Timeline& timeline);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_START_DELAYS_H_
