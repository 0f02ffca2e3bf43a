// keepalived.conf files of the file system.
#ifndef VIPDRIFT_TOOLS_CONFIG_FILES_H_
#define VIPDRIFT_TOOLS_CONFIG_FILES_H_

#include <optional>
#include <string>

#include "protocol/config/parser.h"
#include "protocol/config/written.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::tools {

/// Parses `path` with everything it includes, as a daemon of that profile reads it; nullopt when it cannot be read.
std::optional<config::ParseResult> parse_file(const std::string& path, const std::string& config_id,
                                              const vrrp::Profile& profile = vrrp::keepalived_profile());

/// The same of its text, when that was read already.
config::ParseResult parse_text(const std::string& text, const std::string& path, const std::string& config_id,
                               const vrrp::Profile& profile = vrrp::keepalived_profile());

/// What a file means, and how it was written.
struct ReadConfiguration {
  config::ParseResult parsed;
  config::WrittenConfiguration written;
};

/// The same, with every statement as it stands in the files.
std::optional<ReadConfiguration> read_configuration(const std::string& path, const std::string& config_id,
                                                    const vrrp::Profile& profile);

/// The text of a file; nullopt when it cannot be read.
std::optional<std::string> read_text(const std::string& path);

/// What to say of a file that read_text() could not read: "cannot be read: REASON; expected a keepalived.conf".
std::string why_unreadable(const std::string& path);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_CONFIG_FILES_H_
