#include "backends/linux/script_runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <tuple>
#include <vector>

namespace vipdrift::linux_backend {
namespace {

using Ends = std::vector<std::tuple<std::uint32_t, int, bool>>;

constexpr ScriptId kFirst{0};
constexpr ScriptId kSecond{1};

/// Waits, without a time of its own, until a child has ended, and collects.
Ends ends_of(ScriptRunner& runner, std::size_t count) {
  Ends ends;
  while (ends.size() < count) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) != 0) break;
    runner.collect([&ends](ScriptId script, int exit_status, bool killed) {
      ends.emplace_back(script.value, exit_status, killed);
    });
  }
  return ends;
}

void collect_one(ScriptRunner& runner) {
  siginfo_t info{};
  if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT) != 0) return;
  runner.collect([](ScriptId, int, bool) {});
}

TEST(ScriptRunner, TellsTheExitStatus) {
  ScriptRunner runner;
  ASSERT_EQ(runner.start(kFirst, {"/bin/sh", "-c", "exit 7"}), 0);
  EXPECT_THAT(ends_of(runner, 1), testing::ElementsAre(std::tuple(0U, 7, false)));
  ASSERT_EQ(runner.start(kSecond, {"/bin/true"}), 0);
  EXPECT_THAT(ends_of(runner, 1), testing::ElementsAre(std::tuple(1U, 0, false)));
}

TEST(ScriptRunner, KillsWhatTheScriptStartedToo) {
  ScriptRunner runner;
  // The shell waits for its child: only a signal to the whole group ends both at once.
  ASSERT_EQ(runner.start(kFirst, {"/bin/sh", "-c", "sleep 1000 & wait"}), 0);
  runner.kill(kFirst, false);
  EXPECT_THAT(ends_of(runner, 1), testing::ElementsAre(std::tuple(0U, SIGTERM, true)));
}

TEST(ScriptRunner, ForceIsSigkill) {
  ScriptRunner runner;
  ASSERT_EQ(runner.start(kFirst, {"/bin/sh", "-c", "trap '' TERM; while :; do sleep 1000; done"}), 0);
  runner.kill(kFirst, true);
  EXPECT_THAT(ends_of(runner, 1), testing::ElementsAre(std::tuple(0U, SIGKILL, true)));
}

TEST(ScriptRunner, WhatCannotBeStartedIsAnError) {
  ScriptRunner runner;
  EXPECT_EQ(runner.start(kFirst, {"/nonexistent/script"}), ENOENT);
  EXPECT_EQ(runner.start(kFirst, {}), ENOENT);
  EXPECT_EQ(runner.run({"/nonexistent/script"}, nullptr, nullptr), ENOENT);
}

TEST(ScriptRunner, OtherCommandsTellWhoStartedThem) {
  ScriptRunner runner;
  int status = -1;
  pid_t pid = 0;
  ASSERT_EQ(runner.run({"/bin/false"}, nullptr, [&status](int ended) { status = ended; }, &pid), 0);
  EXPECT_GT(pid, 0);
  collect_one(runner);
  EXPECT_EQ(WEXITSTATUS(status), 1);
}

TEST(ScriptRunner, RunsAsTheUserAskedForOrNotAtAll) {
  ScriptRunner runner;
  const Identity nobody{65534, 65534, {65534}};
  const int error = runner.start(kFirst, {"/bin/sh", "-c", "exit $(id -u | tr -d 3-6)$(id -G | wc -w)"}, &nobody);
  if (error == 0) {  // 65534 without 3 to 6 is nothing; one group
    EXPECT_THAT(ends_of(runner, 1), testing::ElementsAre(std::tuple(0U, 1, false)));
  } else {
    EXPECT_THAT(error, testing::AnyOf(EPERM, EINVAL)) << "EINVAL: this user namespace has no such user";
    EXPECT_THAT(ends_of(runner, 1), testing::IsEmpty());
  }
}

TEST(ScriptRunner, WhatTheDaemonIgnoresOrBlocksIsBackAtItsDefaultInAScript) {
  ScriptRunner runner;
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, nullptr);
  std::signal(SIGTERM, SIG_IGN);
  ASSERT_EQ(runner.start(kFirst, {"/bin/sh", "-c", "kill -TERM $$; exit 0"}), 0);
  EXPECT_THAT(ends_of(runner, 1), testing::ElementsAre(std::tuple(0U, SIGTERM, true)));
  std::signal(SIGTERM, SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &term, nullptr);
}

TEST(ScriptRunner, AnAbandonedScriptIsEndedAndNotReported) {
  ScriptRunner runner;
  ASSERT_EQ(runner.start(kFirst, {"/bin/sleep", "1000"}), 0);
  runner.abandon();
  ASSERT_EQ(runner.start(kSecond, {"/bin/true"}), 0);
  EXPECT_THAT(ends_of(runner, 1), testing::ElementsAre(std::tuple(1U, 0, false)));
  EXPECT_THAT(ends_of(runner, 1), testing::IsEmpty()) << "and nobody is left";
}

TEST(ScriptRunner, NoShellLooksAtTheWords) {
  ScriptRunner runner;
  ASSERT_EQ(runner.start(kFirst, {"/usr/bin/test", "$HOME", "=", "$HOME"}), 0);
  EXPECT_THAT(ends_of(runner, 1), testing::ElementsAre(std::tuple(0U, 0, false)));
}

}  // namespace
}  // namespace vipdrift::linux_backend
