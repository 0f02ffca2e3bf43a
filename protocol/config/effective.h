// A configuration told back in its own language: every setting with the value that counts, and where that comes from.
// What is told is a configuration again: reading it gives an equal one.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_H_
#define VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/config/configuration.h"
#include "protocol/config/written.h"

namespace vipdrift::config {

/// Where a value comes from.
enum class Origination : std::uint8_t {
  unknown,       ///< nobody said how the configuration was written
  written,       ///< in the block itself
  inherited,     ///< from global_defs or an outer block; the note says from where
  standard,      ///< keepalived's default
  unimplemented  ///< written, accepted and without effect; told as it was written
};
/// "unknown", "written", "inherited", "default", "not implemented".
std::string_view to_string(Origination origination);

struct EffectiveStatement {
  std::string_view keyword;  ///< empty: a line of a block of values. Valid as long as the configuration is
  std::string value;         ///< what follows the keyword, as it must be written
  std::string note{};        ///< for people; may be empty
  Origination origination = Origination::unknown;
  /// Whether it can be written. Else no statement says so: it holds because nothing else is written.
  bool active = true;
  bool opens_block = false;
  std::vector<EffectiveStatement> inner{};
  const WrittenStatement* written = nullptr;  ///< null: unknown, or not written
};

/// A setting of a health check with the value that counts.
using CheckerSettings = std::vector<std::pair<std::string_view, std::string>>;

struct EffectiveOptions {
  /// How the configuration was written; null: origins stay unknown, and what is not implemented is not told.
  const WrittenConfiguration* written = nullptr;
  /// What a checker does where nothing is written (protocol/check knows); unset: only what is written is told.
  std::function<CheckerSettings(const VirtualServer&, const RealServer&, const Checker&)> checker_settings{};
};

/// Tells `configuration`, one block of the outermost level after the other.
void tell_effective(const Configuration& configuration, const EffectiveOptions& options,
                    const std::function<void(EffectiveStatement)>& tell);

// One block each; `written` is its statement, or null.
EffectiveStatement effective_instance(const Configuration& configuration, const VrrpInstance& instance,
                                      const EffectiveOptions& options, const WrittenStatement* written);
EffectiveStatement effective_virtual_server(const Configuration& configuration, const VirtualServer& server,
                                            const EffectiveOptions& options, const WrittenStatement* written);
EffectiveStatement effective_globals(const Configuration& configuration, const EffectiveOptions& options);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_H_
