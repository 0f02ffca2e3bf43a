// The kernel's threads that tell connections to the other director, kept as the state of an instance wants them.
#ifndef VIPDRIFT_BACKENDS_LINUX_SYNC_DAEMONS_H_
#define VIPDRIFT_BACKENDS_LINUX_SYNC_DAEMONS_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "backends/linux/ipvs.h"
#include "protocol/config/configuration.h"

namespace vipdrift::linux_backend {

/// lvs_sync_daemon (keepalived.conf(5)): a master's director tells, a backup's listens; without an instance it does
/// both. Starting and stopping a thread may take the kernel some time, which is not to be VRRP's.
class SyncDaemons {
 public:
  using Log = std::function<void(const std::string& line)>;

  SyncDaemons(Ipvs& ipvs, Log log) : ipvs_(ipvs), log_(std::move(log)) {}

  /// At the start, at a reload, and when IPVS has come to be there. Threads that a predecessor has left are taken over
  /// when they are as wanted.
  void configure(const config::Configuration& configuration);
  /// Whether the instance is MASTER; others than the one that matters are ignored.
  void instance_state(const std::string& instance, bool master);
  /// Those that were started here end.
  void stop();

 private:
  void adjust();

  Ipvs& ipvs_;
  Log log_;
  std::optional<config::LvsSyncDaemon> settings_;
  std::uint8_t sync_id_ = 0;
  bool master_ = false;
  bool active_ = false;  ///< something here is or was wanted
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SYNC_DAEMONS_H_
