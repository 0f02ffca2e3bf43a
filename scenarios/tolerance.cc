#include "scenarios/tolerance.h"

#include <algorithm>

#include "scenarios/condition.h"
#include "scenarios/durations.h"
#include "scenarios/expectation_judge.h"

namespace vipdrift::scenarios {
namespace {

constexpr Duration kNothing{0};

bool has_upper_count_only(const Expectation& expectation) { return expectation.at_most && !expectation.at_least; }

/// The stretch that `expectation` looks at and that a tolerance shortens; nullopt when it only asks for a deadline.
struct Window {
  Duration length{0};
  Duration cut{0};
};

std::optional<Window> shortened_window(const Expectation& expectation, Duration tolerance) {
  if (expectation.never_until) {
    const Duration cut = is_event(expectation.condition) ? tolerance : 2 * tolerance;
    return Window{*expectation.never_until - expectation.since, cut};
  }
  if (asks_from_the_step_on(expectation)) {
    return Window{*expectation.holds_until - expectation.since, 2 * tolerance};
  }
  if (has_upper_count_only(expectation) && expectation.deadline) {
    return Window{*expectation.deadline - expectation.since, tolerance};
  }
  return std::nullopt;
}

struct Widener {
  Duration tolerance;

  Invariant operator()(OneMaster it) const {
    it.except_for += tolerance;
    return it;
  }
  Invariant operator()(OneHolder it) const {
    it.except_for += tolerance;
    return it;
  }
  Invariant operator()(ClientOutage it) const {
    it.at_most += tolerance;
    if (it.at_least) *it.at_least -= tolerance;
    if (it.at_least && *it.at_least <= kNothing) it.at_least.reset();
    return it;
  }
  Invariant operator()(NoAddressInFault it) const {
    it.except_for += tolerance;
    return it;
  }
  Invariant operator()(TransitionsAtMost it) const { return it; }
  Invariant operator()(RequestsServed it) const {
    if (it.outage_at_most) *it.outage_at_most += tolerance;
    if (it.outage_at_least) *it.outage_at_least -= tolerance;
    if (it.outage_at_least && *it.outage_at_least <= kNothing) it.outage_at_least.reset();
    return it;
  }
  Invariant operator()(PoolNotEmpty it) const {
    it.except_for += tolerance;
    return it;
  }
  Invariant operator()(NoMixedPool it) const {
    it.except_for += tolerance;
    return it;
  }
  Invariant operator()(ConnectionSurvives it) const {
    it.stalled_at_most += tolerance;
    return it;
  }
};

}  // namespace

Expectation widened(Expectation expectation, Duration tolerance) {
  if (tolerance == kNothing) return expectation;
  const bool event = is_event(expectation.condition);
  if (expectation.not_before) {
    *expectation.not_before -= tolerance;
    if (*expectation.not_before <= expectation.since) expectation.not_before.reset();
  }
  if (expectation.deadline) *expectation.deadline += has_upper_count_only(expectation) ? -tolerance : tolerance;
  if (expectation.holds_for) expectation.holds_for = std::max(kNothing, *expectation.holds_for - 2 * tolerance);
  if (expectation.never_until) *expectation.never_until -= tolerance;
  if (expectation.holds_until) *expectation.holds_until -= tolerance;
  if (asks_from_the_step_on(expectation) && !event) expectation.since += tolerance;
  return expectation;
}

Invariant widened(Invariant invariant, Duration tolerance) { return std::visit(Widener{tolerance}, invariant); }

std::optional<std::string> too_short_for(const Expectation& expectation, Duration tolerance) {
  if (tolerance == kNothing) return std::nullopt;
  const std::optional<Window> window = shortened_window(expectation, tolerance);
  if (!window || window->length > window->cut) return std::nullopt;
  return to_text(window->length) + " are too short for a tolerance of " + to_text(tolerance);
}

std::optional<SplitCounts> split_counts(const Expectation& expectation) {
  if (!expectation.at_least || !expectation.at_most) return std::nullopt;
  SplitCounts split{expectation, expectation};
  split.at_least.at_most.reset();
  split.at_most.at_least.reset();
  split.at_most.not_before.reset();  // asked once, with the lower count
  return split;
}

}  // namespace vipdrift::scenarios
