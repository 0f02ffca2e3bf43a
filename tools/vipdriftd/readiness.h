// Tells those who started the daemon that it serves: the command that waits, and systemd.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_READINESS_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_READINESS_H_

#include <optional>
#include <string>

#include "backends/linux/file_descriptor.h"

namespace vipdrift::tools {

/// Goes to the background (daemon(7)) while the command that was called waits for the outcome, so that its exit status
/// means something.
class Background {
 public:
  /// Forks. Returns the exit status in the process that was called, which has waited for tell() or the end of the
  /// other; nothing in that other, which has its own session, "/" as its directory and /dev/null for input. Standard
  /// error stays what it was until tell().
  std::optional<int> enter();
  /// The outcome; only the first counts. Before enter() nothing happens.
  void tell(int status);

 private:
  linux_backend::FileDescriptor outcome_;
};

/// For a child of a daemon in the background, once it serves: whoever waits for the end of our output need not wait on.
void leave_standard_error();

/// Sends `state` ("READY=1", ...) to the service manager, if there is one (sd_notify(3)).
void notify_service_manager(const std::string& state);
/// "RELOADING=1" with the time stamp that Type=notify-reload wants.
void notify_reloading();

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_READINESS_H_
