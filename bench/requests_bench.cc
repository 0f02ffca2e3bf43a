// How fast simulated clients are served: requests per wall second, through a director with IPVS to real servers behind
// direct routing, five frames each (question to the director and on, answer, and the client's FIN the same way).
#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "protocol/ipvs/edits.h"
#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "sim/sim_testbed.h"
#include "sim/virtual_ipvs.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr IpAddress kVip = IpAddress::v4(10, 1, 10, 7);
constexpr std::uint16_t kPort = 80;
constexpr int kServers = 4;
/// Longer than IPVS remembers a closed connection: from then on their number is steady.
constexpr Duration kRemembered = seconds{125};

IpAddress host(int network, int number) {
  return IpAddress::v4(10, 1, static_cast<std::uint8_t>(network), static_cast<std::uint8_t>(number));
}

scenarios::HostSpec machine(const std::string& name, const IpAddress& address) {
  scenarios::HostSpec spec;
  spec.name = name;
  spec.interfaces.push_back({"eth0", "lan", {{address, 16}}, {}});
  return spec;
}

/// One director, four real servers, and `clients` clients that ask every 10 ms.
scenarios::Scenario cluster(int clients) {
  scenarios::Scenario scenario;
  scenario.cluster.segments.push_back({"lan", {}});
  scenarios::DirectorSpec director;
  director.name = "lvs1";
  director.interfaces.push_back({"eth0", "lan", {{host(10, 1), 16}, {kVip, 16}}, {}});
  scenario.cluster.directors.push_back(director);
  scenario.configs.push_back({"lvs1", "", "", std::make_shared<const config::Configuration>()});
  for (int i = 1; i <= kServers; ++i) {
    scenarios::HostSpec server = machine("rs" + std::to_string(i), host(11, i));
    server.lvs = scenarios::LvsRealServer{{}, {kVip}, 1, 2};
    server.serves.push_back({kPort});
    scenario.cluster.real_servers.push_back(std::move(server));
  }
  for (int i = 1; i <= clients; ++i) {
    const std::string name = "client" + std::to_string(i);
    scenario.cluster.clients.push_back(machine(name, host(20, i)));
    scenarios::StartRequests requests;
    requests.client = name;
    requests.url = {scenarios::ServiceProtocol::http, kVip, kPort, "/"};
    requests.every = milliseconds{10};
    scenario.steps.push_back({{}, {}, "", requests});
  }
  return scenario;
}

void fill_table(sim::VirtualKernel& kernel, ipvs::Scheduler scheduler) {
  const ipvs::ServiceKey service{Family::ipv4, 0, ipvs::Transport::tcp, kVip, kPort};
  ipvs::ServiceSettings settings;
  settings.scheduler = scheduler;
  kernel.edit_ipvs(ipvs::AddService{service, settings});
  for (int i = 1; i <= kServers; ++i) {
    ipvs::Server server{{host(11, i), kPort}, {}};
    server.settings.forwarding.method = ipvs::Method::direct_route;
    kernel.edit_ipvs(ipvs::AddServer{service, server});
  }
}

void requests(benchmark::State& state) {
  const auto clients = static_cast<int>(state.range(0));
  const scenarios::Scenario scenario = cluster(clients);
  sim::SimTestbed testbed;
  scenarios::Timeline timeline;
  scenarios::RecordingOptions recording;
  recording.requests = false;
  if (testbed.build(scenario, recording, timeline)) return state.SkipWithError("the cluster cannot be built");
  fill_table(*testbed.kernel("lvs1"), ipvs::Scheduler::rr);
  for (const scenarios::Step& step : scenario.steps) testbed.apply(step);
  Duration end = kRemembered;
  testbed.run_until(end);
  const std::uint64_t before = testbed.answered_requests();
  for (auto _ : state) {
    end += seconds{1};
    testbed.run_until(end);
  }
  const std::uint64_t served = testbed.answered_requests() - before;
  if (served == 0) return state.SkipWithError("nobody was served");
  state.counters["requests/s"] = benchmark::Counter(static_cast<double>(served), benchmark::Counter::kIsRate);
}
BENCHMARK(requests)->Arg(1)->Arg(10)->Arg(100)->Unit(benchmark::kMillisecond);

/// The choice of a server alone, with its connection's beginning and end.
void ipvs_connections(benchmark::State& state) {
  sim::VirtualIpvs ipvs;
  const ipvs::ServiceKey service{Family::ipv4, 0, ipvs::Transport::tcp, kVip, kPort};
  ipvs::ServiceSettings settings;
  settings.scheduler = static_cast<ipvs::Scheduler>(state.range(0));
  ipvs.edit(ipvs::AddService{service, settings});
  for (int i = 1; i <= kServers; ++i) ipvs.edit(ipvs::AddServer{service, {{host(11, i), kPort}, {}}});
  sim::IpvsPacket packet{{ipvs::Transport::tcp, host(20, 1), 0, kVip, kPort}};
  Duration now{0};
  for (auto _ : state) {
    now += milliseconds{10};
    ++packet.flow.client_port;
    packet.syn = true;
    packet.fin = false;
    benchmark::DoNotOptimize(ipvs.input(packet, now));
    packet.syn = false;
    packet.fin = true;
    benchmark::DoNotOptimize(ipvs.input(packet, now));
  }
  state.SetLabel(std::string{to_string(settings.scheduler)});
}
BENCHMARK(ipvs_connections)
    ->Arg(static_cast<int>(ipvs::Scheduler::rr))
    ->Arg(static_cast<int>(ipvs::Scheduler::wlc))
    ->Arg(static_cast<int>(ipvs::Scheduler::mh));

}  // namespace
}  // namespace vipdrift::bench

BENCHMARK_MAIN();
