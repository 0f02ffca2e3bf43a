#include "tools/vipdrift/ordered_work.h"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <thread>
#include <vector>

namespace vipdrift::tools {
namespace {

TEST(OrderedWork, FinishesInOrderHoweverTheJobsEnd) {
  // Job 0 ends only after all others, so that their results must wait for it.
  constexpr std::size_t kJobs = 6;
  std::latch others(kJobs - 1);
  std::vector<std::size_t> finished;
  run_in_order({.count = kJobs,
                .threads = 2,
                .work =
                    [&](std::size_t i) {
                      if (i == 0) {
                        others.wait();
                      } else {
                        others.count_down();
                      }
                    },
                .finish = [&](std::size_t i) { finished.push_back(i); },
                .waiting = [](std::size_t) {}});
  EXPECT_EQ(finished, (std::vector<std::size_t>{0, 1, 2, 3, 4, 5}));
}

TEST(OrderedWork, BeginsInTheOrderAskedFor) {
  std::vector<std::size_t> begun;
  std::vector<std::size_t> finished;
  run_in_order({.count = 3,
                .threads = 1,
                .work = [&](std::size_t i) { begun.push_back(i); },
                .finish = [&](std::size_t i) { finished.push_back(i); },
                .waiting = [](std::size_t) {},
                .order = {2, 0, 1}});
  EXPECT_EQ(begun, (std::vector<std::size_t>{2, 0, 1}));
  EXPECT_EQ(finished, (std::vector<std::size_t>{0, 1, 2}));
}

TEST(OrderedWork, RunsEachJobOnceAndFinishesOnTheCallingThread) {
  std::vector<std::atomic<int>> runs(100);
  const std::thread::id here = std::this_thread::get_id();
  run_in_order({.count = runs.size(),
                .threads = 4,
                .work = [&](std::size_t i) { ++runs[i]; },
                .finish =
                    [&](std::size_t i) {
                      EXPECT_EQ(runs[i], 1);
                      EXPECT_EQ(std::this_thread::get_id(), here);
                    },
                .waiting = [](std::size_t) {}});
  for (const std::atomic<int>& count : runs) EXPECT_EQ(count, 1);
}

TEST(OrderedWork, ReportsHowManyAreDoneWhileItWaits) {
  std::latch reported(1);
  std::size_t seen = 99;
  run_in_order({.count = 1,
                .threads = 1,
                .work = [&](std::size_t) { reported.wait(); },
                .finish = [](std::size_t) {},
                .waiting =
                    [&](std::size_t done) {
                      if (seen == 99) reported.count_down();
                      seen = done;
                    }});
  EXPECT_EQ(seen, 0U);
}

TEST(OrderedWork, NothingToDoReturnsAtOnce) {
  run_in_order({.count = 0, .threads = 4, .work = {}, .finish = {}, .waiting = {}});
}

}  // namespace
}  // namespace vipdrift::tools
