#include "analysis/setting_changes.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <utility>

namespace vipdrift::analysis {
namespace {

struct Setting {
  std::string name;
  std::string value;
  bool is_line = false;
  bool active = true;
  bool no_effect = false;
  config::Place place;
};

/// Two keywords that are one setting with two values.
struct Pair {
  std::string_view off;
  std::string_view on;
};
constexpr Pair kPairs[]{{"nopreempt", "preempt"}, {"no_accept", "accept"}};

Setting setting_of(const config::EffectiveStatement& statement, const std::string& outer) {
  Setting setting{.name = outer, .value = statement.value, .place = {}};
  setting.is_line = statement.keyword.empty();
  setting.active = statement.active;
  setting.no_effect = statement.origination == config::Origination::unimplemented;
  if (setting.is_line) return setting;
  std::string_view keyword = statement.keyword;
  if (setting.value.empty()) setting.value = statement.active ? "on" : "off";
  for (const Pair& pair : kPairs) {
    if (keyword != pair.off) continue;
    keyword = pair.on;
    setting.value = "off";
  }
  setting.name += (outer.empty() ? "" : " ") + std::string{keyword};
  return setting;
}

void collect(const config::EffectiveStatement& block, const config::WrittenConfiguration& written,
             const std::string& outer, std::string_view apart, std::vector<Setting>& settings) {
  for (const config::EffectiveStatement& statement : block.inner) {
    if (statement.opens_block) {
      if (statement.keyword == apart) continue;
      std::string name = outer + (outer.empty() ? "" : " ") + std::string{statement.keyword};
      if (!statement.value.empty()) name += ' ' + statement.value;
      collect(statement, written, name, apart, settings);
      continue;
    }
    Setting setting = setting_of(statement, outer);
    if (statement.written != nullptr) setting.place = written.place(statement.written->spot);
    settings.push_back(std::move(setting));
  }
}

using ByName = std::map<std::string_view, std::vector<const Setting*>>;

ByName by_name(const std::vector<Setting>& settings) {
  ByName names;
  for (const Setting& setting : settings) names[setting.name].push_back(&setting);
  return names;
}

/// Those of `some` whose value none of `others` has, each of which stands for one.
std::vector<const Setting*> without(const std::vector<const Setting*>& some, std::vector<const Setting*> others) {
  std::vector<const Setting*> rest;
  for (const Setting* setting : some) {
    const auto same = std::find_if(others.begin(), others.end(),
                                   [&](const Setting* other) { return other->value == setting->value; });
    if (same == others.end()) {
      rest.push_back(setting);
    } else {
      others.erase(same);
    }
  }
  return rest;
}

void compare(const std::vector<const Setting*>& before, const std::vector<const Setting*>& after,
             std::vector<SettingChange>& changes) {
  const std::vector<const Setting*> gone = without(before, after);
  const std::vector<const Setting*> come = without(after, before);
  if (gone.size() == 1 && come.size() == 1 && !gone.front()->is_line) {
    const config::Place& place = come.front()->place.line != 0 ? come.front()->place : gone.front()->place;
    const bool no_effect = gone.front()->no_effect && come.front()->no_effect;
    changes.push_back({come.front()->name, gone.front()->value, come.front()->value, place, no_effect});
    return;
  }
  // A default that only one of both has a place for is no change.
  const auto counts = [](const Setting& setting) {
    return setting.active && (setting.place.line != 0 || setting.is_line);
  };
  for (const Setting* setting : gone) {
    if (counts(*setting)) changes.push_back({setting->name, setting->value, {}, setting->place, setting->no_effect});
  }
  for (const Setting* setting : come) {
    if (counts(*setting)) changes.push_back({setting->name, {}, setting->value, setting->place, setting->no_effect});
  }
}

}  // namespace

std::vector<SettingChange> setting_changes(const config::EffectiveStatement& before,
                                           const config::WrittenConfiguration& written_before,
                                           const config::EffectiveStatement& after,
                                           const config::WrittenConfiguration& written_after, std::string_view apart) {
  std::vector<Setting> old_settings, new_settings;
  collect(before, written_before, {}, apart, old_settings);
  collect(after, written_after, {}, apart, new_settings);
  ByName old_names = by_name(old_settings);
  ByName new_names = by_name(new_settings);
  std::vector<SettingChange> changes;
  for (const Setting& setting : new_settings) {  // in the order of the block
    const auto now = new_names.find(setting.name);
    if (now == new_names.end()) continue;
    const auto then = old_names.find(setting.name);
    compare(then == old_names.end() ? std::vector<const Setting*>{} : then->second, now->second, changes);
    if (then != old_names.end()) old_names.erase(then);
    new_names.erase(now);
  }
  for (const Setting& setting : old_settings) {
    const auto then = old_names.find(setting.name);
    if (then == old_names.end()) continue;
    compare(then->second, {}, changes);
    old_names.erase(then);
  }
  return changes;
}

bool has_effect(const std::vector<SettingChange>& settings) {
  return std::any_of(settings.begin(), settings.end(), [](const SettingChange& change) { return !change.no_effect; });
}

void forget_defaults(std::vector<SettingChange>& settings) {
  std::erase_if(settings, [](const SettingChange& change) { return change.place.line == 0; });
}

}  // namespace vipdrift::analysis
