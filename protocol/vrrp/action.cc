#include "protocol/vrrp/action.h"

namespace vipdrift::vrrp {

std::string_view to_string(State state) {
  switch (state) {
    case State::initialize:
      return "INIT";
    case State::backup:
      return "BACKUP";
    case State::master:
      return "MASTER";
    case State::fault:
      return "FAULT";
  }
  return "?";
}

std::string_view to_string(NotifyState state) {
  switch (state) {
    case NotifyState::master:
      return "MASTER";
    case NotifyState::backup:
      return "BACKUP";
    case NotifyState::fault:
      return "FAULT";
    case NotifyState::stop:
      return "STOP";
    case NotifyState::deleted:
      return "DELETED";
    case NotifyState::master_rx_lower_priority:
      return "MASTER_RX_LOWER_PRI";
  }
  return "?";
}

}  // namespace vipdrift::vrrp
