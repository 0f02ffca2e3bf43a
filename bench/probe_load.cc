// The probes of vipdriftd without its engine, at the pace of bench/checks.
//
//   probe_load tcp|http SERVERS SECONDS
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <vector>

#include "backends/linux/probe_set.h"
#include "bench/check_schedule.h"

namespace {

using vipdrift::CheckerId;
using vipdrift::IpAddress;
using vipdrift::bench::CheckLoad;
using vipdrift::bench::CheckSchedule;
using namespace vipdrift::check;

std::vector<Probe> probes_for(const CheckLoad& load) {
  std::vector<Probe> probes;
  for (std::uint32_t server = 0; server < load.servers; ++server) {
    Connection to;
    const std::uint32_t host = server + 1;
    to.address = IpAddress::v4(10, static_cast<std::uint8_t>(1 + (host >> 16U)),
                               static_cast<std::uint8_t>(host >> 8U & 0xffU), static_cast<std::uint8_t>(host & 0xffU));
    to.port = 80;
    if (load.http) {
      HttpProbe probe;
      probe.connection = to;
      probe.path = "/";
      probes.emplace_back(probe);
    } else {
      probes.emplace_back(TcpProbe{to});
    }
  }
  return probes;
}

}  // namespace

int main(int argc, char** argv) {
  CheckLoad load;
  if (!load.read(argc, argv)) return 2;
  const std::vector<Probe> probes = probes_for(load);
  boost::asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE};
  vipdrift::linux_backend::ScriptRunner runner;
  vipdrift::linux_backend::Identities identities;
  CheckSchedule schedule(load);
  vipdrift::linux_backend::ProbeSet set(
      context, runner, identities, [&](CheckerId checker, std::uint32_t, ProbeResult& result) {
        if (result.outcome != Outcome::answered) std::fprintf(stderr, "%s\n", result.detail.c_str());
        schedule.ended(checker.value, result.outcome == Outcome::answered && (!load.http || result.code == 200));
        if (schedule.over()) context.stop();
      });
  boost::asio::steady_timer timer(context);
  std::function<void()> wait = [&] {
    timer.expires_at(schedule.due());
    timer.async_wait([&](const boost::system::error_code& error) {
      if (error) return;
      schedule.begin_due([&](std::uint32_t server) { set.start(CheckerId{server}, 0, probes[server]); });
      if (!schedule.all_begun()) wait();
    });
  };
  schedule.begin();
  wait();
  context.run();
  schedule.print();
}
