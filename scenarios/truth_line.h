// One yes-or-no question over time.
#ifndef VIPDRIFT_SCENARIOS_TRUTH_LINE_H_
#define VIPDRIFT_SCENARIOS_TRUTH_LINE_H_

#include <algorithm>
#include <optional>
#include <vector>

#include "protocol/base/time.h"

namespace vipdrift::scenarios {

/// A stretch of time [begin, end) in which the answer is yes; no end: it still was when the run ended.
struct Stretch {
  Duration begin{0};
  std::optional<Duration> end;
};

/// Answers arrive in order of time; only changes are kept.
class TruthLine {
 public:
  void set(Duration at, bool yes) {
    const bool was = !stretches_.empty() && !stretches_.back().end;
    if (was == yes) return;
    if (yes) {
      stretches_.push_back({at, std::nullopt});
    } else {
      stretches_.back().end = at;
    }
  }

  /// Every stretch that reaches into [from, ...), cut to begin at `from` at the earliest. One that began before and
  /// ends within `aftermath` is left out.
  std::vector<Stretch> since(Duration from, Duration aftermath = Duration{0}) const {
    std::vector<Stretch> result;
    for (const Stretch& stretch : stretches_) {
      if (stretch.end && *stretch.end <= from) continue;
      if (stretch.begin < from && stretch.end && *stretch.end <= from + aftermath) continue;
      result.push_back({std::max(stretch.begin, from), stretch.end});
    }
    return result;
  }

 private:
  std::vector<Stretch> stretches_;
};

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_TRUTH_LINE_H_
