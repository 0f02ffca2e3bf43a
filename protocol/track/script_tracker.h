// One vrrp_script: when to run it, and what its results mean (rise, fall, init_fail).
#ifndef VIPDRIFT_PROTOCOL_TRACK_SCRIPT_TRACKER_H_
#define VIPDRIFT_PROTOCOL_TRACK_SCRIPT_TRACKER_H_

#include <cstdint>
#include <optional>

#include "protocol/base/time.h"
#include "protocol/config/configuration.h"

namespace vipdrift::track {

/// What a tracked object last said. `unknown`: nothing yet.
enum class Health : std::uint8_t { unknown, down, up };

/// The rise/fall counter of keepalived: the first result decides at once in both directions; afterwards `fall`
/// failures in a row take an up script down and `rise` successes in a row a down script up.
class RiseFall {
 public:
  RiseFall(int rise, int fall, bool init_fail)
      : rise_(rise),
        fall_(fall),
        count_(init_fail ? 0 : rise - 1),
        health_(init_fail ? Health::down : Health::unknown) {}

  Health health() const { return health_; }
  std::int64_t count() const { return count_; }

  /// A script that a reload brought counts as up until it has said otherwise.
  void assume_up() {
    health_ = Health::up;
    count_ = std::int64_t{rise_} + fall_ - 1;
  }

  /// Takes one result; true when the health changed.
  bool record(bool success) {
    const Health before = health_;
    if (success) {
      record_success();
    } else {
      record_failure();
    }
    return health_ != before;
  }

  friend bool operator==(const RiseFall&, const RiseFall&) = default;

 private:
  void record_success() {
    if (count_ < rise_ - 1) {
      ++count_;
      return;
    }
    health_ = Health::up;
    count_ = std::int64_t{rise_} + fall_ - 1;
  }
  void record_failure() {
    if (count_ > rise_) {
      --count_;
      return;
    }
    health_ = Health::down;
    count_ = 0;
  }

  int rise_;
  int fall_;
  std::int64_t count_;  ///< up to rise and fall together: more than an int holds
  Health health_;
};

/// Runs a script every interval, at most once at a time, with a time-out. Deadlines are absolute.
struct ScriptTracker {
  explicit ScriptTracker(const config::VrrpScript& script)
      : result(script.rise, script.fall, script.init_fail),
        interval(script.interval),
        timeout(script.timeout.count() > 0 ? script.timeout : script.interval) {}

  enum class Phase : std::uint8_t { idle, running, terminated, killed };
  /// What is to be done now.
  enum class Due : std::uint8_t { nothing, run, skip_still_running, terminate, kill };

  TimePoint deadline() const { return next_run < next_signal ? next_run : next_signal; }

  void start(TimePoint now) { next_run = now; }
  /// Moves on to what is due at `now`; call again until it says nothing.
  Due advance(TimePoint now);
  /// The script ended; true when its health changed.
  bool finish(bool success);

  RiseFall result;
  Duration interval;
  Duration timeout;
  Phase phase = Phase::idle;
  TimePoint next_run = kNever;
  TimePoint next_signal = kNever;  ///< SIGTERM at the time-out, SIGKILL 2 s later

  friend bool operator==(const ScriptTracker&, const ScriptTracker&) = default;
};

}  // namespace vipdrift::track

#endif  // VIPDRIFT_PROTOCOL_TRACK_SCRIPT_TRACKER_H_
