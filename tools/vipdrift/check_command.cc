#include "tools/vipdrift/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <utility>

#include "analysis/across_directors.h"
#include "analysis/cause_demonstrations.h"
#include "analysis/timing.h"
#include "analysis/traps.h"
#include "protocol/vrrp/profile_text.h"
#include "scenarios/report_text.h"
#include "tools/config_files.h"
#include "tools/vipdrift/allowances.h"
#include "tools/vipdrift/check_report.h"
#include "tools/vipdrift/check_sarif.h"
#include "tools/vipdrift/check_scenarios.h"
#include "tools/vipdrift/did_you_mean.h"
#include "tools/vipdrift/director_arguments.h"
#include "tools/vipdrift/rule_book.h"
#include "tools/vipdrift/rule_pages.h"
#include "tools/vipdrift/script_findings.h"
#include "tools/vipdrift/terminal.h"
#include "tools/vipdrift/timing_report.h"

namespace vipdrift::tools {
namespace {

/// One line: what the file has, or how much is wrong with it.
std::string outcome_line(const std::string& file, const config::ParseResult& result,
                         const std::vector<SaidDiagnostic>& said) {
  const auto errors = std::count_if(
      said.begin(), said.end(), [](const SaidDiagnostic& one) { return one.it.severity == config::Severity::error; });
  const auto allowed =
      std::count_if(said.begin(), said.end(), [](const SaidDiagnostic& one) { return one.allowed.has_value(); });
  const auto warnings = std::ssize(said) - errors - allowed;
  const std::string more = allowed > 0 ? fmt::format(", {} allowed", allowed) : std::string{};
  if (!result.ok()) {
    return fmt::format("{}: {} error{}, {} warning{}{}\n", file, errors, errors == 1 ? "" : "s", warnings,
                       warnings == 1 ? "" : "s", more);
  }
  return fmt::format("{}: ok, {} vrrp_instance, {} vrrp_sync_group, {} vrrp_script, {} warning{}{}\n", file,
                     result.configuration->instances.size(), result.configuration->sync_groups.size(),
                     result.configuration->scripts.size(), warnings, warnings == 1 ? "" : "s", more);
}

struct Read {
  std::vector<analysis::Director> directors;
  std::vector<SaidDiagnostic> diagnostics;
  std::vector<FileFailure> failures;
  Allowances allowances;
  ExitStatus status = ExitStatus::held;
};

/// Errors of a file are never allowed: keepalived does not ask.
std::vector<SaidDiagnostic> said_of(std::vector<config::Diagnostic> diagnostics, Allowances& allowances) {
  std::vector<SaidDiagnostic> said;
  for (config::Diagnostic& it : diagnostics) {
    SaidDiagnostic one{std::move(it)};
    if (one.it.rule && one.it.severity == config::Severity::warning) {
      one.allowed = allowances.reason_for(config::rule_of(*one.it.rule).name, one.it.place);
    }
    said.push_back(std::move(one));
  }
  return said;
}

/// What was said of a file already is not said again for another director that has the same.
void drop_repetitions(std::vector<SaidDiagnostic>& diagnostics, std::set<std::string>& told) {
  std::erase_if(diagnostics, [&](const SaidDiagnostic& one) { return !told.insert(one.it.to_string()).second; });
}

Read read_all(std::span<const DirectorArgument> directors, const CheckArguments& arguments,
              const vrrp::Profile& profile) {
  Read all;
  std::set<std::string> told;
  for (const DirectorArgument& director : directors) {
    const std::string& file = director.file;
    std::optional<ReadConfiguration> whole = read_configuration(file, director.config_id, profile);
    if (!whole) {
      all.failures.push_back({file, why_unreadable(file)});
      fmt::print(stderr, "vipdrift: {}: {}\n", file, all.failures.back().message);
      all.status = ExitStatus::wrong_input;
      continue;
    }
    config::ParseResult* const read = &whole->parsed;
    all.allowances.add(read->remarks);
    std::vector<SaidDiagnostic> said = said_of(std::move(read->diagnostics), all.allowances);
    const std::string outcome = outcome_line(director.told(), *read, said);
    drop_repetitions(said, told);
    if (!arguments.json && !arguments.sarif) {
      fmt::print("{}{}", render_diagnostics(said, standard_output_style()), outcome);
    }
    std::move(said.begin(), said.end(), std::back_inserter(all.diagnostics));
    if (!read->ok()) {
      all.status = ExitStatus::wrong_input;
      continue;
    }
    all.directors.push_back({director.name,
                             std::make_shared<const config::Configuration>(*std::move(read->configuration)),
                             std::move(read->cut_passwords),
                             std::make_shared<const config::WrittenConfiguration>(std::move(whole->written))});
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
std::vector<analysis::Finding> examine(std::span<const analysis::Director> directors, const CheckArguments& arguments,
                                       const vrrp::Profile& profile, ClusterReport& report) {
  std::vector<analysis::Finding> findings = analysis::find_traps(directors);
  if (arguments.scripts) append(findings, look_at_scripts(directors, search_path()));
  if (!is_cluster(directors, arguments)) return findings;
  append(findings, analysis::compare_directors(directors));
  report.exhaustion = analysis::exhaust(
      directors, {.profile = profile, .most_visits = arguments.most_combinations, .keep_rows = arguments.table});
  append(findings, report.exhaustion.findings);
  if (!arguments.timing && !arguments.within) return findings;
  report.timing = analysis::measure_timing(directors, profile);
  if (arguments.within) append(findings, analysis::judge_timing(report.timing, *arguments.within));
  return findings;
}

void report_findings(ClusterReport& report, std::vector<analysis::Finding> findings, Allowances& allowances) {
  for (analysis::Finding& it : findings) {
    std::vector<config::Place> places = it.others;
    places.insert(places.end(), it.blocks.begin(), it.blocks.end());
    std::optional<std::string> allowed = allowances.reason_for(it.its_rule().name, it.place, places);
    report.findings.push_back({std::move(it), std::move(allowed)});
  }
}

/// Whether everything was looked for that could break a rule of clusters. One director without the others breaks only
/// what no other has a part in.
bool was_judged(analysis::RuleId rule, const ClusterReport& report, const CheckArguments& arguments,
                std::span<const analysis::Director> directors) {
  using analysis::RuleId;
  switch (rule) {
    case RuleId::script_missing:
    case RuleId::script_unsafe:
      return arguments.scripts;
    case RuleId::takeover_too_slow:
      return arguments.within.has_value();
    case RuleId::group_outside_link_local:
    case RuleId::label_without_device:
    case RuleId::one_result_decides:
      return true;
    case RuleId::failed_keeps_address:
    case RuleId::several_hold:
    case RuleId::nobody_holds:
    case RuleId::nobody_left:
    case RuleId::depends_on_history:
    case RuleId::flaps:
    case RuleId::tie:
    case RuleId::clamp_hides:
      return is_cluster(directors, arguments) && report.exhaustion.visited >= report.exhaustion.folded;
    default:
      return is_cluster(directors, arguments);
  }
}

/// Rules that what was looked for suffices to judge: a file that is refused says less than all.
std::set<std::string_view> judged_rules(bool files_are_good, const ClusterReport& report,
                                        const CheckArguments& arguments,
                                        std::span<const analysis::Director> directors) {
  std::set<std::string_view> names;
  if (!files_are_good) return names;
  for (const config::DiagnosticRule& rule : config::diagnostic_rules()) names.insert(rule.name);
  for (const analysis::Rule& rule : analysis::rules()) {
    if (was_judged(rule.id, report, arguments, directors)) names.insert(rule.name);
  }
  return names;
}

/// In a scenario the id of a director is its name.
std::optional<std::string> why_unplayable(std::span<const DirectorArgument> directors,
                                          const CheckArguments& arguments) {
  if (arguments.scenario_folder.empty()) return std::nullopt;
  if (!arguments.config_id.empty()) {
    return "--write-scenarios does not go with -i: in a scenario the id of a director is its name; expected FILE@ID";
  }
  for (const DirectorArgument& director : directors) {
    if (director.config_id.empty() || director.config_id == director.name) continue;
    return fmt::format(
        "--write-scenarios cannot have '{}' as the name and '{}' as the id of a director: in a scenario "
        "they are the same; expected {}",
        director.name, director.config_id, director.told());
  }
  return std::nullopt;
}

ExitStatus explain(const std::string& name) {
  std::vector<std::string> names;
  for (const BookedRule& rule : rule_book()) {
    if (rule.name == name) {
      fmt::print("{}", rule_page(rule));
      return ExitStatus::held;
    }
    names.emplace_back(rule.name);
  }
  fmt::print(stderr, "vipdrift check: there is no rule '{}'{}\n", name, did_you_mean(name, names));
  return ExitStatus::wrong_input;
}

}  // namespace

ExitStatus check_command(const CheckArguments& arguments) {
  if (arguments.rules) {
    fmt::print("{}", arguments.pages ? all_rule_pages() : render_rules());
    return ExitStatus::held;
  }
  if (!arguments.explain.empty()) return explain(arguments.explain);
  if (arguments.files.empty()) {
    fmt::print(stderr, "vipdrift check: no file is given; expected the keepalived.conf of each director\n");
    return ExitStatus::wrong_input;
  }
  const DirectorArguments named = read_director_arguments(arguments.files, arguments.config_id);
  const std::optional<std::string> refused = named.error ? named.error : why_unplayable(named.directors, arguments);
  if (refused) {
    fmt::print(stderr, "vipdrift check: {}\n", *refused);
    return ExitStatus::wrong_input;
  }
  const vrrp::Profile profile = *vrrp::parse_profile(arguments.profile).profile;
  vrrp::Profile reading = profile;
  reading.explains_shell_scripts = true;  // whoever reads this wants to know how to write it
  Read read = read_all(named.directors, arguments, reading);
  ClusterReport report;
  report.failures = std::move(read.failures);
  report.diagnostics = std::move(read.diagnostics);
  const bool whole = read.status == ExitStatus::held;
  if (whole) {
    std::vector<analysis::Finding> findings = examine(read.directors, arguments, profile, report);
    if (!arguments.scenario_folder.empty()) analysis::demonstrate_causes(read.directors, findings, profile);
    report_findings(report, std::move(findings), read.allowances);
  }
  for (analysis::Finding& it : read.allowances.complaints(judged_rules(whole, report, arguments, read.directors))) {
    report.findings.push_back({std::move(it)});  // nobody allows a comment that allows nothing
  }
  if (!arguments.scenario_folder.empty() && whole) {
    std::vector<std::string> files;
    for (const DirectorArgument& director : named.directors) files.push_back(director.file);
    const PlayedCluster cluster{read.directors, std::move(files), arguments.profile};
    if (std::optional<FileFailure> wrong = write_scenarios(report, cluster, arguments.scenario_folder)) {
      fmt::print(stderr, "vipdrift check: {}: {}\n", wrong->file, wrong->message);
      report.failures.push_back(*std::move(wrong));
      read.status = ExitStatus::wrong_input;
    }
  }
  if (arguments.json) {
    fmt::print("{}", cluster_json(report));
  } else if (arguments.sarif) {
    fmt::print("{}", cluster_sarif(report, arguments.help_uri));
  } else if (!report.findings.empty() || (whole && is_cluster(read.directors, arguments))) {
    const scenarios::TextStyle style = standard_output_style();
    fmt::print("\n{}", render_findings(report, style));
    if (arguments.table) fmt::print("\n{}", render_combinations(report.exhaustion, style));
    if (arguments.timing) fmt::print("\n{}", render_timing(report.timing, style));
  }
  const bool bad = std::any_of(report.findings.begin(), report.findings.end(), [](const SaidFinding& finding) {
    return !finding.allowed && finding.severity() == analysis::Severity::error;
  });
  return gravest(read.status, bad ? ExitStatus::failed : ExitStatus::held);
}

}  // namespace vipdrift::tools
