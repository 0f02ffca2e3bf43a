#include <nlohmann/json.hpp>

#include "scenarios/comparison.h"
#include "scenarios/comparison_report.h"

namespace vipdrift::scenarios {
namespace {

using Json = nlohmann::ordered_json;

Json place_json(const Place& place) { return {{"file", place.file}, {"line", place.line}, {"column", place.column}}; }

const char* status_word(ExitStatus status) {
  switch (status) {
    case ExitStatus::held:
      return "held";
    case ExitStatus::failed:
      return "failed";
    case ExitStatus::wrong_input:
      return "wrong_input";
    case ExitStatus::no_world:
      break;
  }
  return "no_world";
}

Json judgement_json(const Judgement& judgement) {
  Json out{{"kind", judgement.kind == Judgement::Kind::expectation ? "expectation" : "invariant"},
           {"line", judgement.place.line},
           {"held", judgement.judged() ? Json(judgement.held) : Json(nullptr)},
           {"expected", judgement.expected},
           {"seen", judgement.seen}};
  if (!judgement.judged()) out["not_observable"] = judgement.not_judged;
  return out;
}

Json holders_json(const ScenarioReport& report, Duration tolerance) {
  Json out = Json::object();
  for (const Holding& holding : holdings(*report.scenario, report.result->timeline)) {
    out[holding.vip.to_string()] = sequence_text(holding.spans, tolerance);
  }
  return out;
}

Json world_json(const ScenarioReport& report, Duration tolerance) {
  Json out{{"world", report.world},
           {"subject", report.subject},
           {"label", world_label(report)},
           {"status", status_word(report.status())},
           {"wall_ns", report.wall.count()},
           {"judgements", Json::array()}};
  if (!report.started_like.empty()) out["started_like"] = report.started_like;
  if (!report.result) return out;
  if (report.result->error) {
    const WorldError& error = *report.result->error;
    out["error"] = {{"place", place_json(error.place)}, {"message", error.message}};
    if (error.passing) out["error"]["passing"] = true;
    return out;
  }
  for (const Judgement& it : report.result->verdict.judgements) out["judgements"].push_back(judgement_json(it));
  out["holders"] = holders_json(report, tolerance);
  return out;
}

const char* kind_word(Disagreement::Kind kind) {
  switch (kind) {
    case Disagreement::Kind::judgement:
      return "judgement";
    case Disagreement::Kind::holders:
      return "holders";
    case Disagreement::Kind::no_run:
      break;
  }
  return "no_run";
}

/// How far apart the events of both worlds are, and how many happened in one of them only.
Json distances_json(const ScenarioReport& a, const ScenarioReport& b, Duration tolerance) {
  Json apart = Json::array();
  std::size_t lonely = 0;
  for (const KeyEvent& event : aligned({&a.result->timeline, &b.result->timeline}, tolerance)) {
    if (event.step) continue;
    if (event.missing_somewhere()) {
      ++lonely;
    } else {
      apart.push_back(event.spread().count());
    }
  }
  return {{"apart_ns", std::move(apart)}, {"in_one_only", lonely}};
}

Json pair_json(const ScenarioReport& a, const ScenarioReport& b, Duration tolerance) {
  const Agreement found = agreement(a, b, tolerance);
  Json out{{"worlds", {world_label(a), world_label(b)}},
           {"agree", found.agree()},
           {"compared", found.compared},
           {"disagreements", Json::array()}};
  for (const Disagreement& it : found.disagreements) {
    Json entry{{"kind", kind_word(it.kind)}, {"about", it.about}, {"seen", {it.first, it.second}}};
    if (it.kind == Disagreement::Kind::judgement) entry["line"] = it.place.line;
    out["disagreements"].push_back(std::move(entry));
  }
  const auto ran = [](const ScenarioReport& report) { return report.result && !report.result->error; };
  if (ran(a) && ran(b)) out["events"] = distances_json(a, b, tolerance);
  return out;
}

/// The key events of those worlds that ran, a time or null each.
Json events_json(const WorldComparison& comparison) {
  std::vector<const Timeline*> timelines;
  Json labels = Json::array();
  for (const ScenarioReport* report : comparison.worlds) {
    if (!report->result || report->result->error) continue;
    timelines.push_back(&report->result->timeline);
    labels.push_back(world_label(*report));
  }
  const std::vector<KeyEvent> events = aligned(timelines, comparison.tolerance);
  const KeyEvent* difference = first_difference(events, comparison.tolerance);
  Json out{{"worlds", labels}, {"first_difference", nullptr}, {"rows", Json::array()}};
  for (const KeyEvent& event : events) {
    Json at = Json::array();
    for (const auto& moment : event.at) at.push_back(moment ? Json(moment->count()) : Json(nullptr));
    if (&event == difference) out["first_difference"] = out["rows"].size();
    out["rows"].push_back({{"node", event.node}, {"event", event.text}, {"step", event.step}, {"at_ns", at}});
  }
  return out;
}

Json comparison_json(const WorldComparison& comparison) {
  const ScenarioReport& first = *comparison.worlds.front();
  Json out{{"file", first.file},
           {"name", first.title()},
           {"tolerance_ns", comparison.tolerance.count()},
           {"agree", comparison.agree()},
           {"worlds", Json::array()},
           {"pairs", Json::array()}};
  for (std::size_t i = 0; i < comparison.worlds.size(); ++i) {
    out["worlds"].push_back(world_json(*comparison.worlds[i], comparison.tolerance));
    for (std::size_t j = i + 1; j < comparison.worlds.size(); ++j) {
      out["pairs"].push_back(pair_json(*comparison.worlds[i], *comparison.worlds[j], comparison.tolerance));
    }
  }
  out["events"] = events_json(comparison);
  return out;
}

}  // namespace

std::string comparisons_json(const std::vector<WorldComparison>& comparisons) {
  Json document{{"vipdrift", 1}, {"comparisons", Json::array()}};
  for (const WorldComparison& comparison : comparisons) document["comparisons"].push_back(comparison_json(comparison));
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vipdrift::scenarios
