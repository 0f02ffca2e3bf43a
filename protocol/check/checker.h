// The state of one health checker: when it asks, how many failures it has seen, and what it thinks of its server.
#ifndef VIPDRIFT_PROTOCOL_CHECK_CHECKER_H_
#define VIPDRIFT_PROTOCOL_CHECK_CHECKER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/base/time.h"
#include "protocol/check/action.h"
#include "protocol/check/check_plan.h"
#include "protocol/check/probe.h"

namespace vipdrift::check {

/// Why `result` is no welcome answer to `question`, in words; nothing: it is one. `dynamic`: exit codes from 2 on are
/// weights (misc_dynamic).
std::optional<std::string> complaint(const Question& question, const ProbeResult& result, bool dynamic);

/// The rules of keepalived: `retry` failures after the first make a server fail, `delay_before_retry` apart, but the
/// very first answer decides alone; one success makes it recover, over HTTP one of each url. (keepalived.conf(5),
/// "healthcheckers"; what its manual leaves open was measured with 2.2.7.) Whether the next check is due `delay_loop`
/// after the end of the last one or after its turn is Profile::checks_keep_phase.
class Checker {
 public:
  /// What an answer has changed. `still_down`: told once, when a server that was never up fails its first check.
  enum class Change : std::uint8_t { none, up, down, still_down };

  explicit Checker(bool up) : up_{up} {}

  bool up() const { return up_; }
  bool asking() const { return asking_; }
  /// The question that is asked now or next.
  std::uint32_t question() const { return question_; }
  /// When to ask next; kNever while an answer is awaited, and for FILE_CHECK.
  TimePoint deadline() const { return asking_ ? kNever : next_; }
  /// What it adds to the weight of its server.
  std::int64_t weight() const { return weight_; }

  /// The first check, and with Profile::checks_keep_phase those that follow it, delay_loop apart.
  void begin(TimePoint at) { next_ = phase_ = at; }
  /// Leaves out one check.
  void skip(const CheckPlan& plan, CheckerId self, TimePoint now) { next_ = next_round(plan, self, now); }
  void begin_asking() { asking_ = true; }
  /// The answer will not come.
  void stop_asking(TimePoint next) {
    asking_ = false;
    next_ = next;
  }

  /// An answer to question(). Lines for the log go to `actions`; `server` and `service` are their names there.
  Change hear(const CheckPlan& plan, CheckerId self, const ProbeResult& result, TimePoint now, ActionList& actions);
  /// The number in the file of a FILE_CHECK.
  Change read(const CheckerPlan& plan, std::int64_t value);

  friend bool operator==(const Checker&, const Checker&) = default;
  template <class Sink>
  void describe_state(TimePoint now, Sink sink) const {
    sink(up_ + 2 * has_run_ + 4 * asking_ + 8 * must_repeat_ + 16 * praised_);
    sink(failures_);
    sink(question_);
    sink(weight_);
    sink(next_ == kNever ? -1 : (next_ - now).count());
    sink(phase_ == kNever ? -1 : (phase_ - now).count());
  }

 private:
  /// When to ask again after an answer that decides.
  TimePoint next_round(const CheckPlan& plan, CheckerId self, TimePoint now);
  Change succeed(const CheckPlan& plan, CheckerId self, TimePoint now, ActionList& actions);
  Change fail(const CheckPlan& plan, CheckerId self, const std::string& reason, TimePoint now, ActionList& actions);

  bool up_;
  bool has_run_ = false;
  bool asking_ = false;
  bool must_repeat_ = false;  ///< Profile::repeats_first_url, after a failure
  bool praised_ = false;      ///< its first success is in the log
  std::uint32_t failures_ = 0;
  std::uint32_t question_ = 0;
  std::int64_t weight_ = 0;
  TimePoint next_ = kNever;
  TimePoint phase_ = kNever;  ///< one of the times at which it is due by Profile::checks_keep_phase
};

}  // namespace vipdrift::check

#endif  // VIPDRIFT_PROTOCOL_CHECK_CHECKER_H_
