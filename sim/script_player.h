// Track scripts of a simulated director: models that decide how a run ends and how long it takes.
#ifndef VIPDRIFT_SIM_SCRIPT_PLAYER_H_
#define VIPDRIFT_SIM_SCRIPT_PLAYER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/config/configuration.h"
#include "scenarios/scenario.h"
#include "sim/event_queue.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {

class ScriptPlayer {
 public:
  /// How a run ends: wait(2) status (exit code in the second byte) and duration.
  struct Outcome {
    int exit_status = 0;
    Duration takes{};
  };

  /// `models`: the first that names a script is the one that counts. `kernel` outlives the player.
  ScriptPlayer(const VirtualKernel& kernel, std::vector<scenarios::ScriptModel> models)
      : kernel_(&kernel), models_(std::move(models)) {}

  /// The first script of `configuration` that is tracked by something, not disabled, and has no model; null when every
  /// one can be played.
  const config::VrrpScript* without_model(const config::Configuration& configuration) const;

  /// Connects the scripts of `configuration` with their models. To be called before play(), and after each reload.
  void bind(const config::Configuration& configuration);

  /// A run that starts at `now`: files and processes are looked at now, the result is known after Outcome::takes.
  Outcome play(ScriptId script, SimTime now) const;

 private:
  const scenarios::ScriptModel* model_of(const std::string& script) const;

  const VirtualKernel* kernel_;
  std::vector<scenarios::ScriptModel> models_;
  std::vector<const scenarios::ScriptModel*> bound_;  ///< by ScriptId; null: no model
};

/// A run of a program that no vrrp_script names: the model is named like its whole command line, or like the program
/// alone; without one it succeeds at once.
ScriptPlayer::Outcome play_command(const VirtualKernel& kernel, const std::vector<scenarios::ScriptModel>& models,
                                   const config::Command& command, SimTime now);

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_SCRIPT_PLAYER_H_
