#include "backends/linux/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <string>
#include <vector>

namespace vipdrift::linux_backend {
namespace {

/// Counts how often the child was started, across processes.
class Starts {
 public:
  Starts()
      : count_(static_cast<std::atomic<int>*>(
            mmap(nullptr, sizeof *count_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    count_->store(0);
  }
  Starts(const Starts&) = delete;
  Starts& operator=(const Starts&) = delete;
  ~Starts() { munmap(count_, sizeof *count_); }

  int add() { return ++*count_; }
  int count() const { return count_->load(); }

 private:
  std::atomic<int>* count_;
};

TEST(Supervisor, AChildThatEndsWellIsNotStartedAgain) {
  Starts starts;
  EXPECT_EQ(supervise({.child = [&] { return starts.add(), 0; }, .log = [](const std::string&) {}}), 0);
  EXPECT_EQ(starts.count(), 1);
}

TEST(Supervisor, AChildThatGivesUpIsNotStartedAgain) {
  Starts starts;
  EXPECT_EQ(supervise({.child = [&] { return starts.add(), 4; }, .log = [](const std::string&) {}}), 4);
  EXPECT_EQ(starts.count(), 1);
}

TEST(Supervisor, AChildThatDiesIsStartedAgain) {
  Starts starts;
  std::vector<std::string> told;
  const int status = supervise({.child =
                                    [&] {
                                      if (starts.add() == 1) raise(SIGKILL);
                                      return starts.count() == 2 ? 3 : 0;
                                    },
                                .log = [&](const std::string& line) { told.push_back(line); }});
  EXPECT_EQ(status, 0);
  EXPECT_EQ(starts.count(), 3);
  EXPECT_THAT(told, testing::ElementsAre("the VRRP process was killed by signal Killed; starting it again",
                                         "the VRRP process exited with status 3; starting it again"));
}

TEST(Supervisor, GivesUpLoudlyOnAChildThatKeepsDying) {
  Starts starts;
  std::vector<std::string> told;
  EXPECT_EQ(supervise({.child = [&] { return starts.add(), 3; },
                       .most_deaths = 4,
                       .log = [&](const std::string& line) { told.push_back(line); }}),
            1);
  EXPECT_EQ(starts.count(), 4);
  EXPECT_EQ(told.back(), "the VRRP process exited with status 3; it has died too often, giving up");
}

TEST(Supervisor, PassesSigtermOnAndReturnsWhatTheChildMakesOfIt) {
  Starts starts;
  const int status = supervise({.child =
                                    [&] {
                                      sigset_t term;
                                      sigemptyset(&term);
                                      sigaddset(&term, SIGTERM);
                                      sigprocmask(SIG_BLOCK, &term, nullptr);
                                      starts.add();
                                      kill(getppid(), SIGTERM);
                                      siginfo_t info{};
                                      sigwaitinfo(&term, &info);
                                      return 7;
                                    },
                                .log = [](const std::string&) {}});
  EXPECT_EQ(status, 7);
  EXPECT_EQ(starts.count(), 1);
}

}  // namespace
}  // namespace vipdrift::linux_backend
