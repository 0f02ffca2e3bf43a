// Independent jobs on several threads, their results taken in order.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_ORDERED_WORK_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_ORDERED_WORK_H_

#include <cstddef>
#include <functional>
#include <vector>

namespace vipdrift::tools {

struct OrderedWork {
  std::size_t count = 0;
  std::size_t threads = 1;                   ///< how many jobs at a time
  std::function<void(std::size_t)> work;     ///< job i, on any thread; must touch nothing that another job touches
  std::function<void(std::size_t)> finish;   ///< after work(i) and finish(i - 1), on the calling thread
  std::function<void(std::size_t)> waiting;  ///< on the calling thread several times a second: how many jobs are done
  std::vector<std::size_t> order = {};       ///< in which jobs begin; empty: as they are numbered
};

/// Returns when every job is finished.
void run_in_order(const OrderedWork& jobs);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_ORDERED_WORK_H_
