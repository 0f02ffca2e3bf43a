#include "sim/sim_testbed.h"

#include <utility>

#include "sim/require.h"
#include "sim/sim_world.h"

namespace vipdrift::sim {
namespace {

using Why = std::optional<std::string>;

constexpr const char* kNoServices = "simulated machines have no services and IPVS tables yet";

struct Refusal {
  Why operator()(const scenarios::CrashDaemon& step) const { return part(step.part); }
  Why operator()(const scenarios::PauseDaemon& step) const { return part(step.part); }
  Why operator()(const scenarios::ResumeDaemon& step) const { return part(step.part); }
  Why operator()(const scenarios::StopService&) const { return kNoServices; }
  Why operator()(const scenarios::StartService&) const { return kNoServices; }
  Why operator()(const scenarios::SetService&) const { return kNoServices; }
  Why operator()(const scenarios::StartRequests&) const { return kNoServices; }
  Why operator()(const scenarios::OpenConnection&) const { return kNoServices; }
  Why operator()(const scenarios::EditIpvs&) const { return kNoServices; }
  template <class Other>
  Why operator()(const Other&) const {
    return std::nullopt;
  }

 private:
  static Why part(scenarios::DaemonPart part) {
    if (part == scenarios::DaemonPart::daemon) return std::nullopt;
    return "a simulated daemon has no children yet";
  }
};

}  // namespace

SimTestbed::SimTestbed(SimOptions options) : options_(std::move(options)) {}
SimTestbed::~SimTestbed() = default;

std::optional<std::string> SimTestbed::cannot(const scenarios::StepAction& step) const {
  return std::visit(Refusal{}, step);
}

std::optional<scenarios::WorldError> SimTestbed::build(const scenarios::Scenario& scenario,
                                                       const scenarios::RecordingOptions& recording,
                                                       scenarios::Timeline& timeline) {
  world_ = std::make_unique<World>(scenario, options_, recording, timeline);
  return world_->build();
}

std::optional<scenarios::WorldError> SimTestbed::run_until(Duration until) {
  require(world_ != nullptr, "a testbed is built before it runs");
  world_->run_until(until);
  return std::nullopt;
}

std::optional<scenarios::WorldError> SimTestbed::apply(const scenarios::Step& step) {
  require(world_ != nullptr, "a testbed is built before steps are applied");
  return world_->apply(step);
}

scenarios::WorldStatistics SimTestbed::statistics() const {
  return world_ == nullptr ? scenarios::WorldStatistics{} : world_->statistics();
}

const Choices& SimTestbed::choices() const {
  require(world_ != nullptr, "a testbed is built before it is asked");
  return world_->choices();
}

const vrrp::VrrpStack* SimTestbed::stack(const std::string& director) const {
  const SimNode* node = world_ == nullptr ? nullptr : std::as_const(*world_).find(director);
  return node == nullptr || node->director == nullptr ? nullptr : node->director->stack();
}

}  // namespace vipdrift::sim
