// The lives of the daemon's processes, each from its fork to its exit status.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_DAEMON_PROCESSES_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_DAEMON_PROCESSES_H_

#include <memory>
#include <string>

#include "backends/linux/file_descriptor.h"
#include "backends/linux/supervisor.h"
#include "protocol/config/configuration.h"
#include "tools/vipdriftd/command_line.h"

namespace vipdrift::tools {

/// The process that speaks VRRP. `configuration`: what the parent has read; used when this process replaces another and
/// the files have become wrong meanwhile. `sibling`: this process's end of the line to the other.
DaemonStatus run_vrrp_process(const DaemonArguments& arguments,
                              std::shared_ptr<const config::Configuration> configuration,
                              const linux_backend::ParentLink& parent, const linux_backend::FileDescriptor& sibling);

/// The process that checks real servers and keeps the IPVS table; arguments as above.
DaemonStatus run_check_process(const DaemonArguments& arguments,
                               std::shared_ptr<const config::Configuration> configuration,
                               const linux_backend::ParentLink& parent, const linux_backend::FileDescriptor& sibling);

/// What they tell each other: whether a virtual server has its quorum ("up", "down"), and the state of an instance
/// ("MASTER" or another).
std::string quorum_key(const config::VirtualServer& service);
std::string state_key(const std::string& instance);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_DAEMON_PROCESSES_H_
