#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/comparison.h"
#include "scenarios/comparison_report.h"
#include "scenarios/durations.h"
#include "scenarios/invariant_judge.h"
#include "scenarios/text_columns.h"

namespace vipdrift::scenarios {
namespace {

bool ran(const ScenarioReport& report) { return report.scenario && report.result && !report.result->error; }

/// The table's geometry: what stands left, then one column a world.
struct Columns {
  std::size_t left = 0;
  std::size_t world = 12;
};

Columns columns_of(const std::vector<const ScenarioReport*>& worlds, const std::vector<KeyEvent>& events) {
  Columns columns;
  for (const ScenarioReport* report : worlds) columns.world = std::max(columns.world, world_label(*report).size());
  for (const KeyEvent& event : events) {
    if (!event.step) columns.left = std::max(columns.left, event.node.size() + 2 + event.text.size());
  }
  columns.left = std::min<std::size_t>(std::max<std::size_t>(columns.left, 20), 60);
  return columns;
}

std::string header(const std::vector<const ScenarioReport*>& worlds, const Columns& columns, const TextStyle& style) {
  std::string line = padded("", columns.left);
  for (const ScenarioReport* report : worlds) line += "  " + right(world_label(*report), columns.world);
  return paint(line, kBold, style) + "\n";
}

std::string event_line(const KeyEvent& event, const Columns& columns, Duration tolerance, const TextStyle& style) {
  if (event.step) return paint(clock_text(event.first()) + "  " + printable(event.text), kBold, style) + "\n";
  const bool differs = event.missing_somewhere() || event.spread() > tolerance;
  std::string line = padded(printable(event.node + "  " + event.text), columns.left);
  for (const auto& at : event.at) line += "  " + right(at ? clock_text(*at) : "-", columns.world);
  return paint(line, differs ? kYellow : std::string_view{}, style) + (differs ? "  *" : "") + "\n";
}

std::string events_table(const std::vector<const ScenarioReport*>& worlds, const std::vector<KeyEvent>& events,
                         const Columns& columns, Duration tolerance, const TextStyle& style) {
  std::string text = header(worlds, columns, style);
  for (const KeyEvent& event : events) text += event_line(event, columns, tolerance, style);
  return text;
}

std::string outcome_word(const Judgement& judgement) {
  if (!judgement.judged()) return "unseen";
  return judgement.held ? "ok" : "FAILED";
}

std::string_view outcome_colour(const Judgement& judgement) {
  if (!judgement.judged()) return kYellow;
  return judgement.held ? kGreen : kRed;
}

/// Columns of outcomes on the left, the judgement's text on the right; what was seen where the outcomes are not alike.
std::string verdict_table(const std::vector<const ScenarioReport*>& worlds, const Columns& columns,
                          const TextStyle& style) {
  std::string text;
  for (std::size_t i = 0; i < worlds.front()->result->verdict.judgements.size(); ++i) {
    const Judgement& first = worlds.front()->result->verdict.judgements[i];
    std::string line;
    std::string seen;
    bool alike = true;
    for (const ScenarioReport* report : worlds) {
      const Judgement& judgement = report->result->verdict.judgements[i];
      line += "  " + paint(right(outcome_word(judgement), columns.world), outcome_colour(judgement), style);
      alike = alike && judgement.held == first.held && judgement.judged() == first.judged();
      seen += "      " + padded(world_label(*report), columns.world) + "  " +
              printable(judgement.judged() ? judgement.seen : "not observable here: " + judgement.not_judged) + "\n";
    }
    text += line + "  " + printable(first.expected) + "\n" + (alike ? "" : seen);
  }
  return text;
}

std::string holders_table(const std::vector<const ScenarioReport*>& worlds, const Columns& columns,
                          Duration tolerance) {
  std::vector<std::vector<Holding>> all;
  for (const ScenarioReport* report : worlds) all.push_back(holdings(*report->scenario, report->result->timeline));
  std::string text;
  for (std::size_t vip = 0; vip < all.front().size(); ++vip) {
    text += all.front()[vip].vip.to_string() + " was held by\n";
    for (std::size_t world = 0; world < worlds.size(); ++world) {
      text += "  " + padded(world_label(*worlds[world]), columns.world) + "  " +
              sequence_text(all[world][vip].spans, tolerance) + "\n";
    }
  }
  return text;
}

std::string longest_outage(const ScenarioReport& report, const StartProbe& probe) {
  const auto found = outages(*report.scenario, report.result->timeline,
                             {probe.client, probe.target, probe.port, {}, {}, probe.every});
  if (!found) return "no answer";
  Duration longest{0};
  for (const Outage& outage : *found) longest = std::max(longest, outage.length());
  return to_text(longest);
}

std::string outages_table(const std::vector<const ScenarioReport*>& worlds, const Columns& columns) {
  std::string text;
  for (const Step& step : worlds.front()->scenario->steps) {
    const auto* probe = std::get_if<StartProbe>(&step.action);
    if (probe == nullptr) continue;
    text += padded(probe->client + "  longest outage of " + target_text(probe->target, probe->port), columns.left);
    for (const ScenarioReport* report : worlds) text += "  " + right(longest_outage(*report, *probe), columns.world);
    text += "\n";
  }
  return text;
}

std::string difference_text(const std::vector<const ScenarioReport*>& worlds, const KeyEvent& event) {
  std::string text = "first difference: " + printable(event.node + " " + event.text) + ":";
  for (std::size_t world = 0; world < worlds.size(); ++world) {
    const std::string when = event.at[world] ? "at " + clock_text(*event.at[world]) : "never";
    text += (world == 0 ? " " : ", ") + when + " in " + world_label(*worlds[world]);
  }
  if (!event.missing_somewhere()) text += " (" + to_text(event.spread()) + " apart)";
  return text + "\n";
}

std::string disagreement_text(const Disagreement& it, const std::string& a, const std::string& b) {
  std::string line = "    ";
  if (!it.place.file.empty()) line += it.place.file + ":" + std::to_string(it.place.line) + ": ";
  line += printable(it.about) + "\n";
  const std::size_t width = std::max(a.size(), b.size());
  line += "      " + padded(a, width) + "  " + printable(it.first) + "\n";
  return line + "      " + padded(b, width) + "  " + printable(it.second) + "\n";
}

using Pair = std::pair<const ScenarioReport*, const ScenarioReport*>;

/// The same daemons in different worlds, and different daemons in the same world.
std::vector<Pair> pairs_to_tell(const std::vector<const ScenarioReport*>& worlds) {
  std::vector<Pair> pairs;
  for (auto one = worlds.begin(); one != worlds.end(); ++one) {
    const std::string& world = (*one)->world;
    const bool first_of_its_world =
        std::none_of(worlds.begin(), one, [&](const ScenarioReport* earlier) { return earlier->world == world; });
    for (auto other = one + 1; other != worlds.end(); ++other) {
      const bool same_world = (*other)->world == world;
      const bool same_daemons = (*other)->subject == (*one)->subject;
      if (same_world ? first_of_its_world : same_daemons) pairs.emplace_back(*one, *other);
    }
  }
  return pairs;
}

std::string agreement_text(const WorldComparison& comparison, const TextStyle& style) {
  std::string text;
  for (const auto& [one, other] : pairs_to_tell(comparison.worlds)) {
    const Agreement found = agreement(*one, *other, comparison.tolerance);
    const std::string both = world_label(*one) + " and " + world_label(*other);
    if (found.agree()) {
      text += paint("agree ", kGreen, style) + "  " + both + ": " + std::to_string(found.compared) +
              " judgements and the holders of each address\n";
      continue;
    }
    text += paint("DIFFER", kRed, style) + "  " + both + "\n";
    for (const Disagreement& it : found.disagreements) {
      text += disagreement_text(it, world_label(*one), world_label(*other));
    }
  }
  return text;
}

std::string errors_text(const std::vector<const ScenarioReport*>& worlds, const TextStyle& style) {
  std::string text;
  for (const ScenarioReport* report : worlds) {
    if (!report->result || !report->result->error) continue;
    const WorldError& error = *report->result->error;
    text += paint(world_label(*report), kYellow, style) + ": " +
            (error.place.file.empty() ? report->file : error.place.file + ":" + std::to_string(error.place.line)) +
            ": " + printable(error.message) + "\n";
  }
  return text;
}

std::string start_text(const std::vector<const ScenarioReport*>& worlds) {
  std::string text;
  for (const ScenarioReport* report : worlds) {
    if (report->started_like.empty()) continue;
    text += world_label(*report) + " starts its daemons as late as " + report->started_like + " did\n";
  }
  return text;
}

}  // namespace

bool WorldComparison::all_ran() const {
  return std::all_of(worlds.begin(), worlds.end(), [](const ScenarioReport* report) { return ran(*report); });
}

bool WorldComparison::agree() const {
  const std::vector<Pair> pairs = pairs_to_tell(worlds);
  return std::all_of(pairs.begin(), pairs.end(), [&](const Pair& pair) {
    return agreement(*pair.first, *pair.second, tolerance).agree();
  });
}

std::string render_comparison(const WorldComparison& comparison, const TextStyle& style) {
  std::vector<const ScenarioReport*> worlds;
  std::vector<const Timeline*> timelines;
  for (const ScenarioReport* report : comparison.worlds) {
    if (!ran(*report)) continue;
    worlds.push_back(report);
    timelines.push_back(&report->result->timeline);
  }
  const ScenarioReport& first = *comparison.worlds.front();
  std::string text = paint(printable(first.title()), kBold, style) + "\n" + first.file + "\n" +
                     errors_text(comparison.worlds, style) + start_text(worlds) + "\n";
  if (worlds.size() < 2) return text + agreement_text(comparison, style);
  const std::vector<KeyEvent> events = aligned(timelines, comparison.tolerance);
  const Columns columns = columns_of(worlds, events);
  text += events_table(worlds, events, columns, comparison.tolerance, style) + "\n";
  text += verdict_table(worlds, columns, style) + "\n";
  text += holders_table(worlds, columns, comparison.tolerance) + outages_table(worlds, columns) + "\n";
  const std::string within = " to within " + to_text(comparison.tolerance);
  const KeyEvent* difference = first_difference(events, comparison.tolerance);
  text += difference == nullptr ? "every event happened in every world," + within.substr(1) + "\n"
                                : difference_text(worlds, *difference);
  return text + agreement_text(comparison, style);
}

std::string render_agreement(const WorldComparison& comparison, const TextStyle& style) {
  const ScenarioReport& first = *comparison.worlds.front();
  return paint(printable(first.title()), kBold, style) + "\n" + first.file + "\n" +
         errors_text(comparison.worlds, style) + agreement_text(comparison, style);
}

}  // namespace vipdrift::scenarios
