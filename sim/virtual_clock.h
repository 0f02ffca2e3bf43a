// The clocks of one simulated machine, as functions of simulated time.
#ifndef VIPDRIFT_SIM_VIRTUAL_CLOCK_H_
#define VIPDRIFT_SIM_VIRTUAL_CLOCK_H_

#include <cstdint>

#include "protocol/base/time.h"

namespace vipdrift::sim {

/// A quartz that is a little wrong. The monotonic clock starts at zero with the simulation and runs `drift_ppm`
/// parts per million too fast (or, negative, too slow); the wall clock is the monotonic one plus an offset that
/// steps change. All arithmetic is exact: whole nanoseconds, rounded down, no accumulated error.
class VirtualClock {
 public:
  VirtualClock() = default;
  /// `drift_ppm`: above -1,000,000, in practice within a few hundred.
  explicit VirtualClock(std::int32_t drift_ppm, Duration wall_offset = {})
      : drift_ppm_(drift_ppm), wall_offset_(wall_offset) {}

  /// What the machine's monotonic clock shows at simulated time `simulated`.
  TimePoint monotonic(TimePoint simulated) const {
    if (stands_) return stopped_at_;
    const Duration since = simulated - origin_;
    return shown_at_origin_ + (drift_ppm_ == 0 ? since : shown_for(since));
  }

  /// The earliest simulated time at which monotonic() reaches `shown`; kNever while the clock stands or for kNever.
  TimePoint simulated(TimePoint shown) const {
    if (shown == kNever || stands_) return kNever;
    if (shown <= shown_at_origin_) return origin_;
    const Duration since = shown - shown_at_origin_;
    return origin_ + (drift_ppm_ == 0 ? since : needed_for(since));
  }

  /// The clock stands still (a virtual machine whose host keeps its time) until go().
  void stop(TimePoint simulated);
  void go(TimePoint simulated);

  /// Wall-clock time since the origin of scenario time, as this machine believes.
  Duration wall(TimePoint simulated) const { return monotonic(simulated).time_since_epoch() + wall_offset_; }
  /// Somebody sets the wall clock; the monotonic one does not notice.
  void step_wall(Duration by) { wall_offset_ += by; }

 private:
  Duration shown_for(Duration simulated) const;
  Duration needed_for(Duration shown) const;

  std::int32_t drift_ppm_ = 0;
  bool stands_ = false;
  TimePoint origin_{};  ///< simulated time from which `shown_at_origin_` counts on
  TimePoint shown_at_origin_{};
  TimePoint stopped_at_{};
  Duration wall_offset_{};
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_VIRTUAL_CLOCK_H_
