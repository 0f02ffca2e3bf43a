#include "tools/vipdrift/director_arguments.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

namespace vipdrift::tools {
namespace {

namespace fs = std::filesystem;

std::string stem_of(const std::string& path) { return fs::path(path).stem().string(); }

/// Empty when it is no directory, or has no such file.
std::vector<std::string> files_in(const std::string& directory) {
  std::vector<std::string> files;
  std::error_code unknown;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, unknown)) {
    if (entry.path().extension() == ".conf" && !entry.is_directory(unknown)) files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// [NAME=]FILE[@ID]; a file of that very name comes first.
DirectorArgument split(const std::string& argument) {
  std::error_code unknown;
  DirectorArgument one{.name = {}, .file = argument, .config_id = {}};
  if (fs::exists(argument, unknown)) return one;
  const std::size_t equals = argument.find('=');
  if (equals != std::string::npos && equals > 0 && argument.find('/') > equals) {
    one.name = argument.substr(0, equals);
    one.file = argument.substr(equals + 1);
    if (fs::exists(one.file, unknown)) return one;
  }
  const std::size_t at = one.file.rfind('@');
  if (at != std::string::npos && at > 0 && one.file.find('/', at) == std::string::npos) {
    one.config_id = one.file.substr(at + 1);
    one.file.resize(at);
  }
  return one;
}

}  // namespace

DirectorArguments read_director_arguments(const std::vector<std::string>& arguments, const std::string& config_id) {
  DirectorArguments read;
  for (const std::string& argument : arguments) {
    const std::vector<std::string> files = files_in(argument);
    for (const std::string& file : files) read.directors.push_back({{}, file, {}});
    if (files.empty()) read.directors.push_back(split(argument));
  }
  const auto with_stem = [&](const std::string& stem) {
    return std::count_if(read.directors.begin(), read.directors.end(),
                         [&](const DirectorArgument& one) { return stem_of(one.file) == stem; });
  };
  std::vector<std::string> names;
  for (const DirectorArgument& one : read.directors) {
    const std::string& own = one.name.empty() ? one.config_id : one.name;
    const std::string stem = stem_of(one.file);
    names.push_back(!own.empty() ? own : with_stem(stem) == 1 ? stem : one.file);
  }
  std::set<std::string> taken;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!taken.insert(names[i]).second && !read.error) {
      read.error = "two directors are called '" + names[i] + "'; expected a name of its own for each, as in NAME=FILE";
    }
    read.directors[i].name = names[i];
    if (read.directors[i].config_id.empty()) read.directors[i].config_id = config_id;
  }
  return read;
}

}  // namespace vipdrift::tools
