// What one tracked object does to an instance: points of priority, or a cause of FAULT.
#ifndef VIPDRIFT_PROTOCOL_TRACK_CONTRIBUTION_H_
#define VIPDRIFT_PROTOCOL_TRACK_CONTRIBUTION_H_

#include <algorithm>
#include <cstdint>
#include <optional>

#include "protocol/track/script_tracker.h"

namespace vipdrift::track {

/// The sum over all tracked objects of one instance.
struct Contribution {
  int priority = 0;  ///< added to the configured priority
  int faults = 0;    ///< objects of weight 0 that are down
  int pending = 0;   ///< objects of weight 0 that have not spoken yet

  Contribution& operator+=(const Contribution& other) {
    priority += other.priority;
    faults += other.faults;
    pending += other.pending;
    return *this;
  }
  friend bool operator==(const Contribution&, const Contribution&) = default;
};

/// An object that is up or down. Weight w > 0: up adds w. w < 0: down adds w. 0: down is a FAULT (reverse: up is).
/// `reverse` flips the sign of the weight, so that being up costs what being down would have earned.
constexpr Contribution contribution(Health health, int weight, bool reverse) {
  if (weight == 0) {
    if (health == Health::unknown) return {.pending = 1};
    return {.faults = (health == Health::down) != reverse ? 1 : 0};
  }
  if (health == Health::unknown) return {};
  const bool counts = (weight > 0) == (health == Health::up);
  return {.priority = counts ? (reverse ? -weight : weight) : 0};
}

/// A tracked file holding `value`. Weight 0: any number but 0 is a FAULT (reverse: 0 is). Otherwise value x weight,
/// limited to +-254; -254 or less is a FAULT (keepalived.conf(5), track_file).
constexpr Contribution file_contribution(std::int64_t value, int weight, bool reverse) {
  if (weight == 0) return {.faults = (value != 0) != reverse ? 1 : 0};
  constexpr std::int64_t kLimit = 254;
  const std::int64_t bounded = std::clamp<std::int64_t>(value, -100000, 100000);
  const std::int64_t points = std::clamp(bounded * (reverse ? -weight : weight), -kLimit, kLimit);
  if (points == -kLimit) return {.faults = 1};
  return {.priority = static_cast<int>(points)};
}

/// Configured priority and contributions to what is advertised: within 1 to 254; an owner's 255 never changes.
constexpr int effective_priority(int base, int contributions) {
  if (base == 255) return 255;
  return std::clamp(base + contributions, 1, 254);
}

}  // namespace vipdrift::track

#endif  // VIPDRIFT_PROTOCOL_TRACK_CONTRIBUTION_H_
