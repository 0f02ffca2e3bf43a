// A command that is waited for: those of the daemon's start and end.
#ifndef VIPDRIFT_BACKENDS_LINUX_AWAITED_COMMAND_H_
#define VIPDRIFT_BACKENDS_LINUX_AWAITED_COMMAND_H_

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "backends/linux/identity.h"

namespace vipdrift::linux_backend {

/// Runs a command to its end. One that is still there after `timeout` gets SIGTERM, and SIGKILL a second later, with
/// everything in its process group. nullopt: it exited with status 0; else what went wrong: "failed, status 3",
/// "was killed by signal 9", "timed out after 10 s", "cannot be run: No such file or directory".
std::optional<std::string> run_awaited(const std::vector<std::string>& argv, const Identity* identity,
                                       std::chrono::milliseconds timeout);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_AWAITED_COMMAND_H_
