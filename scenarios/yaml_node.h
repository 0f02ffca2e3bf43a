// YAML text as a small tree with places. The only file that knows yaml-cpp is yaml_node.cc.
#ifndef VIPDRIFT_SCENARIOS_YAML_NODE_H_
#define VIPDRIFT_SCENARIOS_YAML_NODE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/diagnostic.h"

namespace vipdrift::scenarios {

struct YamlEntry;

/// A value and where it stands; lines and columns count from 1.
struct YamlNode {
  enum class Kind : std::uint8_t { null, scalar, list, map };

  Kind kind = Kind::null;
  int line = 1;
  int column = 1;
  std::string name;                ///< the key it belongs to; an item of a list has the list's
  std::string scalar;              ///< of a scalar, without quotes
  std::vector<YamlNode> items;     ///< of a list
  std::vector<YamlEntry> entries;  ///< of a map, in file order; keys may repeat
};

struct YamlEntry {
  std::string key;
  int line = 1;
  int column = 1;
  YamlNode value;
};

struct YamlResult {
  std::optional<YamlNode> root;               ///< absent when the text is no YAML
  std::optional<config::Diagnostic> mistake;  ///< why
};

/// Reads one YAML document. Aliases are expanded; a document of more than 100,000 values is refused.
YamlResult parse_yaml(std::string_view text, const std::string& file_name);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_YAML_NODE_H_
