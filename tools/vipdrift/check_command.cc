#include "tools/vipdrift/check_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <optional>

#include "scenarios/report_text.h"
#include "tools/config_files.h"
#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {
namespace {

bool is_error(const config::Diagnostic& diagnostic) { return diagnostic.severity == config::Severity::error; }

bool check(const std::string& file, const CheckArguments& arguments) {
  const std::optional<config::ParseResult> read = parse_file(file, arguments.config_id);
  if (!read) {
    fmt::print(stderr, "vipdrift: {}: cannot be read\n", file);
    return false;
  }
  const config::ParseResult& result = *read;
  fmt::print("{}", scenarios::render_diagnostics(result.diagnostics, standard_output_style()));
  const auto errors = std::count_if(result.diagnostics.begin(), result.diagnostics.end(), is_error);
  const auto warnings = std::ssize(result.diagnostics) - errors;
  if (!result.ok()) {
    fmt::print("{}: {} error{}, {} warning{}\n", file, errors, errors == 1 ? "" : "s", warnings,
               warnings == 1 ? "" : "s");
    return false;
  }
  fmt::print("{}: ok, {} vrrp_instance, {} vrrp_sync_group, {} vrrp_script, {} warning{}\n", file,
             result.configuration->instances.size(), result.configuration->sync_groups.size(),
             result.configuration->scripts.size(), warnings, warnings == 1 ? "" : "s");
  return true;
}

}  // namespace

ExitStatus check_command(const CheckArguments& arguments) {
  ExitStatus status = ExitStatus::held;
  for (const std::string& file : arguments.files) {
    if (!check(file, arguments)) status = ExitStatus::wrong_input;
  }
  return status;
}

}  // namespace vipdrift::tools
