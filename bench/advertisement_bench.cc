// One advertisement from raw bytes to the updated deadline, beside straight code on the same bytes.
#include <benchmark/benchmark.h>

#include "bench/advertisement_load.h"

namespace vipdrift::bench {
namespace {

AdvertisementCase case_of(const benchmark::State& state) {
  return {state.range(0) == 2 ? vrrp::Version::v2 : vrrp::Version::v3, static_cast<int>(state.range(1)),
          static_cast<int>(state.range(2))};
}

void floor_receive(benchmark::State& state) {
  AdvertisementCase load = case_of(state);
  AdvertisementLoad source(load, vrrp::State::backup);
  Floor floor(load);
  const vrrp::Datagram& datagram = source.next();
  TimePoint now{};
  for (auto _ : state) {
    now += std::chrono::microseconds{100};
    benchmark::DoNotOptimize(floor.receive(now, datagram));
  }
}

void backup_receive(benchmark::State& state) {
  AdvertisementLoad load(case_of(state), vrrp::State::backup);
  for (auto _ : state) load.receive();
  if (!load.actions.empty()) state.SkipWithError("an advertisement was not simply accepted");
}

void master_send(benchmark::State& state) {
  AdvertisementLoad load(case_of(state), vrrp::State::master);
  std::size_t sent = 0;
  for (auto _ : state) sent += load.advertise_all();
  state.SetItemsProcessed(static_cast<std::int64_t>(sent));
}

void cases(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"version", "instances", "addresses"});
  for (const int version : {2, 3}) {
    for (const int instances : {1, 255, 4000}) {
      for (const int addresses : {1, 6}) bench->Args({version, instances, addresses});
    }
  }
}

void floor_cases(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"version", "instances", "addresses"});
  for (const int version : {2, 3}) {
    for (const int addresses : {1, 6}) bench->Args({version, 1, addresses});
  }
}

BENCHMARK(floor_receive)->Apply(floor_cases);
BENCHMARK(backup_receive)->Apply(cases);
BENCHMARK(master_send)->Apply(cases);

}  // namespace
}  // namespace vipdrift::bench

BENCHMARK_MAIN();
