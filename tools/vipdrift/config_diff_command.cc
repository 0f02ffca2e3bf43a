// `vipdrift config diff`.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "protocol/vrrp/profile_text.h"
#include "scenarios/report_text.h"
#include "tools/config_files.h"
#include "tools/vipdrift/config_command.h"
#include "tools/vipdrift/reload_report.h"
#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {
namespace {

std::optional<ReadConfiguration> read_or_say(const std::string& file, const ConfigArguments& arguments,
                                             const vrrp::Profile& profile) {
  std::optional<ReadConfiguration> read = read_configuration(file, arguments.config_id, profile);
  if (!read) {
    fmt::print(stderr, "vipdrift: {}: {}\n", file, why_unreadable(file));
    return std::nullopt;
  }
  std::vector<config::Diagnostic> errors;
  for (const config::Diagnostic& diagnostic : read->parsed.diagnostics) {
    if (diagnostic.severity == config::Severity::error) errors.push_back(diagnostic);
  }
  fmt::print(stderr, "{}", scenarios::render_diagnostics(errors, standard_error_style()));
  if (!read->parsed.ok()) return std::nullopt;
  return read;
}

analysis::ComparedConfiguration compared(ReadConfiguration& read) {
  return {std::make_shared<const config::Configuration>(*std::move(read.parsed.configuration)), &read.written};
}

}  // namespace

ExitStatus config_diff_command(const ConfigArguments& arguments) {
  const vrrp::Profile profile = *vrrp::parse_profile(arguments.profile).profile;
  std::optional<ReadConfiguration> old_file = read_or_say(arguments.file, arguments, profile);
  std::optional<ReadConfiguration> new_file = read_or_say(arguments.other_file, arguments, profile);
  if (!old_file || !new_file) return ExitStatus::wrong_input;
  const analysis::ReloadPreview preview = analysis::preview_reload(compared(*old_file), compared(*new_file), profile);
  fmt::print("{}", arguments.json ? reload_json(preview) : render_reload(preview, standard_output_style()));
  return preview.changes() ? ExitStatus::failed : ExitStatus::held;
}

}  // namespace vipdrift::tools
