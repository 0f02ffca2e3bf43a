#include "tools/config_files.h"

#include <fcntl.h>
#include <glob.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>
#include <vector>

namespace vipdrift::tools {
namespace {

constexpr std::size_t kReadAtOnce = 65536;

/// The files that an include names, relative to the file that includes them.
std::vector<config::SourceFile> included_files(std::string_view pattern, std::string_view including_file) {
  const std::filesystem::path full = std::filesystem::path(including_file).parent_path() / pattern;
  glob_t matches{};
  std::vector<config::SourceFile> files;
  if (glob(full.c_str(), 0, nullptr, &matches) == 0) {
    for (std::size_t i = 0; i < matches.gl_pathc; ++i) {
      const std::string path = matches.gl_pathv[i];
      if (std::optional<std::string> text = read_text(path)) files.push_back({path, std::move(*text)});
    }
  }
  globfree(&matches);
  return files;
}

/// Whoever speaks of keepalived's habits speaks of release 2.2.7, however well it explains what is wrong.
bool models_stock_keepalived(vrrp::Profile profile) {
  profile.explains_shell_scripts = vrrp::keepalived_profile().explains_shell_scripts;
  return profile == vrrp::keepalived_profile();
}

config::ParseOptions options_for(const std::string& path, const std::string& config_id, const vrrp::Profile& profile) {
  config::ParseOptions options;
  options.file_name = path;
  options.config_id = config_id;
  options.include = included_files;
  options.profile = profile;
  options.warns_of_newer_keywords = models_stock_keepalived(profile);
  return options;
}

}  // namespace

std::optional<std::string> read_text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in || std::filesystem::is_directory(path)) return std::nullopt;
  std::string text;
  std::array<char, kReadAtOnce> block;
  while (in.read(block.data(), block.size()) || in.gcount() > 0) {
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

std::string why_unreadable(const std::string& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  std::string reason = file < 0 ? std::generic_category().message(errno) : std::string{};
  if (file >= 0) close(file);
  std::error_code unknown;
  if (reason.empty()) reason = std::filesystem::is_directory(path, unknown) ? "it is a directory" : "reading fails";
  return "cannot be read: " + reason + "; expected a keepalived.conf";
}

std::optional<config::ParseResult> parse_file(const std::string& path, const std::string& config_id,
                                              const vrrp::Profile& profile) {
  const std::optional<std::string> text = read_text(path);
  if (!text) return std::nullopt;
  return parse_text(*text, path, config_id, profile);
}

config::ParseResult parse_text(const std::string& text, const std::string& path, const std::string& config_id,
                               const vrrp::Profile& profile) {
  return config::parse(text, options_for(path, config_id, profile));
}

std::optional<ReadConfiguration> read_configuration(const std::string& path, const std::string& config_id,
                                                    const vrrp::Profile& profile) {
  const std::optional<std::string> text = read_text(path);
  if (!text) return std::nullopt;
  const config::ParseOptions options = options_for(path, config_id, profile);
  ReadConfiguration read{config::parse(*text, options), {}};
  if (read.parsed.ok()) read.written = config::read_written(*text, options);
  return read;
}

}  // namespace vipdrift::tools
