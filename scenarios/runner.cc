#include "scenarios/runner.h"

#include <chrono>

#include "scenarios/condition.h"
#include "scenarios/durations.h"

namespace vipdrift::scenarios {
namespace {

Duration rounded_to_ms(Duration length) { return std::chrono::round<std::chrono::milliseconds>(length); }

std::optional<WorldError> first_refused(const Scenario& scenario, const Testbed& world) {
  if (auto error = world.cannot_build(scenario)) return error;
  for (const Step& step : scenario.steps) {
    if (const auto reason = world.cannot(step.action)) {
      return WorldError{step.place, "this world cannot do '" + step.text + "': " + *reason};
    }
  }
  return std::nullopt;
}

RecordingOptions united(const RecordingOptions& a, const RecordingOptions& b) {
  return {a.advertisements || b.advertisements, a.discards || b.discards, a.script_results || b.script_results,
          a.logs || b.logs, a.advertisement_fields || b.advertisement_fields, a.requests || b.requests};
}

std::optional<WorldError> play(const Scenario& scenario, Testbed& world, Duration until, Timeline& timeline) {
  for (const Step& step : scenario.steps) {
    if (auto error = world.run_until(step.at)) return error;
    timeline.add({step.at, "", StepDone{step.text}});
    if (auto error = world.apply(step)) {
      if (error->place.line == 0) error->place = step.place;
      return error;
    }
  }
  return world.run_until(until);
}

/// A world that stood still for longer than it may be wrong has shown nothing.
std::optional<WorldError> stumbled(const Testbed& world, Duration tolerance) {
  const std::optional<Testbed::Hiccup> worst = world.worst_hiccup();
  if (!worst || worst->length <= tolerance) return std::nullopt;
  return WorldError{{}, "the machine stood still for " + to_text(rounded_to_ms(worst->length)) + " at " +
                            to_text(rounded_to_ms(worst->at)) + ", longer than the tolerance of " + to_text(tolerance) +
                            ": nothing can be judged; it needs to do less at a time (--jobs), or more --tolerance",
                    true};
}

/// A world that can see nothing of what is expected need not run.
std::optional<WorldError> nothing_to_see(const Scenario& scenario, const Sight& sight) {
  const Verdict verdict = judge(scenario, Timeline{}, sight);
  if (!verdict.nothing_judged()) return std::nullopt;
  const Judgement& first = verdict.judgements.front();
  return WorldError{first.place, "this world can observe nothing of what is expected: " + first.not_judged};
}

}  // namespace

RecordingOptions needed_recording(const Scenario& scenario) {
  RecordingOptions needed{.advertisements = false, .discards = false, .script_results = false, .logs = false,
                          .requests = false};
  for (const Expectation& expectation : scenario.expectations) {
    const Condition& condition = expectation.condition;
    const auto* advertisement = std::get_if<AdvertisementSeen>(&condition);
    needed.advertisements = needed.advertisements || advertisement != nullptr;
    needed.advertisement_fields =
        needed.advertisement_fields || (advertisement != nullptr && advertisement->asks_for_fields());
    needed.requests = needed.requests || is_window(condition);
    needed.discards = needed.discards || std::holds_alternative<DiscardedFor>(condition);
    needed.logs = needed.logs || std::holds_alternative<Logged>(condition);
  }
  for (const Always& always : scenario.always) {
    needed.requests = needed.requests || std::holds_alternative<RequestsServed>(always.invariant);
  }
  return needed;
}

RunResult run(const Scenario& scenario, Testbed& world, const RunOptions& options) {
  RunResult result;
  const Duration tolerance = options.tolerance.value_or(world.tolerance());
  const Sight sight{tolerance, [&world](const Condition& condition) { return world.cannot_see(condition); }};
  result.error = first_refused(scenario, world);
  if (!result.error) result.error = nothing_to_see(scenario, sight);
  if (result.error) return result;
  result.error = world.build(scenario, united(needed_recording(scenario), options.also_record), result.timeline);
  if (!result.error) result.error = play(scenario, world, scenario.end + tolerance, result.timeline);
  if (!result.error) result.error = stumbled(world, tolerance);
  result.timeline.sort_by_time();
  result.statistics = world.statistics();
  if (!result.error) result.verdict = judge(scenario, result.timeline, sight);
  return result;
}

}  // namespace vipdrift::scenarios
