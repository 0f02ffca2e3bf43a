// One track_process: enough processes running, with delays against short flickers.
#ifndef VIPDRIFT_PROTOCOL_TRACK_PROCESS_TRACKER_H_
#define VIPDRIFT_PROTOCOL_TRACK_PROCESS_TRACKER_H_

#include "protocol/base/time.h"
#include "protocol/config/configuration.h"
#include "protocol/track/script_tracker.h"

namespace vipdrift::track {

struct ProcessTracker {
  Health health = Health::unknown;  ///< what counts
  Health seen = Health::unknown;    ///< what the last count said
  TimePoint settles = kNever;       ///< when `seen` will count

  /// Takes a new count; true when `health` changed at once. The first count never waits.
  bool record(TimePoint now, int running, const config::TrackProcess& process) {
    const bool enough = running >= process.quorum && (!process.quorum_max || running <= *process.quorum_max);
    seen = enough ? Health::up : Health::down;
    settles = kNever;
    if (seen == health) return false;
    const Duration delay = enough ? process.fork_delay : process.terminate_delay;
    if (health != Health::unknown && delay > Duration{0}) {
      settles = now + delay;
      return false;
    }
    health = seen;
    return true;
  }

  /// True when a delay ended at or before `now` and `health` changed.
  bool advance(TimePoint now) {
    if (settles > now) return false;
    settles = kNever;
    health = seen;
    return true;
  }

  friend bool operator==(const ProcessTracker&, const ProcessTracker&) = default;
};

}  // namespace vipdrift::track

#endif  // VIPDRIFT_PROTOCOL_TRACK_PROCESS_TRACKER_H_
