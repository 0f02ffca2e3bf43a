// An effective configuration as the text of a keepalived.conf: a statement a line, values in columns.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_PRINTER_H_
#define VIPDRIFT_PROTOCOL_CONFIG_PRINTER_H_

#include <cstddef>
#include <string>

#include "protocol/config/effective.h"

namespace vipdrift::config {

inline constexpr std::size_t kIndentation = 4;

/// keepalived cuts longer lines in two, and the parser refuses them. Only a statement that is so long itself, by what
/// its definitions stood for, makes a longer one.
inline constexpr std::size_t kLongestLine = 1024;

/// Appends `statement` with everything in it. What cannot be written is a comment, "# keyword value (note)".
void print(const EffectiveStatement& statement, std::size_t depth, std::string& text);

/// The whole configuration. Reading it gives an equal one, places aside.
std::string print(const Configuration& configuration, const EffectiveOptions& options);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_PRINTER_H_
