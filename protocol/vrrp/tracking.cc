// How results of tracked objects reach the instances.
#include <string>

#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::vrrp {

void VrrpStack::on(const ScriptFinished& event, const Context& context) {
  if (phase_ != Phase::running || event.script.value >= scripts_.size()) return;
  track::ScriptTracker& tracker = scripts_[event.script.value];
  using RunPhase = track::ScriptTracker::Phase;
  const bool timed_out = event.timed_out || tracker.phase == RunPhase::terminated || tracker.phase == RunPhase::killed;
  const bool success = !timed_out && event.exit_status == 0;
  if (tracker.finish(success)) {
    const std::string& name = context.plan.configuration->scripts[event.script.value].name;
    const bool up = tracker.result.health() == track::Health::up;
    const std::string how = up          ? "succeeded"
                            : timed_out ? "timed_out"
                                        : "failed (exited with status " + std::to_string(event.exit_status) + ")";
    context.actions.push(LogLine{"VRRP_Script(" + name + ") " + how, false});
    refresh_tracking(TrackReference::Kind::script, event.script.value, context);
  }
  refresh_chores();
}

void VrrpStack::on(const FileChanged& event, const Context& context) {
  if (event.file.value >= file_values_.size()) return;
  file_values_[event.file.value] = event.value.value_or(0);
  if (phase_ == Phase::running) refresh_tracking(TrackReference::Kind::file, event.file.value, context);
}

void VrrpStack::on(const ProcessCountChanged& event, const Context& context) {
  if (event.process.value >= processes_.size()) return;
  const config::TrackProcess& process = context.plan.configuration->track_processes[event.process.value];
  const bool changed = processes_[event.process.value].record(context.now, event.running, process);
  if (phase_ != Phase::running) return;
  if (changed) refresh_tracking(TrackReference::Kind::process, event.process.value, context);
  refresh_chores();
}

void VrrpStack::on(const QuorumChanged& event, const Context& context) {
  if (event.server.value >= lost_quorums_.size() || lost_quorums_[event.server.value] != event.up) return;
  lost_quorums_[event.server.value] = !event.up;
  if (phase_ == Phase::running) refresh_tracking(TrackReference::Kind::quorum, event.server.value, context);
}

void VrrpStack::refresh_tracking(TrackReference::Kind kind, std::uint32_t index, const Context& context) {
  bool any = false;
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    for (const TrackReference& reference : routers_[i].plan().tracked) {
      if (reference.kind != kind || reference.index != index) continue;
      refresh_contribution(i, context);
      any = true;
      break;
    }
  }
  if (any) evaluate_all(context);
}

void VrrpStack::refresh_contribution(std::uint32_t router, const Context& context) {
  track::Contribution total;
  for (const TrackReference& reference : routers_[router].plan().tracked) total += contribution_of(reference);
  routers_[router].set_contribution(total, context);
  refresh_deadline(router);
}

int VrrpStack::pending_of(std::uint32_t router) const {
  int pending = 0;
  for (const TrackReference& reference : routers_[router].plan().tracked) pending += contribution_of(reference).pending;
  return pending;
}

track::Contribution VrrpStack::contribution_of(const TrackReference& reference) const {
  switch (reference.kind) {
    case TrackReference::Kind::script:
      return track::contribution(scripts_[reference.index].result.health(), reference.weight, reference.reverse);
    case TrackReference::Kind::interface:
      return track::contribution(interface_health(reference.index), reference.weight, reference.reverse);
    case TrackReference::Kind::file:
      return track::file_contribution(file_values_[reference.index], reference.weight, reference.reverse);
    case TrackReference::Kind::process:
      return track::contribution(processes_[reference.index].health, reference.weight, reference.reverse);
    case TrackReference::Kind::quorum:
      return track::contribution(lost_quorums_[reference.index] ? track::Health::down : track::Health::up,
                                 reference.weight, reference.reverse);
  }
  return {};
}

track::Health VrrpStack::interface_health(std::uint32_t interface) const {
  const InterfaceFacts* live = find_live({interface});
  return live != nullptr && live->up ? track::Health::up : track::Health::down;
}

}  // namespace vipdrift::vrrp
