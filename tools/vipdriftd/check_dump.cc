#include "tools/vipdriftd/check_dump.h"

#include <fmt/format.h>

#include <chrono>
#include <string_view>
#include <utility>

#include "tools/vipdriftd/dump_lines.h"

namespace vipdrift::tools {
namespace {

using linux_backend::IpvsReading;
using linux_backend::IpvsTraffic;

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

std::string traffic_words(const IpvsTraffic& traffic) {
  return fmt::format("{} connections, {} packets and {} bytes in, {} packets and {} bytes out", traffic.connections,
                     traffic.packets_in, traffic.bytes_in, traffic.packets_out, traffic.bytes_out);
}

class CheckDump {
 public:
  CheckDump(const check::CheckEngine& engine, const IpvsReading& reading) : engine_(engine), reading_(reading) {}

  std::string make() {
    text_.line("------< LVS Topology >------");
    for (std::uint32_t i = 0; i < engine_.services().size(); ++i) service(i);
    return text_.take();
  }

 private:
  void service(std::uint32_t position) {
    const check::ServicePlan& plan = engine_.plan().services[position];
    const check::VirtualService& state = engine_.services()[position];
    const config::VirtualServer& config = engine_.configuration().virtual_servers[position];
    text_.line(" VirtualServer = {}", plan.name);
    text_.line("   lvs_sched = {}", to_string(config.settings.scheduler));
    text_.line("   quorum = {}, hysteresis = {}, live weight = {}", config.quorum, config.hysteresis,
               state.live_weight());
    text_.line("   quorum state = {}", state.has_quorum() ? "UP" : "DOWN");
    if (plan.sorry) {
      text_.line("   sorry server = {} ({})", plan.sorry_name, state.has_quorum() ? "not in use" : "in use");
    }
    for (const ipvs::ServiceKey& key : plan.keys) kernel_service(key);
    for (std::uint32_t i = 0; i < plan.servers.size(); ++i) server(plan, plan.servers[i], state.servers()[i]);
  }

  void kernel_service(const ipvs::ServiceKey& key) {
    const auto found = reading_.services.find(key);
    text_.line("   IPVS {}: {}", ipvs::to_string(key),
               found == reading_.services.end() ? "not in the kernel's table" : traffic_words(found->second));
  }

  void server(const check::ServicePlan& service, const check::ServerPlan& plan,
              const check::VirtualService::ServerState& state) {
    text_.line("   RealServer = {}", plan.name);
    text_.line("     alive = {}, weight = {}", state.alive ? "yes" : "no", state.weight);
    for (const ipvs::ServiceKey& key : service.keys) {
      const auto found = reading_.servers.find({key, plan.key});
      if (found == reading_.servers.end()) continue;
      const linux_backend::IpvsConnections& now = found->second.connections;
      text_.line("     IPVS {}: {} active, {} inactive, {} persistent; {}", ipvs::to_string(key), now.active,
                 now.inactive, now.persistent, traffic_words(found->second.traffic));
    }
    for (std::uint32_t i = plan.first_checker; i < plan.last_checker; ++i) checker(i);
  }

  void checker(std::uint32_t number) {
    const check::CheckerPlan& plan = engine_.plan().checkers[number];
    const check::Checker& state = engine_.checkers()[number];
    text_.line("     {} = {}{}, delay loop {:.3f} s, retry {}, weight {:+}", to_string(plan.kind),
               state.up() ? "up" : "down", state.asking() ? ", asking" : "", seconds(plan.delay_loop), plan.retry,
               state.weight());
  }

  const check::CheckEngine& engine_;
  const IpvsReading& reading_;
  DumpLines text_;
};

}  // namespace

std::string check_data_dump(const check::CheckEngine& engine, const IpvsReading& reading) {
  return CheckDump(engine, reading).make();
}

}  // namespace vipdrift::tools
