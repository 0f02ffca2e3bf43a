// What the tests of printer and formatter read: every configuration that lies about, and random ones.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_ROUND_TRIP_TEST_SUPPORT_H_
#define VIPDRIFT_PROTOCOL_CONFIG_ROUND_TRIP_TEST_SUPPORT_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/parser.h"

namespace vipdrift::config::testing {

/// Where Debian puts keepalived's own samples; a machine may be without.
inline constexpr const char* kSamples = "/usr/share/doc/keepalived/samples";

inline std::string text_of_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

/// Options with includes from the file system; wildcards are those of the samples alone, "*".
inline ParseOptions options_for(const std::filesystem::path& file, const std::string& config_id) {
  ParseOptions options;
  options.file_name = file.string();
  options.config_id = config_id;
  options.include = [](std::string_view pattern, std::string_view including) {
    const std::filesystem::path full = std::filesystem::path(including).parent_path() / pattern;
    std::vector<SourceFile> files;
    if (std::filesystem::is_regular_file(full)) files.push_back({full.string(), text_of_file(full)});
    const std::string name = full.filename().string();
    const std::size_t star = name.find('*');
    if (star == std::string::npos || !std::filesystem::is_directory(full.parent_path())) return files;
    for (const auto& entry : std::filesystem::directory_iterator(full.parent_path())) {
      const std::string other = entry.path().filename().string();
      const bool matches = other.starts_with(name.substr(0, star)) && other.ends_with(name.substr(star + 1));
      if (matches) files.push_back({entry.path().string(), text_of_file(entry.path())});
    }
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return files;
  };
  return options;
}

/// Configurations of the scenario library, and keepalived's samples where they are.
inline std::vector<std::filesystem::path> corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> files;
  if (!std::filesystem::is_directory(folder)) return files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    const bool is_configuration = name.ends_with(".conf") || name.find("keepalived.conf") != std::string::npos;
    if (entry.is_regular_file() && is_configuration && !name.ends_with(".gz")) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

/// The configuration without what says where it was written.
inline Configuration without_places(Configuration all) {
  const auto forget = [](auto& objects) {
    for (auto& object : objects) object.place = {};
  };
  forget(all.scripts);
  forget(all.track_files);
  forget(all.track_processes);
  forget(all.instances);
  forget(all.sync_groups);
  forget(all.server_groups);
  forget(all.virtual_servers);
  for (VirtualServer& server : all.virtual_servers) {
    forget(server.real_servers);
    for (RealServer& real : server.real_servers) forget(real.checkers);
  }
  return all;
}

/// The first line in which two texts differ, for a message.
inline std::string first_difference(const std::string& a, const std::string& b) {
  const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  const auto around = [](const std::string& text, std::string::const_iterator at) {
    const auto from = text.rfind('\n', static_cast<std::size_t>(at - text.begin()));
    const std::size_t begin = from == std::string::npos ? 0 : from + 1;
    return text.substr(begin, 160);
  };
  return around(a, ends.first) + "\n--- against ---\n" + around(b, ends.second);
}

}  // namespace vipdrift::config::testing

#endif  // VIPDRIFT_PROTOCOL_CONFIG_ROUND_TRIP_TEST_SUPPORT_H_
