// From the words of a statement to the values that its keyword's shape asks for.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_ARGUMENTS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_ARGUMENTS_H_

#include <optional>
#include <string>

#include "protocol/config/grammar.h"
#include "protocol/config/report.h"
#include "protocol/config/statement_reader.h"

namespace vipdrift::config {

/// "a number from 1 to 255", "one of MASTER, BACKUP", ...
std::string expected_of(const Shape& shape);

/// Reads the words behind the keyword; nullopt after an error, which is reported. `block` is where the statement
/// stands.
std::optional<Arguments> read_arguments(const Statement& statement, const Keyword& keyword, Block block,
                                        Report& report);

/// "on", "off", ...; nullopt for anything else.
std::optional<bool> parse_boolean(std::string_view text);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_ARGUMENTS_H_
