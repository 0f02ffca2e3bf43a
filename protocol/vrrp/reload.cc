// A new configuration under running instances (SIGHUP).
#include "protocol/vrrp/reload.h"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::vrrp {
namespace {

/// What makes an instance the same one across a reload: not its name, but what it is on the wire.
bool same_virtual_router(const InstancePlan& a, const InstancePlan& b) {
  return a.config->virtual_router_id == b.config->virtual_router_id && a.config->family == b.config->family &&
         a.config->interface == b.config->interface && a.group_address == b.group_address &&
         a.is_unicast() == b.is_unicast() && (!a.is_unicast() || a.config->source == b.config->source) &&
         a.config->use_vmac == b.config->use_vmac;
}

}  // namespace

std::vector<std::optional<std::uint32_t>> heirs_of(std::span<const InstancePlan> before,
                                                   std::span<const InstancePlan> after) {
  std::array<std::vector<std::uint32_t>, 256> by_vrid;
  for (std::uint32_t i = 0; i < after.size(); ++i) by_vrid[after[i].config->virtual_router_id].push_back(i);
  std::vector<std::optional<std::uint32_t>> heirs(before.size());
  for (std::size_t o = 0; o < before.size(); ++o) {
    std::vector<std::uint32_t>& candidates = by_vrid[before[o].config->virtual_router_id];
    const auto same = std::find_if(candidates.begin(), candidates.end(),
                                   [&](std::uint32_t i) { return same_virtual_router(after[i], before[o]); });
    if (same == candidates.end()) continue;
    heirs[o] = *same;
    candidates.erase(same);  // one heir inherits from one
  }
  return heirs;
}

bool keeps_result(const config::VrrpScript& before, const config::VrrpScript& after) {
  return before.name == after.name && before.command == after.command;
}

void VrrpStack::on(const ConfigurationLoaded& event, const Context& context) {
  if (phase_ == Phase::stopping || phase_ == Phase::stopped) return;
  for (VirtualRouter& router : routers_) router.advertise_if_master(context);

  const std::shared_ptr<const StackPlan> old_plan = plan_;
  std::vector<VirtualRouter> old_routers = std::move(routers_);
  std::vector<track::ScriptTracker> old_scripts = std::move(scripts_);
  HostFacts host{interfaces_, old_plan->host.detailed_log};
  plan_ = std::make_shared<const StackPlan>(event.configuration, std::move(host), old_plan->profile);
  const Context renewed{context.now, *plan_, context.actions};

  routers_.clear();
  routers_.reserve(plan_->instances.size());
  for (const InstancePlan& instance : plan_->instances) routers_.emplace_back(instance, plan_->profile);
  deadlines_ = DeadlineIndex(routers_.size());
  group_states_.assign(plan_->groups.size(), std::nullopt);
  file_values_.resize(plan_->configuration->track_files.size());
  processes_.resize(plan_->configuration->track_processes.size());
  carry_over_trackers(*old_plan, std::move(old_scripts), renewed);
  carry_over_quorums(*old_plan);
  if (phase_ != Phase::running) return;

  hand_over(old_routers, context, renewed);
  remove_statics(*old_plan, plan_->configuration.get(), renewed);
  add_statics(renewed);
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    refresh_facts(i);
    refresh_contribution(i, renewed);
  }
  evaluate_all(renewed);
  unite_groups(renewed);
  run_scripts(renewed);
  refresh_chores();
}

/// What goes is gone before anything comes: an address may have moved from one instance to another.
void VrrpStack::hand_over(std::vector<VirtualRouter>& old_routers, const Context& before, const Context& renewed) {
  const std::vector<std::optional<std::uint32_t>> heirs = heirs_of(before.plan.instances, renewed.plan.instances);
  std::vector<bool> taken(routers_.size(), false);
  for (std::size_t o = 0; o < old_routers.size(); ++o) {
    VirtualRouter& old = old_routers[o];
    if (heirs[o]) {
      taken[*heirs[o]] = true;
      routers_[*heirs[o]].drop_surplus(old, renewed);
    } else {
      // A `notify_deleted` without a command is known by its place alone.
      const config::Command& deleted = old.plan().config->notifies->deleted;
      const bool told_deleted = !deleted.empty() || deleted.place.line > 0;
      old.leave(told_deleted ? NotifyState::deleted : NotifyState::fault, before);
    }
  }
  const bool refused = !failures_.empty();
  failures_.clear();  // their instances are numbered anew
  for (std::size_t o = 0; o < old_routers.size(); ++o) {
    if (!heirs[o]) continue;
    VirtualRouter& heir = routers_[*heirs[o]];
    heir.inherit(old_routers[o], renewed);
    if (refused) heir.repeat_requests(renewed);
  }
  for (std::size_t i = 0; i < routers_.size(); ++i) {
    if (!taken[i]) routers_[i].make_macvlans(renewed);
  }
}

/// Instances that have become members of one group are not Master apart from each other.
void VrrpStack::unite_groups(const Context& context) {
  for (const GroupPlan& group : context.plan.groups) {
    const bool some_wait = std::any_of(group.members.begin(), group.members.end(),
                                       [&](std::uint32_t member) { return routers_[member].state() != State::master; });
    for (const std::uint32_t member : group.members) {
      if (some_wait && routers_[member].state() == State::master) yield_mastership(member, context);
    }
  }
}

/// A script whose command is unchanged keeps its result; a new one counts as up until its first run says otherwise.
void VrrpStack::carry_over_trackers(const StackPlan& old_plan, std::vector<track::ScriptTracker> old_scripts,
                                    const Context& context) {
  const auto& before = old_plan.configuration->scripts;
  scripts_.clear();
  for (const config::VrrpScript& script : plan_->configuration->scripts) {
    track::ScriptTracker tracker{script};
    const auto known = std::find_if(before.begin(), before.end(),
                                    [&](const config::VrrpScript& old) { return keeps_result(old, script); });
    if (known != before.end()) {
      const track::ScriptTracker& old = old_scripts[static_cast<std::size_t>(known - before.begin())];
      if (old.result.health() == track::Health::up) tracker.result.assume_up();
      if (old.result.health() == track::Health::down) tracker.result = track::RiseFall{script.rise, script.fall, true};
    } else if (phase_ == Phase::running) {
      tracker.result.assume_up();
    }
    if (phase_ == Phase::running && !script.disabled) tracker.start(context.now);
    scripts_.push_back(std::move(tracker));
  }
}

/// The health checks read the new file in their own time; until then a lost quorum stays lost.
void VrrpStack::carry_over_quorums(const StackPlan& old_plan) {
  const auto& before = old_plan.configuration->virtual_servers;
  const std::vector<bool> lost = std::move(lost_quorums_);
  lost_quorums_.assign(plan_->configuration->virtual_servers.size(), false);
  for (std::size_t i = 0; i < lost_quorums_.size(); ++i) {
    const config::VirtualServer& server = plan_->configuration->virtual_servers[i];
    for (std::size_t o = 0; o < before.size(); ++o) {
      const bool same = before[o].address == server.address && before[o].port == server.port &&
                        before[o].fwmark == server.fwmark && before[o].group == server.group &&
                        before[o].transport == server.transport;
      if (same) lost_quorums_[i] = lost[o];
    }
  }
}

}  // namespace vipdrift::vrrp
