// What the configuration parser has to say to the person who wrote the file.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_DIAGNOSTIC_H_
#define VIPDRIFT_PROTOCOL_CONFIG_DIAGNOSTIC_H_

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/config/configuration.h"

namespace vipdrift::config {

enum class Severity : std::uint8_t {
  warning,  ///< the configuration runs, but not as its author may think (keepalived logs and goes on)
  error,    ///< the configuration is refused
};

struct Diagnostic {
  Severity severity = Severity::error;
  Place place;
  std::string message;   ///< what is wrong
  std::string expected;  ///< what would have been right; may be empty
  std::string nearest;   ///< the nearest valid word; may be empty

  /// "FILE:LINE:COLUMN: error: MESSAGE; expected EXPECTED; did you mean 'NEAREST'?"
  std::string to_string() const;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_DIAGNOSTIC_H_
