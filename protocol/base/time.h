// Time as the core sees it: integer nanoseconds on a clock that nobody can read.
#ifndef VIPDRIFT_PROTOCOL_BASE_TIME_H_
#define VIPDRIFT_PROTOCOL_BASE_TIME_H_

#include <chrono>
#include <cstdint>
#include <ratio>

namespace vipdrift {

/// Length of time, in nanoseconds.
using Duration = std::chrono::nanoseconds;

/// The monotonic clock of one director. It has no now(): every input of the core brings its time.
struct CoreClock {
  using rep = Duration::rep;
  using period = Duration::period;
  using duration = Duration;
  using time_point = std::chrono::time_point<CoreClock, Duration>;
  static constexpr bool is_steady = true;
};

/// A moment on CoreClock. The origin is the driver's choice (boot, start of the simulation).
using TimePoint = CoreClock::time_point;

/// "No deadline": later than every moment.
inline constexpr TimePoint kNever = TimePoint::max();

/// One hundredth of a second, the unit of the VRRPv3 interval field (RFC 9568, 5.2.7).
using Centiseconds = std::chrono::duration<std::int32_t, std::centi>;

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_BASE_TIME_H_
