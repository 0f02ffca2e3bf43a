#include "backends/linux/awaited_command.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>

namespace vipdrift::linux_backend {
namespace {

using std::chrono::milliseconds;

std::optional<std::string> shell(const std::string& line, milliseconds timeout = milliseconds{20'000}) {
  return run_awaited({"/bin/sh", "-c", line}, nullptr, timeout);
}

TEST(AwaitedCommand, IsRunToItsEnd) {
  const std::string path = ::testing::TempDir() + "awaited_command_test." + std::to_string(getpid());
  EXPECT_EQ(shell("echo done > " + path), std::nullopt);
  std::string word;
  std::ifstream(path) >> word;
  EXPECT_EQ(word, "done");
  unlink(path.c_str());
}

TEST(AwaitedCommand, SaysHowItFailed) {
  EXPECT_EQ(shell("exit 3"), "failed, status 3");
  EXPECT_EQ(shell("kill -9 $$"), "was killed by signal 9");
  EXPECT_EQ(run_awaited({"/nonexistent/program"}, nullptr, milliseconds{1000}),
            "cannot be run: No such file or directory");
}

TEST(AwaitedCommand, IsEndedWithWhatItStartedWhenItTakesTooLong) {
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(shell("sleep 100 & wait", milliseconds{1000}), "timed out after 1 s");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{50});
}

TEST(AwaitedCommand, IsKilledWhenItDoesNotListen) {
  EXPECT_EQ(shell("trap '' TERM; while :; do sleep 1; done", milliseconds{1000}), "timed out after 1 s");
}

}  // namespace
}  // namespace vipdrift::linux_backend
