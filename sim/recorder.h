// How the parts of the simulated world write into the timeline.
#ifndef VIPDRIFT_SIM_RECORDER_H_
#define VIPDRIFT_SIM_RECORDER_H_

#include <string>
#include <utility>

#include "scenarios/testbed.h"
#include "scenarios/timeline.h"
#include "sim/event_queue.h"

namespace vipdrift::sim {

/// Stamps observations with simulated time. Asks for nothing but what `wants` says: who would note something costly
/// looks there first.
class Recorder {
 public:
  Recorder(const EventQueue& queue, scenarios::Timeline& timeline, const scenarios::RecordingOptions& wants)
      : queue_(&queue), timeline_(&timeline), wants_(wants) {}

  const scenarios::RecordingOptions& wants() const { return wants_; }

  void note(const std::string& node, scenarios::What what) { note_at(queue_->now(), node, std::move(what)); }
  /// For what becomes known only later; the timeline is put in order at the end of every run_until().
  void note_at(SimTime at, const std::string& node, scenarios::What what) {
    late_ = late_ || at < queue_->now();
    timeline_->add({at, node, std::move(what)});
  }
  void put_in_order() {
    if (late_) timeline_->sort_by_time();
    late_ = false;
  }

 private:
  const EventQueue* queue_;
  scenarios::Timeline* timeline_;
  scenarios::RecordingOptions wants_;
  bool late_ = false;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_RECORDER_H_
