// Each test changes a child process, never the test's own.
#include "backends/linux/process_tuning.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <functional>

namespace vipdrift::linux_backend {
namespace {

config::ProcessTuning nice(int value) {
  config::ProcessTuning tuning;
  tuning.nice = value;
  return tuning;
}

config::ProcessTuning bound_to(std::uint16_t processor) {
  config::ProcessTuning tuning;
  tuning.processors = {processor};
  return tuning;
}

config::ProcessTuning in_real_time(int priority) {
  config::ProcessTuning tuning;
  tuning.real_time_priority = priority;
  return tuning;
}

/// Whether `check` holds in a process of its own.
bool in_a_child(const std::function<bool()>& check) {
  const pid_t pid = fork();
  if (pid == 0) _exit(check() ? 0 : 1);
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(ProcessTuning, NamesTheProcess) {
  EXPECT_TRUE(in_a_child([] {
    name_process("a_name_of_16_chars");
    std::array<char, 16> name{};
    prctl(PR_GET_NAME, name.data(), 0, 0, 0);
    return std::strcmp(name.data(), "a_name_of_16_ch") == 0;
  }));
}

TEST(ProcessTuning, LeavesAnUntunedProcessAlone) {
  EXPECT_TRUE(in_a_child([] {
    const int nice_before = getpriority(PRIO_PROCESS, 0);
    const int policy_before = sched_getscheduler(0);
    return tune_process({}).empty() && getpriority(PRIO_PROCESS, 0) == nice_before &&
           sched_getscheduler(0) == policy_before;
  }));
}

TEST(ProcessTuning, MakesTheProcessNice) {
  EXPECT_TRUE(in_a_child([] {
    const int before = getpriority(PRIO_PROCESS, 0);
    return tune_process(nice(before + 1)).empty() && getpriority(PRIO_PROCESS, 0) == before + 1;
  }));
}

TEST(ProcessTuning, BindsItToProcessors) {
  EXPECT_TRUE(in_a_child([] {
    cpu_set_t set;
    sched_getaffinity(0, sizeof set, &set);
    std::uint16_t first = 0;
    while (!CPU_ISSET(first, &set)) ++first;
    if (!tune_process(bound_to(first)).empty()) return false;
    sched_getaffinity(0, sizeof set, &set);
    return CPU_COUNT(&set) == 1 && CPU_ISSET(first, &set);
  }));
}

TEST(ProcessTuning, TellsWhatTheKernelRefuses) {
  EXPECT_TRUE(in_a_child([] {
    // Nobody may: neither root nor others.
    const rlimit none{0, 0};
    setrlimit(RLIMIT_NICE, &none);
    setrlimit(RLIMIT_RTPRIO, &none);
    setrlimit(RLIMIT_MEMLOCK, &none);
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) return false;
    config::ProcessTuning much = in_real_time(5);
    much.nice = -20;
    much.no_swap = true;
    much.processors = {1023};
    const std::vector<std::string> refused = tune_process(much);
    return refused == std::vector<std::string>{"cannot set the processors 1023: Invalid argument",
                                               "cannot set priority -20: Permission denied",
                                               "cannot set real-time priority 5: Operation not permitted",
                                               "cannot set the limit of locked memory: Operation not permitted"};
  }));
}

/// Real-time priority and what programs inherit of it; only where the kernel lets us.
TEST(ProcessTuning, LeavesStartedProgramsAtOrdinaryPriority) {
  EXPECT_TRUE(in_a_child([] {
    const std::vector<std::string> refused = tune_process(in_real_time(5));
    if (!refused.empty()) return geteuid() != 0 || refused.front().find("not permitted") != std::string::npos;
    if (sched_getscheduler(0) != (SCHED_RR | SCHED_RESET_ON_FORK)) return false;
    return in_a_child([] { return sched_getscheduler(0) == SCHED_OTHER; });
  }));
}

}  // namespace
}  // namespace vipdrift::linux_backend
