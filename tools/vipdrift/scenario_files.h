// From what a user names on the command line to scenario files.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_SCENARIO_FILES_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_SCENARIO_FILES_H_

#include <string>
#include <vector>

namespace vipdrift::tools {

struct ScenarioFiles {
  std::vector<std::string> files;   ///< in the order named; those of a directory sorted by path
  std::vector<std::string> errors;  ///< "PATH: reason"
};

/// Whether a file describes machines and no scenario: `directors:` or `segments:` at the top level, but neither
/// `cluster:` nor `steps:`. A scenario may have `directors:` too, to override what its cluster says of them.
bool is_cluster_file(const std::string& path);

/// A file stands for itself. A directory stands for the *.yaml files below it, without cluster files and without
/// directories named `testdata`.
ScenarioFiles find_scenarios(const std::vector<std::string>& paths);

/// Where the scenario library is: ./scenarios in a source tree, else the one installed beside the program.
std::string scenario_library();

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_SCENARIO_FILES_H_
