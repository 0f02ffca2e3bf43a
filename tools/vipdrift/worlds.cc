#include "tools/vipdrift/worlds.h"

#include <utility>

#include "sim/sim_testbed.h"

namespace vipdrift::tools {

scenarios::RunResult run_in_simulation(const scenarios::Scenario& scenario, const scenarios::RunOptions& options,
                                       const std::string& pcap_file) {
  sim::SimOptions world_options;
  static_cast<void>(pcap_file);
  sim::SimTestbed world(std::move(world_options));
  return scenarios::run(scenario, world, options);
}

}  // namespace vipdrift::tools
