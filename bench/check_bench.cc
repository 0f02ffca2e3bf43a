// The core of the load balancer: one answer of a real server, one failover of a pool, the difference of two tables.
#include <benchmark/benchmark.h>

#include <memory>
#include <utility>

#include "protocol/check/check_engine.h"

namespace vipdrift::bench {
namespace {

using std::chrono::seconds;

IpAddress host(std::int64_t number) {
  return IpAddress::v4(10, static_cast<std::uint8_t>(number >> 16), static_cast<std::uint8_t>(number >> 8),
                       static_cast<std::uint8_t>(number));
}

/// `servers` real servers in pools of 100, each with a TCP_CHECK every second.
std::shared_ptr<const config::Configuration> make_configuration(std::int64_t servers) {
  constexpr std::int64_t kPool = 100;
  config::Configuration configuration;
  for (std::int64_t i = 0; i < servers; ++i) {
    if (i % kPool == 0) {
      config::VirtualServer& service = configuration.virtual_servers.emplace_back();
      service.address = IpAddress::v4(192, 168, static_cast<std::uint8_t>(i / kPool), 1);
      service.port = 80;
      service.transport = ipvs::Transport::tcp;
      service.delay_loop = seconds{1};
    }
    config::RealServer server;
    server.address = host(i);
    server.port = 80;
    server.smtp_alert = false;
    config::Checker checker;
    checker.kind = "TCP_CHECK";
    server.checkers.push_back(std::move(checker));
    configuration.virtual_servers.back().real_servers.push_back(std::move(server));
  }
  return std::make_shared<const config::Configuration>(std::move(configuration));
}

/// Every server is asked and answers, once a round; two rounds one way, two the other.
void rounds(benchmark::State& state, const check::ProbeResult& first, const check::ProbeResult& second) {
  check::CheckEngine engine{make_configuration(state.range(0)), vrrp::vipdrift_profile(), 1};
  check::ActionList actions;
  check::ActionList consequences;
  TimePoint now{};
  engine.step(now, check::Started{}, actions);
  std::int64_t answers = 0;
  unsigned round = 0;
  for (auto _ : state) {
    const check::ProbeResult& result = round++ % 4 < 2 ? first : second;
    now += seconds{2};
    actions.clear();
    engine.step(now, check::DeadlineReached{}, actions);
    for (const check::Action& action : actions) {
      const auto* probe = std::get_if<check::StartProbe>(&action);
      if (probe == nullptr) continue;
      consequences.clear();
      engine.step(now, check::ProbeFinished{probe->checker, probe->url, result}, consequences);
      ++answers;
    }
  }
  state.SetItemsProcessed(answers);
}

const check::ProbeResult kGood{.outcome = check::Outcome::answered};
const check::ProbeResult kBad{.outcome = check::Outcome::refused};

void checks_that_succeed(benchmark::State& state) { rounds(state, kGood, kGood); }
/// All fail and all recover, by turns: the worst day.
void checks_that_change_everything(benchmark::State& state) { rounds(state, kGood, kBad); }

/// A reload that adds a tenth, removes a tenth and changes a tenth.
void table_difference(benchmark::State& state) {
  const std::int64_t servers = state.range(0);
  ipvs::Service before;
  ipvs::Service after;
  for (std::int64_t i = 0; i < servers + servers / 10; ++i) {
    ipvs::Server server{{host(i), 80}, {}};
    if (i < servers) before.servers.push_back(server);
    if (i % 10 == 0) server.settings.weight = 7;
    if (i >= servers / 10) after.servers.push_back(server);
  }
  ipvs::Table from;
  ipvs::Table to;
  from[{.address = host(0), .port = 80}] = before;
  to[{.address = host(0), .port = 80}] = after;
  std::size_t edits = 0;
  for (auto _ : state) {
    edits = ipvs::edits(from, to, ipvs::EditOrder::additions_first).size();
    benchmark::DoNotOptimize(edits);
  }
  state.counters["edits"] = static_cast<double>(edits);
}

BENCHMARK(checks_that_succeed)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(checks_that_change_everything)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);
BENCHMARK(table_difference)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace vipdrift::bench

BENCHMARK_MAIN();
