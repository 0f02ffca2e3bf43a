// The door of the scenario language: YAML text to Scenario, or a list of what is wrong with it.
#ifndef VIPDRIFT_SCENARIOS_LOADER_H_
#define VIPDRIFT_SCENARIOS_LOADER_H_

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/diagnostic.h"
#include "scenarios/scenario.h"

namespace vipdrift::scenarios {

/// Contents of a file; nullopt when it cannot be read.
using FileReader = std::function<std::optional<std::string>(const std::string& path)>;

/// Names of the files that a pattern (glob) matches, in order. Used only for `include` in keepalived.conf.
using FileMatcher = std::function<std::vector<std::string>(const std::string& pattern)>;

struct LoadResult {
  std::optional<Scenario> scenario;             ///< absent when there is at least one error
  std::vector<config::Diagnostic> diagnostics;  ///< of the scenario, its cluster file and every keepalived.conf

  bool ok() const { return scenario.has_value(); }
};

/// Reads a scenario and everything it names: the cluster file and the configurations of its directors. Paths in a file
/// are relative to that file's directory. Without `match`, an include is taken as a plain file name.
LoadResult load_text(std::string_view text, const std::string& file_name, const FileReader& read,
                     const FileMatcher& match = {});

/// load_text() on the file system.
LoadResult load_file(const std::string& path);

/// The machines of a cluster file as a scenario in which nothing is done.
LoadResult load_cluster_file(const std::string& path);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_LOADER_H_
