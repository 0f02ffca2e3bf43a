#include "tools/vipdrift/lab/lab_place.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace vipdrift::tools {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

}  // namespace

std::string labs_directory() {
  if (const std::string runtime = environment("XDG_RUNTIME_DIR"); !runtime.empty()) return runtime + "/vipdrift";
  if (const std::string home = environment("HOME"); !home.empty()) return home + "/.cache/vipdrift/labs";
  return "/tmp/vipdrift-" + std::to_string(getuid());
}

std::optional<std::string> LabPlace::make() const {
  std::error_code error;
  fs::create_directories(fs::path(directory_).parent_path(), error);
  if (error) return directory_ + ": " + error.message();
  if (mkdir(directory_.c_str(), S_IRWXU) != 0) return directory_ + ": " + std::strerror(errno);
  return std::nullopt;
}

void LabPlace::remove() const {
  unlink(socket().c_str());
  unlink(log().c_str());
  rmdir(directory_.c_str());
}

bool is_lab_name(const std::string& name) {
  return !name.empty() && name.size() <= 32 && name.front() != '.' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.';
         });
}

std::vector<std::string> lab_names() {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(labs_directory(), error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace vipdrift::tools
