// A command that a configuration names, and the FIFO that takes notifications.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_COMMAND_H_
#define VIPDRIFT_PROTOCOL_CONFIG_COMMAND_H_

#include <string>
#include <vector>

#include "protocol/config/place.h"

namespace vipdrift::config {

/// A command as its argument vector, already split by the shell-like rules of keepalived (no shell is involved).
struct Command {
  std::vector<std::string> argv;
  std::string user;   ///< empty: the global script_user
  std::string group;  ///< empty: the user's group
  Place place;

  bool empty() const { return argv.empty(); }
  friend bool operator==(const Command& a, const Command& b) {
    return a.argv == b.argv && a.user == b.user && a.group == b.group;
  }
};

/// A FIFO that hears of every state change, and the command that reads it (vrrp_notify_fifo, notify_fifo).
struct NotifyFifo {
  std::string path;   ///< empty: there is none
  std::string user;   ///< the owner of the FIFO; empty: the global script_user
  std::string group;  ///< empty: the user's group
  Command script;     ///< started with the path as its last word; may be empty

  friend bool operator==(const NotifyFifo&, const NotifyFifo&) = default;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_COMMAND_H_
