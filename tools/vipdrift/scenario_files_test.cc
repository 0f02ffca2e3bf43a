#include "tools/vipdrift/scenario_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace vipdrift::tools {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FindScenarios : public testing::Test {
 protected:
  FindScenarios() : root_(testing::TempDir() + "find_scenarios_" + test_name()) {
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  ~FindScenarios() override { std::filesystem::remove_all(root_); }

  std::string write(const std::string& name, const std::string& text) {
    const std::filesystem::path path = std::filesystem::path(root_) / name;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  static std::string test_name() { return testing::UnitTest::GetInstance()->current_test_info()->name(); }

  std::string root_;
};

TEST_F(FindScenarios, ADirectoryStandsForItsScenariosInOrder) {
  const std::string second = write("b.yaml", "name: b\nsteps: []\n");
  const std::string third = write("sub/a.yaml", "name: a\nsteps: []\n");
  const std::string first = write("a.yaml", "name: a\nsteps: []\n");
  write("cluster.yaml", "segments: []\ndirectors: []\n");
  write("lvs1.conf", "global_defs { }\n");
  write("testdata/broken.yaml", "name: [\n");
  const ScenarioFiles found = find_scenarios({root_});
  EXPECT_THAT(found.files, ElementsAre(first, second, third));
  EXPECT_THAT(found.errors, IsEmpty());
}

TEST_F(FindScenarios, AScenarioThatOverridesDirectorsIsNoClusterFile) {
  const std::string scenario = write("a.yaml", "name: a\ncluster: c.yaml\ndirectors: {}\nsteps: []\n");
  const std::string steps_last = write("b.yaml", "name: b\ndirectors: {}\nsteps: []\n");
  write("c.yaml", "directors: {}\nsegments: {}\n");
  EXPECT_THAT(find_scenarios({root_}).files, ElementsAre(scenario, steps_last));
}

TEST_F(FindScenarios, ABrokenScenarioIsNotPassedOver) {
  const std::string broken = write("broken.yaml", "stesp: []\n");
  EXPECT_THAT(find_scenarios({root_}).files, ElementsAre(broken));
}

TEST_F(FindScenarios, ANamedFileIsTakenWhateverItIs) {
  const std::string cluster = write("cluster.yaml", "directors: []\n");
  const std::string hidden = write("testdata/x.yaml", "name: x\n");
  EXPECT_THAT(find_scenarios({hidden, cluster}).files, ElementsAre(hidden, cluster));
}

TEST_F(FindScenarios, SaysWhatIsNotThere) {
  const std::string missing = root_ + "/missing.yaml";
  EXPECT_THAT(find_scenarios({missing}).errors, ElementsAre(missing + ": no such file or directory"));
  EXPECT_THAT(find_scenarios({root_}).errors, ElementsAre(root_ + ": no scenario (*.yaml) below it"));
}

}  // namespace
}  // namespace vipdrift::tools
