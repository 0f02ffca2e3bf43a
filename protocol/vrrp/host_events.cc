// What the host does on its own: links, interfaces, addresses, routes and rules that come and go, and refusals.
#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::vrrp {
namespace {

bool has(const std::vector<IpAddress>& list, const IpAddress& address) {
  return std::find(list.begin(), list.end(), address) != list.end();
}

template <class Value>
bool minds(const std::vector<Value>& list, const Value& removed) {
  return std::any_of(list.begin(), list.end(), [&](const Value& one) { return one == removed && !one.no_track; });
}

}  // namespace

// ---------------------------------------------------------------- interfaces

InterfaceFacts* VrrpStack::find_live(InterfaceId interface) {
  return const_cast<InterfaceFacts*>(std::as_const(*this).find_live(interface));
}

const InterfaceFacts* VrrpStack::find_live(InterfaceId interface) const {
  for (const InterfaceFacts& live : interfaces_) {
    if (live.id == interface) return &live;
  }
  return nullptr;
}

/// A change counts when it has lasted for its delay (interface_up_down_delays).
void VrrpStack::on(const LinkChanged& event, const Context& context) {
  const InterfaceFacts* live = find_live(event.interface);
  if (live == nullptr) return;
  std::erase_if(settling_, [&](const LinkChange& change) { return change.interface == event.interface; });
  const Duration delay = live->up == event.up ? Duration{0} : link_delay(*live, event.up);
  if (delay > Duration{0} && phase_ == Phase::running) {
    settling_.push_back({event.interface, event.up, context.now + delay});
    refresh_chores();
  } else {
    set_link(event.interface, event.up, context);
  }
}

/// keepalived's limit: a Backup must not fall out with a Master whose link bounces.
Duration VrrpStack::link_delay(const InterfaceFacts& interface, bool up) const {
  Duration delay{0};
  for (const config::InterfaceDelays& delays : plan_->configuration->interface_delays) {
    if (delays.interface == interface.name) delay = up ? delays.up : delays.down;
  }
  for (const VirtualRouter& router : routers_) {
    if (router.plan().interface != interface.id) continue;
    delay = std::min(delay, router.master_interval() * (router.plan().config->down_timer_adverts - 1));
  }
  return delay;
}

void VrrpStack::set_link(InterfaceId interface, bool up, const Context& context) {
  InterfaceFacts* live = find_live(interface);
  if (live == nullptr || live->up == up) return;
  live->up = up;
  if (phase_ != Phase::running) return;
  context.actions.push(LogLine{"Netlink reports " + live->name + (up ? " up" : " down"), false});
  if (up) add_statics(context);  // the kernel has removed their routes with the link
  host_has_changed(context);
}

void VrrpStack::settle_links(const Context& context) {
  std::vector<LinkChange> due;
  std::erase_if(settling_, [&](const LinkChange& change) {
    if (change.at > context.now) return false;
    due.push_back(change);
    return true;
  });
  for (const LinkChange& change : due) set_link(change.interface, change.up, context);
}

void VrrpStack::on(const InterfaceAppeared& event, const Context& context) {
  InterfaceFacts* live = find_live(event.facts.id);
  if (live != nullptr && *live == event.facts) return;
  if (live == nullptr) {
    interfaces_.push_back(event.facts);
    if (phase_ == Phase::running) context.actions.push(LogLine{"Interface " + event.facts.name + " added", false});
  } else {
    if (live->name != event.facts.name) {
      context.actions.push(LogLine{"Interface " + live->name + " is " + event.facts.name + " now", false});
    }
    *live = event.facts;
  }
  resolve_interfaces(context);
}

void VrrpStack::on(const InterfaceVanished& event, const Context& context) {
  const InterfaceFacts* live = find_live(event.interface);
  if (live == nullptr) return;
  context.actions.push(LogLine{"Interface " + live->name + " deleted", false});
  std::erase_if(settling_, [&](const LinkChange& change) { return change.interface == event.interface; });
  std::erase_if(interfaces_, [&](const InterfaceFacts& known) { return known.id == event.interface; });
  resolve_interfaces(context);
}

/// Instances name their interfaces: a plan is made anew for the interfaces that are there now.
void VrrpStack::resolve_interfaces(const Context& context) {
  const std::shared_ptr<const StackPlan> old_plan = plan_;  // the context refers to it
  plan_ = std::make_shared<const StackPlan>(old_plan->configuration,
                                            HostFacts{interfaces_, old_plan->host.detailed_log}, old_plan->profile);
  const Context renewed{context.now, *plan_, context.actions};
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    routers_[i].rebind(plan_->instances[i], plan_->profile);
    if (phase_ != Phase::running) continue;
    if (plan_->instances[i].macvlans != old_plan->instances[i].macvlans) routers_[i].make_macvlans(renewed);
  }
  if (phase_ != Phase::running) return;
  add_statics(renewed);
  host_has_changed(renewed);
}

void VrrpStack::host_has_changed(const Context& context) {
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    refresh_facts(i);
    refresh_contribution(i, context);
  }
  evaluate_all(context);
  refresh_chores();
}

// ---------------------------------------------------------------- addresses, routes, rules

void VrrpStack::on(const AddressChanged& event, const Context& context) {
  InterfaceFacts* live = find_live(event.interface);
  if (live == nullptr || has(live->addresses, event.address) == event.present) return;
  if (event.present) {
    live->addresses.push_back(event.address);
  } else {
    std::erase(live->addresses, event.address);
    std::erase(live->leased, event.address);
  }
  if (phase_ != Phase::running) return;
  if (!event.present) notice_loss(event, live->name, context);
  // The stack's own addresses come and go by the thousand, and are no source for anybody.
  const bool may_be_source = context.plan.may_be_source(event.address);
  for (std::uint32_t i = 0; may_be_source && i < routers_.size(); ++i) {
    const InstancePlan& plan = routers_[i].plan();
    if (plan.interface == event.interface || plan.config->track_source) refresh_facts(i);
  }
  if (!event.present) mind_statics(event.address, context);
  if (may_be_source) evaluate_all(context);
  refresh_chores();
}

void VrrpStack::notice_loss(const AddressChanged& event, const std::string& interface, const Context& context) {
  for (const StackPlan::Holder& holder : context.plan.holders_of(event.address)) {
    const VirtualRouter& router = routers_[holder.instance];
    const auto& addresses = router.plan().addresses;
    const bool lost = router.state() == State::master &&
                      std::any_of(addresses.begin(), addresses.end(), [&](const PlannedAddress& planned) {
                        return planned.interface == event.interface && planned.config->address == event.address &&
                               !planned.config->no_track;
                      });
    if (!lost) continue;
    lose_possession(holder.instance,
                    "Netlink reflector reports IP " + event.address.to_string() + " removed from " + interface,
                    context);
  }
}

void VrrpStack::on(const RouteRemoved& event, const Context& context) {
  if (phase_ != Phase::running) return;
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    if (minds(routers_[i].plan().config->virtual_routes, event.route)) {
      lose_possession(i, "Netlink reports route " + config::to_string(event.route) + " removed", context);
    }
  }
  mind_group(event.route.track_group, "route " + config::to_string(event.route), context);
  evaluate_all(context);
}

void VrrpStack::on(const RuleRemoved& event, const Context& context) {
  if (phase_ != Phase::running) return;
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    if (minds(routers_[i].plan().config->virtual_rules, event.rule)) {
      lose_possession(i, "Netlink reports rule " + config::to_string(event.rule) + " removed", context);
    }
  }
  mind_group(event.rule.track_group, "rule " + config::to_string(event.rule), context);
  evaluate_all(context);
}

void VrrpStack::on(const VirtualMacRemoved& event, const Context& context) {
  if (phase_ != Phase::running) return;
  for (std::uint32_t i = 0; i < routers_.size(); ++i) {
    for (const PlannedMacvlan& macvlan : routers_[i].plan().macvlans) {
      if (macvlan.interface != event.interface || macvlan.mac != event.mac) continue;
      routers_[i].make_macvlans(context);
      lose_possession(i, "Interface " + macvlan.name + " deleted", context);
      break;
    }
  }
  evaluate_all(context);
}

/// The instance leaves MASTER for a moment, and its group with it. Who slept until the kernel took the addresses waits
/// as long as anybody: there may be another Master.
void VrrpStack::lose_possession(std::uint32_t index, std::string_view what, const Context& context) {
  if (routers_[index].state() != State::master) return;
  if (routers_[index].lease_is_over(context.now)) {
    routers_[index].lose_lease(context);
  } else {
    routers_[index].lose_possession(what, context);
  }
  yield_mastership(index, context);  // the siblings; this one has left already
}

void VrrpStack::mind_statics(const IpAddress& address, const Context& context) {
  for (const config::VirtualAddress& known : plan_->configuration->static_addresses) {
    if (known.address == address) mind_group(known.track_group, "static address " + address.to_string(), context);
  }
}

void VrrpStack::mind_group(const std::string& name, const std::string& what, const Context& context) {
  if (name.empty()) return;
  for (const config::StaticTrackGroup& group : plan_->configuration->static_track_groups) {
    if (group.name != name) continue;
    for (std::uint32_t i = 0; i < routers_.size(); ++i) {
      const std::string& instance = routers_[i].plan().config->name;
      const bool member = std::find(group.members.begin(), group.members.end(), instance) != group.members.end();
      if (member) lose_possession(i, what + " was removed", context);
    }
  }
}

/// Addresses, routes and rules that do not move: there while the daemon runs.
void VrrpStack::add_statics(const Context& context) const {
  for (const PlannedAddress& planned : context.plan.static_addresses) {
    if (planned.interface.value != 0) context.actions.push(request_for(planned, std::nullopt));
  }
  const config::Configuration& configuration = *context.plan.configuration;
  for (const config::Route& route : configuration.static_routes) context.actions.push(AddRoute{std::nullopt, route});
  for (const config::Rule& rule : configuration.static_rules) context.actions.push(AddRule{std::nullopt, rule});
}

/// Those of `old` that `kept` does not have; null: all.
void VrrpStack::remove_statics(const StackPlan& old, const config::Configuration* kept, const Context& context) const {
  const auto stays = [](const auto& list, const auto& value) {
    return std::find(list.begin(), list.end(), value) != list.end();
  };
  for (const config::Rule& rule : old.configuration->static_rules) {
    if (kept == nullptr || !stays(kept->static_rules, rule)) context.actions.push(RemoveRule{std::nullopt, rule});
  }
  for (const config::Route& route : old.configuration->static_routes) {
    if (kept == nullptr || !stays(kept->static_routes, route)) context.actions.push(RemoveRoute{std::nullopt, route});
  }
  for (const PlannedAddress& planned : old.static_addresses) {
    if (planned.interface.value == 0 || (kept != nullptr && stays(kept->static_addresses, *planned.config))) continue;
    context.actions.push(
        RemoveAddress{std::nullopt, planned.interface, planned.config->address, planned.config->prefix_length, {}});
  }
}

// ---------------------------------------------------------------- what instances need of the host

void VrrpStack::refresh_facts(std::uint32_t router) {
  VirtualRouter& self = routers_[router];
  const InstancePlan& plan = self.plan();
  const InterfaceFacts* live = find_live(plan.interface);
  self.set_interface_down(live == nullptr || (!live->up && !plan.config->dont_track_primary));
  self.set_source(choose_source(plan));
}

/// The configured source, else the interface's first address of the family that is not a virtual one; for IPv6
/// a link-local one (RFC 9568, 5.1.2.1).
IpAddress VrrpStack::choose_source(const InstancePlan& plan) const {
  if (plan.config->source) {
    const bool there = std::any_of(interfaces_.begin(), interfaces_.end(), [&](const InterfaceFacts& live) {
      return has(live.addresses, *plan.config->source);
    });
    return plan.config->track_source && !there ? IpAddress{} : *plan.config->source;
  }
  const InterfaceFacts* live = find_live(plan.interface);
  if (live == nullptr) return {};
  for (const IpAddress& address : live->addresses) {
    if (address.family() != plan.config->family) continue;
    if (address.family() == Family::ipv6 && !address.is_link_local()) continue;
    if (!plan_->is_virtual(address)) return address;
  }
  return {};
}

/// Whether a predecessor that died a moment ago has left all addresses of an instance, and they may be kept.
bool VrrpStack::may_adopt(std::uint32_t router) const {
  const InstancePlan& plan = routers_[router].plan();
  if (!plan_->profile.adopts_leased_addresses || plan.addresses.empty()) return false;
  return std::all_of(plan.addresses.begin(), plan.addresses.end(), [&](const PlannedAddress& planned) {
    const InterfaceFacts* live = find_live(planned.interface);
    return live != nullptr && has(live->leased, planned.config->address);
  });
}

// ---------------------------------------------------------------- refusals

void VrrpStack::on(const ActionFailed& event, const Context& context) {
  if (phase_ != Phase::running || (event.instance && event.instance->value >= routers_.size())) return;
  Duration patience = std::chrono::seconds{1};
  if (event.instance) patience += routers_[event.instance->value].plan().config->advert_int;
  if (failures_.note(event, patience, context.now)) {
    const std::string why = std::generic_category().message(event.error);
    const bool again = is_asked_for_again(event.what);
    context.actions.push(
        LogLine{about(event) + what_failed(event) + " failed: " + why + (again ? "; trying again" : ""), false});
  }
  if (event.instance && event.what == ActionFailed::What::add_virtual_mac) {
    routers_[event.instance->value].set_macvlan_missing(true);
    evaluate_all(context);
  }
  refresh_chores();
}

std::string VrrpStack::about(const ActionFailed& event) const {
  return event.instance ? "(" + routers_[event.instance->value].plan().config->name + ") " : std::string{};
}

void VrrpStack::run_failures(const Context& context) {
  bool recovered = false;
  failures_.advance(
      context.now,
      [&](std::optional<InstanceId> instance) {
        if (!instance) return add_statics(context);
        routers_[instance->value].repeat_requests(context);
        refresh_deadline(instance->value);
      },
      [&](const ActionFailed& failure) {
        if (failure.what == ActionFailed::What::add_virtual_mac && failure.instance) {
          routers_[failure.instance->value].set_macvlan_missing(false);
          recovered = true;
        }
        const bool master = !failure.instance || routers_[failure.instance->value].state() == State::master;
        if (master) context.actions.push(LogLine{about(failure) + what_failed(failure) + " works again", false});
      });
  if (recovered) evaluate_all(context);
}

}  // namespace vipdrift::vrrp
