#include "backends/linux/notify_fifo.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/asio/signal_set.hpp>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;

class NotifyFifoTest : public testing::Test {
 protected:
  NotifyFifoTest() : children_(context_, SIGCHLD) {
    std::string pattern = testing::TempDir() + "/vipdrift-fifo-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    settings_.path = folder_ + "/fifo";
    collect();
  }
  ~NotifyFifoTest() override {
    fifo_.reset();
    std::filesystem::remove_all(folder_);
  }

  NotifyFifo& make() {
    return fifo_.emplace(context_, runner_, identities_, settings_,
                         [this](const std::string& line) { log_.push_back(line); });
  }

  std::string waiting() const {
    const FileDescriptor reader(open(settings_.path.c_str(), O_RDONLY | O_NONBLOCK));
    std::array<char, 4096> text{};
    const ssize_t size = read(reader.get(), text.data(), text.size());
    return {text.data(), static_cast<std::size_t>(size < 0 ? 0 : size)};
  }

  void run_until(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition() && std::chrono::steady_clock::now() < end) context_.run_one_for(20ms);
    ASSERT_TRUE(condition());
  }

  void collect() {
    children_.async_wait([this](const boost::system::error_code& error, int) {
      if (error) return;
      runner_.collect([](ScriptId, int, bool) {});
      collect();
    });
  }

  boost::asio::io_context context_;
  boost::asio::signal_set children_;
  ScriptRunner runner_;
  Identities identities_;
  config::NotifyFifo settings_;
  std::optional<NotifyFifo> fifo_;
  std::vector<std::string> log_;
  std::string folder_;
};

TEST_F(NotifyFifoTest, IsMadeForItsOwnerAloneAndRemovedAtTheEnd) {
  make();
  struct stat file{};
  ASSERT_EQ(stat(settings_.path.c_str(), &file), 0);
  EXPECT_TRUE(S_ISFIFO(file.st_mode));
  EXPECT_EQ(file.st_mode & 0777U, 0600U);
  fifo_.reset();
  EXPECT_NE(stat(settings_.path.c_str(), &file), 0);
}

TEST_F(NotifyFifoTest, OneThatWasThereStays) {
  ASSERT_EQ(mkfifo(settings_.path.c_str(), 0644), 0);
  make();
  fifo_.reset();
  EXPECT_TRUE(std::filesystem::exists(settings_.path));
}

TEST_F(NotifyFifoTest, LinesWaitForTheirReader) {
  NotifyFifo& fifo = make();
  fifo.write("INSTANCE \"V\" MASTER 100");
  fifo.write("INSTANCE \"V\" BACKUP 100");
  EXPECT_EQ(waiting(), "INSTANCE \"V\" MASTER 100\nINSTANCE \"V\" BACKUP 100\n");
}

TEST_F(NotifyFifoTest, AFullOneLosesLinesAndSaysSoOnce) {
  NotifyFifo& fifo = make();
  const std::string line(1000, 'x');
  for (int i = 0; i < 200; ++i) fifo.write(line);  // more than any pipe holds
  EXPECT_THAT(log_, testing::ElementsAre(testing::HasSubstr("is full, nobody reads it")));
}

TEST_F(NotifyFifoTest, AFileThatIsNoFifoIsLeftAlone) {
  std::ofstream(settings_.path) << "precious";
  make().write("line");
  EXPECT_THAT(log_, testing::ElementsAre(testing::HasSubstr("is no FIFO")));
  fifo_.reset();
  std::ifstream in(settings_.path);
  std::string text;
  in >> text;
  EXPECT_EQ(text, "precious");
}

TEST_F(NotifyFifoTest, TheScriptGetsThePathAndIsStartedAgainWhenItEnds) {
  const std::string told = folder_ + "/told";
  settings_.script.argv = {"/bin/sh", "-c", "read line < \"$1\"; echo \"$0 $1 $line\" >> " + told, "word"};
  NotifyFifo& fifo = make();
  const auto lines = [&told] {
    std::vector<std::string> all;
    std::ifstream in(told);
    for (std::string line; std::getline(in, line);) all.push_back(line);
    return all;
  };
  fifo.write("first");
  run_until([&] { return lines().size() == 1; });
  fifo.write("second");
  run_until([&] { return lines().size() == 2; });
  EXPECT_THAT(lines(), testing::ElementsAre("word " + settings_.path + " first", "word " + settings_.path + " second"));
}

}  // namespace
}  // namespace vipdrift::linux_backend
