// Lines of virtual_routes, virtual_rules, static_routes and static_rules.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_ROUTING_LINE_H_
#define VIPDRIFT_PROTOCOL_CONFIG_ROUTING_LINE_H_

#include <optional>
#include <span>

#include "protocol/config/report.h"
#include "protocol/config/route.h"
#include "protocol/config/statement_reader.h"

namespace vipdrift::config {

/// "[TYPE] [to] PREFIX|default [via ADDRESS [or ADDRESS]] [dev INTERFACE] [src ADDRESS] [table T] ...", the options in
/// any order, as ip-route(8) has them in full. nullopt after an error, which is reported.
std::optional<Route> read_route(std::span<const Word> words, Report& report);

/// "[not] [from PREFIX] [to PREFIX] [iif INTERFACE] [table T|goto N|blackhole|...] [priority N] ...", in any order.
std::optional<Rule> read_rule(std::span<const Word> words, Report& report);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_ROUTING_LINE_H_
