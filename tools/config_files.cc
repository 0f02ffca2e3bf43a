#include "tools/config_files.h"

#include <glob.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace vipdrift::tools {
namespace {

std::optional<std::string> read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) return std::nullopt;
  return std::string(std::istreambuf_iterator<char>(in), {});
}

/// The files that an include names, relative to the file that includes them.
std::vector<config::SourceFile> included_files(std::string_view pattern, std::string_view including_file) {
  const std::filesystem::path full = std::filesystem::path(including_file).parent_path() / pattern;
  glob_t matches{};
  std::vector<config::SourceFile> files;
  if (glob(full.c_str(), 0, nullptr, &matches) == 0) {
    for (std::size_t i = 0; i < matches.gl_pathc; ++i) {
      const std::string path = matches.gl_pathv[i];
      if (std::optional<std::string> text = read(path)) files.push_back({path, std::move(*text)});
    }
  }
  globfree(&matches);
  return files;
}

}  // namespace

std::optional<config::ParseResult> parse_file(const std::string& path, const std::string& config_id,
                                              const vrrp::Profile& profile) {
  const std::optional<std::string> text = read(path);
  if (!text) return std::nullopt;
  config::ParseOptions options;
  options.file_name = path;
  options.config_id = config_id;
  options.include = included_files;
  options.profile = profile;
  return config::parse(*text, options);
}

}  // namespace vipdrift::tools
