#include "scenarios/cross_checks.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "protocol/config/nearest_word.h"

namespace vipdrift::scenarios {
namespace {

using Diagnostics = std::vector<config::Diagnostic>;

const DirectorSpec* director_of(const Scenario& scenario, const DirectorConfig& config) {
  for (const DirectorSpec& spec : scenario.cluster.directors) {
    if (spec.name == config.director) return &spec;
  }
  return nullptr;
}

void warn(Diagnostics& diagnostics, const Place& place, std::string message, std::string expected = {},
          std::string nearest = {}) {
  diagnostics.push_back(
      {config::Severity::warning, place, std::move(message), std::move(expected), std::move(nearest)});
}

/// The programs of MISC_CHECK: a model is named like the whole command or like the program alone.
void add_checking_programs(const config::Configuration& configuration, std::set<std::string>& known) {
  for (const config::VirtualServer& server : configuration.virtual_servers) {
    for (const config::RealServer& real : server.real_servers) {
      for (const config::Checker& checker : real.checkers) {
        for (const auto& [keyword, words] : checker.settings) {
          if (keyword != "misc_path" || words.empty()) continue;
          std::string line;
          for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
          known.insert(line);
          known.insert(line.substr(0, line.find(' ')));
        }
      }
    }
  }
}

void check_scripts(const Scenario& scenario, Diagnostics& diagnostics) {
  std::set<std::string> known;
  std::set<std::string> said;
  for (const DirectorConfig& config : scenario.configs) {
    const DirectorSpec* spec = director_of(scenario, config);
    if (!config.configuration || spec == nullptr) continue;
    add_checking_programs(*config.configuration, known);
    for (const config::VrrpScript& script : config.configuration->scripts) {
      known.insert(script.name);
      const bool modelled = std::any_of(spec->scripts.begin(), spec->scripts.end(),
                                        [&](const ScriptModel& model) { return model.script == script.name; });
      if (script.disabled || modelled || !said.insert(script.name).second) continue;
      warn(diagnostics, spec->place, "script '" + script.name + "' has no model: the simulator lets it succeed always",
           "scripts: {" + script.name + ": {fails_while: ...}} in the cluster");
    }
  }
  for (const DirectorSpec& spec : scenario.cluster.directors) {
    for (const ScriptModel& model : spec.scripts) {
      if (known.count(model.script) > 0 || !said.insert(model.script).second) continue;
      const std::vector<std::string_view> names{known.begin(), known.end()};
      warn(diagnostics, model.place, "no configuration has a vrrp_script '" + model.script + "'", {},
           std::string{config::nearest_word(model.script, names)});
    }
  }
}

void check_interfaces(const Scenario& scenario, Diagnostics& diagnostics) {
  std::set<std::pair<std::string, std::string>> said;
  for (const DirectorConfig& config : scenario.configs) {
    const DirectorSpec* spec = director_of(scenario, config);
    if (!config.configuration || spec == nullptr) continue;
    std::vector<std::string_view> names;
    for (const InterfaceSpec& interface : spec->interfaces) names.push_back(interface.name);
    for (const config::VrrpInstance& instance : config.configuration->instances) {
      if (std::find(names.begin(), names.end(), instance.interface) != names.end()) continue;
      if (!said.insert({spec->name, instance.interface}).second) continue;
      warn(diagnostics, instance.place,
           instance.name + ": " + spec->name + " has no interface '" + instance.interface + "' in the cluster", {},
           std::string{config::nearest_word(instance.interface, names)});
    }
  }
}

}  // namespace

std::vector<config::Diagnostic> cross_check(const Scenario& scenario) {
  Diagnostics diagnostics;
  check_scripts(scenario, diagnostics);
  check_interfaces(scenario, diagnostics);
  return diagnostics;
}

}  // namespace vipdrift::scenarios
