// What `vipdrift run` is to do: which scenarios in which worlds, judged how.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_RUN_PLAN_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_RUN_PLAN_H_

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/time.h"
#include "sim/action_costs.h"
#include "tools/vipdrift/casting.h"
#include "tools/vipdrift/run_command.h"

namespace vipdrift::tools {

/// One column of a comparison.
struct WorldChoice {
  std::string world;                ///< "sim", "netns" or "uml"
  std::optional<Casting> casting;   ///< absent: the profiles of scenario and cluster
};

struct RunPlan {
  std::vector<std::string> files;
  std::vector<WorldChoice> worlds;    ///< each scenario runs in each
  std::optional<Duration> tolerance;  ///< for all worlds alike; absent: each world's own
  std::optional<sim::Spread> start_delay;  ///< of the simulator's daemons
  std::size_t threads = 1;
  std::size_t jobs_given = std::numeric_limits<std::size_t>::max();  ///< at most so many at a time

  bool compares() const { return worlds.size() > 1; }
  /// Whether any run is in that world.
  bool needs(std::string_view world) const;
  /// How many User-Mode Linuxes share the runs there: one a processor, as long as each has something to do.
  std::size_t machines() const;
  std::size_t runs() const { return files.size() * worlds.size(); }
  // Runs are numbered scenario by scenario.
  const std::string& file_of(std::size_t run) const { return files[run / worlds.size()]; }
  const WorldChoice& world_of(std::size_t run) const { return worlds[run % worlds.size()]; }
  /// Of a simulation: the run of the same scenario and casting in the first world with real daemons, whose starts it
  /// repeats; of that run: the simulation. nullopt when there is none, or when the start delay was chosen.
  std::optional<std::size_t> twin_of(std::size_t run) const;
};

/// Whether real daemons run in that world, in real time.
inline bool in_real_time(std::string_view world) { return world != "sim"; }

/// The plan, or what is wrong with the arguments, a line each.
struct PlanResult {
  RunPlan plan;
  std::vector<std::string> errors;
};

PlanResult make_plan(const RunArguments& arguments);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_RUN_PLAN_H_
