#include "backends/netns/subject.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "backends/netns/config_files.h"
#include "backends/netns/messages.h"
#include "backends/netns/private_files.h"

namespace vipdrift::netns {
namespace {

using ::testing::ElementsAre;

TEST(Subject, IsAWordOrACommandWithAPlaceForTheConfiguration) {
  EXPECT_EQ(subject_named("vipdriftd", "/opt/vipdriftd")->argv.front(), "/opt/vipdriftd");
  const auto habits = subject_named("vipdriftd --profile vipdrift,address_leases=no", "/opt/vipdriftd");
  EXPECT_EQ(habits->argv.back(), "vipdrift,address_leases=no");
  EXPECT_EQ(subject_named("keepalived", "")->name, "keepalived");
  EXPECT_EQ(subject_named("keepalive", ""), std::nullopt);
  const auto own = subject_named("/opt/mine -f {config} --pid={pid}", "");
  ASSERT_TRUE(own);
  EXPECT_EQ(own->name, "/opt/mine");
  SubjectPaths paths;
  paths.config = "/c";
  paths.pid = "/p";
  EXPECT_THAT(command_line(*own, paths), ElementsAre("/opt/mine", "-f", "/c", "--pid=/p"));
}

TEST(Messages, ComeOutAsTheyWentIn) {
  const Words words{"write", "", std::string(70000, 'x'), std::string("a\0b", 3)};
  EXPECT_EQ(unpack(pack(words)), words);
  EXPECT_EQ(unpack(""), Words{});
  const std::string bytes = pack({"order", "word"});
  for (std::size_t size = 1; size < bytes.size(); ++size) {
    if (size != pack({"order"}).size()) {
      EXPECT_EQ(unpack(bytes.substr(0, size)), std::nullopt) << size;
    }
  }
}

TEST(PrivateFiles, NeedADirectoryBelowTheRoot) {
  EXPECT_TRUE(can_be_private(directory_of("/etc/keepalived/down")));
  EXPECT_FALSE(can_be_private(directory_of("/down")));
  EXPECT_FALSE(can_be_private(directory_of("relative/down")));
  EXPECT_FALSE(can_be_private(directory_of("/etc/../down")));
}

TEST(ConfigFiles, FollowIncludesOfTheirNeighbours) {
  const std::filesystem::path folder = std::filesystem::path(testing::TempDir()) / "vipdrift_config_files";
  std::filesystem::create_directories(folder / "parts");
  const auto put = [&](const char* name, const char* text) { std::ofstream(folder / name) << text; };
  put("parts/a.conf", "a\n");
  put("parts/b.conf", "include ../last.conf\n");
  put("last.conf", "include last.conf\n");
  const std::string text = "global_defs {\n}\n  include parts/*.conf\ninclude /etc/passwd\nincluded no\ninclude none\n";
  const auto files = config_files((folder / "main.conf").string(), text, "/etc/keepalived/keepalived.conf");
  std::filesystem::remove_all(folder);
  EXPECT_THAT(files, ElementsAre(NodeFile{"/etc/keepalived/keepalived.conf", text},
                                 NodeFile{"/etc/keepalived/parts/a.conf", "a\n"},
                                 NodeFile{"/etc/keepalived/parts/b.conf", "include ../last.conf\n"},
                                 NodeFile{"/etc/keepalived/last.conf", "include last.conf\n"}));
}

}  // namespace
}  // namespace vipdrift::netns
