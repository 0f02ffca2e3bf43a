#include "backends/linux/supervisor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <functional>
#include <string>
#include <utility>
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

/// One child, quick to start again; `told` gets what the log gets.
SupervisorOptions one_child(std::function<int()> life, std::vector<std::string>& told) {
  const auto tell = [&told](const std::string& line) { told.push_back(line); };
  return {.children = {{"VRRP",
                        [life = std::move(life)](const ParentLink& parent) {
                          parent.tell_ready();
                          return life();
                        }}},
          .pause = std::chrono::milliseconds{1},
          .log = tell,
          .alert = tell};
}

/// What a child does that is asked to stop: the signal is blocked since before the fork, and cannot be missed.
int wait_for_stop() {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  siginfo_t info{};
  sigwaitinfo(&term, &info);
  return 0;
}

int ask_for_stop() {
  kill(getppid(), SIGTERM);
  return wait_for_stop();
}

TEST(Supervisor, AStopIsNoDeath) {
  Starts starts;
  std::vector<std::string> told;
  EXPECT_EQ(supervise(one_child([&] { return starts.add(), ask_for_stop(); }, told)), 0);
  EXPECT_EQ(starts.count(), 1);
  EXPECT_THAT(told, testing::IsEmpty());
}

TEST(Supervisor, AChildThatSomebodyElseStoppedIsStartedAgain) {
  Starts starts;
  std::vector<std::string> told;
  EXPECT_EQ(supervise(one_child([&] { return starts.add() == 1 ? 0 : ask_for_stop(); }, told)), 0);
  EXPECT_EQ(starts.count(), 2);
}

TEST(Supervisor, AChildThatGivesUpIsNotStartedAgain) {
  Starts starts;
  std::vector<std::string> told;
  EXPECT_EQ(supervise(one_child([&] { return starts.add(), 4; }, told)), 4);
  EXPECT_EQ(starts.count(), 1);
}

TEST(Supervisor, AChildThatNeverServedIsNotStartedAgain) {
  Starts starts;
  std::vector<std::string> told;
  SupervisorOptions options = one_child([] { return 0; }, told);
  options.children[0].run = [&](const ParentLink&) { return starts.add(), 1; };
  EXPECT_EQ(supervise(options), 1);
  EXPECT_EQ(starts.count(), 1);
}

TEST(Supervisor, AChildThatDiesIsStartedAgain) {
  Starts starts;
  std::vector<std::string> told;
  const int status = supervise(one_child(
      [&] {
        if (starts.add() == 1) raise(SIGKILL);
        return starts.count() == 2 ? 3 : ask_for_stop();
      },
      told));
  EXPECT_EQ(status, 0);
  EXPECT_EQ(starts.count(), 3);
  ASSERT_EQ(told.size(), 4U);
  EXPECT_EQ(told[0], "VRRP process exited due to signal 9 (Killed)");
  EXPECT_THAT(told[1], testing::MatchesRegex("VRRP child process\\([0-9]+\\) died: Respawning"));
  EXPECT_EQ(told[2], "VRRP process exited with status 3");
  EXPECT_THAT(told[3], testing::EndsWith("died: Respawning in 1 ms"));
}

TEST(Supervisor, WithoutRespawnTheFirstDeathEndsEverything) {
  Starts starts;
  std::vector<std::string> told;
  SupervisorOptions options = one_child([&] { return starts.add(), raise(SIGKILL); }, told);
  options.respawn = false;
  EXPECT_EQ(supervise(options), 1);
  EXPECT_EQ(starts.count(), 1);
  EXPECT_THAT(told.back(), testing::EndsWith("died: Exiting"));
}

TEST(Supervisor, GivesUpLoudlyOnAChildThatKeepsDying) {
  Starts starts;
  std::vector<std::string> told;
  SupervisorOptions options = one_child([&] { return starts.add(), 3; }, told);
  options.most_deaths = 4;
  EXPECT_EQ(supervise(options), 1);
  EXPECT_EQ(starts.count(), 4);
  EXPECT_THAT(told.back(), testing::EndsWith("died 4 times in 60 s: giving up"));
}

TEST(Supervisor, AChildWithoutWorkBeginsWithTheReloadThatBringsIt) {
  Starts busy, idle;
  int asked = 0;
  std::vector<std::string> told;
  SupervisorOptions options = one_child([] { return 0; }, told);
  options.children[0].run = [&](const ParentLink& parent) {
    busy.add();
    parent.tell_ready();
    sigset_t reload;
    sigemptyset(&reload);
    sigaddset(&reload, SIGHUP);
    siginfo_t info{};
    for (int reloads = 0; reloads < 2; ++reloads) {
      kill(getppid(), SIGHUP);
      sigwaitinfo(&reload, &info);
    }
    return wait_for_stop();
  };
  options.children.push_back({.name = "Healthcheck",
                              .run =
                                  [&](const ParentLink& parent) {
                                    idle.add();
                                    parent.tell_ready();
                                    return ask_for_stop();
                                  },
                              .needed = [&asked] { return ++asked == 3; }});
  EXPECT_EQ(supervise(options), 0);
  EXPECT_EQ(busy.count(), 1);
  EXPECT_EQ(idle.count(), 1);
  EXPECT_EQ(asked, 3) << "at the start and at both reloads";
}

TEST(Supervisor, AChildWithoutWorkIsNotWaitedFor) {
  std::vector<std::string> told;
  SupervisorOptions options = one_child([] { return wait_for_stop(); }, told);
  options.children.push_back(
      {.name = "Healthcheck", .run = [](const ParentLink&) { return 0; }, .needed = [] { return false; }});
  options.ready = [] { kill(getpid(), SIGTERM); };
  EXPECT_EQ(supervise(options), 0);
  EXPECT_THAT(told, testing::IsEmpty());
}

TEST(Supervisor, StopsAllChildrenWhenOneGivesUp) {
  Starts stopped;
  std::vector<std::string> told;
  SupervisorOptions options = one_child(
      [&] {
        wait_for_stop();
        stopped.add();
        return 0;
      },
      told);
  options.children.push_back({"Healthcheck", [](const ParentLink&) { return 4; }});
  EXPECT_EQ(supervise(options), 4);
  EXPECT_EQ(stopped.count(), 1);
}

TEST(Supervisor, PassesAStopOnAndTellsWhenAllAreReady) {
  Starts starts;
  std::vector<std::string> told;
  SupervisorOptions options = one_child([&] { return starts.add(), wait_for_stop(); }, told);
  options.ready = [&told] {
    told.push_back("ready");
    kill(getpid(), SIGTERM);
  };
  options.stopping = [&told] { told.push_back("stopping"); };
  EXPECT_EQ(supervise(options), 0);
  EXPECT_THAT(told, testing::ElementsAre("ready", "stopping"));
}

TEST(Supervisor, AChildThatDoesNotStopIsKilled) {
  std::vector<std::string> told;
  SupervisorOptions options = one_child(
      [] {
        while (true) pause();  // SIGTERM is blocked
        return 0;
      },
      told);
  options.ready = [] { kill(getpid(), SIGTERM); };
  options.stop_limit = std::chrono::milliseconds{20};
  EXPECT_EQ(supervise(options), 0);
  EXPECT_EQ(told.back(), "VRRP process does not stop: killing it");
}

}  // namespace
}  // namespace vipdrift::linux_backend
