#include "sim/virtual_clock.h"

#include <cassert>

namespace vipdrift::sim {
namespace {

constexpr std::int64_t kMillion = 1'000'000;

// floor(part * ppm / 1,000,000) for part below about 2^40.
std::int64_t drift_of(std::int64_t part, std::int64_t ppm) {
  const std::int64_t product = part * ppm;
  const std::int64_t quotient = product / kMillion;
  return product % kMillion < 0 ? quotient - 1 : quotient;
}

}  // namespace

// Split at whole millions of nanoseconds, where the drift is a whole number, so that a year does not overflow.
Duration VirtualClock::shown_for(Duration simulated) const {
  const std::int64_t whole = simulated.count() / kMillion;
  const std::int64_t rest = simulated.count() % kMillion;
  return Duration{simulated.count() + whole * drift_ppm_ + drift_of(rest, drift_ppm_)};
}

Duration VirtualClock::needed_for(Duration shown) const {
  const std::int64_t rate = kMillion + drift_ppm_;
  const std::int64_t whole = shown.count() / rate;
  const std::int64_t rest = shown.count() % rate;
  std::int64_t part = rest * kMillion / rate;
  while (part + drift_of(part, drift_ppm_) < rest) ++part;
  while (part > 0 && part - 1 + drift_of(part - 1, drift_ppm_) >= rest) --part;
  return Duration{whole * kMillion + part};
}

void VirtualClock::stop(TimePoint simulated) {
  assert(!stands_);
  stopped_at_ = monotonic(simulated);
  stands_ = true;
}

void VirtualClock::go(TimePoint simulated) {
  assert(stands_);
  stands_ = false;
  origin_ = simulated;
  shown_at_origin_ = stopped_at_;
}

}  // namespace vipdrift::sim
