#include "backends/uml/installation.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <system_error>

namespace vipdrift::uml {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProgram = "linux.uml";
constexpr const char* kUsualPath = "/usr/local/bin:/usr/bin:/bin";

bool is_program(const std::string& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored) && access(path.c_str(), X_OK) == 0;
}

/// As a shell finds it; empty when it does not.
std::string found_in_path(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream directories(path == nullptr ? kUsualPath : path);
  for (std::string directory; std::getline(directories, directory, ':');) {
    const std::string there = (fs::path(directory) / name).string();
    if (is_program(there)) return there;
  }
  return {};
}

}  // namespace

std::optional<Installation> find_installation(const std::string& program, std::string& error) {
  const std::string wanted = program.empty() ? kProgram : program;
  const bool is_path = wanted.find('/') != std::string::npos;
  const std::string found = is_path ? wanted : found_in_path(wanted);
  if (found.empty() || !is_program(found)) {
    error = is_path ? "there is no program " + wanted
                    : "there is no " + wanted + " in PATH; the Debian package user-mode-linux has it "
                      "(apt-get install user-mode-linux), or --uml says where it is";
    return std::nullopt;
  }
  std::error_code code;
  // What /usr/bin/linux.uml may be a link to has its modules beside it, not beside the link.
  const fs::path kernel = fs::canonical(found, code);
  const fs::path modules = kernel.parent_path().parent_path() / "lib" / "uml" / "modules";
  if (!fs::is_directory(modules, code)) {
    error = "there are no modules for " + found + " in " + modules.string() +
            "; the Debian package user-mode-linux installs both";
    return std::nullopt;
  }
  return Installation{kernel.string(), modules.string()};
}

}  // namespace vipdrift::uml
