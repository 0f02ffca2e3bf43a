// The simulated world: a scenario's cluster in virtual time.
#ifndef VIPDRIFT_SIM_SIM_TESTBED_H_
#define VIPDRIFT_SIM_SIM_TESTBED_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "protocol/vrrp/profile.h"
#include "protocol/vrrp/vrrp_stack.h"
#include "scenarios/start_delays.h"
#include "scenarios/testbed.h"
#include "sim/action_costs.h"
#include "sim/choices.h"
#include "sim/network.h"

namespace vipdrift::sim {

class ProbeRunner;
class VirtualKernel;

struct SimOptions {
  std::optional<std::uint64_t> seed;  ///< absent: the scenario's own
  std::optional<Choices> choices;     ///< instead of a seed: a replay, an enumeration, a fuzzer's input
  /// For directors whose cluster file and scenario choose none.
  vrrp::Profile profile = vrrp::keepalived_profile();
  ActionCosts costs = ActionCosts::realistic();
  /// Instead of ActionCosts::start, for the starts that are listed and came to something.
  scenarios::StartDelays start_delays = {};
  FrameTap* tap = nullptr;  ///< sees every frame; outlives the testbed
};

/// Every step of the language can be carried out. Everything is a function of the scenario and the choices: equal
/// inputs give equal timelines, on every compiler.
class SimTestbed final : public scenarios::Testbed {
 public:
  explicit SimTestbed(SimOptions options = {});
  ~SimTestbed() override;

  std::optional<std::string> cannot(const scenarios::StepAction& step) const override;
  /// `timeline` outlives the world. Errors: a director without a configuration, an interface or segment that does not
  /// exist, a tracked script without a model, an unknown profile.
  std::optional<scenarios::WorldError> build(const scenarios::Scenario& scenario,
                                             const scenarios::RecordingOptions& recording,
                                             scenarios::Timeline& timeline) override;
  std::optional<scenarios::WorldError> run_until(Duration until) override;
  std::optional<scenarios::WorldError> apply(const scenarios::Step& step) override;
  scenarios::WorldStatistics statistics() const override;

  // ---- for those who look inside

  /// What was drawn so far; start_recording() must have been called on SimOptions::choices.
  const Choices& choices() const;
  /// The stack of a running director; null when there is none of that name or its daemon does not run.
  const vrrp::VrrpStack* stack(const std::string& director) const;
  /// The kernel of a machine, and the probes of a director; null when there is none of that name.
  VirtualKernel* kernel(const std::string& node);
  ProbeRunner* probes(const std::string& director);
  /// Of all clients' streams, so far.
  std::uint64_t answered_requests() const;

 private:
  class World;

  SimOptions options_;
  std::unique_ptr<World> world_;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_SIM_TESTBED_H_
