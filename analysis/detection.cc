#include "analysis/detection.h"

#include <algorithm>

#include "protocol/track/script_tracker.h"

namespace vipdrift::analysis {
namespace {

/// The tracker runs, with so many results in a row that decide.
Duration played(config::VrrpScript script, int runs, ScriptOutcome outcome) {
  script.fall = script.rise = runs;
  using Due = track::ScriptTracker::Due;
  track::ScriptTracker tracker(script);
  tracker.result.assume_up();
  if (outcome == ScriptOutcome::succeeds) {
    for (int i = 0; i < script.fall; ++i) tracker.finish(false);
  }
  TimePoint now{};
  tracker.start(now);
  tracker.advance(now);
  tracker.finish(outcome != ScriptOutcome::succeeds);  // the last run that says what is no more
  while (true) {
    now = tracker.deadline();
    bool ends = false;  // the driver hears of it after all that is due has been done
    for (Due due = tracker.advance(now); due != Due::nothing; due = tracker.advance(now)) {
      ends |= due == Due::terminate || (due == Due::run && outcome != ScriptOutcome::hangs);
    }
    if (ends && tracker.finish(outcome == ScriptOutcome::succeeds)) return now - TimePoint{};
  }
}

}  // namespace

Duration worst_detection(const config::VrrpScript& script, ScriptOutcome outcome) {
  const int runs = outcome == ScriptOutcome::succeeds ? script.rise : script.fall;
  const Duration first = played(script, std::min(runs, kMostRuns), outcome);
  if (runs <= kMostRuns) return std::min(first, kLongestDetection);
  const Duration a_run = (first - played(script, kMostRuns / 2, outcome)) / (kMostRuns - kMostRuns / 2);
  const Duration::rep more = runs - kMostRuns;
  if (first >= kLongestDetection || a_run >= (kLongestDetection - first) / more) return kLongestDetection;
  return first + more * a_run;
}

}  // namespace vipdrift::analysis
