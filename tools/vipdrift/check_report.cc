#include "tools/vipdrift/check_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string_view>

#include "scenarios/text_columns.h"
#include "tools/vipdrift/timing_report.h"

namespace vipdrift::tools {
namespace {

using analysis::Severity;
using scenarios::padded;
using scenarios::paint;

std::string_view colour_of(Severity severity) {
  switch (severity) {
    case Severity::error:
      return scenarios::kRed;
    case Severity::warning:
      return scenarios::kYellow;
    case Severity::note:
      return scenarios::kDim;
  }
  return {};
}

std::string place_text(const config::Place& place) {
  const std::string column = place.column > 0 ? fmt::format(":{}", place.column) : std::string{};
  return fmt::format("{}:{}{}", place.file, place.line, column);
}

/// What is allowed comes last.
std::vector<const SaidFinding*> gravest_first(const std::vector<SaidFinding>& findings) {
  std::vector<const SaidFinding*> sorted;
  for (const SaidFinding& finding : findings) sorted.push_back(&finding);
  std::stable_sort(sorted.begin(), sorted.end(), [](const SaidFinding* a, const SaidFinding* b) {
    if (a->allowed.has_value() != b->allowed.has_value()) return b->allowed.has_value();
    return a->severity() > b->severity();
  });
  return sorted;
}

std::string visits_text(const analysis::Exhaustion& exhaustion) {
  std::string text =
      fmt::format("{} combination{} of failures visited", exhaustion.visited, exhaustion.visited == 1 ? "" : "s");
  if (exhaustion.visited < exhaustion.folded) text += fmt::format(" of {}, those with fewest first", exhaustion.folded);
  if (exhaustion.folded < exhaustion.possible) {
    text += fmt::format("; they stand for {}, as failures of equal effect are only counted", exhaustion.possible);
  }
  return text;
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string rule_text(std::string_view rule, const scenarios::TextStyle& style) {
  return paint(fmt::format(" [{}]", rule), scenarios::kDim, style);
}

std::string_view name_of(const config::Diagnostic& diagnostic) {
  return diagnostic.rule ? config::rule_of(*diagnostic.rule).name : std::string_view{};
}

std::string allowed_text(const std::string& message, const std::string& reason) {
  return fmt::format("allowed: {} ({})", scenarios::printable(message), scenarios::printable(reason));
}

nlohmann::ordered_json json_of(const config::Place& place) {
  nlohmann::ordered_json json = {{"file", place.file}, {"line", place.line}};
  if (place.column > 0) json["column"] = place.column;
  return json;
}

}  // namespace

std::string render_diagnostics(const std::vector<SaidDiagnostic>& diagnostics, const scenarios::TextStyle& style) {
  std::string text;
  for (const SaidDiagnostic& said : diagnostics) {
    const bool is_error = said.it.severity == config::Severity::error;
    text += said.allowed
                ? paint(fmt::format("{}: {}", place_text(said.it.place), allowed_text(said.it.message, *said.allowed)),
                        scenarios::kDim, style)
                : paint(said.it.to_string(), is_error ? scenarios::kRed : scenarios::kYellow, style);
    text += rule_text(name_of(said.it), style) + "\n";
  }
  return text;
}

std::string render_findings(const ClusterReport& report, const scenarios::TextStyle& style) {
  std::string text;
  std::array<std::size_t, 3> count{};
  std::size_t allowed = 0;
  for (const SaidFinding* finding : gravest_first(report.findings)) {
    ++(finding->allowed ? allowed : count.at(static_cast<std::size_t>(finding->severity())));
    text += place_text(finding->it.place) + ": ";
    if (finding->allowed) {
      text += paint(allowed_text(finding->it.message, *finding->allowed), scenarios::kDim, style);
    } else {
      text += paint(std::string{to_string(finding->severity())} + ":", colour_of(finding->severity()), style) + " " +
              scenarios::printable(finding->it.message);
    }
    text += rule_text(finding->it.its_rule().name, style) + "\n";
    if (!finding->scenario.empty()) text += fmt::format("    vipdrift run {}\n", finding->scenario);
  }
  text +=
      fmt::format("{}, {}, {}", counted(count[2], "error"), counted(count[1], "warning"), counted(count[0], "note"));
  if (allowed > 0) text += fmt::format(", {} allowed", allowed);
  return text + (report.exhaustion.visited > 0 ? "; " + visits_text(report.exhaustion) : "") + "\n";
}

std::string render_combinations(const analysis::Exhaustion& exhaustion, const scenarios::TextStyle& style) {
  std::size_t first = 7;
  std::vector<std::size_t> widths;
  for (const std::string& name : exhaustion.virtual_routers) widths.push_back(name.size());
  for (const analysis::ExhaustionRow& row : exhaustion.rows) {
    first = std::max(first, row.failures.size());
    for (std::size_t i = 0; i < row.holders.size(); ++i) widths[i] = std::max(widths[i], row.holders[i].size());
  }
  std::string text = padded("failing", first);
  for (std::size_t i = 0; i < widths.size(); ++i) text += "  " + padded(exhaustion.virtual_routers[i], widths[i]);
  text = paint(text, scenarios::kBold, style) + "\n";
  for (const analysis::ExhaustionRow& row : exhaustion.rows) {
    text += padded(row.failures, first);
    for (std::size_t i = 0; i < row.holders.size(); ++i) {
      const bool one = row.holders[i] != "nobody" && row.holders[i].find(' ') == std::string::npos;
      text += "  " + paint(padded(row.holders[i], widths[i]), one ? std::string_view{} : scenarios::kRed, style);
    }
    text += "\n";
  }
  return text;
}

std::string cluster_json(const ClusterReport& report) {
  nlohmann::ordered_json document;
  document["errors"] = nlohmann::ordered_json::array();
  for (const FileFailure& failure : report.failures) {
    document["errors"].push_back({{"file", failure.file}, {"message", failure.message}});
  }
  document["diagnostics"] = nlohmann::ordered_json::array();
  for (const SaidDiagnostic& said : report.diagnostics) {
    const config::Diagnostic& it = said.it;
    nlohmann::ordered_json one = {
        {"rule", name_of(it)},        {"severity", it.severity == config::Severity::error ? "error" : "warning"},
        {"place", json_of(it.place)}, {"message", it.message},
        {"expected", it.expected},    {"nearest", it.nearest}};
    if (said.allowed) one["allowed"] = *said.allowed;
    document["diagnostics"].push_back(std::move(one));
  }
  document["findings"] = nlohmann::ordered_json::array();
  for (const SaidFinding* said : gravest_first(report.findings)) {
    const analysis::Finding& it = said->it;
    nlohmann::ordered_json others = nlohmann::ordered_json::array();
    for (const config::Place& other : it.others) others.push_back(json_of(other));
    nlohmann::ordered_json one = {{"rule", it.its_rule().name},
                                  {"severity", to_string(said->severity())},
                                  {"place", json_of(it.place)},
                                  {"message", it.message},
                                  {"others", std::move(others)}};
    if (said->allowed) one["allowed"] = *said->allowed;
    if (!said->scenario.empty()) one["scenario"] = said->scenario;
    document["findings"].push_back(std::move(one));
  }
  const analysis::Exhaustion& all = report.exhaustion;
  nlohmann::ordered_json combinations = {{"visited", all.visited}, {"folded", all.folded}, {"possible", all.possible}};
  combinations["virtual_routers"] = all.virtual_routers;
  for (const analysis::ExhaustionRow& row : all.rows) {
    combinations["rows"].push_back({{"failing", row.failures}, {"holders", row.holders}});
  }
  document["combinations"] = std::move(combinations);
  if (!report.timing.empty()) document["timing"] = timing_json(report.timing);
  return document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace vipdrift::tools
