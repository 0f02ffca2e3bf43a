// What the configuration parser has to say to the person who wrote the file.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_DIAGNOSTIC_H_
#define VIPDRIFT_PROTOCOL_CONFIG_DIAGNOSTIC_H_

#include <optional>
#include <string>

#include "protocol/config/diagnostic_rules.h"
#include "protocol/config/place.h"

namespace vipdrift::config {

struct Diagnostic {
  Severity severity = Severity::error;
  Place place;
  std::string message;   ///< what is wrong
  std::string expected;  ///< what would have been right; may be empty
  std::string nearest;   ///< the nearest valid word; may be empty
  std::optional<RuleId> rule{};  ///< unset: of a scenario, which is no keepalived.conf

  /// "FILE:LINE:COLUMN: error: MESSAGE; expected EXPECTED; did you mean 'NEAREST'?"
  std::string to_string() const;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_DIAGNOSTIC_H_
