// Kinds of queue events that belong to the machines of a simulation (kind 0 is the network's).
#ifndef VIPDRIFT_SIM_NODE_EVENTS_H_
#define VIPDRIFT_SIM_NODE_EVENTS_H_

#include <cstdint>

namespace vipdrift::sim {

/// Event::target is the node's position in its testbed unless said otherwise.
enum class NodeEvent : std::uint16_t {
  kernel_timer = 1,   ///< a neighbour entry or an address lifetime ends
  director_deadline,  ///< VrrpStack::next_deadline()
  director_work,      ///< the next action of a busy daemon
  director_script,    ///< a track script ends; data: its run
  director_started,   ///< exec and reading of the configuration are over
  host_probe,         ///< detail: which target
  kernel_loopback,    ///< a frame to the machine itself arrives; data: its number
  transport_exchange, ///< data: slot and generation of an exchange
  transport_answer,   ///< data: slot and generation of what a slow service says
  client_request,     ///< detail: which stream of requests
  client_line,        ///< detail: which long-lived connection
  client_stalled,     ///< detail: which long-lived connection; data: which line
  script_probe,       ///< data: which run of a checking script
  check_deadline,     ///< CheckEngine::next_deadline()
  check_respawned,    ///< the parent has started another check process
  injection,          ///< target: position in the testbed's list of injections
};

constexpr std::uint16_t kind_of(NodeEvent event) { return static_cast<std::uint16_t>(event); }

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_NODE_EVENTS_H_
