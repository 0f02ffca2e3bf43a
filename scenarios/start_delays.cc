#include "scenarios/start_delays.h"

#include <variant>

namespace vipdrift::scenarios {

StartDelays start_delays(const Timeline& timeline) {
  StartDelays delays;
  std::map<std::string, Duration> starting;
  for (const Observation& seen : timeline.observations()) {
    if (const auto* daemon = std::get_if<DaemonChanged>(&seen.what); daemon && daemon->event == DaemonEvent::started &&
        daemon->part == DaemonPart::daemon) {
      delays[seen.node].emplace_back();
      starting[seen.node] = seen.at;
    }
    if (!std::holds_alternative<InstanceChanged>(seen.what)) continue;
    const auto began = starting.find(seen.node);
    if (began == starting.end()) continue;
    delays[seen.node].back() = seen.at - began->second;
    starting.erase(began);
  }
  return delays;
}

}  // namespace vipdrift::scenarios
