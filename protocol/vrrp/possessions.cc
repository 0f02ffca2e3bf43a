// What a virtual router has in the kernel while it is Master: addresses with their lease, routes and rules; and its
// macvlans, which it has in every state.
#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "protocol/vrrp/virtual_router.h"

namespace vipdrift::vrrp {
namespace {

bool same_address(const PlannedAddress& a, const PlannedAddress& b) {
  return a.interface == b.interface && a.virtual_mac == b.virtual_mac && a.config->address == b.config->address &&
         a.config->prefix_length == b.config->prefix_length;
}

bool holds(const std::vector<PlannedAddress>& list, const PlannedAddress& wanted) {
  return std::any_of(list.begin(), list.end(), [&](const PlannedAddress& one) { return same_address(one, wanted); });
}

template <class Value>
bool holds(const std::vector<Value>& list, const Value& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

}  // namespace

AddAddress request_for(const PlannedAddress& planned, std::optional<InstanceId> instance) {
  AddAddress add{};
  add.instance = instance;
  add.interface = planned.interface;
  add.address = planned.config->address;
  add.prefix_length = planned.config->prefix_length;
  add.virtual_mac = planned.virtual_mac;
  add.details = planned.details;
  return add;
}

void VirtualRouter::add_possessions(const Context& context) const {
  add_addresses(context);
  for (const config::Route& route : plan_->config->virtual_routes) context.actions.push(AddRoute{plan_->id, route});
  for (const config::Rule& rule : plan_->config->virtual_rules) context.actions.push(AddRule{plan_->id, rule});
}

void VirtualRouter::remove_possessions(const Context& context) const {
  for (const config::Rule& rule : plan_->config->virtual_rules) context.actions.push(RemoveRule{plan_->id, rule});
  for (const config::Route& route : plan_->config->virtual_routes) context.actions.push(RemoveRoute{plan_->id, route});
  for (const PlannedAddress& planned : plan_->addresses) remove_address(planned, context);
}

void VirtualRouter::add_addresses(const Context& context) const {
  const Duration lifetime = profile_->address_leases ? lease() : Duration{0};
  const bool refuse_packets = !plan_->config->accept && !plan_->is_owner();  // RFC 9568, 6.1: Accept_Mode
  for (const PlannedAddress& planned : plan_->addresses) {
    if (planned.interface.value == 0) continue;
    AddAddress add = request_for(planned, plan_->id);
    add.lifetime = lifetime;
    add.refuse_packets = refuse_packets;
    context.actions.push(std::move(add));
  }
}

void VirtualRouter::remove_address(const PlannedAddress& planned, const Context& context) const {
  if (planned.interface.value == 0) return;  // gone with its interface
  context.actions.push(RemoveAddress{plan_->id, planned.interface, planned.config->address,
                                     planned.config->prefix_length, planned.virtual_mac});
}

void VirtualRouter::repeat_requests(const Context& context) {
  if (faults_.no_macvlan) make_macvlans(context);
  if (Master* master = std::get_if<Master>(&state_)) {
    add_possessions(context);
    begin_lease(*master, context);
  } else if (state() == State::backup || state() == State::fault) {
    const Backup* backup = std::get_if<Backup>(&state_);
    if (backup == nullptr || !backup->holds_leftovers) remove_possessions(context);
  }
}

void VirtualRouter::make_macvlans(const Context& context) const {
  for (const PlannedMacvlan& macvlan : plan_->macvlans) {
    if (macvlan.interface.value == 0) continue;
    context.actions.push(AddVirtualMac{plan_->id, macvlan.interface, macvlan.mac, macvlan.name});
  }
}

void VirtualRouter::remove_leftovers(const Context& context) { remove_possessions(context); }

void VirtualRouter::release_leftovers(Backup& backup, const Context& context) {
  backup.holds_leftovers = false;
  backup.master_down = std::max(backup.master_down, context.now + master_down_interval_);
  remove_possessions(context);
}

// ---------------------------------------------------------------- leases

/// Kernel lifetimes are whole seconds; the lease must outlive a master-down interval.
Duration VirtualRouter::lease() const {
  return std::chrono::ceil<std::chrono::seconds>(std::max(master_down_interval_, Duration{std::chrono::seconds{2}}));
}

void VirtualRouter::begin_lease(Master& master, const Context& context) const {
  if (!profile_->address_leases) return;
  master.lease_renewal = context.now + lease() / 2;
  master.lease_end = context.now + lease();
}

// ---------------------------------------------------------------- another plan

void VirtualRouter::rebind(const InstancePlan& plan, const Profile& profile) {
  plan_ = &plan;
  profile_ = &profile;
  message_priority_ = -1;
  forget_last();
}

void VirtualRouter::drop_surplus(const VirtualRouter& old, const Context& context) const {
  for (const PlannedMacvlan& macvlan : old.plan_->macvlans) {
    if (macvlan.interface.value == 0 || holds(plan_->macvlans, macvlan)) continue;
    context.actions.push(RemoveVirtualMac{plan_->id, macvlan.interface, macvlan.mac, macvlan.name});
  }
  if (old.state() != State::master) return;
  const config::VrrpInstance& before = *old.plan_->config;
  for (const config::Rule& rule : before.virtual_rules) {
    if (!holds(plan_->config->virtual_rules, rule)) context.actions.push(RemoveRule{plan_->id, rule});
  }
  for (const config::Route& route : before.virtual_routes) {
    if (!holds(plan_->config->virtual_routes, route)) context.actions.push(RemoveRoute{plan_->id, route});
  }
  for (const PlannedAddress& address : old.plan_->addresses) {
    if (!holds(plan_->addresses, address)) remove_address(address, context);
  }
}

void VirtualRouter::inherit(const VirtualRouter& old, const Context& context) {
  faults_ = old.faults_;
  source_ = old.source_;
  master_address_ = old.master_address_;
  master_priority_ = old.master_priority_;
  last_notified_ = old.last_notified_;
  statistics_ = old.statistics_;
  for (const PlannedMacvlan& macvlan : plan_->macvlans) {
    if (macvlan.interface.value == 0 || holds(old.plan_->macvlans, macvlan)) continue;
    context.actions.push(AddVirtualMac{plan_->id, macvlan.interface, macvlan.mac, macvlan.name});
  }
  if (old.state() == State::fault) {
    state_ = Fault{};
  } else if (const Backup* backup = std::get_if<Backup>(&old.state_)) {
    state_ = Backup{context.now + master_down_interval_, master_down_interval_, std::nullopt, backup->holds_leftovers};
  } else if (old.state() == State::master) {
    inherit_mastership(old, context);
  }
}

void VirtualRouter::inherit_mastership(const VirtualRouter& old, const Context& context) {
  Master& master = state_.emplace<Master>();
  const std::vector<PlannedAddress>& before = old.plan_->addresses;
  send_advertisement(effective_priority_, context);
  master.next_advertisement = context.now + plan_->config->advert_int;
  const bool has_new = std::any_of(plan_->addresses.begin(), plan_->addresses.end(),
                                   [&](const PlannedAddress& address) { return !holds(before, address); });
  if (has_new || profile_->address_leases) add_addresses(context);
  for (const config::Route& route : plan_->config->virtual_routes) {
    if (!holds(old.plan_->config->virtual_routes, route)) context.actions.push(AddRoute{plan_->id, route});
  }
  for (const config::Rule& rule : plan_->config->virtual_rules) {
    if (!holds(old.plan_->config->virtual_rules, rule)) context.actions.push(AddRule{plan_->id, rule});
  }
  begin_lease(master, context);
  if (has_new) master.announcer.announce_now(context.now, *plan_, *profile_, context.actions);
  wants_master_ = true;
}

}  // namespace vipdrift::vrrp
