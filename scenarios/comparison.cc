#include "scenarios/comparison.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "scenarios/virtual_addresses.h"
#include "scenarios/world_state.h"

namespace vipdrift::scenarios {
namespace {

// ------------------------------------------------------------------ key events

struct IsKeyEvent {
  bool operator()(const InstanceChanged& it) const { return it.to != vrrp::State::initialize; }
  bool operator()(const AddressAdded&) const { return true; }
  bool operator()(const AddressRemoved&) const { return true; }
  bool operator()(const DaemonChanged&) const { return true; }
  bool operator()(const ProbeAnswers&) const { return true; }
  bool operator()(const ServerChanged&) const { return true; }
  bool operator()(const QuorumChanged&) const { return true; }
  bool operator()(const ConnectionChanged&) const { return true; }
  bool operator()(const StepDone&) const { return true; }
  template <class Other>
  bool operator()(const Other&) const {
    return false;
  }
};

/// What must be equal for two observations to be one event. The MAC of an answer and the state before are not.
struct TextOf {
  std::string operator()(const InstanceChanged& it) const { return it.instance + " " + std::string(to_string(it.to)); }
  std::string operator()(const DaemonChanged& it) const { return describe(DaemonChanged{it.event, "", it.part}); }
  std::string operator()(const ConnectionChanged& it) const {
    return describe(ConnectionChanged{it.target, it.port, it.state, it.node, ""});
  }
  std::string operator()(const ProbeAnswers& it) const {
    return target_text(it.target, it.port) + " answered by " + (it.node.empty() ? "nobody" : it.node);
  }
  template <class Other>
  std::string operator()(const Other& it) const {
    return describe(it);
  }
};

/// When the events of one kind happened in one world, with the number of the step before each.
struct Moment {
  Duration at{0};
  std::size_t step = 0;
};

using Kind = std::pair<std::string, std::string>;  // node, text
using Moments = std::map<Kind, std::vector<Moment>>;

struct Extract {
  Moments moments;
  std::vector<std::pair<Duration, std::string>> steps;
};

Extract extract(const Timeline& timeline) {
  Extract result;
  for (const Observation& seen : timeline.observations()) {
    if (!std::visit(IsKeyEvent{}, seen.what)) continue;
    if (std::holds_alternative<StepDone>(seen.what)) {
      result.steps.emplace_back(seen.at, describe(seen.what));
    } else {
      result.moments[{seen.node, std::visit(TextOf{}, seen.what)}].push_back({seen.at, result.steps.size()});
    }
  }
  return result;
}

/// The rows of one kind of event while world after world is added.
class Rows {
 public:
  Rows(std::size_t worlds, Duration tolerance) : worlds_{worlds}, tolerance_{tolerance} {}

  void add(std::size_t world, std::vector<Moment> moments) {
    take(world, moments, [&](const Row& row, const Moment& moment) {
      return std::max(row.first, moment.at) - std::min(row.first, moment.at) <= tolerance_;
    });
    take(world, moments, [](const Row& row, const Moment& moment) { return row.step == moment.step; });
    for (const Moment& moment : moments) {
      rows_.push_back({moment.at, moment.step, std::vector<std::optional<Duration>>(worlds_)});
      rows_.back().at[world] = moment.at;
    }
    std::stable_sort(rows_.begin(), rows_.end(), [](const Row& a, const Row& b) { return a.first < b.first; });
  }

  void move_into(const Kind& kind, std::vector<KeyEvent>& events) {
    for (Row& row : rows_) events.push_back({kind.first, kind.second, std::move(row.at)});
  }

 private:
  struct Row {
    Duration first{0};
    std::size_t step = 0;
    std::vector<std::optional<Duration>> at;
  };

  /// Gives each moment to the first free row that fits; what fits nowhere remains.
  template <class Fits>
  void take(std::size_t world, std::vector<Moment>& moments, Fits fits) {
    std::vector<Moment> left;
    for (const Moment& moment : moments) {
      const auto row = std::find_if(rows_.begin(), rows_.end(),
                                    [&](const Row& it) { return !it.at[world] && fits(it, moment); });
      if (row == rows_.end()) {
        left.push_back(moment);
      } else {
        row->at[world] = moment.at;
      }
    }
    moments = std::move(left);
  }

  std::size_t worlds_;
  Duration tolerance_;
  std::vector<Row> rows_;
};

// ------------------------------------------------------------------ holders

std::vector<std::string> holders_of(const WorldState& world, const IpAddress& vip) {
  std::vector<std::string> result;
  for (const auto& entry : world.directors()) {
    if (world.holds(entry.first, vip)) result.push_back(entry.first);
  }
  return result;
}

void note_holders(Holding& holding, const WorldState& world, Duration at) {
  std::vector<std::string> now = holders_of(world, holding.vip);
  if (!holding.spans.empty()) {
    holding.spans.back().to = at;
    if (holding.spans.back().directors == now) return;
    if (holding.spans.back().length() == Duration{0}) holding.spans.pop_back();
  }
  holding.spans.push_back({std::move(now), at, at});
}

/// Finds a way through both sequences that leaves out only spans that may be left out.
class SequenceMatch {
 public:
  SequenceMatch(const std::vector<HoldersSpan>& a, const std::vector<HoldersSpan>& b, Duration tolerance)
      : a_{a}, b_{b}, tolerance_{tolerance} {}

  bool matches() { return from(0, 0, nullptr); }

 private:
  using Holders = std::vector<std::string>;

  /// `last`: the holders that both sequences have come to.
  bool from(std::size_t i, std::size_t j, const Holders* last) {
    if (i == a_.size() && j == b_.size()) return true;
    if (!visited_.insert({i, j, last == nullptr ? Holders{"?"} : *last}).second) return false;
    if (i < a_.size() && may_skip(a_[i], last) && from(i + 1, j, last)) return true;
    if (j < b_.size() && may_skip(b_[j], last) && from(i, j + 1, last)) return true;
    return i < a_.size() && j < b_.size() && a_[i].directors == b_[j].directors &&
           from(i + 1, j + 1, &a_[i].directors);
  }

  bool may_skip(const HoldersSpan& span, const Holders* last) const {
    return span.length() < tolerance_ || (last != nullptr && span.directors == *last);
  }

  const std::vector<HoldersSpan>& a_;
  const std::vector<HoldersSpan>& b_;
  Duration tolerance_;
  std::set<std::tuple<std::size_t, std::size_t, Holders>> visited_;
};

std::string joined(const std::vector<std::string>& directors) {
  if (directors.empty()) return "nobody";
  std::string text;
  for (const std::string& director : directors) text += (text.empty() ? "" : "+") + director;
  return text;
}

// ------------------------------------------------------------------ agreement

std::string outcome(const Judgement& judgement) {
  return std::string(judgement.held ? "held" : "failed") + ": " + judgement.seen;
}

/// What was measured is the same to within `tolerance`, and the bound lies between: no two behaviours.
bool straddle_a_bound(const Judgement& one, const Judgement& other, Duration tolerance) {
  if (!one.measured || !other.measured) return false;
  return std::max(*one.measured, *other.measured) - std::min(*one.measured, *other.measured) <= tolerance;
}

void compare_judgements(const Verdict& a, const Verdict& b, Duration tolerance, Agreement& result) {
  for (std::size_t i = 0; i < std::min(a.judgements.size(), b.judgements.size()); ++i) {
    const Judgement& one = a.judgements[i];
    const Judgement& other = b.judgements[i];
    if (!one.judged() || !other.judged()) continue;
    ++result.compared;
    if (one.held == other.held || straddle_a_bound(one, other, tolerance)) continue;
    result.disagreements.push_back(
        {Disagreement::Kind::judgement, one.expected, one.place, outcome(one), outcome(other)});
  }
}

std::optional<Disagreement> without_run(const ScenarioReport& a, const ScenarioReport& b) {
  const auto why = [](const ScenarioReport& report) -> std::string {
    if (!report.scenario) return "the scenario is wrong";
    if (!report.result) return "not run";
    return report.result->error ? report.result->error->message : "";
  };
  const std::string first = why(a);
  const std::string second = why(b);
  if (first.empty() && second.empty()) return std::nullopt;
  return Disagreement{Disagreement::Kind::no_run, "the run", {}, first.empty() ? "ran" : first,
                      second.empty() ? "ran" : second};
}

}  // namespace

Duration KeyEvent::first() const {
  std::optional<Duration> earliest;
  for (const auto& moment : at) {
    if (moment && (!earliest || *moment < *earliest)) earliest = moment;
  }
  return earliest.value_or(Duration{0});
}

Duration KeyEvent::spread() const {
  Duration last = first();
  for (const auto& moment : at) last = std::max(last, moment.value_or(last));
  return last - first();
}

bool KeyEvent::missing_somewhere() const {
  return std::any_of(at.begin(), at.end(), [](const auto& moment) { return !moment; });
}

std::vector<KeyEvent> aligned(const std::vector<const Timeline*>& worlds, Duration tolerance) {
  std::vector<Extract> extracts;
  std::set<Kind> kinds;
  for (const Timeline* timeline : worlds) {
    extracts.push_back(extract(*timeline));
    for (const auto& entry : extracts.back().moments) kinds.insert(entry.first);
  }
  std::vector<KeyEvent> events;
  if (!extracts.empty()) {
    for (const auto& [at, text] : extracts.front().steps) {
      events.push_back({"", text, std::vector<std::optional<Duration>>(worlds.size(), at), true});
    }
  }
  for (const Kind& kind : kinds) {
    Rows rows(worlds.size(), tolerance);
    for (std::size_t world = 0; world < extracts.size(); ++world) rows.add(world, extracts[world].moments[kind]);
    rows.move_into(kind, events);
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const KeyEvent& a, const KeyEvent& b) { return a.first() < b.first(); });
  return events;
}

const KeyEvent* first_difference(const std::vector<KeyEvent>& events, Duration tolerance) {
  const auto found = std::find_if(events.begin(), events.end(), [tolerance](const KeyEvent& event) {
    return event.missing_somewhere() || event.spread() > tolerance;
  });
  return found == events.end() ? nullptr : &*found;
}

std::vector<Holding> holdings(const Scenario& scenario, const Timeline& timeline) {
  std::vector<Holding> result;
  for (const IpAddress& vip : virtual_addresses(scenario)) result.push_back({vip, {}});
  WorldState world{scenario};
  for (Holding& holding : result) note_holders(holding, world, Duration{0});
  Duration end = scenario.end;
  for (const Observation& seen : timeline.observations()) {
    world.apply(seen);
    end = std::max(end, seen.at);
    if (!changes_state(seen.what)) continue;
    for (Holding& holding : result) note_holders(holding, world, seen.at);
  }
  for (Holding& holding : result) note_holders(holding, world, end);
  return result;
}

std::string sequence_text(const std::vector<HoldersSpan>& spans, Duration tolerance) {
  std::string text;
  std::string last;
  for (const HoldersSpan& span : spans) {
    const std::string holders = joined(span.directors);
    if (span.length() < tolerance || holders == last) continue;
    text += (text.empty() ? "" : ", ") + holders;
    last = holders;
  }
  return text;
}

bool same_sequence(const std::vector<HoldersSpan>& a, const std::vector<HoldersSpan>& b, Duration tolerance) {
  return SequenceMatch(a, b, tolerance).matches();
}

Agreement agreement(const ScenarioReport& a, const ScenarioReport& b, Duration tolerance) {
  Agreement result;
  if (std::optional<Disagreement> missing = without_run(a, b)) {
    result.disagreements.push_back(std::move(*missing));
    return result;
  }
  compare_judgements(a.result->verdict, b.result->verdict, tolerance, result);
  const std::vector<Holding> one = holdings(*a.scenario, a.result->timeline);
  const std::vector<Holding> other = holdings(*b.scenario, b.result->timeline);
  for (std::size_t i = 0; i < one.size() && i < other.size(); ++i) {
    if (same_sequence(one[i].spans, other[i].spans, tolerance)) continue;
    result.disagreements.push_back({Disagreement::Kind::holders, one[i].vip.to_string(), {},
                                    sequence_text(one[i].spans, tolerance), sequence_text(other[i].spans, tolerance)});
  }
  return result;
}

std::string world_label(const ScenarioReport& report) {
  return report.subject.empty() ? report.world : report.world + "/" + report.subject;
}

}  // namespace vipdrift::scenarios
