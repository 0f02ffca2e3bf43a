// What the services of a scenario say, where every world's services say the same.
#ifndef VIPDRIFT_SCENARIOS_SERVICE_ANSWERS_H_
#define VIPDRIFT_SCENARIOS_SERVICE_ANSWERS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/load_balancing.h"

namespace vipdrift::scenarios {

/// "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED": the codes 0 to 5 of RFC 1035, 4.1.1.
const std::vector<std::string>& dns_errors();

/// The answer of a udp or dns service of the machine `node`; empty: none (a query that is too short to be one).
std::string datagram_answer(const ServedPort& service, const std::string& node, std::string_view query);

/// What an smtp service of the machine `node` says first, with its line's end.
std::string smtp_greeting(const ServedPort& service, const std::string& node);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_SERVICE_ANSWERS_H_
