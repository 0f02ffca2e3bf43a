// The keepalived.conf files that a scenario's directors read, parsed as each of them would.
#ifndef VIPDRIFT_SCENARIOS_CONFIG_LOADER_H_
#define VIPDRIFT_SCENARIOS_CONFIG_LOADER_H_

#include <string>
#include <vector>

#include "protocol/config/diagnostic.h"
#include "protocol/config/parser.h"
#include "scenarios/loader.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

class ConfigLoader {
 public:
  ConfigLoader(FileReader read, FileMatcher match, Scenario& scenario, std::vector<config::Diagnostic>& diagnostics)
      : read_{std::move(read)}, match_{std::move(match)}, scenario_{scenario}, diagnostics_{diagnostics} {}

  /// Reads and parses `file` for `director` into Scenario::configs, once. `place`: where the file is named.
  void load(const DirectorSpec& director, const std::string& file, const Place& place);

 private:
  std::vector<config::SourceFile> included(std::string_view pattern, std::string_view including_file) const;
  void report(const config::Diagnostic& diagnostic);

  FileReader read_;
  FileMatcher match_;
  Scenario& scenario_;
  std::vector<config::Diagnostic>& diagnostics_;
};

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_CONFIG_LOADER_H_
