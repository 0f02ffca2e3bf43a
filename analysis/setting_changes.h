// What differs between two blocks of a configuration, setting by setting.
#ifndef VIPDRIFT_ANALYSIS_SETTING_CHANGES_H_
#define VIPDRIFT_ANALYSIS_SETTING_CHANGES_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/config/effective.h"

namespace vipdrift::analysis {

/// One of two configurations that are compared: what it means, and how it was written.
struct ComparedConfiguration {
  std::shared_ptr<const config::Configuration> configuration;
  const config::WrittenConfiguration* written = nullptr;
};

/// A setting with one value before and another after. Of a line of a block of values, which is there or not, one of
/// both is empty.
struct SettingChange {
  std::string setting;     ///< "priority", "virtual_ipaddress"
  std::string before;      ///< empty: was not there
  std::string after;       ///< empty: is not there any more
  config::Place place;     ///< in the new file, or in the old one when it is gone; line 0: written nowhere
  bool no_effect = false;  ///< of a keyword that is accepted and not acted on

  friend bool operator==(const SettingChange&, const SettingChange&) = default;
};

/// Inner blocks named `apart` are not looked at.
std::vector<SettingChange> setting_changes(const config::EffectiveStatement& before,
                                           const config::WrittenConfiguration& written_before,
                                           const config::EffectiveStatement& after,
                                           const config::WrittenConfiguration& written_after,
                                           std::string_view apart = {});

/// Whether one of them changes what is done.
bool has_effect(const std::vector<SettingChange>& settings);

/// Leaves out what is written nowhere: of a block that appears, defaults are no news.
void forget_defaults(std::vector<SettingChange>& settings);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_SETTING_CHANGES_H_
