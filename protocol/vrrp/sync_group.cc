// Transitions that a sync group's members make together. An instance without a group is a group of one.
#include <algorithm>
#include <string>

#include "protocol/vrrp/notification.h"
#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::vrrp {
namespace {

NotifyState notification_for(State state) {
  switch (state) {
    case State::master:
      return NotifyState::master;
    case State::backup:
      return NotifyState::backup;
    case State::fault:
      return NotifyState::fault;
    case State::initialize:
      break;
  }
  return NotifyState::stop;
}

}  // namespace

VrrpStack::Unit VrrpStack::unit_of(std::uint32_t index) const {
  const std::optional<GroupId> group = plan_->instances[index].sync_group;
  if (!group) return {{index}, std::nullopt};
  return {plan_->groups[group->value].members, group};
}

/// A Backup's time is up. In a group it becomes Master only when all others want to as well.
void VrrpStack::claim_mastership(std::uint32_t index, const Context& context) {
  const Unit unit = unit_of(index);
  for (const std::uint32_t member : unit.members) {
    const VirtualRouter& other = routers_[member];
    if (member == index || other.wants_master() || other.state() == State::master) continue;
    routers_[index].wait_for_group(context);
    return;
  }
  routers_[index].become_master(context);
  bool moved_siblings = false;
  for (const std::uint32_t member : unit.members) {
    if (routers_[member].state() != State::backup) continue;
    routers_[member].become_master(context);
    refresh_deadline(member);
    moved_siblings = true;
  }
  settle_group(unit, "MASTER", moved_siblings, context);
}

/// One member leaves mastership, so all do. `index` itself may have left already.
void VrrpStack::yield_mastership(std::uint32_t index, const Context& context) {
  const Unit unit = unit_of(index);
  if (routers_[index].state() == State::master) routers_[index].become_backup(context);
  refresh_deadline(index);
  bool moved_siblings = false;
  for (const std::uint32_t member : unit.members) {
    if (routers_[member].state() != State::master) continue;
    routers_[member].become_backup(context);
    refresh_deadline(member);
    moved_siblings = true;
  }
  settle_group(unit, "BACKUP", moved_siblings, context);
}

/// Clients of the siblings' addresses may have followed the rival too.
void VrrpStack::answer_for_group(std::uint32_t index, const Context& context) {
  const std::optional<GroupId> group = context.plan.instances[index].sync_group;
  if (!group) return;
  for (const std::uint32_t member : context.plan.groups[group->value].members) {
    if (member == index) continue;
    routers_[member].announce_for_group(context);
    refresh_deadline(member);
  }
}

void VrrpStack::evaluate_all(const Context& context) {
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    const std::optional<GroupId> group = plan_->instances[i].sync_group;
    if (group && plan_->groups[group->value].members.front() != i) continue;  // once per group
    evaluate(unit_of(i), context);
  }
}

void VrrpStack::evaluate(const Unit& unit, const Context& context) {
  bool faulty = false;
  bool pending = false;
  bool all_owners = true;
  for (const std::uint32_t member : unit.members) {
    faulty = faulty || routers_[member].faults().any();
    pending = pending || pending_of(member) > 0;
    all_owners = all_owners && routers_[member].plan().is_owner();
  }
  std::size_t moved = 0;
  for (const std::uint32_t member : unit.members) {
    VirtualRouter& router = routers_[member];
    const State before = router.state();
    if (before == State::initialize) {
      if (faulty) {
        if (may_adopt(member)) router.remove_leftovers(context);
        router.become_fault(context);
      } else if (!pending) {
        router.start({.timers_from = std::max(context.now, ready_at_),
                      .waited_for_scripts = now_ > started_at_,
                      .may_head_for_master = !unit.group || all_owners,
                      .holds_leftovers = may_adopt(member)},
                     context);
      }
    } else if (before == State::fault) {
      if (!faulty && !pending) router.recover(context);
    } else if (faulty) {
      router.become_fault(context);
    }
    if (router.state() != before) ++moved;
    refresh_deadline(member);
  }
  settle_group(unit, to_string(routers_[unit.members.front()].state()), moved > 1, context);
}

/// Says what the group did, and tells it outside when all members have arrived in a new common state.
void VrrpStack::settle_group(const Unit& unit, std::string_view direction, bool moved_siblings,
                             const Context& context) {
  if (!unit.group) return;
  const GroupPlan& group = context.plan.groups[unit.group->value];
  if (moved_siblings) {
    context.actions.push(LogLine{
        "VRRP_Group(" + group.config->name + ") Syncing instances to " + std::string(direction) + " state", false});
  }
  const State state = routers_[unit.members.front()].state();
  const bool common = std::all_of(unit.members.begin(), unit.members.end(),
                                  [&](std::uint32_t member) { return routers_[member].state() == state; });
  std::optional<State>& told = group_states_[unit.group->value];
  if (!common || state == State::initialize || told == state) return;
  told = state;
  notify_group(*group.config, context.plan.configuration->global, notification_for(state), context.actions);
}

}  // namespace vipdrift::vrrp
