// Lines of blocks of values: addresses, routes, rules, what is tracked.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_LINES_H_
#define VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_LINES_H_

#include <string>

#include "protocol/config/configuration.h"

namespace vipdrift::config {

/// As read_virtual_address(), read_route() and so on read it back.
std::string line_of(const VirtualAddress& address);
std::string line_of(const Route& route);
std::string line_of(const Rule& rule);
std::string line_of(const Tracked& tracked);
std::string line_of(const UnicastPeer& peer);
std::string line_of(const GroupEntry& entry);
std::string line_of(const InterfaceDelays& delays);
/// "DR", "TUN type gue port 6080 csum".
std::string text_of(const ipvs::Forwarding& forwarding);
/// As `track_quorum` names it: "10.1.10.7 80 tcp", "fwmark 3", "group web".
std::string quorum_name(const VirtualServer& server);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_LINES_H_
