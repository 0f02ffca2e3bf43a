#include "protocol/track/script_tracker.h"

namespace vipdrift::track {
namespace {

/// keepalived gives a script that ignores SIGTERM this long before SIGKILL.
constexpr Duration kKillGrace = std::chrono::seconds{2};

}  // namespace

ScriptTracker::Due ScriptTracker::advance(TimePoint now) {
  if (next_signal <= now) {
    if (phase == Phase::running) {
      phase = Phase::terminated;
      next_signal = now + kKillGrace;
      return Due::terminate;
    }
    phase = Phase::killed;
    next_signal = kNever;
    return Due::kill;
  }
  if (next_run <= now) {
    next_run = now + interval;
    if (phase != Phase::idle) return Due::skip_still_running;
    phase = Phase::running;
    next_signal = now + timeout;
    return Due::run;
  }
  return Due::nothing;
}

bool ScriptTracker::finish(bool success) {
  phase = Phase::idle;
  next_signal = kNever;
  return result.record(success);
}

}  // namespace vipdrift::track
