#include "sim/script_player.h"

#include <algorithm>
#include <variant>

namespace vipdrift::sim {
namespace {

using scenarios::ScriptModel;

struct Fails {
  const VirtualKernel& kernel;
  SimTime now;

  bool operator()(const ScriptModel::AlwaysSucceeds&) const { return false; }
  bool operator()(const ScriptModel::AlwaysFails&) const { return true; }
  bool operator()(const ScriptModel::FailsWhileFileExists& rule) const { return kernel.file(rule.path) != nullptr; }
  bool operator()(const ScriptModel::FailsWhileFileMissing& rule) const { return kernel.file(rule.path) == nullptr; }
  bool operator()(const ScriptModel::FailsWhileProcessMissing& rule) const { return kernel.running(rule.process) == 0; }
  bool operator()(const ScriptModel::FailsDuring& rule) const {
    return std::any_of(rule.spans.begin(), rule.spans.end(),
                       [this](const auto& span) { return span.first <= now && now < span.second; });
  }
};

bool names(const std::vector<config::Tracked>& tracked, const std::string& script) {
  return std::any_of(tracked.begin(), tracked.end(), [&](const config::Tracked& one) { return one.name == script; });
}

bool is_tracked(const config::Configuration& configuration, const std::string& script) {
  const auto tracks = [&](const auto& owner) { return names(owner.track_scripts, script); };
  return std::any_of(configuration.instances.begin(), configuration.instances.end(), tracks) ||
         std::any_of(configuration.sync_groups.begin(), configuration.sync_groups.end(), tracks);
}

}  // namespace

const ScriptModel* ScriptPlayer::model_of(const std::string& script) const {
  const auto found =
      std::find_if(models_.begin(), models_.end(), [&](const ScriptModel& model) { return model.script == script; });
  return found == models_.end() ? nullptr : &*found;
}

const config::VrrpScript* ScriptPlayer::without_model(const config::Configuration& configuration) const {
  for (const config::VrrpScript& script : configuration.scripts) {
    if (!script.disabled && is_tracked(configuration, script.name) && model_of(script.name) == nullptr) return &script;
  }
  return nullptr;
}

void ScriptPlayer::bind(const config::Configuration& configuration) {
  bound_.clear();
  for (const config::VrrpScript& script : configuration.scripts) bound_.push_back(model_of(script.name));
}

namespace {

ScriptPlayer::Outcome run_of(const ScriptModel& model, const VirtualKernel& kernel, SimTime now) {
  const bool fails = std::visit(Fails{kernel, now}, model.rule);
  return {fails ? model.exit_status << 8 : 0, model.takes};
}

}  // namespace

ScriptPlayer::Outcome ScriptPlayer::play(ScriptId script, SimTime now) const {
  const ScriptModel* model = script.value < bound_.size() ? bound_[script.value] : nullptr;
  return model == nullptr ? Outcome{} : run_of(*model, *kernel_, now);
}

ScriptPlayer::Outcome play_command(const VirtualKernel& kernel, const std::vector<ScriptModel>& models,
                                   const config::Command& command, SimTime now) {
  std::string line;
  for (const std::string& word : command.argv) line += (line.empty() ? "" : " ") + word;
  for (const ScriptModel& model : models) {
    const bool named = model.script == line || (!command.argv.empty() && model.script == command.argv.front());
    if (named) return run_of(model, kernel, now);
  }
  return {};
}

}  // namespace vipdrift::sim
