// The processes of a node, found by their network namespace.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_LAB_NODE_PROCESSES_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_LAB_NODE_PROCESSES_H_

#include <sys/types.h>

#include <vector>

#include "tools/vipdrift/lab/lab_status.h"

namespace vipdrift::tools {

/// Every process in the network namespace of `init` but init itself, numbered as inside of the node; /proc is read as
/// this process sees it.
std::vector<NodeProcess> processes_beside(pid_t init);

/// The open namespaces of a process, in the order in which one enters them: user, mount, network, UTS, IPC, PID.
inline constexpr const char* kNamespaceNames[] = {"user", "mnt", "net", "uts", "ipc", "pid"};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_LAB_NODE_PROCESSES_H_
