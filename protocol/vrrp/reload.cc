// A new configuration under running instances (SIGHUP).
#include <algorithm>
#include <memory>
#include <utility>

#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::vrrp {
namespace {

/// What makes an instance the same one across a reload: not its name, but what it is on the wire.
bool same_virtual_router(const InstancePlan& a, const InstancePlan& b) {
  return a.config->virtual_router_id == b.config->virtual_router_id && a.config->family == b.config->family &&
         a.interface == b.interface && a.group_address == b.group_address && a.is_unicast() == b.is_unicast() &&
         (!a.is_unicast() || a.config->source == b.config->source) && a.config->use_vmac == b.config->use_vmac;
}

}  // namespace

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
  if (phase_ != Phase::running) return;

  for (VirtualRouter& old : old_routers) {
    const auto heir = std::find_if(routers_.begin(), routers_.end(), [&](const VirtualRouter& router) {
      return same_virtual_router(router.plan(), old.plan());
    });
    if (heir != routers_.end()) {
      heir->inherit(old, renewed);
    } else {
      const bool told_deleted = !old.plan().config->notifies.deleted.empty();
      old.leave(told_deleted ? NotifyState::deleted : NotifyState::fault, context);
    }
  }
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    refresh_facts(i);
    refresh_contribution(i, renewed);
  }
  evaluate_all(renewed);
  run_scripts(renewed);
  refresh_chores();
}

/// A script whose command is unchanged keeps its result; a new one counts as up until its first run says otherwise.
void VrrpStack::carry_over_trackers(const StackPlan& old_plan, std::vector<track::ScriptTracker> old_scripts,
                                    const Context& context) {
  const auto& before = old_plan.configuration->scripts;
  scripts_.clear();
  for (const config::VrrpScript& script : plan_->configuration->scripts) {
    track::ScriptTracker tracker{script};
    const auto known = std::find_if(before.begin(), before.end(), [&](const config::VrrpScript& old) {
      return old.name == script.name && old.command == script.command;
    });
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

}  // namespace vipdrift::vrrp
