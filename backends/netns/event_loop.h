// Waits for descriptors and moments, on one thread.
#ifndef VIPDRIFT_BACKENDS_NETNS_EVENT_LOOP_H_
#define VIPDRIFT_BACKENDS_NETNS_EVENT_LOOP_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <vector>

namespace vipdrift::netns {

class EventLoop {
 public:
  using Moment = std::chrono::steady_clock::time_point;
  using Deed = std::function<void()>;

  /// Tells what is watched from everything else that is.
  using Place = std::size_t;

  /// Calls `deed` whenever `descriptor` is readable; it reads all that is there. In one round, those watched earlier
  /// come first.
  Place watch(int descriptor, Deed deed) {
    watched_.push_back({descriptor, std::move(deed)});
    return watched_.size() - 1;
  }
  /// Another descriptor has taken the place of the one that was watched; negative: nothing is there for now.
  void replace(Place place, int descriptor) { watched_[place].descriptor = descriptor; }
  /// Calls `deed` once, not before `when`. A deed may call at() and watch().
  void at(Moment when, Deed deed) { timers_.emplace(when, std::move(deed)); }

  /// Until `until` has come.
  void run_until(Moment until);
  /// What is readable now, and what is due.
  void run_ready() { round(Moment::min()); }

 private:
  struct Watched {
    int descriptor;
    Deed deed;
  };

  void round(Moment until);

  std::vector<Watched> watched_;
  std::multimap<Moment, Deed> timers_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_EVENT_LOOP_H_
