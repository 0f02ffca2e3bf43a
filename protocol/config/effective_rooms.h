// What the parts of tell_effective() share: which statement of the text an object was read from.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_ROOMS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_ROOMS_H_

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/effective_block.h"

namespace vipdrift::config {

using Tell = std::function<void(EffectiveStatement)>;

/// The blocks of some keywords at the outermost level, in the order in which the parser made objects of them.
class WrittenBlocks {
 public:
  WrittenBlocks(const EffectiveOptions& options, std::vector<std::string_view> keywords);
  /// The next one; null when there is none, or nobody knows what was written.
  const WrittenStatement* next();

 private:
  const EffectiveOptions& options_;
  std::vector<std::string_view> keywords_;
  std::size_t at_ = 0;
};

/// The blocks global_defs: many ask for them.
std::vector<const WrittenStatement*> global_blocks(const EffectiveOptions& options);

/// All blocks of that keyword at the outermost level.
std::vector<const WrittenStatement*> root_blocks(const EffectiveOptions& options, std::string_view keyword);

inline std::vector<const WrittenStatement*> sources_of(const WrittenStatement* written) {
  if (written == nullptr) return {};
  return {written};
}

/// "FILE:LINE".
std::string place_note(const WrittenConfiguration& written, const WrittenStatement& statement);

/// A block with a name, whose note says where it was written.
EffectiveBlock named_block(std::string_view keyword, const std::string& name, const EffectiveOptions& options,
                           const WrittenStatement* written);

/// The settings of global_defs about processes.
void tell_processes(const ProcessSettings& settings, EffectiveBlock& block);
/// Those of the outermost level that say where the daemon lives.
void tell_residence(const ProcessSettings& settings, const EffectiveOptions& options, const Tell& tell);

void tell_globals(const Configuration& configuration, const EffectiveOptions& options, const Tell& tell);
void tell_vrrp(const Configuration& configuration, const EffectiveOptions& options, const Tell& tell);
void tell_virtual_servers(const Configuration& configuration, const EffectiveOptions& options, const Tell& tell);

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_EFFECTIVE_ROOMS_H_
