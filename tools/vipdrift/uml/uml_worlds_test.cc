// The host's side against a kernel that is a shell script: what happens when a guest does not do what it should.
#include "tools/vipdrift/uml/uml_worlds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace vipdrift::tools {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class UmlWorldsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string made = (fs::temp_directory_path() / "uml-worlds-XXXXXX").string();
    ASSERT_NE(mkdtemp(made.data()), nullptr);
    root_ = made;
    for (const char* directory : {"bin", "lib/uml/modules", "tmp"}) fs::create_directories(root_ / directory);
    setenv("TMPDIR", (root_ / "tmp").c_str(), 1);
  }
  void TearDown() override {
    EXPECT_TRUE(fs::is_empty(root_ / "tmp"));
    unsetenv("TMPDIR");
    fs::remove_all(root_);
  }

  /// What one run comes to in a guest that does `on_order` when it is asked for one; $2 is the number of the order,
  /// and the guest's directory its working directory.
  scenarios::RunResult run_in_guest(const std::string& on_order, const std::string& pcap_file = {}) {
    const fs::path kernel = root_ / "bin/linux.uml";
    std::ofstream(kernel) << "#!/bin/sh\n"
                             "for word; do case $word in VIPDRIFT_UML=*) cd ${word#*=};; esac; done\n"
                             "echo ready >&3\n"
                             "while read -r run number <&3; do set -- $run $number; " +
                                 on_order + "; done\n";
    fs::permissions(kernel, fs::perms::owner_all);
    std::string error;
    const auto worlds = UmlWorlds::start({kernel.string(), 1, std::chrono::milliseconds{200}}, error);
    EXPECT_NE(worlds, nullptr) << error;
    EXPECT_EQ(worlds->wait_until_ready(), std::nullopt);
    RunOrder order{.file = "x.yaml", .vipdriftd = "vipdriftd"};
    order.pcap_file = pcap_file;
    return worlds->run(order, Duration{0});
  }
  static std::string why(const scenarios::RunResult& result) { return result.error ? result.error->message : ""; }

  fs::path root_;
};

TEST_F(UmlWorldsTest, AResultComesHomeWithItsCapture) {
  scenarios::RunResult made;
  made.statistics.frames = 42;
  std::ofstream(root_ / "made", std::ios::binary) << to_bytes(made);
  const std::string captured = (root_ / "wire.pcap").string();
  const std::string copy = "cp " + (root_ / "made").string() + " $2.result";
  const scenarios::RunResult result =
      run_in_guest(copy + "; echo frames > $2.pcap; echo alive >&3; echo done $2 >&3", captured);
  EXPECT_EQ(why(result), "");
  EXPECT_EQ(result.statistics.frames, 42U);
  std::string line;
  std::getline(std::ifstream(captured), line);
  EXPECT_EQ(line, "frames");
}

TEST_F(UmlWorldsTest, AGuestThatNeverFinishesIsEnded) {
  EXPECT_THAT(why(run_in_guest("while sleep 0.05; do echo alive >&3; done")),
              HasSubstr("not come to an end within 600ms"));
}

TEST_F(UmlWorldsTest, AGuestThatDiesIsTold) {
  EXPECT_THAT(why(run_in_guest("echo out of memory; exit 7")),
              testing::AllOf(HasSubstr("has ended: it ended: exit status 7"), HasSubstr("out of memory")));
}

TEST_F(UmlWorldsTest, AGuestThatFailsSaysWhy) {
  EXPECT_EQ(why(run_in_guest("echo failed $2 its order cannot be read >&3")),
            "User-Mode Linux: its order cannot be read");
}

TEST_F(UmlWorldsTest, AResultThatIsNoneIsNotTaken) {
  EXPECT_THAT(why(run_in_guest("echo nonsense > $2.result; echo done $2 >&3")), HasSubstr("cannot be read"));
  EXPECT_THAT(why(run_in_guest("echo done $2 >&3")), HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace vipdrift::tools
