#include "tools/vipdrift/run_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>
#include <utility>

#include "scenarios/loader.h"
#include "scenarios/report_json.h"
#include "scenarios/report_junit.h"
#include "scenarios/report_text.h"
#include "tools/vipdrift/ordered_work.h"
#include "tools/vipdrift/progress_line.h"
#include "tools/vipdrift/run_printer.h"
#include "tools/vipdrift/scenario_files.h"
#include "tools/vipdrift/terminal.h"
#include "tools/vipdrift/worlds.h"

namespace vipdrift::tools {
namespace {

using scenarios::ScenarioReport;

/// One scenario from its file to its report. Touches nothing shared.
ScenarioReport rehearse(const std::string& file, const RunArguments& arguments) {
  ScenarioReport report;
  report.file = file;
  report.world = arguments.world;
  scenarios::LoadResult loaded = scenarios::load_file(file);
  report.diagnostics = std::move(loaded.diagnostics);
  report.scenario = std::move(loaded.scenario);
  if (!report.scenario) return report;
  if (arguments.seed) report.scenario->seed = *arguments.seed;
  if (!report.scenario->profile) report.scenario->profile = arguments.profile;

  scenarios::RunOptions options;
  if (arguments.verbose) options.also_record = {true, true, true, true};
  const auto began = std::chrono::steady_clock::now();
  report.result = run_in_simulation(*report.scenario, options, arguments.pcap_file);
  report.wall = std::chrono::steady_clock::now() - began;
  return report;
}

std::size_t threads_for(const RunArguments& arguments) {
  if (arguments.jobs > 0) return arguments.jobs;
  return std::max(1U, std::thread::hardware_concurrency());
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

}  // namespace

ExitStatus run_command(const RunArguments& arguments) {
  if (arguments.world != "sim") {
    fmt::print(stderr, "vipdrift: the world '{}' is not built yet; scenarios run in the simulator (--on sim)\n",
               arguments.world);
    return ExitStatus::no_world;
  }
  const ScenarioFiles found = find_scenarios(arguments.paths);
  for (const std::string& error : found.errors) fmt::print(stderr, "vipdrift: {}\n", error);
  if (!found.errors.empty()) return ExitStatus::wrong_input;
  if (!arguments.pcap_file.empty() && found.files.size() != 1) {
    fmt::print(stderr, "vipdrift: --pcap takes one scenario; these are {}\n", found.files.size());
    return ExitStatus::wrong_input;
  }

  const bool keep = arguments.json || !arguments.junit_file.empty();
  std::vector<ScenarioReport> reports(found.files.size());
  RunPrinter printer(standard_output_style(), detail_for(arguments, found.files.size()),
                     arguments.verbose ? RunPrinter::Show::everything : RunPrinter::Show::changes);
  ProgressLine progress(found.files.size());
  ExitStatus status = ExitStatus::held;
  run_in_order({
      .count = found.files.size(),
      .threads = threads_for(arguments),
      .work = [&](std::size_t i) { reports[i] = rehearse(found.files[i], arguments); },
      .finish =
          [&](std::size_t i) {
            progress.clear();
            printer.print(reports[i]);
            status = gravest(status, reports[i].status());
            if (!keep) reports[i] = {};
          },
      .waiting = [&](std::size_t done) { progress.show(done); },
  });
  progress.clear();
  printer.print_summary();
  if (arguments.json) fmt::print("{}", scenarios::report_json(reports));
  if (!arguments.junit_file.empty() && !write_file(arguments.junit_file, scenarios::report_junit(reports))) {
    status = gravest(status, ExitStatus::wrong_input);
  }
  return status;
}

}  // namespace vipdrift::tools
