#include "scenarios/expectation_judge.h"

#include <algorithm>
#include <string>

#include "scenarios/condition.h"
#include "scenarios/durations.h"
#include "scenarios/request_judge.h"
#include "scenarios/truth_line.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {
namespace {

/// What is common to the judges of states and of events.
class Finding {
 public:
  Finding(const Scenario& scenario, const Timeline& timeline, const Expectation& expectation)
      : scenario_{scenario}, timeline_{timeline}, expectation_{expectation} {
    judgement_.kind = Judgement::Kind::expectation;
    judgement_.place = expectation.place;
    judgement_.expected = expected_text(expectation, Duration{0});
  }

  Judgement holds(std::string seen, std::optional<Duration> at, std::optional<Duration> margin) {
    judgement_.held = true;
    return finish(std::move(seen), at, margin);
  }
  Judgement fails(std::string seen, std::optional<Duration> at, std::optional<Duration> margin) {
    judgement_.held = false;
    return finish(std::move(seen), at, margin);
  }

  /// What another judge found.
  Judgement takes(Judgement found) {
    found.kind = judgement_.kind;
    found.place = judgement_.place;
    found.expected = std::move(judgement_.expected);
    return found;
  }

  void measured(Duration what) { judgement_.measured = what; }

  /// The state of affairs at `moment`, in words.
  std::string actual(Duration moment) const {
    return describe_actual(expectation_.condition, state_at(scenario_, timeline_, moment)) + " at " + to_text(moment);
  }

 private:
  Judgement finish(std::string seen, std::optional<Duration> at, std::optional<Duration> margin) {
    judgement_.seen = std::move(seen);
    judgement_.at = at;
    judgement_.margin = margin;
    return judgement_;
  }

  const Scenario& scenario_;
  const Timeline& timeline_;
  const Expectation& expectation_;
  Judgement judgement_;
};

// ------------------------------------------------------------------ states

Judgement judge_never(Finding& finding, const std::vector<Stretch>& stretches, Duration until) {
  if (stretches.empty()) return finding.holds("it never was", std::nullopt, std::nullopt);
  const Duration first = stretches.front().begin;
  finding.measured(first);
  if (first <= until) return finding.fails(finding.actual(first), first, std::nullopt);
  return finding.holds("not until " + to_text(first), first, first - until);
}

Judgement judge_unbroken(Finding& finding, const std::vector<Stretch>& stretches, Duration since, Duration until,
                         Duration end) {
  if (stretches.empty() || stretches.front().begin > since) {
    return finding.fails(finding.actual(since), since, std::nullopt);
  }
  const Stretch& first = stretches.front();
  if (first.end) finding.measured(*first.end);
  if (!first.end && end < until) {
    return finding.fails("the run ended at " + to_text(end) + " before it was so long enough", end, end - until);
  }
  if (!first.end) return finding.holds("it was to the end of the run", std::nullopt, std::nullopt);
  if (*first.end < until) return finding.fails(finding.actual(*first.end), *first.end, *first.end - until);
  return finding.holds("it was until " + to_text(*first.end), *first.end, *first.end - until);
}

/// The first stretch that lasts `wanted`; a stretch that the end of the run cut off lasted until then.
const Stretch* first_lasting(const std::vector<Stretch>& stretches, Duration wanted, Duration end) {
  const auto found = std::find_if(stretches.begin(), stretches.end(), [&](const Stretch& stretch) {
    return stretch.end.value_or(std::max(end, stretch.begin)) - stretch.begin >= wanted;
  });
  return found == stretches.end() ? nullptr : &*found;
}

std::string broken_text(Finding& finding, const std::vector<Stretch>& stretches, Duration deadline, Duration end) {
  if (stretches.empty() || stretches.front().begin > deadline) return finding.actual(deadline);
  const Stretch& first = stretches.front();
  const std::string from = "it was so from " + to_text(first.begin);
  if (first.end) return from + " only until " + to_text(*first.end) + ": " + finding.actual(*first.end);
  return from + ", but the run ended at " + to_text(end);
}

Judgement judge_deadline(Finding& finding, const Expectation& expectation, const std::vector<Stretch>& stretches,
                         Duration end) {
  const Duration deadline = *expectation.deadline;
  if (expectation.not_before && !stretches.empty() && stretches.front().begin < *expectation.not_before) {
    const Duration first = stretches.front().begin;
    finding.measured(first);
    const std::string early = to_text(*expectation.not_before - first) + " too early: ";
    return finding.fails(early + finding.actual(first), first, first - *expectation.not_before);
  }
  const Stretch* found = first_lasting(stretches, expectation.holds_for.value_or(Duration{0}), end);
  if (found == nullptr) return finding.fails(broken_text(finding, stretches, deadline, end), deadline, std::nullopt);
  finding.measured(found->begin);
  if (found->begin > deadline) {
    const std::string late =
        "; so only from " + to_text(found->begin) + ", " + to_text(found->begin - deadline) + " too late";
    return finding.fails(broken_text(finding, stretches, deadline, end) + late, deadline, deadline - found->begin);
  }
  Duration margin = deadline - found->begin;
  if (expectation.not_before) margin = std::min(margin, found->begin - *expectation.not_before);
  return finding.holds("it was from " + to_text(found->begin), found->begin, margin);
}

Judgement judge_state(Finding& finding, const Expectation& expectation, const std::vector<Stretch>& stretches,
                      Duration end) {
  if (expectation.never_until) return judge_never(finding, stretches, *expectation.never_until);
  if (expectation.deadline) return judge_deadline(finding, expectation, stretches, end);
  return judge_unbroken(finding, stretches, expectation.since, expectation.holds_until.value_or(expectation.since),
                        end);
}

// ------------------------------------------------------------------ events

/// Moments at which an event happened, one entry each, from the step on.
std::vector<Duration> moments(const Expectation& expectation, const Timeline& timeline) {
  std::vector<Duration> result;
  const auto& all = timeline.observations();
  const auto not_earlier = std::lower_bound(all.begin(), all.end(), expectation.since,
                                            [](const Observation& seen, Duration at) { return seen.at < at; });
  auto first = not_earlier;
  for (auto it = not_earlier; it != all.end() && it->at == expectation.since; ++it) {
    if (!std::holds_alternative<StepDone>(it->what)) continue;
    first = it;
    break;
  }
  for (auto it = first; it != all.end(); ++it) {
    const int count = occurrences(expectation.condition, *it);
    for (int i = 0; i < count; ++i) result.push_back(it->at);
  }
  return result;
}

std::string times_text(std::size_t count) { return count == 1 ? "once" : std::to_string(count) + " times"; }

Judgement judge_event(Finding& finding, const Expectation& expectation, const Timeline& timeline, Duration end) {
  const std::vector<Duration> seen = moments(expectation, timeline);
  if (expectation.never_until) {
    if (seen.empty()) return finding.holds("it never happened", std::nullopt, std::nullopt);
    const std::string when = to_text(seen.front());
    finding.measured(seen.front());
    if (seen.front() <= *expectation.never_until) {
      return finding.fails("it happened at " + when, seen.front(), std::nullopt);
    }
    return finding.holds("not until " + when, seen.front(), seen.front() - *expectation.never_until);
  }
  const Duration deadline = expectation.deadline.value_or(end);
  if (expectation.not_before && !seen.empty() && seen.front() < *expectation.not_before) {
    const Duration early = *expectation.not_before - seen.front();
    finding.measured(seen.front());
    return finding.fails("it happened at " + to_text(seen.front()) + ", " + to_text(early) + " too early", seen.front(),
                         -early);
  }
  const auto behind = std::upper_bound(seen.begin(), seen.end(), deadline);
  const auto count = static_cast<std::size_t>(behind - seen.begin());
  const int at_least = expectation.at_least.value_or(expectation.at_most ? 0 : 1);
  const auto wanted = static_cast<std::size_t>(std::max(0, at_least));
  const std::string times = "it happened " + times_text(count) + " until " + to_text(deadline);
  if (expectation.at_most && count > static_cast<std::size_t>(std::max(0, *expectation.at_most))) {
    return finding.fails(times, seen[static_cast<std::size_t>(std::max(0, *expectation.at_most))], std::nullopt);
  }
  if (count < wanted) {
    if (seen.size() < wanted) return finding.fails(times, deadline, std::nullopt);
    const Duration late = seen[wanted - 1];
    finding.measured(late);
    return finding.fails(times + ", too late at " + to_text(late), deadline, deadline - late);
  }
  if (wanted == 0) return finding.holds(times, std::nullopt, std::nullopt);
  const Duration decisive = seen[wanted - 1];
  finding.measured(decisive);
  Duration margin = deadline - decisive;
  if (expectation.not_before) margin = std::min(margin, seen.front() - *expectation.not_before);
  return finding.holds("it happened at " + to_text(decisive), decisive, margin);
}

/// One line of truth per expectation that asks for a state; all filled in one walk through the timeline.
std::vector<TruthLine> truth_lines(const Scenario& scenario, const Timeline& timeline) {
  std::vector<TruthLine> lines(scenario.expectations.size());
  WorldState world{scenario};
  const auto look = [&](Duration at) {
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i].set(at, is_true(scenario.expectations[i].condition, world));
  };
  const auto& all = timeline.observations();
  // The world before its first nanosecond counts only where nothing happened at time 0.
  if (all.empty() || all.front().at > Duration{0}) look(Duration{0});
  bool changed = true;
  for (std::size_t i = 0; i < all.size(); ++i) {
    world.apply(all[i]);
    changed = changed || changes_state(all[i].what);
    const bool moment_over = i + 1 == all.size() || all[i + 1].at != all[i].at;
    if (!moment_over || !changed) continue;
    look(all[i].at);
    changed = false;
  }
  return lines;
}

}  // namespace

std::string expected_text(const Expectation& expectation, Duration tolerance) {
  const std::string within = tolerance == Duration{0} ? "" : ", to within " + to_text(tolerance);
  return expectation.text + " (since " + to_text(expectation.since) + within + ")";
}

bool asks_from_the_step_on(const Expectation& expectation) {
  return expectation.never_until || (expectation.holds_until && !expectation.deadline);
}

std::vector<Judgement> judge_expectations(const Scenario& scenario, const Timeline& timeline, Duration aftermath) {
  const std::vector<TruthLine> lines = truth_lines(scenario, timeline);
  std::vector<Judgement> judgements;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const Expectation& expectation = scenario.expectations[i];
    Finding finding{scenario, timeline, expectation};
    if (is_event(expectation.condition)) {
      judgements.push_back(judge_event(finding, expectation, timeline, scenario.end));
      continue;
    }
    if (is_window(expectation.condition)) {
      judgements.push_back(finding.takes(judge_window(scenario, timeline, expectation)));
      continue;
    }
    const Duration ignored = asks_from_the_step_on(expectation) ? Duration{0} : aftermath;
    judgements.push_back(
        judge_state(finding, expectation, lines[i].since(expectation.since, ignored), scenario.end));
  }
  return judgements;
}

}  // namespace vipdrift::scenarios
