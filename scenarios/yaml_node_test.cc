#include "scenarios/yaml_node.h"

#include <gtest/gtest.h>

namespace vipdrift::scenarios {
namespace {

std::string mistake_in(std::string_view text) {
  const YamlResult result = parse_yaml(text, "a.yaml");
  return result.mistake ? result.mistake->to_string() : "none";
}

TEST(YamlNode, KeepsPlacesNamesAndOrder) {
  const YamlResult result = parse_yaml("b: 1\na:\n  - x\n  - {k: 'v w'}\nn:\n", "a.yaml");
  ASSERT_TRUE(result.root);
  const YamlNode& root = *result.root;
  ASSERT_EQ(root.kind, YamlNode::Kind::map);
  ASSERT_EQ(root.entries.size(), 3U);
  EXPECT_EQ(root.entries[0].key, "b");
  EXPECT_EQ(root.entries[0].value.scalar, "1");
  EXPECT_EQ(root.entries[0].value.column, 4);
  const YamlNode& list = root.entries[1].value;
  ASSERT_EQ(list.kind, YamlNode::Kind::list);
  EXPECT_EQ(list.items[0].line, 3);
  EXPECT_EQ(list.items[0].column, 5);
  EXPECT_EQ(list.items[0].name, "a");
  EXPECT_EQ(list.items[1].entries[0].key, "k");
  EXPECT_EQ(list.items[1].entries[0].column, 6);
  EXPECT_EQ(list.items[1].entries[0].value.scalar, "v w");
  EXPECT_EQ(root.entries[2].value.kind, YamlNode::Kind::null);
}

TEST(YamlNode, KeepsRepeatedKeys) {
  const YamlResult result = parse_yaml("a: 1\na: 2\n", "a.yaml");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(result.root->entries.size(), 2U);
}

TEST(YamlNode, ExpandsAliases) {
  const YamlResult result = parse_yaml("a: &x {k: 1}\nb: *x\n", "a.yaml");
  ASSERT_TRUE(result.root);
  EXPECT_EQ(result.root->entries[1].value.entries[0].value.scalar, "1");
}

TEST(YamlNode, RefusesWhatIsNoYaml) {
  EXPECT_EQ(mistake_in("a: [1, 2\n"), "a.yaml:2:1: error: not readable as YAML: end of sequence flow not found");
  EXPECT_EQ(mistake_in("a: 1\n---\nb: 2\n"), "a.yaml:2:1: error: not readable as YAML: a second document ('---')");
  EXPECT_EQ(mistake_in("? [a]\n: 1\n"), "a.yaml:1:3: error: not readable as YAML: a key that is not a plain word");
}

TEST(YamlNode, RefusesBombs) {
  std::string nested = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i <= 6; ++i) {
    const std::string below = "*a" + std::to_string(i - 1);
    nested += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + below;
    for (int k = 0; k < 9; ++k) nested += ", " + below;
    nested += "]\n";
  }
  EXPECT_NE(mistake_in(nested).find("more than 100000 values"), std::string::npos);
  EXPECT_NE(mistake_in(std::string(51, '[') + std::string(51, ']')).find("nested more than 50 deep"),
            std::string::npos);
  EXPECT_EQ(mistake_in(std::string(50, '[') + std::string(50, ']')), "none");
  EXPECT_NE(mistake_in("a: &a [*a]\n").find("an alias inside of what it names"), std::string::npos);
}

}  // namespace
}  // namespace vipdrift::scenarios
