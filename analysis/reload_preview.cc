#include "analysis/reload_preview.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "protocol/vrrp/reload.h"

namespace vipdrift::analysis {
namespace {

/// Settings that are looked at once in the life of a daemon (keepalived.conf(5), or our own core).
struct OnlyAtStart {
  std::string_view setting;
  std::string_view consequence;
};
constexpr std::string_view kCountsAtStart = "counts at a start only";
constexpr std::string_view kNeedsRestart = "needs a restart";
constexpr std::array kOnlyAtStart{OnlyAtStart{"vrrp_startup_delay", kCountsAtStart},
                                  OnlyAtStart{"lvs_flush", kCountsAtStart},
                                  OnlyAtStart{"startup_script", "runs at a start only"},
                                  OnlyAtStart{"startup_script_timeout", kCountsAtStart},
                                  OnlyAtStart{"checker_cpu_affinity", kNeedsRestart},
                                  OnlyAtStart{"checker_no_swap", kNeedsRestart},
                                  OnlyAtStart{"checker_priority", kNeedsRestart},
                                  OnlyAtStart{"checker_process_name", kNeedsRestart},
                                  OnlyAtStart{"checker_rt_priority", kNeedsRestart},
                                  OnlyAtStart{"child_wait_time", kNeedsRestart},
                                  OnlyAtStart{"instance", kNeedsRestart},
                                  OnlyAtStart{"net_namespace", kNeedsRestart},
                                  OnlyAtStart{"net_namespace_ipvs", kNeedsRestart},
                                  OnlyAtStart{"process_name", kNeedsRestart},
                                  OnlyAtStart{"process_names", kNeedsRestart},
                                  OnlyAtStart{"shutdown_script", kNeedsRestart},
                                  OnlyAtStart{"shutdown_script_timeout", kNeedsRestart},
                                  OnlyAtStart{"tmp_config_directory", kNeedsRestart},
                                  OnlyAtStart{"umask", kNeedsRestart},
                                  OnlyAtStart{"use_pid_dir", kNeedsRestart},
                                  OnlyAtStart{"vrrp_cpu_affinity", kNeedsRestart},
                                  OnlyAtStart{"vrrp_no_swap", kNeedsRestart},
                                  OnlyAtStart{"vrrp_priority", kNeedsRestart},
                                  OnlyAtStart{"vrrp_process_name", kNeedsRestart},
                                  OnlyAtStart{"vrrp_rt_priority", kNeedsRestart}};

using Blocks = std::map<std::pair<std::string, std::string>, config::EffectiveStatement>;

/// The blocks that no half of the daemon has for itself.
Blocks other_blocks(const ComparedConfiguration& side, std::vector<Blocks::key_type>& order) {
  Blocks blocks;
  const auto tell = [&](config::EffectiveStatement statement) {
    if (statement.keyword == "vrrp_instance" || statement.keyword == "virtual_server") return;
    // A garp_group has no name but its interface.
    std::string name = statement.value;
    if (statement.keyword == "garp_group") name = statement.inner.back().value;
    Blocks::key_type key{statement.keyword, name};
    if (blocks.emplace(key, std::move(statement)).second) order.push_back(std::move(key));
  };
  config::tell_effective(*side.configuration, {.written = side.written}, tell);
  return blocks;
}

config::Place place_of(const config::EffectiveStatement& statement, const ComparedConfiguration& side) {
  return statement.written == nullptr ? config::Place{} : side.written->place(statement.written->spot);
}

const config::VrrpScript* find_script(const ComparedConfiguration& side, std::string_view name) {
  for (const config::VrrpScript& script : side.configuration->scripts) {
    if (script.name == name || '"' + script.name + '"' == name) return &script;
  }
  return nullptr;
}

void add_consequences(const ComparedConfiguration& before, const ComparedConfiguration& after, std::string_view keyword,
                      std::string_view name, BlockPreview& block) {
  for (const OnlyAtStart& each : kOnlyAtStart) {
    const bool touched = keyword == each.setting ||
                         std::any_of(block.settings.begin(), block.settings.end(),
                                     [&](const SettingChange& change) { return change.setting == each.setting; });
    if (touched) block.consequences.push_back(std::string{each.setting} + ' ' + std::string{each.consequence});
  }
  if (keyword != "vrrp_script" || block.fate == Fate::leaves) return;
  const config::VrrpScript* old = find_script(before, name);
  const config::VrrpScript* renewed = find_script(after, name);
  if (renewed == nullptr) return;
  const bool keeps = old != nullptr && vrrp::keeps_result(*old, *renewed);
  block.consequences.emplace_back(keeps ? "keeps its result, and runs at once"
                                        : "counts as up until its first run ends");
}

void preview_blocks(const ComparedConfiguration& before, const ComparedConfiguration& after, ReloadPreview& preview) {
  std::vector<Blocks::key_type> old_order, order;
  const Blocks old_blocks = other_blocks(before, old_order);
  const Blocks new_blocks = other_blocks(after, order);
  for (const Blocks::key_type& key : old_order) {
    if (new_blocks.find(key) == new_blocks.end()) order.push_back(key);
  }
  const config::EffectiveStatement nothing;
  for (const Blocks::key_type& key : order) {
    const auto then = old_blocks.find(key);
    const auto now = new_blocks.find(key);
    BlockPreview block;
    block.name = key.first + (key.second.empty() ? "" : " " + key.second);
    const bool was = then != old_blocks.end();
    const bool is = now != new_blocks.end();
    block.place = is ? place_of(now->second, after) : place_of(then->second, before);
    block.settings =
        setting_changes(was ? then->second : nothing, *before.written, is ? now->second : nothing, *after.written);
    block.fate = !was ? Fate::appears : !is ? Fate::leaves : block.settings.empty() ? Fate::untouched : Fate::changed;
    if (block.fate == Fate::untouched) continue;
    if (block.fate != Fate::changed) forget_defaults(block.settings);
    add_consequences(before, after, key.first, key.second, block);
    const auto unimplemented = [](const config::EffectiveStatement& each) {
      return each.origination == config::Origination::unimplemented;
    };
    const bool acted_upon =
        block.fate == Fate::changed ? has_effect(block.settings) : !unimplemented(is ? now->second : then->second);
    block.no_effect = !acted_upon && block.consequences.empty();
    preview.blocks.push_back(std::move(block));
  }
}

}  // namespace

std::string_view to_string(Fate fate) {
  switch (fate) {
    case Fate::untouched:
      return "untouched";
    case Fate::changed:
      return "changed";
    case Fate::flaps:
      return "flaps";
    case Fate::appears:
      return "appears";
    case Fate::leaves:
      return "leaves";
  }
  return {};
}

bool ReloadPreview::changes() const {
  const auto touched = [](const auto& each) { return each.fate != Fate::untouched; };
  const auto counts = [](const BlockPreview& block) { return !block.no_effect; };
  return std::any_of(blocks.begin(), blocks.end(), counts) ||
         std::any_of(instances.begin(), instances.end(), touched) ||
         std::any_of(services.begin(), services.end(), touched);
}

ReloadPreview preview_reload(const ComparedConfiguration& before, const ComparedConfiguration& after,
                             const vrrp::Profile& profile) {
  ReloadPreview preview;
  preview_blocks(before, after, preview);
  preview_instances(before, after, profile, preview);
  preview_services(before, after, profile, preview);
  return preview;
}

}  // namespace vipdrift::analysis
