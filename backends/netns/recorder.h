// The clock of one world, and how its parts write into the timeline.
#ifndef VIPDRIFT_BACKENDS_NETNS_RECORDER_H_
#define VIPDRIFT_BACKENDS_NETNS_RECORDER_H_

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "scenarios/testbed.h"
#include "scenarios/timeline.h"

namespace vipdrift::netns {

/// Scenario time on the machine's monotonic clock.
class WorldClock {
 public:
  using Moment = std::chrono::steady_clock::time_point;

  /// Scenario time zero is now.
  void begin() {
    zero_ = std::chrono::steady_clock::now();
    zero_wall_ = std::chrono::system_clock::now().time_since_epoch();
  }
  Duration now() const { return std::chrono::steady_clock::now() - zero_; }
  /// The scenario time of a kernel's stamp. The wall clock is taken to run evenly while a world lives.
  Duration of_stamp(Duration since_1970) const { return since_1970 - zero_wall_; }
  Moment moment(Duration at) const { return zero_ + at; }

 private:
  Moment zero_{};
  Duration zero_wall_{};
};

class Recorder {
 public:
  Recorder(scenarios::Timeline& timeline, const scenarios::RecordingOptions& wants)
      : timeline_(timeline), wants_(wants) {}

  WorldClock clock;

  const scenarios::RecordingOptions& wants() const { return wants_; }
  void note(const std::string& node, scenarios::What what) { note_at(clock.now(), node, std::move(what)); }
  /// For what becomes known later; whoever reads the timeline sorts it.
  void note_at(Duration at, const std::string& node, scenarios::What what) {
    timeline_.add({std::max(at, Duration::zero()), node, std::move(what)});
  }

 private:
  scenarios::Timeline& timeline_;
  scenarios::RecordingOptions wants_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_RECORDER_H_
