// In which order runs begin when each takes its length in real time, and how long all of them take.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_SCHEDULE_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_SCHEDULE_H_

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

#include "protocol/base/time.h"

namespace vipdrift::tools {

/// Positions of runs, those without a length (simulations: they would disturb the clocks of others) first, then the
/// longest first, so that the last ones to end end together.
inline std::vector<std::size_t> starting_order(const std::vector<Duration>& lengths) {
  std::vector<std::size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto rank = [&](std::size_t run) { return lengths[run] == Duration{0} ? Duration::max() : lengths[run]; };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rank(a) > rank(b); });
  return order;
}

/// How long `threads` threads need that begin one run after the other in that order.
inline Duration expected_duration(const std::vector<Duration>& lengths, std::size_t threads) {
  std::vector<Duration> busy_until(std::max<std::size_t>(threads, 1));
  for (const std::size_t run : starting_order(lengths)) {
    *std::min_element(busy_until.begin(), busy_until.end()) += lengths[run];
  }
  return *std::max_element(busy_until.begin(), busy_until.end());
}

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_SCHEDULE_H_
