#include "tools/vipdrift/run_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <utility>

#include "scenarios/comparison.h"
#include "scenarios/comparison_report.h"
#include "scenarios/loader.h"
#include "scenarios/report_json.h"
#include "scenarios/report_junit.h"
#include "scenarios/report_text.h"
#include "scenarios/start_delays.h"
#include "tools/vipdrift/comparison_printer.h"
#include "tools/vipdrift/ordered_work.h"
#include "tools/vipdrift/progress_line.h"
#include "tools/vipdrift/run_plan.h"
#include "tools/vipdrift/run_printer.h"
#include "tools/vipdrift/schedule.h"
#include "tools/vipdrift/terminal.h"
#include "tools/vipdrift/uml/uml_worlds.h"
#include "tools/vipdrift/worlds.h"

namespace vipdrift::tools {
namespace {

using scenarios::ScenarioReport;
using scenarios::WorldComparison;

/// What every run shares.
struct Stage {
  const RunArguments& arguments;
  RunPlan plan;
  Namespaces namespaces = {};
  std::unique_ptr<UmlWorlds> machines = {};
};

scenarios::RunOptions options_of(const Stage& stage) {
  scenarios::RunOptions options;
  if (stage.arguments.verbose) options.also_record = {true, true, true, true};
  options.tolerance = stage.plan.tolerance;
  return options;
}

scenarios::RunResult play(scenarios::Scenario& scenario, const WorldChoice& choice, const Stage& stage,
                          const scenarios::StartDelays& starts) {
  const std::string& pcap_file = stage.arguments.pcap_file;
  if (choice.world == "netns") {
    return run_in_namespaces(scenario, subjects_of(scenario, choice.casting), stage.namespaces, options_of(stage),
                             pcap_file);
  }
  if (choice.world == "uml") {
    return stage.machines->run({scenario.file, stage.arguments.seed, stage.arguments.profile,
                                subjects_of(scenario, choice.casting), stage.namespaces.vipdriftd, pcap_file,
                                options_of(stage)},
                               scenario.end);
  }
  if (choice.casting) {
    if (std::optional<std::string> error = cast_profiles(scenario, *choice.casting)) {
      scenarios::RunResult refused;
      refused.error = scenarios::WorldError{{}, std::move(*error)};
      return refused;
    }
  }
  return run_in_simulation(scenario, options_of(stage), pcap_file, {stage.plan.start_delay, starts});
}

/// One scenario from its file to its report. Touches nothing shared. `starts`: to be repeated by a simulation.
ScenarioReport rehearse(std::size_t run, const Stage& stage, const scenarios::StartDelays& starts = {}) {
  const WorldChoice& choice = stage.plan.world_of(run);
  ScenarioReport report;
  report.file = stage.plan.file_of(run);
  report.world = choice.world;
  if (choice.casting) report.subject = choice.casting->text;
  scenarios::LoadResult loaded = scenarios::load_file(report.file);
  report.diagnostics = std::move(loaded.diagnostics);
  report.scenario = std::move(loaded.scenario);
  if (!report.scenario) return report;
  if (stage.arguments.seed) report.scenario->seed = *stage.arguments.seed;
  if (!report.scenario->profile) report.scenario->profile = stage.arguments.profile;

  const auto began = std::chrono::steady_clock::now();
  report.result = play(*report.scenario, choice, stage, starts);
  report.wall = std::chrono::steady_clock::now() - began;
  return report;
}

/// The simulation of what has just been seen in namespaces: its daemons begin when the real ones did, so that timers
/// meet the steps of the scenario at the same phase.
ScenarioReport repeat(const ScenarioReport& seen, std::size_t run, const Stage& stage) {
  if (!seen.result || seen.result->error) return rehearse(run, stage);
  ScenarioReport report = rehearse(run, stage, scenarios::start_delays(seen.result->timeline));
  report.started_like = scenarios::world_label(seen);
  return report;
}

/// How long each run takes in real time; nothing for those of the simulator and for files that cannot be loaded.
std::vector<Duration> lengths_of(const RunPlan& plan) {
  std::vector<Duration> lengths(plan.runs());
  if (!plan.needs("netns") && !plan.needs("uml")) return lengths;
  for (std::size_t file = 0; file < plan.files.size(); ++file) {
    const scenarios::LoadResult loaded = scenarios::load_file(plan.files[file]);
    if (!loaded.scenario) continue;
    for (std::size_t world = 0; world < plan.worlds.size(); ++world) {
      const std::size_t run = file * plan.worlds.size() + world;
      if (in_real_time(plan.worlds[world].world)) lengths[run] = loaded.scenario->end;
    }
  }
  return lengths;
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (!out) fmt::print(stderr, "vipdrift: cannot write {}\n", path);
  return !out.fail();
}

RunPrinter::Detail detail_for(const RunArguments& arguments, std::size_t files) {
  if (arguments.json) return RunPrinter::Detail::nothing;
  if (arguments.hash) return RunPrinter::Detail::hashes;
  return files == 1 || arguments.timeline ? RunPrinter::Detail::timeline : RunPrinter::Detail::outcome;
}

ComparisonPrinter::Detail comparison_detail(const RunArguments& arguments, std::size_t files) {
  if (arguments.json) return ComparisonPrinter::Detail::nothing;
  return files == 1 || arguments.timeline ? ComparisonPrinter::Detail::events : ComparisonPrinter::Detail::outcome;
}

ExitStatus agreement_status(const WorldComparison& comparison) {
  for (const ScenarioReport* report : comparison.worlds) {
    if (!report->scenario) return ExitStatus::wrong_input;
  }
  if (!comparison.all_ran()) return ExitStatus::no_world;
  return comparison.agree() ? ExitStatus::held : ExitStatus::failed;
}

/// Takes reports in their order, prints, and comes to the exit code.
class Reporter {
 public:
  explicit Reporter(const Stage& stage)
      : stage_(stage),
        reports_(stage.plan.runs()),
        keep_(stage.arguments.json || !stage.arguments.junit_file.empty()),
        printer_(standard_output_style(), detail_for(stage.arguments, stage.plan.files.size()),
                 stage.arguments.verbose ? RunPrinter::Show::everything : RunPrinter::Show::changes),
        comparison_printer_(standard_output_style(), comparison_detail(stage.arguments, stage.plan.files.size())) {}

  void take(std::size_t run, ScenarioReport report) { reports_[run] = std::move(report); }
  const ScenarioReport& taken(std::size_t run) const { return reports_[run]; }

  /// After take() of all runs of this one's scenario.
  void finish(std::size_t run) {
    const std::size_t first = run + 1 - stage_.plan.worlds.size();
    for (std::size_t i = first; i <= run && !stage_.arguments.compare; ++i) {
      status_ = gravest(status_, reports_[i].status());
    }
    if (stage_.plan.compares()) {
      finish_comparison(run);
    } else {
      printer_.print(reports_[run]);
    }
    for (std::size_t i = first; i <= run && !keep_; ++i) reports_[i] = {};
  }

  ExitStatus end() {
    if (stage_.plan.compares()) {
      comparison_printer_.print_summary();
      if (stage_.arguments.json) fmt::print("{}", scenarios::comparisons_json(comparisons_));
    } else {
      printer_.print_summary();
      if (stage_.arguments.json) fmt::print("{}", scenarios::report_json(reports_));
    }
    const std::string& junit_file = stage_.arguments.junit_file;
    if (!junit_file.empty() && !write_file(junit_file, scenarios::report_junit(reports_))) {
      status_ = gravest(status_, ExitStatus::wrong_input);
    }
    return status_;
  }

 private:
  void finish_comparison(std::size_t last) {
    WorldComparison comparison;
    comparison.tolerance = stage_.plan.tolerance.value_or(Duration{0});
    for (std::size_t run = last + 1 - stage_.plan.worlds.size(); run <= last; ++run) {
      comparison.worlds.push_back(&reports_[run]);
    }
    if (stage_.arguments.compare) status_ = gravest(status_, agreement_status(comparison));
    comparison_printer_.print(comparison);
    if (keep_) comparisons_.push_back(std::move(comparison));
  }

  const Stage& stage_;
  std::vector<ScenarioReport> reports_;
  std::vector<WorldComparison> comparisons_;
  bool keep_;
  RunPrinter printer_;
  ComparisonPrinter comparison_printer_;
  ExitStatus status_ = ExitStatus::held;
};

/// From here on this is another process, the only one that returns. Nothing is printed twice.
std::optional<std::string> enter_namespaces(Stage& stage) {
  std::fflush(stdout);
  std::fflush(stderr);
  if (std::optional<std::string> error = netns::enter_lab()) return error;
  stage.namespaces.facilities = netns::probe_facilities();
  return std::nullopt;
}

/// Real kernels for the runs that need them. What is wrong, in words.
std::optional<std::string> prepare_kernels(Stage& stage) {
  const std::string& vipdriftd = stage.arguments.vipdriftd;
  stage.namespaces.vipdriftd = vipdriftd.empty() ? vipdriftd_beside_this() : vipdriftd;
  std::string error;
  if (stage.plan.needs("uml")) {
    stage.machines = UmlWorlds::start({stage.arguments.uml, stage.plan.machines()}, error);
    if (!stage.machines) return "no world of User-Mode Linux here: " + error;
  }
  if (stage.plan.needs("netns")) {
    if (std::optional<std::string> why = enter_namespaces(stage)) return "no world of namespaces here: " + *why;
  }
  if (stage.machines) {
    if (std::optional<std::string> why = stage.machines->wait_until_ready()) {
      return "no world of User-Mode Linux here: " + *why;
    }
  }
  return std::nullopt;
}

}  // namespace

ExitStatus run_command(const RunArguments& arguments) {
  PlanResult planned = make_plan(arguments);
  for (const std::string& error : planned.errors) fmt::print(stderr, "vipdrift: {}\n", error);
  if (!planned.errors.empty()) return ExitStatus::wrong_input;
  Stage stage{arguments, std::move(planned.plan)};
  if (const std::optional<std::string> error = prepare_kernels(stage)) {
    fmt::print(stderr, "vipdrift: {}\n", *error);
    return ExitStatus::no_world;
  }

  const RunPlan& plan = stage.plan;
  const std::vector<Duration> lengths = lengths_of(plan);
  ProgressLine progress(plan.runs(), plan.threads, expected_duration(lengths, plan.threads));
  Reporter reporter(stage);
  run_in_order({
      .count = plan.runs(),
      .threads = plan.threads,
      .work =
          [&](std::size_t run) {
            const std::optional<std::size_t> twin = plan.twin_of(run);
            if (twin && !in_real_time(plan.world_of(run).world)) return;  // done below, when its twin has been seen
            reporter.take(run, rehearse(run, stage));
            if (twin) reporter.take(*twin, repeat(reporter.taken(run), *twin, stage));
          },
      .finish =
          [&](std::size_t run) {
            if ((run + 1) % plan.worlds.size() != 0) return;
            progress.clear();
            reporter.finish(run);
          },
      .waiting = [&](std::size_t done) { progress.show(done); },
      .order = starting_order(lengths),
  });
  progress.clear();
  return reporter.end();
}

}  // namespace vipdrift::tools
