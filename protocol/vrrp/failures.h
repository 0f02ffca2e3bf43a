// What the world has refused: each cause is said once, asked for again with growing pauses, and said to be over.
#ifndef VIPDRIFT_PROTOCOL_VRRP_FAILURES_H_
#define VIPDRIFT_PROTOCOL_VRRP_FAILURES_H_

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/base/time.h"
#include "protocol/vrrp/event.h"

namespace vipdrift::vrrp {

/// "adding 10.1.10.7", "sending advertisements to 224.0.0.18", "adding route 10.0.0.0/8 via 10.1.10.1".
std::string what_failed(const ActionFailed& failure);

/// Whether asking again helps; what is sent is sent again anyway, in its time.
bool is_asked_for_again(ActionFailed::What what);

/// The open failures of all instances, and of what belongs to none. There is no message that a request has worked: it
/// has when a time after asking again no refusal has come.
class Failures {
 public:
  struct Cause {
    ActionFailed failure;
    TimePoint seen;

    friend bool operator==(const Cause& a, const Cause& b) {
      return a.failure.what == b.failure.what && a.failure.error == b.failure.error && a.seen == b.seen;
    }
  };

  /// Takes note of a refusal; whether it is a new one, to be told. `patience`: how long after asking again a refusal
  /// may take to come back.
  bool note(const ActionFailed& failure, Duration patience, TimePoint now);
  TimePoint deadline() const;
  bool empty() const { return owners_.empty(); }
  void clear() { owners_.clear(); }

  /// Calls `ask_again(instance)` for whom it is time, and `over(failure)` for each cause that has not come back.
  template <class AskAgain, class Over>
  void advance(TimePoint now, AskAgain ask_again, Over over);

  template <class Sink>
  void for_each_deadline(Sink sink) const {
    for (const Owner& owner : owners_) {
      sink(owner.ask_at);
      sink(owner.judge_at);
    }
  }

  friend bool operator==(const Failures&, const Failures&) = default;

 private:
  struct Owner {
    std::optional<InstanceId> instance;
    std::vector<Cause> causes;
    Duration patience{};
    Duration pause{};  ///< before asking again; doubles
    TimePoint asked{};
    TimePoint ask_at = kNever;
    TimePoint judge_at = kNever;

    friend bool operator==(const Owner&, const Owner&) = default;
  };

  static void rest(Owner& owner, TimePoint now);

  std::vector<Owner> owners_;
};

template <class AskAgain, class Over>
void Failures::advance(TimePoint now, AskAgain ask_again, Over over) {
  for (std::size_t i = 0; i < owners_.size();) {
    Owner& owner = owners_[i];
    if (owner.judge_at <= now) {
      owner.judge_at = kNever;
      std::erase_if(owner.causes, [&](const Cause& cause) {
        if (cause.seen >= owner.asked) return false;
        over(cause.failure);
        return true;
      });
      if (owner.causes.empty()) {
        owners_.erase(owners_.begin() + static_cast<std::ptrdiff_t>(i));
        continue;
      }
      rest(owner, now);
    }
    if (owner.ask_at <= now) {
      owner.ask_at = kNever;
      owner.asked = now;
      owner.judge_at = now + owner.patience;
      const bool helps = std::any_of(owner.causes.begin(), owner.causes.end(),
                                     [](const Cause& cause) { return is_asked_for_again(cause.failure.what); });
      if (helps) ask_again(owner.instance);
    }
    ++i;
  }
}

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_FAILURES_H_
