#include "scenarios/config_loader.h"

#include <algorithm>
#include <utility>

#include "protocol/vrrp/profile_text.h"

namespace vipdrift::scenarios {

void ConfigLoader::load(const DirectorSpec& director, const std::string& file, const Place& place) {
  if (file.empty() || scenario_.config_of(director.name, file) != nullptr) return;
  const auto text = read_(file);
  if (!text) {
    report({config::Severity::error, place, "cannot read '" + file + "'", "a keepalived.conf", {}});
    return;
  }
  config::ParseOptions options;
  options.file_name = file;
  options.config_id = director.name;
  options.include = [this](std::string_view pattern, std::string_view from) { return included(pattern, from); };
  const std::string profile = director.profile.value_or(scenario_.profile.value_or("keepalived"));
  options.profile = vrrp::parse_profile(profile).profile.value_or(vrrp::keepalived_profile());
  config::ParseResult parsed = config::parse(*text, options);
  for (const config::Diagnostic& diagnostic : parsed.diagnostics) report(diagnostic);
  DirectorConfig result{director.name, file, *text, nullptr};
  if (parsed.configuration) {
    result.configuration = std::make_shared<const config::Configuration>(std::move(*parsed.configuration));
  }
  scenario_.configs.push_back(std::move(result));
}

std::vector<config::SourceFile> ConfigLoader::included(std::string_view pattern,
                                                       std::string_view including_file) const {
  std::string path{pattern};
  const std::size_t slash = including_file.rfind('/');
  if (path.rfind('/', 0) != 0 && slash != std::string_view::npos) {
    path.insert(0, including_file.substr(0, slash + 1));
  }
  std::vector<config::SourceFile> files;
  for (const std::string& name : match_ ? match_(path) : std::vector<std::string>{path}) {
    if (auto text = read_(name)) files.push_back({name, std::move(*text)});
  }
  return files;
}

/// Two directors that share a file would say everything twice.
void ConfigLoader::report(const config::Diagnostic& diagnostic) {
  if (std::find(diagnostics_.begin(), diagnostics_.end(), diagnostic) == diagnostics_.end()) {
    diagnostics_.push_back(diagnostic);
  }
}

}  // namespace vipdrift::scenarios
