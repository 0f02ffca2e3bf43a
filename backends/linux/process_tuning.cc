#include "backends/linux/process_tuning.h"

#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>

namespace vipdrift::linux_backend {
namespace {

class Tuner {
 public:
  std::vector<std::string> tune(const config::ProcessTuning& tuning) {
    if (!tuning.processors.empty()) bind(tuning.processors);
    if (tuning.nice) set_nice(*tuning.nice);
    if (tuning.real_time_priority) {
      schedule(SCHED_RR, *tuning.real_time_priority, "real-time priority");
    } else if (tuning.nice && *tuning.nice < 0) {
      schedule(SCHED_OTHER, 0, "ordinary priority of started programs");
    }
    if (tuning.no_swap) lock_memory();
    return std::move(refused_);
  }

 private:
  void refuse(const std::string& what) { refused_.push_back("cannot set " + what + ": " + std::strerror(errno)); }

  void bind(const std::vector<std::uint16_t>& processors) {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::string text;
    for (const std::uint16_t processor : processors) {
      CPU_SET(processor, &set);
      text += ' ' + std::to_string(processor);
    }
    if (sched_setaffinity(0, sizeof set, &set) != 0) refuse("the processors" + text);
  }

  void set_nice(int value) {
    if (setpriority(PRIO_PROCESS, 0, value) != 0) refuse("priority " + std::to_string(value));
  }

  void schedule(int policy, int priority, const std::string& what) {
    const sched_param parameters{.sched_priority = priority};
    if (sched_setscheduler(0, policy | SCHED_RESET_ON_FORK, &parameters) != 0) {
      refuse(priority == 0 ? what : what + ' ' + std::to_string(priority));
    }
  }

  void lock_memory() {
    // Later allocations are locked as well, when the privilege to exceed the limit is gone.
    const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
    if (setrlimit(RLIMIT_MEMLOCK, &unlimited) != 0) return refuse("the limit of locked memory");
    if (mlockall(MCL_CURRENT | MCL_FUTURE) != 0) refuse("memory that is not swapped");
  }

  std::vector<std::string> refused_;
};

}  // namespace

void name_process(const std::string& name) { prctl(PR_SET_NAME, name.c_str(), 0, 0, 0); }

std::vector<std::string> tune_process(const config::ProcessTuning& tuning) { return Tuner{}.tune(tuning); }

}  // namespace vipdrift::linux_backend
