// How fast cluster life goes by: simulated seconds per wall second, bare, in the simulator, and with clients.
// Counter "sim_s/s" is the figure; "floor_*" runs the straight-code model of the same cluster.
#include <benchmark/benchmark.h>
#include <malloc.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bench/bare_cluster.h"
#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "sim/sim_testbed.h"

namespace vipdrift::bench {
namespace {

using std::chrono::seconds;

ClusterSize size_of(const benchmark::State& state) {
  return {static_cast<int>(state.range(0)), static_cast<int>(state.range(1))};
}

/// One iteration is so much cluster life that an iteration takes some milliseconds.
Duration slice_of(const ClusterSize& size) { return seconds{200'000 / (size.directors * size.routers) + 1}; }

void report(benchmark::State& state, Duration simulated) {
  state.counters["sim_s/s"] =
      benchmark::Counter(static_cast<double>(simulated / seconds{1}), benchmark::Counter::kIsRate);
}

void floor_cluster(benchmark::State& state) {
  const ClusterSize size = size_of(state);
  FloorCluster cluster(size);
  Duration end{0};
  for (auto _ : state) {
    end += slice_of(size);
    benchmark::DoNotOptimize(cluster.run_until(end));
  }
  report(state, end);
}

void bare_cluster(benchmark::State& state) {
  const ClusterSize size = size_of(state);
  BareCluster cluster(size);
  const Duration settled = seconds{30};
  cluster.run_until(settled);
  if (!cluster.settled()) {
    state.SkipWithError("the cluster did not settle");
    return;
  }
  Duration end = settled;
  for (auto _ : state) {
    end += slice_of(size);
    benchmark::DoNotOptimize(cluster.run_until(end));
  }
  if (!cluster.settled()) state.SkipWithError("the cluster did not stay settled");
  report(state, end - settled);
}

/// The same cluster as a scenario: one switched segment, ARP caches, and clients that may probe.
scenarios::Scenario scenario_of(const ClusterSize& size, int clients) {
  scenarios::Scenario scenario;
  scenarios::SegmentSpec lan;
  lan.name = "lan";
  scenario.cluster.segments.push_back(lan);
  for (int i = 0; i < size.directors; ++i) {
    scenarios::DirectorSpec director;
    director.name = "lvs" + std::to_string(i + 1);
    director.config_file = director.name + ".conf";
    const auto host = static_cast<std::uint8_t>(1 + i);
    director.interfaces.push_back({"eth0", "lan", {{IpAddress::v4(10, 1, 10, host), 16}}, std::nullopt});
    scenario.configs.push_back({director.name, director.config_file, "",
                                std::make_shared<const config::Configuration>(configuration_of(size, i))});
    scenario.cluster.directors.push_back(director);
  }
  for (int i = 0; i < clients; ++i) {
    scenarios::HostSpec client;
    client.name = "client" + std::to_string(i + 1);
    const auto host = static_cast<std::uint8_t>(200 + i);
    client.interfaces.push_back({"eth0", "lan", {{IpAddress::v4(10, 1, 10, host), 16}}, std::nullopt});
    scenario.cluster.clients.push_back(client);
  }
  return scenario;
}

class SimulatedCluster {
 public:
  SimulatedCluster(const ClusterSize& size, int clients) : scenario_(scenario_of(size, clients)), world_(options()) {
    error_ = world_.build(scenario_, quiet(), timeline_);
    if (error_) return;
    scenarios::StartDaemon start;
    for (const scenarios::DirectorSpec& director : scenario_.cluster.directors)
      start.directors.push_back(director.name);
    apply(start);
    for (int i = 0; i < clients; ++i) {
      scenarios::StartProbe probe;
      probe.client = scenario_.cluster.clients[static_cast<std::size_t>(i)].name;
      probe.target = IpAddress::v4(10, 1, 20, static_cast<std::uint8_t>(1 + i));
      apply(probe);
    }
  }

  void run_until(Duration end) {
    if (!error_) error_ = world_.run_until(end);
  }
  const std::optional<scenarios::WorldError>& error() const { return error_; }
  /// Changes of state and of addresses so far: none while the cluster is settled, whatever clients ask.
  std::ptrdiff_t changes() const {
    const auto& all = timeline_.observations();
    return std::count_if(all.begin(), all.end(), [](const scenarios::Observation& seen) {
      return std::holds_alternative<scenarios::InstanceChanged>(seen.what) ||
             std::holds_alternative<scenarios::AddressAdded>(seen.what) ||
             std::holds_alternative<scenarios::AddressRemoved>(seen.what);
    });
  }
  /// Frames sent so far.
  std::uint64_t frames() const { return world_.statistics().frames; }

 private:
  static sim::SimOptions options() {
    sim::SimOptions options;
    options.costs = sim::ActionCosts::none();
    return options;
  }
  static scenarios::RecordingOptions quiet() {
    scenarios::RecordingOptions quiet;
    quiet.advertisements = quiet.discards = quiet.script_results = quiet.logs = false;
    return quiet;
  }
  void apply(scenarios::StepAction action) {
    scenarios::Step step;
    step.action = std::move(action);
    if (!error_) error_ = world_.apply(step);
  }

  scenarios::Scenario scenario_;
  scenarios::Timeline timeline_;
  sim::SimTestbed world_;
  std::optional<scenarios::WorldError> error_;
};

void run_simulated(benchmark::State& state, int clients, Duration slice) {
  SimulatedCluster cluster(size_of(state), clients);
  const Duration settled = seconds{30};
  cluster.run_until(settled);
  const std::ptrdiff_t changes = cluster.changes();
  const std::uint64_t frames = cluster.frames();
  Duration end = settled;
  for (auto _ : state) {
    end += slice;
    cluster.run_until(end);
  }
  if (cluster.error()) state.SkipWithError(cluster.error()->message.c_str());
  if (cluster.changes() != changes) state.SkipWithError("the cluster did not stay settled");
  report(state, end - settled);
  state.counters["frames/s"] =
      benchmark::Counter(static_cast<double>(cluster.frames() - frames), benchmark::Counter::kIsRate);
}

void simulated_cluster(benchmark::State& state) { run_simulated(state, 0, slice_of(size_of(state))); }
void simulated_cluster_two_clients(benchmark::State& state) { run_simulated(state, 2, seconds{2000}); }

/// Bytes of heap that one more director costs, its share of the world included.
void memory_per_director(benchmark::State& state) {
  const auto in_use = [] { return mallinfo2().uordblks; };
  double bytes = 0;
  for (auto _ : state) {
    const std::size_t before = in_use();
    SimulatedCluster cluster(size_of(state), 0);
    cluster.run_until(seconds{30});
    bytes = static_cast<double>(in_use() - before) / static_cast<double>(state.range(0));
  }
  state.counters["bytes"] = bytes;
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"directors", "routers"})->Unit(benchmark::kMillisecond);
  bench->Args({2, 2})->Args({3, 8})->Args({5, 255})->Args({50, 2});
}
void article_size(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"directors", "routers"})->Unit(benchmark::kMillisecond)->Args({2, 2});
}

BENCHMARK(floor_cluster)->Apply(sizes);
BENCHMARK(bare_cluster)->Apply(sizes);
BENCHMARK(simulated_cluster)->Apply(sizes);
BENCHMARK(simulated_cluster_two_clients)->Apply(article_size);
BENCHMARK(memory_per_director)->Apply(sizes)->Iterations(1);

}  // namespace
}  // namespace vipdrift::bench

BENCHMARK_MAIN();
