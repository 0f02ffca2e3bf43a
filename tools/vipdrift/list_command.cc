#include "tools/vipdrift/list_command.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <string_view>

#include "scenarios/loader.h"
#include "scenarios/report_text.h"
#include "tools/vipdrift/scenario_files.h"
#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {
namespace {

std::string_view first_line(std::string_view text) { return text.substr(0, text.find('\n')); }

void print_entry(const std::string& file, const scenarios::Scenario& scenario) {
  const std::string tags = scenario.tags.empty() ? "" : fmt::format("  [{}]", fmt::join(scenario.tags, ", "));
  fmt::print("{}\n    {}{}\n", file, scenario.name, tags);
  const std::string_view about = first_line(scenario.description);
  if (!about.empty()) fmt::print("    {}\n", about);
}

}  // namespace

ExitStatus list_command(const std::vector<std::string>& paths) {
  const ScenarioFiles found = find_scenarios(paths.empty() ? std::vector{scenario_library()} : paths);
  for (const std::string& error : found.errors) fmt::print(stderr, "vipdrift: {}\n", error);
  ExitStatus status = found.errors.empty() ? ExitStatus::held : ExitStatus::wrong_input;
  for (const std::string& file : found.files) {
    const scenarios::LoadResult loaded = scenarios::load_file(file);
    if (loaded.ok()) {
      print_entry(file, *loaded.scenario);
    } else {
      fmt::print("{}\n    cannot be loaded; see: vipdrift run {}\n", file, file);
      status = ExitStatus::wrong_input;
    }
  }
  return status;
}

}  // namespace vipdrift::tools
