#include "tools/vipdrift/ordered_work.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace vipdrift::tools {
namespace {

/// Which jobs are taken and which are done.
struct Progress {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<bool> done;
  std::size_t taken = 0;
  std::size_t done_count = 0;
};

void work_until_none_is_left(const OrderedWork& jobs, Progress& progress) {
  for (;;) {
    std::size_t job = 0;
    {
      const std::lock_guard lock(progress.mutex);
      if (progress.taken == jobs.count) return;
      job = jobs.order.empty() ? progress.taken : jobs.order[progress.taken];
      ++progress.taken;
    }
    jobs.work(job);
    {
      const std::lock_guard lock(progress.mutex);
      progress.done[job] = true;
      ++progress.done_count;
    }
    progress.changed.notify_one();
  }
}

/// Blocks until `job` is done; reports progress meanwhile.
void wait_for(std::size_t job, const OrderedWork& jobs, Progress& progress) {
  std::unique_lock lock(progress.mutex);
  while (!progress.changed.wait_for(lock, std::chrono::milliseconds{250}, [&] { return progress.done[job]; })) {
    const std::size_t done = progress.done_count;
    lock.unlock();
    jobs.waiting(done);
    lock.lock();
  }
}

}  // namespace

void run_in_order(const OrderedWork& jobs) {
  Progress progress;
  progress.done.resize(jobs.count);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(jobs.threads, jobs.count); ++i) {
    threads.emplace_back([&] { work_until_none_is_left(jobs, progress); });
  }
  for (std::size_t job = 0; job < jobs.count; ++job) {
    wait_for(job, jobs, progress);
    jobs.finish(job);
  }
}

}  // namespace vipdrift::tools
