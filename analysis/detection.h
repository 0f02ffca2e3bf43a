// How long it takes a track script, at worst, to say that something has changed.
#ifndef VIPDRIFT_ANALYSIS_DETECTION_H_
#define VIPDRIFT_ANALYSIS_DETECTION_H_

#include <cstdint>

#include "protocol/base/time.h"
#include "protocol/config/configuration.h"

namespace vipdrift::analysis {

enum class ScriptOutcome : std::uint8_t {
  fails,     ///< each run exits with 1, at once
  hangs,     ///< each run goes on until its time-out
  succeeds,  ///< each run exits with 0, at once
};

/// Runs in a row that are played one by one. Of a greater fall or rise the rest is more of the same.
constexpr int kMostRuns = 1'000;
/// The longest time that is told; what would be longer is cut to it. keepalived's own limits allow more than the clock.
constexpr Duration kLongestDetection = std::chrono::hours{24} * 365 * 100;

/// From a moment right after a run that still said the opposite to the run that turns the script's health, as the
/// tracker of the core counts it. A run that is killed when the next one is due takes that one's place. At most
/// kLongestDetection.
Duration worst_detection(const config::VrrpScript& script, ScriptOutcome outcome);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_DETECTION_H_
