// Typed access to a YAML tree: every value that cannot be read becomes a diagnostic with its place and what would be
// right.
#ifndef VIPDRIFT_SCENARIOS_YAML_READER_H_
#define VIPDRIFT_SCENARIOS_YAML_READER_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/diagnostic.h"
#include "scenarios/keys.h"
#include "scenarios/scenario.h"
#include "scenarios/yaml_node.h"

namespace vipdrift::scenarios {

/// Reads the values of one file. Each read_*() reports what is wrong and returns nullopt; `take` does the same but
/// leaves its target alone when the node is absent (nullptr) or wrong.
class YamlReader {
 public:
  YamlReader(std::string file, std::vector<config::Diagnostic>& diagnostics)
      : file_{std::move(file)}, diagnostics_{diagnostics} {}

  const std::string& file() const { return file_; }
  /// The path of a file that this one names: relative to the directory of this one.
  std::string beside(const std::string& name) const;
  Place place(const YamlNode& node) const { return {file_, node.line, node.column}; }

  void error(const YamlNode& node, std::string message, std::string expected = {}, std::string nearest = {});
  void error(const Place& place, std::string message, std::string expected = {}, std::string nearest = {});
  void warning(const YamlNode& node, std::string message, std::string expected = {}, std::string nearest = {});

  std::optional<std::string> read_text(const YamlNode& node);
  std::optional<bool> read_bool(const YamlNode& node);
  /// A duration from 0s to 20 years (so that a few of them can be added).
  std::optional<Duration> read_duration(const YamlNode& node);
  std::optional<Duration> read_signed_duration(const YamlNode& node);
  std::optional<PartsPerMillion> read_share(const YamlNode& node);
  std::optional<std::int64_t> read_integer(const YamlNode& node, std::int64_t least, std::int64_t most);
  std::optional<IpAddress> read_address(const YamlNode& node);
  std::optional<IpPrefix> read_prefix(const YamlNode& node);
  std::optional<MacAddress> read_mac(const YamlNode& node);
  /// A word out of `allowed`; `kind` is what to call such a word ("director").
  std::optional<std::string> read_name(const YamlNode& node, std::string_view kind,
                                       std::span<const std::string> allowed);
  /// A single value or a list of values, as the nodes of the values.
  std::vector<const YamlNode*> one_or_more(const YamlNode& node);
  bool expect_list(const YamlNode& node);
  bool expect_map(const YamlNode& node);

  void take(const YamlNode* node, std::string& target);
  void take(const YamlNode* node, bool& target);
  void take(const YamlNode* node, Duration& target);
  void take(const YamlNode* node, PartsPerMillion& target);
  void take(const YamlNode* node, IpAddress& target);
  void take(const YamlNode* node, MacAddress& target);
  void take(const YamlNode* node, std::uint8_t& target);
  void take(const YamlNode* node, std::uint16_t& target);
  void take(const YamlNode* node, std::uint64_t& target);
  /// `target` between 0 and 1,000,000.
  void take(const YamlNode* node, int& target);
  template <class T>
  void take(const YamlNode* node, std::optional<T>& target) {
    if (node == nullptr) return;
    T value{};
    const std::size_t before = diagnostics_.size();
    take(node, value);
    if (diagnostics_.size() == before) target = std::move(value);
  }

 private:
  const std::string* scalar(const YamlNode& node, std::string_view wanted);

  std::string file_;
  std::vector<config::Diagnostic>& diagnostics_;
};

/// A map whose keys are known: unknown and repeated ones are reported when it is opened.
class Fields {
 public:
  /// A node that is no map is reported and has no fields.
  Fields(YamlReader& in, const YamlNode& node, const KeySet& known);

  bool is_map() const { return node_.kind == YamlNode::Kind::map; }
  const YamlNode& node() const { return node_; }
  /// nullptr when the key is not there.
  const YamlNode* operator[](std::string_view key) const;
  /// The same, but an absent key is reported.
  const YamlNode* required(std::string_view key) const;

 private:
  YamlReader& in_;
  const YamlNode& node_;
};

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_YAML_READER_H_
