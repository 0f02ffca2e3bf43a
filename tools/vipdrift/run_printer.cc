#include "tools/vipdrift/run_printer.h"

#include <fmt/color.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <iterator>
#include <variant>

#include "scenarios/comparison.h"
#include "scenarios/swim_lane.h"

namespace vipdrift::tools {
namespace {

using scenarios::Colour;
using scenarios::ExitStatus;
using scenarios::ScenarioReport;
using scenarios::TextStyle;

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

/// "ok", "FAILED", ... padded to one width, in colour where the style asks for it.
std::string outcome_word(ExitStatus status, const TextStyle& style) {
  struct Word {
    const char* text;
    fmt::terminal_color colour;
  };
  const auto word = [&]() -> Word {
    switch (status) {
      case ExitStatus::held:
        return {"ok", fmt::terminal_color::green};
      case ExitStatus::failed:
        return {"FAILED", fmt::terminal_color::red};
      case ExitStatus::wrong_input:
        return {"WRONG", fmt::terminal_color::yellow};
      case ExitStatus::no_world:
        break;
    }
    return {"NO RUN", fmt::terminal_color::yellow};
  }();
  const std::string padded = fmt::format("{:<6}", word.text);
  return style.colour == Colour::always ? fmt::format(fmt::fg(word.colour), "{}", padded) : padded;
}

/// Routine is left out: advertisements other than farewells, discards, script results and logs.
struct IsChange {
  bool operator()(const scenarios::AdvertisementSent& it) const { return it.priority == 0; }
  bool operator()(const scenarios::AdvertisementDiscarded&) const { return false; }
  bool operator()(const scenarios::ScriptResult&) const { return false; }
  bool operator()(const scenarios::LogWritten&) const { return false; }
  template <class Other>
  bool operator()(const Other&) const {
    return true;
  }
};

scenarios::Timeline changes_of(const scenarios::Timeline& timeline) {
  scenarios::Timeline changes;
  for (const scenarios::Observation& seen : timeline.observations()) {
    if (std::visit(IsChange{}, seen.what)) changes.add(seen);
  }
  return changes;
}

scenarios::Verdict only_failed(const scenarios::Verdict& verdict) {
  scenarios::Verdict failed;
  std::copy_if(verdict.judgements.begin(), verdict.judgements.end(), std::back_inserter(failed.judgements),
               [](const scenarios::Judgement& judgement) { return judgement.failed(); });
  return failed;
}

/// " (netns/keepalived)"; nothing for the simulator with the scenario's own profiles.
std::string where(const ScenarioReport& report) {
  const std::string label = scenarios::world_label(report);
  return label == "sim" ? "" : " (" + label + ")";
}

std::string speed(Duration simulated, Duration wall, std::uint64_t events) {
  const double wall_seconds = std::max(seconds(wall), 1e-9);
  return fmt::format("{:.6g} s simulated in {:.3f} s ({:.0f} x real time, {:.0f} events per second)",
                     seconds(simulated), seconds(wall), seconds(simulated) / wall_seconds,
                     static_cast<double>(events) / wall_seconds);
}

}  // namespace

void RunPrinter::print(const ScenarioReport& report) {
  ++count_.at(static_cast<std::size_t>(report.status()));
  if (report.result) {
    simulated_ += report.scenario->end;
    wall_ += report.wall;
    events_ += report.result->statistics.events;
    judgements_ += report.result->verdict.judged();
    unseen_ += report.result->verdict.judgements.size() - report.result->verdict.judged();
    in_real_time_ = in_real_time_ || report.world != "sim";
  }
  switch (detail_) {
    case Detail::nothing:
      return;
    case Detail::hashes:
      fmt::print("{:016x} {:016x} {}\n", report.result ? scenarios::hash(report.result->timeline) : 0,
                 report.result ? report.result->statistics.last_draw : 0, report.file);
      break;
    case Detail::outcome:
      print_outcome(report);
      break;
    case Detail::timeline:
      print_timeline(report);
      break;
  }
  std::fflush(stdout);
}

void RunPrinter::print_outcome(const ScenarioReport& report) {
  print_diagnostics(report);
  fmt::print("{} {}: {}{}\n", outcome_word(report.status(), style_), report.file, report.title(), where(report));
  print_error(report);
  if (report.status() == ExitStatus::failed) {
    fmt::print("{}\n", scenarios::render_verdict(only_failed(report.result->verdict), report.result->timeline, style_));
  }
}

void RunPrinter::print_timeline(const ScenarioReport& report) {
  fmt::print("{}{}\n{}\n\n", report.title(), where(report), report.file);
  print_diagnostics(report);
  print_error(report);
  if (!report.result || report.result->error) return;
  const scenarios::Timeline& timeline = report.result->timeline;
  scenarios::TextStyle timeline_style = style_;
  timeline_style.requests = show_ == Show::changes ? scenarios::Requests::runs : scenarios::Requests::each;
  fmt::print("{}\n{}\n{}\n",
             scenarios::render_timeline(show_ == Show::changes ? changes_of(timeline) : timeline, timeline_style),
             scenarios::render_swim_lane(*report.scenario, timeline, style_),
             scenarios::render_verdict(report.result->verdict, timeline, style_));
}

void RunPrinter::print_diagnostics(const ScenarioReport& report) {
  for (const config::Diagnostic& diagnostic : report.diagnostics) {
    if (!told_.insert(diagnostic.to_string()).second) continue;
    fmt::print("{}", scenarios::render_diagnostics({diagnostic}, style_));
  }
}

void RunPrinter::print_error(const ScenarioReport& report) const {
  if (!report.result || !report.result->error) return;
  const scenarios::WorldError& error = *report.result->error;
  if (error.place.file.empty()) {  // the world's own: no line of the scenario asked for it
    fmt::print("{}: {}\n", report.file, error.message);
  } else {
    fmt::print("{}:{}: {}\n", error.place.file, error.place.line, error.message);
  }
}

void RunPrinter::print_summary() const {
  if (detail_ == Detail::nothing || detail_ == Detail::hashes) return;
  const std::size_t total = count_[0] + count_[1] + count_[2] + count_[3];
  fmt::print("{} scenario{}: {} held, {} failed, {} wrong, {} not run; {} expectations and invariants{}\n", total,
             total == 1 ? "" : "s", count_[0], count_[1], count_[2], count_[3], judgements_,
             unseen_ == 0 ? "" : fmt::format(", {} not observable here", unseen_));
  if (!in_real_time_) fmt::print("{}\n", speed(simulated_, wall_, events_));
}

}  // namespace vipdrift::tools
