#include "sim/sim_testbed.h"

#include <utility>

#include "sim/require.h"
#include "sim/sim_world.h"

namespace vipdrift::sim {
namespace {

using Why = std::optional<std::string>;

struct Refusal {
  Why operator()(const scenarios::CrashDaemon& step) const { return part(step.part); }
  Why operator()(const scenarios::PauseDaemon& step) const { return part(step.part); }
  Why operator()(const scenarios::ResumeDaemon& step) const { return part(step.part); }
  template <class Other>
  Why operator()(const Other&) const {
    return std::nullopt;
  }

 private:
  static Why part(scenarios::DaemonPart part) {
    if (part != scenarios::DaemonPart::vrrp) return std::nullopt;
    return "the VRRP child of a simulated daemon lives and dies with the daemon";
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

VirtualKernel* SimTestbed::kernel(const std::string& name) {
  const SimNode* node = world_ == nullptr ? nullptr : std::as_const(*world_).find(name);
  return node == nullptr ? nullptr : node->kernel.get();
}

std::uint64_t SimTestbed::answered_requests() const { return world_ == nullptr ? 0 : world_->answered_requests(); }

ProbeRunner* SimTestbed::probes(const std::string& director) {
  const SimNode* node = world_ == nullptr ? nullptr : std::as_const(*world_).find(director);
  return node == nullptr ? nullptr : node->probes.get();
}

}  // namespace vipdrift::sim
