#include "tools/vipdrift/uml/uml_guest.h"

#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "backends/netns/lab.h"
#include "backends/uml/machine.h"
#include "scenarios/loader.h"
#include "tools/vipdrift/uml/run_transfer.h"
#include "tools/vipdrift/uml/shared_files.h"
#include "tools/vipdrift/worlds.h"

namespace vipdrift::tools {
namespace {

scenarios::RunResult not_run(std::string why) {
  scenarios::RunResult result;
  result.error = scenarios::WorldError{{}, std::move(why)};
  return result;
}

/// The host has loaded the scenario as well: what is wrong with it is known by now.
scenarios::RunResult carry_out(const RunOrder& order, Namespaces namespaces) {
  scenarios::LoadResult loaded = scenarios::load_file(order.file);
  if (!loaded.scenario) {
    return not_run("User-Mode Linux cannot read the scenario that its host has read; is it in an ordinary file?");
  }
  if (order.seed) loaded.scenario->seed = *order.seed;
  if (!loaded.scenario->profile) loaded.scenario->profile = order.profile;
  namespaces.vipdriftd = order.vipdriftd;
  return run_in_namespaces(*loaded.scenario, order.subjects, namespaces, order.options, order.pcap_file);
}

void run_order(const uml::GuestLine& line, const std::string& number, const Namespaces& namespaces) {
  std::optional<std::string> bytes = read_whole(order_file(line.place(), number));
  const std::optional<RunOrder> order = bytes ? order_from(std::move(*bytes)) : std::nullopt;
  if (!order) {
    line.tell(kFailedWord + number + " its order cannot be read");
    return;
  }
  const bool written = write_whole(result_file(line.place(), number), to_bytes(carry_out(*order, namespaces)));
  line.tell(written ? kDoneWord + number : kFailedWord + number + " its result cannot be written");
}

}  // namespace

void serve_host(uml::GuestLine& line) {
  if (const std::optional<std::string> error = netns::enter_lab()) {
    line.unable(*error);
    return;
  }
  Namespaces namespaces;
  namespaces.facilities = netns::probe_facilities();
  namespaces.tolerance = uml::kTolerance;
  std::vector<std::jthread> runs;
  line.ready();
  while (const std::optional<std::string> asked = line.hear()) {
    if (!asked->starts_with(kRunWord)) continue;
    const std::string number = asked->substr(std::string_view{kRunWord}.size());
    runs.emplace_back([&line, &namespaces, number] { run_order(line, number, namespaces); });
  }
}

}  // namespace vipdrift::tools
