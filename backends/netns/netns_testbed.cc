#include "backends/netns/netns_testbed.h"

#include <utility>

#include "backends/netns/world.h"

namespace vipdrift::netns {

NetnsTestbed::NetnsTestbed(NetnsOptions options) : options_(std::move(options)) {}
NetnsTestbed::~NetnsTestbed() = default;

Duration NetnsTestbed::tolerance() const { return options_.tolerance; }

std::optional<scenarios::WorldError> NetnsTestbed::build(const scenarios::Scenario& scenario,
                                                         const scenarios::RecordingOptions& recording,
                                                         scenarios::Timeline& timeline) {
  if (auto refused = cannot_build(scenario)) return refused;
  world_ = std::make_unique<World>(scenario, options_, recording, timeline);
  return world_->build();
}

std::optional<scenarios::WorldError> NetnsTestbed::run_until(Duration until) { return world_->run_until(until); }

std::optional<scenarios::WorldError> NetnsTestbed::apply(const scenarios::Step& step) { return world_->apply(step); }

std::optional<scenarios::Testbed::Hiccup> NetnsTestbed::worst_hiccup() const {
  return world_ == nullptr ? std::nullopt : std::optional{world_->worst_hiccup()};
}

scenarios::WorldStatistics NetnsTestbed::statistics() const {
  return world_ == nullptr ? scenarios::WorldStatistics{} : world_->statistics();
}

std::optional<pid_t> NetnsTestbed::init_of(const std::string& node) const {
  return world_ == nullptr ? std::nullopt : world_->init_of(node);
}

}  // namespace vipdrift::netns
