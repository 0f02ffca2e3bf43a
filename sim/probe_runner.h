// The probes of health checks, carried out by a simulated machine.
#ifndef VIPDRIFT_SIM_PROBE_RUNNER_H_
#define VIPDRIFT_SIM_PROBE_RUNNER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "protocol/check/probe.h"
#include "scenarios/scenario.h"
#include "sim/script_player.h"
#include "sim/transport.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {

using ProbeId = StrongId<struct ProbeIdTag, std::uint64_t>;  ///< 0: none

/// A driver of a CheckEngine calls start() for StartProbe and abandon() for AbandonProbe. A program of MISC_CHECK ends
/// as the script model says that is named like its command (the whole line, or the program alone); without one it
/// succeeds at once.
class ProbeRunner final : public ExchangeUser {
 public:
  using Done = std::function<void(const check::ProbeResult&)>;
  /// All references outlive the runner.
  ProbeRunner(const KernelWorld& world, VirtualKernel& kernel, Transport& transport,
              std::vector<scenarios::ScriptModel> scripts)
      : world_(world), kernel_(kernel), transport_(transport), scripts_(std::move(scripts)) {}

  /// `done` is called once, never before start() has returned, unless the probe is abandoned.
  ProbeId start(const check::Probe& probe, Done done);
  void abandon(ProbeId id);
  /// The process ends: nothing is told any more.
  void abandon_all();

  // ---- queue events and the transport

  void on_reply(std::uint64_t tag, const Reply& reply) override;
  /// NodeEvent::script_probe.
  void on_script_ended(std::uint64_t data);

 private:
  struct Running {
    check::Probe probe;
    Done done;
    ExchangeId exchange;
    EventId script;
    int exit_status = 0;
    bool signalled = false;
    std::uint32_t generation = 1;
    bool in_use = false;
  };
  struct Starter;

  std::uint32_t take_slot();
  std::uint64_t id_of(std::uint32_t slot) const;
  void finish(std::uint32_t slot, check::ProbeResult result);

  KernelWorld world_;
  VirtualKernel& kernel_;
  Transport& transport_;
  std::vector<scenarios::ScriptModel> scripts_;
  std::vector<Running> running_;
  std::vector<std::uint32_t> free_;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_PROBE_RUNNER_H_
