#include "backends/netns/config_files.h"

#include <glob.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

namespace vipdrift::netns {
namespace {

namespace fs = std::filesystem;

/// keepalived stops there as well.
constexpr int kDeepest = 32;

/// "conf.d/*.conf" of "include conf.d/*.conf"; include, includer, includem, includew, includeb, includea.
std::optional<std::string> included_pattern(const std::string& line) {
  std::istringstream words(line);
  std::string keyword, pattern;
  words >> keyword >> pattern;
  const bool includes = keyword.rfind("include", 0) == 0 && keyword.size() <= 8 &&
                        keyword.find_first_not_of("rmwba", 7) == std::string::npos;
  if (!includes || pattern.empty()) return std::nullopt;
  if (pattern.size() > 2 && pattern.front() == '"' && pattern.back() == '"') {
    pattern = pattern.substr(1, pattern.size() - 2);
  }
  return pattern.front() == '/' ? std::nullopt : std::optional<std::string>{pattern};
}

std::vector<std::string> matches(const std::string& pattern) {
  std::vector<std::string> found;
  glob_t result{};
  if (glob(pattern.c_str(), GLOB_BRACE, nullptr, &result) == 0) {
    found.assign(result.gl_pathv, result.gl_pathv + result.gl_pathc);
  }
  globfree(&result);
  return found;
}

void collect(const std::string& source, const std::string& text, const std::string& target, int depth,
             std::vector<NodeFile>& files) {
  files.push_back({target, text});
  std::istringstream lines(text);
  for (std::string line; depth < kDeepest && std::getline(lines, line);) {
    const std::optional<std::string> pattern = included_pattern(line);
    if (!pattern) continue;
    const fs::path from = fs::path(source).parent_path();
    for (const std::string& match : matches((from / *pattern).string())) {
      const fs::path place = fs::path(target).parent_path() / fs::path(match).lexically_relative(from);
      const std::string there = place.lexically_normal().string();
      const bool known =
          std::any_of(files.begin(), files.end(), [&](const NodeFile& file) { return file.path == there; });
      std::ifstream in(match, std::ios::binary);
      std::ostringstream content;
      content << in.rdbuf();
      if (!known && in) collect(match, content.str(), there, depth + 1, files);
    }
  }
}

}  // namespace

std::vector<NodeFile> config_files(const std::string& source, const std::string& text, const std::string& target) {
  std::vector<NodeFile> files;
  collect(source, text, target, 0, files);
  return files;
}

}  // namespace vipdrift::netns
