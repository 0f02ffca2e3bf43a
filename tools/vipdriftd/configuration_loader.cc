#include "tools/vipdriftd/configuration_loader.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "backends/linux/identity.h"
#include "backends/linux/script_check.h"
#include "backends/linux/vrrp_director.h"
#include "tools/config_files.h"
#include "tools/vipdriftd/heap.h"

namespace vipdrift::tools {
namespace {

/// What the parser needs for each byte of a file.
constexpr std::size_t kBytesEachRead = 13;
constexpr const char* kUsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// A warning that keepalived does not have: about us, because it knows what to do; or of what it passes over.
bool is_ours_alone(const config::Diagnostic& diagnostic) {
  static constexpr std::array kRules{config::RuleId::not_implemented,
                                     config::RuleId::unexpected_word,
                                     config::RuleId::repeated,
                                     config::RuleId::comment_sign,
                                     config::RuleId::master_without_priority,
                                     config::RuleId::authentication_incomplete,
                                     config::RuleId::link_local_first};
  return diagnostic.severity == config::Severity::warning &&
         std::find(kRules.begin(), kRules.end(), diagnostic.rule) != kRules.end();
}

bool is_missing_file(const config::Diagnostic& diagnostic) {
  return diagnostic.rule == config::RuleId::include_not_found;
}

std::string search_path() {
  const char* const path = std::getenv("PATH");
  return path == nullptr ? kUsualPath : path;
}

}  // namespace

LoadedConfiguration load_configuration(const DaemonArguments& arguments) {
  LoadedConfiguration loaded;
  std::error_code unknown;
  const std::uintmax_t size = std::filesystem::file_size(arguments.config_file, unknown);
  if (!unknown) grow_heap(size * kBytesEachRead);
  std::optional<config::ParseResult> read = parse_file(arguments.config_file, arguments.config_id, arguments.profile);
  if (!read) {
    loaded.lines.push_back(arguments.config_file + ": " + why_unreadable(arguments.config_file));
    loaded.test_status = DaemonStatus::test_failed;
    return loaded;
  }
  bool refused = !read->ok();
  for (const config::Diagnostic& diagnostic : read->diagnostics) {
    loaded.lines.push_back(diagnostic.to_string());
    if (!is_ours_alone(diagnostic)) loaded.test_status = DaemonStatus::test_failed;
    if (arguments.all_files_must_exist && is_missing_file(diagnostic)) refused = true;
  }
  if (refused) {
    loaded.test_status = DaemonStatus::test_failed;
    return loaded;
  }

  config::Configuration& configuration = *read->configuration;
  linux_backend::Identities identities(configuration.global.script_user, configuration.global.script_group);
  const linux_backend::ScriptFindings scripts = linux_backend::check_scripts(configuration, identities, search_path());
  loaded.lines.insert(loaded.lines.end(), scripts.lines.begin(), scripts.lines.end());
  const config::GlobalDefs& global = configuration.global;
  if (!global.script_user.empty() && !linux_backend::find_identity(global.script_user, global.script_group)) {
    loaded.lines.push_back(arguments.config_file + ": there is no such user or group as script_user names: " +
                           global.script_user + (global.script_group.empty() ? "" : " " + global.script_group));
    loaded.test_status = DaemonStatus::test_failed;
  }
  if (scripts.something_disabled) loaded.test_status = DaemonStatus::test_failed;
  if (scripts.violation) loaded.test_status = DaemonStatus::insecure_scripts;
  // Copied, so that it lies together: between its parts are the holes that the parser has left, and a child that fills
  // them makes pages its own that it could share.
  loaded.configuration = std::make_shared<const config::Configuration>(configuration);
  return loaded;
}

std::shared_ptr<const config::Configuration> configuration_at_start(const DaemonArguments& arguments, int start,
                                                                    std::shared_ptr<const config::Configuration> known,
                                                                    const Log& log) {
  if (start == 1) return known;
  LoadedConfiguration loaded = load_configuration(arguments);
  if (loaded.configuration != nullptr) return loaded.configuration;
  for (const std::string& line : loaded.lines) log.write(line);
  log.alert("the configuration cannot be read again; running with the one of the start");
  return known;
}

}  // namespace vipdrift::tools
