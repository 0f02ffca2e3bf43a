#include "tools/vipdrift/scenario_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace vipdrift::tools {
namespace {

namespace fs = std::filesystem;

void add_directory(const fs::path& directory, ScenarioFiles& found) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(directory, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (entry->is_directory() && entry->path().filename() == "testdata") entry.disable_recursion_pending();
    if (!entry->is_regular_file() || entry->path().extension() != ".yaml" || is_cluster_file(entry->path())) continue;
    files.push_back(entry->path().string());
  }
  if (error) found.errors.push_back(directory.string() + ": " + error.message());
  if (!error && files.empty()) found.errors.push_back(directory.string() + ": no scenario (*.yaml) below it");
  std::sort(files.begin(), files.end());
  found.files.insert(found.files.end(), files.begin(), files.end());
}

}  // namespace

bool is_cluster_file(const std::string& path) {
  std::ifstream in(path);
  bool describes_machines = false;
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("cluster:") || line.starts_with("steps:")) return false;
    describes_machines = describes_machines || line.starts_with("directors:") || line.starts_with("segments:");
  }
  return describes_machines;
}

ScenarioFiles find_scenarios(const std::vector<std::string>& paths) {
  ScenarioFiles found;
  for (const std::string& path : paths) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (fs::is_directory(status)) {
      add_directory(path, found);
    } else if (fs::exists(status)) {
      found.files.push_back(path);
    } else {
      found.errors.push_back(path + ": no such file or directory");
    }
  }
  return found;
}

std::string scenario_library() {
  std::error_code error;
  if (fs::is_directory("scenarios", error)) return "scenarios";
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const fs::path installed = program.parent_path().parent_path() / "share" / "vipdrift" / "scenarios";
  return fs::is_directory(installed, error) ? installed.string() : std::string("scenarios");
}

}  // namespace vipdrift::tools
