// What a line of a daemon's log says, in keepalived's words.
#ifndef VIPDRIFT_BACKENDS_NETNS_LOG_LINE_H_
#define VIPDRIFT_BACKENDS_NETNS_LOG_LINE_H_

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "protocol/vrrp/action.h"

namespace vipdrift::netns {

/// "(VI_1) Entering MASTER STATE".
struct StateEntered {
  std::string instance;
  vrrp::State state{};
  friend bool operator==(const StateEntered&, const StateEntered&) = default;
};
/// "VRRP_Group(G) Syncing instances to MASTER state".
struct GroupEntered {
  std::string group;
  vrrp::State state{};
  friend bool operator==(const GroupEntered&, const GroupEntered&) = default;
};
/// "(VI_1) Changing effective priority from 100 to 95".
struct PrioritySet {
  std::string instance;
  int from = 0;
  int to = 0;
  friend bool operator==(const PrioritySet&, const PrioritySet&) = default;
};
/// "(VI_1) Received advert from 10.0.0.2 with lower priority 90, ours 100, forcing new election".
struct LowerPriorityHeard {
  std::string instance;
  friend bool operator==(const LowerPriorityHeard&, const LowerPriorityHeard&) = default;
};
/// "Gained quorum 1+0=1 <= 2 for VS [10.1.10.7]:tcp:80", "Lost quorum 1-0=1 > 0 for VS [10.1.10.7]:tcp:80".
struct QuorumHeard {
  std::string service;
  bool up = false;
  friend bool operator==(const QuorumHeard&, const QuorumHeard&) = default;
};
using LogEvent = std::variant<StateEntered, GroupEntered, PrioritySet, LowerPriorityHeard, QuorumHeard>;

/// The line without the time stamp with which keepalived and vipdriftd begin it on standard error.
std::string_view without_stamp(std::string_view line);

/// What the line tells; nothing for other lines.
std::optional<LogEvent> read_log_line(std::string_view line);

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_LOG_LINE_H_
