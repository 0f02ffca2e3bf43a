// A keepalived.conf and what it includes, as files for a node.
#ifndef VIPDRIFT_BACKENDS_NETNS_CONFIG_FILES_H_
#define VIPDRIFT_BACKENDS_NETNS_CONFIG_FILES_H_

#include <string>
#include <vector>

namespace vipdrift::netns {

struct NodeFile {
  std::string path;
  std::string text;
  friend bool operator==(const NodeFile&, const NodeFile&) = default;
};

/// `text` at `target`, and the files that it and they include by a relative name, at the same place relative to it.
/// `source` is where `text` was read from. An include without a match is left to the daemon to complain about.
std::vector<NodeFile> config_files(const std::string& source, const std::string& text, const std::string& target);

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_CONFIG_FILES_H_
