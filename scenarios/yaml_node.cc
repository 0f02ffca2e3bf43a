#include "scenarios/yaml_node.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <utility>

namespace vipdrift::scenarios {
namespace {

constexpr std::size_t kMostNodes = 100'000;
constexpr std::size_t kDeepest = 50;  // aliases could nest without end

/// What the tree builder cannot take, thrown through the parser that calls it back.
struct Refusal {
  YAML::Mark mark;
  const char* message;
};

std::size_t size_of(const YamlNode& node) {
  std::size_t size = 1;
  for (const YamlNode& item : node.items) size += size_of(item);
  for (const YamlEntry& entry : node.entries) size += size_of(entry.value);
  return size;
}

std::size_t depth_of(const YamlNode& node) {
  std::size_t deepest = 0;
  for (const YamlNode& item : node.items) deepest = std::max(deepest, depth_of(item));
  for (const YamlEntry& entry : node.entries) deepest = std::max(deepest, depth_of(entry.value));
  return deepest + 1;
}

/// Builds the tree from the parser's events. Open lists and maps are on a stack; a map waits for key and value in turn.
class TreeBuilder : public YAML::EventHandler {
 public:
  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    add(make(YamlNode::Kind::null, mark), anchor, mark);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refusal{mark, "an alias inside of what it names"};
    count(size_of(found->second), mark);
    check_depth(depth_of(found->second), mark);
    YamlNode copy = found->second;
    add(std::move(copy), 0, mark);
  }
  void OnScalar(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor, const std::string& value) override {
    YamlNode node = make(YamlNode::Kind::scalar, mark);
    node.scalar = value;
    add(std::move(node), anchor, mark);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    check_depth(1, mark);
    open_.push_back({make(YamlNode::Kind::list, mark), anchor, mark, {}});
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    check_depth(1, mark);
    open_.push_back({make(YamlNode::Kind::map, mark), anchor, mark, {}});
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor;
    YAML::Mark mark;
    std::optional<YamlEntry> key;
  };

  YamlNode make(YamlNode::Kind kind, const YAML::Mark& mark) {
    count(1, mark);
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    return node;
  }

  void count(std::size_t more, const YAML::Mark& mark) {
    count_ += more;
    if (count_ > kMostNodes) throw Refusal{mark, "more than 100000 values"};
  }

  void check_depth(std::size_t more, const YAML::Mark& mark) const {
    if (open_.size() + more > kDeepest) throw Refusal{mark, "lists and maps nested more than 50 deep"};
  }

  void close() {
    Open done = std::move(open_.back());
    open_.pop_back();
    add(std::move(done.node), done.anchor, done.mark);
  }

  void add(YamlNode node, YAML::anchor_t anchor, const YAML::Mark& mark) {
    if (anchor != 0) anchors_[anchor] = node;
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == YamlNode::Kind::list) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.kind != YamlNode::Kind::scalar) throw Refusal{mark, "a key that is not a plain word"};
      parent.key = YamlEntry{node.scalar, node.line, node.column, {}};
    } else {
      parent.key->value = std::move(node);
      parent.node.entries.push_back(std::move(*parent.key));
      parent.key.reset();
    }
  }

  std::vector<Open> open_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
  std::size_t count_ = 0;
  YamlNode root_;
};

/// Tells every value the key it belongs to.
void spread_names(YamlNode& node, const std::string& name) {
  node.name = name;
  for (YamlNode& item : node.items) spread_names(item, name);
  for (YamlEntry& entry : node.entries) spread_names(entry.value, entry.key);
}

config::Diagnostic mistake(const std::string& file, const YAML::Mark& mark, const std::string& message) {
  return {config::Severity::error, {file, mark.line + 1, mark.column + 1}, "not readable as YAML: " + message, {}, {}};
}

/// The parser calls this a second time to see whether another document follows.
class NothingMore : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override { throw Refusal{mark, "a second document ('---')"}; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

}  // namespace

YamlResult parse_yaml(std::string_view text, const std::string& file_name) {
  std::istringstream stream{std::string{text}};
  TreeBuilder builder;
  try {
    YAML::Parser parser{stream};
    parser.HandleNextDocument(builder);
    NothingMore nothing_more;
    parser.HandleNextDocument(nothing_more);
  } catch (const Refusal& refusal) {
    return {std::nullopt, mistake(file_name, refusal.mark, refusal.message)};
  } catch (const YAML::Exception& exception) {
    return {std::nullopt, mistake(file_name, exception.mark, exception.msg)};
  }
  YamlNode root = builder.take_root();
  spread_names(root, {});
  return {std::move(root), std::nullopt};
}

}  // namespace vipdrift::scenarios
