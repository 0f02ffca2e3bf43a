// Lengths of time and shares as people write them, in integer arithmetic.
#ifndef VIPDRIFT_SCENARIOS_DURATIONS_H_
#define VIPDRIFT_SCENARIOS_DURATIONS_H_

#include <optional>
#include <string>
#include <string_view>

#include "protocol/base/time.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// "3.7s", "100ms", "50us", "20ns", "1h30m", "2m", "0s"; a leading '-' negates the whole. Units: d h m s ms us ns, each
/// at most once, from large to small; a fraction only on the last. nullopt: anything else, also a number without unit,
/// a fraction of a nanosecond, or a length that does not fit.
std::optional<Duration> parse_duration(std::string_view text);

/// "30%", "0.5%", "0%", "100%", down to 0.0001%. nullopt: anything else, also a number without '%'.
std::optional<PartsPerMillion> parse_share(std::string_view text);

/// The shortest text in one unit that parses back: "3.609375s", "100ms", "50us", "0s".
std::string to_text(Duration duration);
std::string to_text(PartsPerMillion share);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_DURATIONS_H_
