#include "analysis/detection.h"

#include "protocol/track/script_tracker.h"

namespace vipdrift::analysis {

Duration worst_detection(const config::VrrpScript& script, ScriptOutcome outcome) {
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

}  // namespace vipdrift::analysis
