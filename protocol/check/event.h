// Everything that can happen to the health checks: a closed set. Each comes with its time as an argument of step().
#ifndef VIPDRIFT_PROTOCOL_CHECK_EVENT_H_
#define VIPDRIFT_PROTOCOL_CHECK_EVENT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/check/probe.h"
#include "protocol/config/configuration.h"
#include "protocol/ipvs/edits.h"
#include "protocol/ipvs/table.h"

namespace vipdrift::check {

/// The process has started. Exactly once, first.
struct Started {
  /// What the kernel's table holds. Services that are not configured stay as they are.
  ipvs::Table found;
  std::vector<IpAddress> addresses;  ///< of the host, for ha_suspend
};

/// The probe of a StartProbe has ended. One for each, unless AbandonProbe came between.
struct ProbeFinished {
  CheckerId checker;
  std::uint32_t url = 0;  ///< as in StartProbe
  ProbeResult result;
};

/// The number in a tracked file; nullopt: the file is absent (counts as 0).
struct FileChanged {
  FileId file;
  std::optional<std::int64_t> value;
};

/// An address appeared on the host or went away (ha_suspend).
struct AddressChanged {
  IpAddress address;
  bool present = false;
};

/// The kernel's table as it is now, read because somebody else may have changed it: what differs is put right.
struct TableRead {
  ipvs::Table table;
};

/// The kernel refused an edit; `error` is its errno value.
struct EditFailed {
  ipvs::Edit edit;
  int error = 0;
};

/// A new configuration, already parsed and checked (SIGHUP).
struct ConfigurationLoaded {
  std::shared_ptr<const config::Configuration> configuration;
};

/// Stop gracefully (SIGTERM). The table is cleared unless `keep_table` (-I, --dont-release-ipvs).
struct StopRequested {
  bool keep_table = false;
};

/// now >= next_deadline(). Harmless when early.
struct DeadlineReached {};

using Event = std::variant<ProbeFinished, DeadlineReached, Started, FileChanged, AddressChanged, TableRead, EditFailed,
                           ConfigurationLoaded, StopRequested>;

}  // namespace vipdrift::check

#endif  // VIPDRIFT_PROTOCOL_CHECK_EVENT_H_
