// The private corner of the machine in which namespaces are made: entered once, gone with the process.
#ifndef VIPDRIFT_BACKENDS_NETNS_LAB_H_
#define VIPDRIFT_BACKENDS_NETNS_LAB_H_

#include <optional>
#include <string>

namespace vipdrift::netns {

/// Goes on as (private) root in new user, network, mount, process, UTS and IPC namespaces; real root needs no user
/// namespace. To be called while the process has a single thread.
///
/// On success it returns nothing in a child process, which is the init of the new process namespace; the caller's
/// process waits for the child and ends as the child ends. When any of the two dies, of kill -9 too, the kernel kills
/// everything inside and takes its namespaces and mounts away. On failure it returns the reason in words, in the
/// caller's process.
///
/// With newuidmap, newgidmap and a range in /etc/subuid and /etc/subgid all ids are mapped, without them only the
/// user's own.
std::optional<std::string> enter_lab();

/// What is said of virtual servers where Facilities::ipvs is false.
inline constexpr const char* kNoIpvs = "the kernel has no IPVS for this user; the one of --on uml has";

/// What the machine offers to worlds; see probe_facilities().
struct Facilities {
  bool ipvs = false;         ///< the kernel has IPVS, as a module that it loads when asked, too
  bool netem = false;        ///< delay, jitter, duplication, reordering, corruption (sch_netem, ifb)
  bool filters = false;      ///< one-way cuts and loss: nftables on bridges
  bool all_groups = false;   ///< processes can change their groups: keepalived runs scripts
};

/// Tries each. To be called inside the lab; it makes and leaves a network namespace on a thread of its own.
Facilities probe_facilities();

/// The first thing in main(): when this process was started as the init of a node, or as one of a node's processes, it
/// does that work and exits. Otherwise it returns at once.
void run_agent_if_asked(int argc, char** argv);

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_LAB_H_
