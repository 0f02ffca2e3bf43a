// Everything the health checks ask of the world: a closed set. The order in the list is part of the contract.
#ifndef VIPDRIFT_PROTOCOL_CHECK_ACTION_H_
#define VIPDRIFT_PROTOCOL_CHECK_ACTION_H_

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "protocol/base/boxed.h"
#include "protocol/base/strong_id.h"
#include "protocol/config/command.h"
#include "protocol/ipvs/edits.h"

namespace vipdrift::check {

/// Make the probe CheckEngine::probe(checker, url); answered by ProbeFinished. The driver minds its time-out. A checker
/// has one probe at a time.
struct StartProbe {
  CheckerId checker;
  std::uint32_t url = 0;
};

/// The answer is not wanted any more: close the connection, end the program. Nothing is told. Told before the number
/// of a checker changes its meaning (a reload).
struct AbandonProbe {
  CheckerId checker;
};

/// Change the kernel's table; a refusal comes back as EditFailed.
struct EditTable {
  Boxed<ipvs::Edit> edit;
};

/// notify_up, notify_down, quorum_up, quorum_down.
struct NotifyScript {
  Boxed<config::Command> command;
  /// Whose state it tells, as logs name it: "SERVER of SERVICE" or, of a quorum, "SERVICE". Scripts of one subject are
  /// to run in order.
  std::string subject;
  bool up = false;
};
/// To each of lvs_notify_fifo and notify_fifo that is configured: `VS [10.1.10.7]:tcp:80 UP`, without newline.
struct NotifyFifo {
  std::string line;
};
struct NotifyMail {
  std::string subject;
  std::string body;
};

/// For the record and for those who follow it: a real server counts as up or down now.
struct ServerNote {
  VirtualServerId service;
  std::uint32_t server = 0;  ///< position in VirtualServer::real_servers
  bool up = false;
  int weight = 0;
};
/// A virtual server has its quorum, or lost it. Also said once at the start. VRRP instances may track it.
struct QuorumNote {
  VirtualServerId service;
  bool up = false;
};

/// A line for the log, worded as keepalived words it. `detail`: only with -D.
struct LogLine {
  std::string text;
  bool detail = false;
};

/// The stop is complete; the process may exit once notify scripts have had their time.
struct Stopped {};

using Action = std::variant<StartProbe, AbandonProbe, EditTable, NotifyScript, NotifyFifo, NotifyMail, ServerNote,
                            QuorumNote, LogLine, Stopped>;
using ActionList = std::vector<Action>;

static_assert(sizeof(Action) <= 72);

}  // namespace vipdrift::check

#endif  // VIPDRIFT_PROTOCOL_CHECK_ACTION_H_
