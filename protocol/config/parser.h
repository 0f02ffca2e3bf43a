// The door of the configuration room: keepalived.conf text to Configuration.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_PARSER_H_
#define VIPDRIFT_PROTOCOL_CONFIG_PARSER_H_

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/configuration.h"
#include "protocol/config/diagnostic.h"
#include "protocol/config/remark.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::config {

/// A file that `include` names, already matched and read by the driver (the core does no I/O).
struct SourceFile {
  std::string name;
  std::string text;
};

struct ParseOptions {
  std::string file_name = "keepalived.conf";  ///< for messages and for relative includes
  std::string config_id;                      ///< keepalived -i: what @ID lines are compared with
  /// Returns the files that match an `include` pattern, in order; unset: an include is an error.
  std::function<std::vector<SourceFile>(std::string_view pattern, std::string_view including_file)> include;
  vrrp::Profile profile = vrrp::keepalived_profile();
  /// Warn of keywords that keepalived 2.2.7, which Debian 12 has, does not know yet.
  bool warns_of_newer_keywords = false;
  /// Lines that definitions, ~SEQ and ~LST may make before the file is refused.
  std::size_t max_expanded_lines = 1'000'000;
};

/// An auth_pass of which only the first eight characters travel.
struct CutPassword {
  std::string instance;
  std::string written;  ///< all of it
};

struct ParseResult {
  std::optional<Configuration> configuration;  ///< absent when there is at least one error
  std::vector<CutPassword> cut_passwords;      ///< of its instances
  std::vector<Diagnostic> diagnostics;         ///< in order of appearance
  std::vector<Remark> remarks;                 ///< in reading order, those of conditions that do not hold left out

  bool ok() const { return configuration.has_value(); }
};

/// Reads a whole configuration. Never throws on bad input; unknown and malformed words are errors with a place.
ParseResult parse(std::string_view text, const ParseOptions& options);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_PARSER_H_
