#include "backends/linux/file_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace vipdrift::linux_backend {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::IsEmpty;

class FileWatcherTest : public testing::Test {
 protected:
  FileWatcherTest() {
    fs::create_directory(folder_);
    EXPECT_EQ(watcher_.error(), 0);
  }
  ~FileWatcherTest() override { fs::remove_all(folder_); }

  static void write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  std::vector<std::string> touched() {
    std::vector<std::string> paths;
    watcher_.receive([&paths](const std::string& path) { paths.push_back(path); });
    return paths;
  }

  const fs::path folder_ = fs::temp_directory_path() / ("file_watcher_test." + std::to_string(getpid()));
  const std::string down_ = folder_ / "down";
  FileWatcher watcher_;
};

TEST_F(FileWatcherTest, TellsOfAFileThatAppearsChangesAndGoes) {
  ASSERT_EQ(watcher_.watch(down_), 0);
  EXPECT_THAT(touched(), IsEmpty());
  write(down_, "1");
  EXPECT_THAT(touched(), ElementsAre(down_));
  write(down_, "2");
  EXPECT_THAT(touched(), ElementsAre(down_));
  fs::remove(down_);
  EXPECT_THAT(touched(), ElementsAre(down_));
  EXPECT_THAT(touched(), IsEmpty());
}

TEST_F(FileWatcherTest, TellsOfAFileThatIsReplaced) {
  write(down_, "1");
  ASSERT_EQ(watcher_.watch(down_), 0);
  write(down_ + ".new", "2");
  EXPECT_THAT(touched(), IsEmpty()) << "another name";
  fs::rename(down_ + ".new", down_);
  EXPECT_THAT(touched(), ElementsAre(down_));
}

TEST_F(FileWatcherTest, TellsOfSeveralInOneDirectory) {
  const std::string other = folder_ / "other";
  ASSERT_EQ(watcher_.watch(down_), 0);
  ASSERT_EQ(watcher_.watch(other), 0);
  write(other, "1");
  EXPECT_THAT(touched(), ElementsAre(other));
  write(down_, "1");
  write(other, "2");
  EXPECT_THAT(touched(), ElementsAre(down_, other));
}

TEST_F(FileWatcherTest, WithoutADirectoryThereIsNothingToWatch) {
  EXPECT_EQ(watcher_.watch(folder_ / "nowhere" / "file"), ENOENT);
}

TEST_F(FileWatcherTest, ForgetsAll) {
  ASSERT_EQ(watcher_.watch(down_), 0);
  watcher_.forget_all();
  write(down_, "1");
  EXPECT_THAT(touched(), IsEmpty());
  ASSERT_EQ(watcher_.watch(down_), 0);
  write(down_, "2");
  EXPECT_THAT(touched(), ElementsAre(down_));
}

}  // namespace
}  // namespace vipdrift::linux_backend
