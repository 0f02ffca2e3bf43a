#include "backends/linux/process_watcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backends/linux/spawn.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;

/// With the kernel's events where they are to be had, and without.
class ProcessWatcherTest : public testing::TestWithParam<bool> {
 protected:
  ProcessWatcherTest() {
    std::string pattern = testing::TempDir() + "/vipdrift-processes-XXXXXX";
    folder_ = mkdtemp(pattern.data());
    // A name of its own: nobody else on this machine runs it.
    name_ = "vd" + std::to_string(getpid() % 100000) + "long-named-one";
    program_ = folder_ + "/" + name_;
    std::filesystem::copy_file("/bin/sleep", program_);
  }
  ~ProcessWatcherTest() override {
    for (const pid_t pid : children_) end(pid);
    std::filesystem::remove_all(folder_);
  }

  void watch(const std::vector<config::TrackProcess>& processes) {
    watcher_.emplace(context_, ProcessWatcherOptions{
                                   .changed =
                                       [this](ProcessId process, int running) {
                                         counts_.resize(std::max<std::size_t>(counts_.size(), process.value + 1), -1);
                                         counts_[process.value] = running;
                                       },
                                   .interval = 20ms,
                                   .use_events = GetParam(),
                                   .log = [](const std::string&) {}});
    watcher_->watch(processes);
  }

  config::TrackProcess by_name() const {
    config::TrackProcess process;
    process.process = name_;
    return process;
  }

  pid_t run(const std::string& seconds) {
    pid_t pid = 0;
    EXPECT_EQ(spawn({program_, seconds}, nullptr, pid), 0);
    children_.push_back(pid);
    return pid;
  }

  static void end(pid_t pid) {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
  }

  void expect(const std::vector<int>& counts) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (counts_ != counts && std::chrono::steady_clock::now() < end) context_.run_one_for(100ms);
    EXPECT_EQ(counts_, counts);
  }

  boost::asio::io_context context_;
  std::optional<ProcessWatcher> watcher_;
  std::vector<int> counts_;
  std::vector<pid_t> children_;
  std::string folder_;
  std::string name_;
  std::string program_;
};

TEST_P(ProcessWatcherTest, CountsStartsAndEnds) {
  watch({by_name()});
  EXPECT_THAT(counts_, testing::ElementsAre(0)) << "told at once";
  const pid_t first = run("1000");
  expect({1});
  run("1000");
  expect({2});
  end(first);
  expect({1});
}

TEST_P(ProcessWatcherTest, FindsWhatRunsAlready) {
  run("1000");
  run("1001");
  watch({by_name()});
  expect({2});
}

TEST_P(ProcessWatcherTest, AZombieDoesNotRun) {
  const pid_t pid = run("1000");
  watch({by_name()});
  expect({1});
  kill(pid, SIGKILL);
  expect({0});
}

TEST_P(ProcessWatcherTest, AFullCommandIsItsEveryWord) {
  config::TrackProcess whole;
  whole.process = program_ + " 1000";
  whole.full_command = true;
  config::TrackProcess other = whole;
  other.process = program_ + " 1001";
  watch({whole, other, by_name()});
  run("1000");
  expect({1, 0, 1});
}

TEST_P(ProcessWatcherTest, QuotesKeepAWordTogether) {
  config::TrackProcess whole;
  whole.process = program_ + " \"1000\"";
  whole.full_command = true;
  config::TrackProcess other = whole;
  other.process = '"' + program_ + " 1000\"";
  watch({whole, other});
  run("1000");
  expect({1, 0});
}

TEST_P(ProcessWatcherTest, WatchingNothingTellsNothing) {
  watch({by_name()});
  watcher_->watch({});
  counts_.clear();
  run("1000");
  context_.run_for(60ms);
  EXPECT_THAT(counts_, testing::IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Ways, ProcessWatcherTest, testing::Bool(),
                         [](const auto& way) { return way.param ? "Events" : "Looks"; });

}  // namespace
}  // namespace vipdrift::linux_backend
