// The laboratory itself: a world that goes on until somebody takes it down, and answers while it does.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_SERVER_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_SERVER_H_

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/testbed.h"
#include "scenarios/timeline.h"
#include "scenarios/world_state.h"
#include "tools/vipdrift/lab/lab_channel.h"
#include "tools/vipdrift/lab/lab_status.h"

namespace vipdrift::tools {

/// Requests are "status", "namespaces NODE" and "down"; an answer begins with "ok" or "error" and a newline.
class LabServer {
 public:
  /// Finds the init process of a node; nullopt for an unknown one.
  using InitOf = std::function<std::optional<pid_t>(const std::string&)>;

  /// `scenario` and `world` outlive the server.
  LabServer(const scenarios::Scenario& scenario, scenarios::Testbed& world, InitOf init_of, LabView view);

  /// Builds the world and starts every director's daemon.
  std::optional<scenarios::WorldError> start();
  /// Answers on `listener` until somebody asks for the end, or the world fails (its reason).
  std::optional<std::string> serve(const OpenFile& listener);

 private:
  std::optional<std::string> let_time_pass();
  void take_in_observations();
  /// False when the laboratory is to end.
  bool answer(const OpenFile& connection);
  void send_namespaces(const OpenFile& connection, const std::string& node) const;
  void look_at_processes();
  Duration elapsed() const { return std::chrono::steady_clock::now() - began_; }

  const scenarios::Scenario& scenario_;
  scenarios::Testbed& world_;
  InitOf init_of_;
  LabView view_;
  scenarios::Timeline timeline_;
  scenarios::WorldState state_;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_LAB_LAB_SERVER_H_
