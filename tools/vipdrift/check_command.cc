#include "tools/vipdrift/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <utility>

#include "analysis/across_directors.h"
#include "analysis/timing.h"
#include "analysis/traps.h"
#include "protocol/vrrp/profile_text.h"
#include "scenarios/report_text.h"
#include "tools/config_files.h"
#include "tools/vipdrift/check_report.h"
#include "tools/vipdrift/script_findings.h"
#include "tools/vipdrift/timing_report.h"
#include "tools/vipdrift/rule_book.h"
#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {
namespace {

bool is_error(const config::Diagnostic& diagnostic) { return diagnostic.severity == config::Severity::error; }

/// One line: what the file has, or how much is wrong with it.
std::string outcome_line(const std::string& file, const config::ParseResult& result) {
  const auto errors = std::count_if(result.diagnostics.begin(), result.diagnostics.end(), is_error);
  const auto warnings = std::ssize(result.diagnostics) - errors;
  if (!result.ok()) {
    return fmt::format("{}: {} error{}, {} warning{}\n", file, errors, errors == 1 ? "" : "s", warnings,
                       warnings == 1 ? "" : "s");
  }
  return fmt::format("{}: ok, {} vrrp_instance, {} vrrp_sync_group, {} vrrp_script, {} warning{}\n", file,
                     result.configuration->instances.size(), result.configuration->sync_groups.size(),
                     result.configuration->scripts.size(), warnings, warnings == 1 ? "" : "s");
}

/// The name of its file without the ending, or the whole path when another has the same.
std::string director_name(const std::string& file, const std::vector<std::string>& files) {
  const auto stem = [](const std::string& path) { return std::filesystem::path(path).stem().string(); };
  const auto same = std::count_if(files.begin(), files.end(),
                                  [&](const std::string& other) { return stem(other) == stem(file); });
  return same == 1 ? stem(file) : file;
}

struct Read {
  std::vector<analysis::Director> directors;
  std::vector<config::Diagnostic> diagnostics;
  ExitStatus status = ExitStatus::held;
};

Read read_all(const CheckArguments& arguments, const vrrp::Profile& profile) {
  Read all;
  for (const std::string& file : arguments.files) {
    std::optional<config::ParseResult> read = parse_file(file, arguments.config_id, profile);
    if (!read) {
      fmt::print(stderr, "vipdrift: {}: cannot be read\n", file);
      all.status = ExitStatus::wrong_input;
      continue;
    }
    if (!arguments.json) {
      fmt::print("{}", render_with_rules(read->diagnostics, standard_output_style()));
      fmt::print("{}", outcome_line(file, *read));
    }
    all.diagnostics.insert(all.diagnostics.end(), read->diagnostics.begin(), read->diagnostics.end());
    if (!read->ok()) {
      all.status = ExitStatus::wrong_input;
      continue;
    }
    all.directors.push_back({director_name(file, arguments.files),
                             std::make_shared<const config::Configuration>(*std::move(read->configuration)),
                             std::move(read->cut_passwords)});
  }
  return all;
}

void append(std::vector<analysis::Finding>& all, const std::vector<analysis::Finding>& more) {
  all.insert(all.end(), more.begin(), more.end());
}

bool is_cluster(std::span<const analysis::Director> directors, const CheckArguments& arguments) {
  return directors.size() > 1 || arguments.table || arguments.timing || arguments.within;
}

std::string search_path() {
  const char* const path = std::getenv("PATH");
  return path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path;
}

/// Everything that is looked for once all files can be read.
void examine(std::span<const analysis::Director> directors, const CheckArguments& arguments,
             const vrrp::Profile& profile, ClusterReport& report) {
  append(report.findings, analysis::find_traps(directors));
  if (arguments.scripts) append(report.findings, look_at_scripts(directors, search_path()));
  if (!is_cluster(directors, arguments)) return;
  append(report.findings, analysis::compare_directors(directors));
  report.exhaustion = analysis::exhaust(
      directors, {.profile = profile, .most_visits = arguments.most_combinations, .keep_rows = arguments.table});
  append(report.findings, report.exhaustion.findings);
  if (!arguments.timing && !arguments.within) return;
  report.timing = analysis::measure_timing(directors, profile);
  if (arguments.within) append(report.findings, analysis::judge_timing(report.timing, *arguments.within));
}

}  // namespace

ExitStatus check_command(const CheckArguments& arguments) {
  if (arguments.rules) {
    fmt::print("{}", render_rules());
    return ExitStatus::held;
  }
  if (arguments.files.empty()) {
    fmt::print(stderr, "vipdrift check: no file is given; expected the keepalived.conf of each director\n");
    return ExitStatus::wrong_input;
  }
  const vrrp::Profile profile = *vrrp::parse_profile(arguments.profile).profile;
  vrrp::Profile reading = profile;
  reading.explains_shell_scripts = true;  // whoever reads this wants to know how to write it
  Read read = read_all(arguments, reading);
  ClusterReport report;
  report.diagnostics = std::move(read.diagnostics);
  const bool whole = read.status == ExitStatus::held;
  if (whole) examine(read.directors, arguments, profile, report);
  if (arguments.json) {
    fmt::print("{}", cluster_json(report));
  } else if (whole && (is_cluster(read.directors, arguments) || !report.findings.empty())) {
    const scenarios::TextStyle style = standard_output_style();
    fmt::print("\n{}", render_findings(report, style));
    if (arguments.table) fmt::print("\n{}", render_combinations(report.exhaustion, style));
    if (arguments.timing) fmt::print("\n{}", render_timing(report.timing, style));
  }
  const bool bad = std::any_of(report.findings.begin(), report.findings.end(), [](const analysis::Finding& finding) {
    return finding.its_rule().severity == analysis::Severity::error;
  });
  return gravest(read.status, bad ? ExitStatus::failed : ExitStatus::held);
}

}  // namespace vipdrift::tools
