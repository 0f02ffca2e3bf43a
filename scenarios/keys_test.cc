#include "scenarios/keys.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

namespace vipdrift::scenarios {
namespace {

TEST(Keys, AreThoseOfTheSchema) {
  std::ifstream file{std::string{VIPDRIFT_SOURCE_DIR} + "/scenarios/scenario.schema.json"};
  const nlohmann::json definitions = nlohmann::json::parse(file).at("definitions");
  for (const KeySet* set : all_key_sets()) {
    const std::string name{set->name};
    ASSERT_TRUE(definitions.contains(name)) << name;
    std::set<std::string> in_schema;
    const nlohmann::json properties = definitions.at(name).value("properties", nlohmann::json::object());
    for (const auto& item : properties.items()) {
      in_schema.insert(item.key());
    }
    EXPECT_EQ(in_schema, std::set<std::string>(set->keys.begin(), set->keys.end())) << name;
  }
}

}  // namespace
}  // namespace vipdrift::scenarios
