// Starts programs cheaply, as whom they shall run.
#ifndef VIPDRIFT_BACKENDS_LINUX_SPAWN_H_
#define VIPDRIFT_BACKENDS_LINUX_SPAWN_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "backends/linux/identity.h"

namespace vipdrift::linux_backend {

/// Runs argv[0], a path, with the words of argv, never through a shell. The process leads a process group, its signals
/// are at their defaults and unblocked, and it is `identity` (nullptr: as we are). Memory is shared until the program
/// runs, so that the size of this process does not matter; identities, which posix_spawn(3) cannot change, are set in
/// between. Returns 0, or an errno value: then nothing runs.
int spawn(const std::vector<std::string>& argv, const Identity* identity, pid_t& pid);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SPAWN_H_
