#include "backends/netns/netns_testbed.h"

#include <utility>

namespace vipdrift::netns {

class NetnsTestbed::World {};

NetnsTestbed::NetnsTestbed(NetnsOptions options) : options_(std::move(options)) {}
NetnsTestbed::~NetnsTestbed() = default;

std::optional<std::string> NetnsTestbed::cannot(const scenarios::StepAction&) const { return std::nullopt; }
std::optional<std::string> NetnsTestbed::cannot_see(const scenarios::Condition&) const { return std::nullopt; }
std::optional<scenarios::WorldError> NetnsTestbed::cannot_build(const scenarios::Scenario&) const {
  return std::nullopt;
}
Duration NetnsTestbed::tolerance() const { return std::chrono::milliseconds{250}; }

std::optional<scenarios::WorldError> NetnsTestbed::build(const scenarios::Scenario&,
                                                         const scenarios::RecordingOptions&, scenarios::Timeline&) {
  return scenarios::WorldError{{}, "worlds of namespaces are not built yet"};
}
std::optional<scenarios::WorldError> NetnsTestbed::run_until(Duration) { return std::nullopt; }
std::optional<scenarios::WorldError> NetnsTestbed::apply(const scenarios::Step&) { return std::nullopt; }
scenarios::WorldStatistics NetnsTestbed::statistics() const { return {}; }
std::optional<pid_t> NetnsTestbed::init_of(const std::string&) const { return std::nullopt; }

}  // namespace vipdrift::netns
