// What bench/checks asks of its subjects: each of so many servers is checked once a second, spread evenly over it.
#ifndef VIPDRIFT_BENCH_CHECK_SCHEDULE_H_
#define VIPDRIFT_BENCH_CHECK_SCHEDULE_H_

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace vipdrift::bench {

using Clock = std::chrono::steady_clock;

/// The command line of every subject: tcp|http SERVERS SECONDS.
struct CheckLoad {
  bool http = false;
  std::uint32_t servers = 0;
  std::uint32_t seconds = 0;

  bool read(int argc, char** argv) {
    if (argc != 4) return false;
    http = std::string_view(argv[1]) == "http";
    servers = static_cast<std::uint32_t>(std::atoi(argv[2]));
    seconds = static_cast<std::uint32_t>(std::atoi(argv[3]));
    return servers > 0 && seconds > 0;
  }
};

/// Hands out the numbers of the checks that are due, and counts what becomes of them.
class CheckSchedule {
 public:
  explicit CheckSchedule(const CheckLoad& load)
      : servers_(load.servers), last_(std::uint64_t{load.servers} * load.seconds), busy_(load.servers) {}

  void begin() {
    started_ = Clock::now();
    cpu_ = cpu_used();
  }
  bool over() const { return next_ == last_ && under_way_ == 0; }
  bool all_begun() const { return next_ == last_; }
  Clock::time_point due() const { return started_ + Clock::duration(std::chrono::seconds(1)) * next_ / servers_; }

  /// Calls start(server) for each check that is due. One whose server is still being checked is missed.
  template <class Start>
  void begin_due(Start start) {
    const auto now = Clock::now();
    for (; next_ < last_ && due() <= now; ++next_) {
      const auto server = static_cast<std::uint32_t>(next_ % servers_);
      latest_ = std::max(latest_, now - due());
      if (busy_[server]) {
        ++missed_;
        continue;
      }
      busy_[server] = true;
      ++under_way_;
      start(server);
    }
  }
  void ended(std::uint32_t server, bool well) {
    busy_[server] = false;
    --under_way_;
    ++done_;
    if (!well) ++failed_;
  }

  void print() const {
    const double cpu = std::chrono::duration<double, std::micro>(cpu_used() - cpu_).count();
    const double late = std::chrono::duration<double, std::milli>(latest_).count();
    std::printf("{\"checks\": %llu, \"cpu_us_per_check\": %.2f, \"missed\": %llu, \"failed\": %llu, "
                "\"latest_ms\": %.2f}\n",
                static_cast<unsigned long long>(done_), cpu / static_cast<double>(std::max<std::uint64_t>(done_, 1)),
                static_cast<unsigned long long>(missed_), static_cast<unsigned long long>(failed_), late);
  }

 private:
  static std::chrono::microseconds cpu_used() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return std::chrono::seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           std::chrono::microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
  }

  std::uint64_t servers_;
  std::uint64_t last_;
  std::uint64_t next_ = 0;
  std::uint64_t under_way_ = 0;
  std::uint64_t done_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t missed_ = 0;
  Clock::duration latest_{};
  std::vector<bool> busy_;
  Clock::time_point started_;
  std::chrono::microseconds cpu_{};
};

}  // namespace vipdrift::bench

#endif  // VIPDRIFT_BENCH_CHECK_SCHEDULE_H_
