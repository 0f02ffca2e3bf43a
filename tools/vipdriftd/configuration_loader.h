// A configuration as the daemon may run it: read, checked for what it cannot do, its scripts looked at.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_CONFIGURATION_LOADER_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_CONFIGURATION_LOADER_H_

#include <memory>
#include <string>
#include <vector>

#include "protocol/config/configuration.h"
#include "tools/vipdriftd/command_line.h"
#include "tools/vipdriftd/log.h"

namespace vipdrift::tools {

struct LoadedConfiguration {
  std::shared_ptr<const config::Configuration> configuration;  ///< null: it must not be run
  std::vector<std::string> lines;                              ///< what is to be said about it
  /// What `-t` exits with. keepalived 2.2.7 exits with 0 when an include matches nothing or when its file is missing,
  /// and looks at no notify script; here both count.
  DaemonStatus test_status = DaemonStatus::good;
};

/// Reads the files of `arguments`. Everything is said, whether it can be run or not.
LoadedConfiguration load_configuration(const DaemonArguments& arguments);

/// What a child begins with: at its first start what the parent has read a moment ago, whose memory is shared. Later
/// the files as they are then; when they are wrong, what the parent knows to be right, and `log` hears of it.
std::shared_ptr<const config::Configuration> configuration_at_start(
    const DaemonArguments& arguments, int start, std::shared_ptr<const config::Configuration> known, const Log& log);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_CONFIGURATION_LOADER_H_
