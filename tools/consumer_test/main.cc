#include <cstdio>

#include "scenarios/loader.h"
#include "scenarios/runner.h"
#include "sim/sim_testbed.h"

int main(int argc, char** argv) {
  const auto loaded = vipdrift::scenarios::load_file(argc > 1 ? argv[1] : "");
  if (!loaded.ok()) return 2;
  vipdrift::sim::SimTestbed world;
  const auto result = vipdrift::scenarios::run(*loaded.scenario, world);
  std::printf("%zu judgements, %zu failed\n", result.verdict.judgements.size(), result.verdict.failed());
  return static_cast<int>(result.status());
}
