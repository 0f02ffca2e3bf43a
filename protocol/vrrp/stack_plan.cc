#include "protocol/vrrp/stack_plan.h"

#include <algorithm>
#include <array>
#include <utility>

namespace vipdrift::vrrp {
namespace {

template <class Object>
std::optional<std::uint32_t> position_of(const std::vector<Object>& objects, std::string_view name) {
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (objects[i].name == name) return static_cast<std::uint32_t>(i);
  }
  return std::nullopt;
}

/// Adds references for `wanted`. In a sync group weighted trackers would pull one member away from the others,
/// so keepalived leaves them out unless `weights_count`.
template <class Objects, class MakeReference>
void add_references(const std::vector<config::Tracked>& wanted, const Objects& objects, bool weights_count,
                    std::vector<TrackReference>& out, MakeReference make) {
  for (const config::Tracked& tracked : wanted) {
    const std::optional<std::uint32_t> position = position_of(objects, tracked.name);
    if (!position) continue;  // the parser has refused names that do not exist
    std::optional<TrackReference> reference = make(objects[*position], *position);
    if (!reference) continue;
    if (tracked.weight) {
      reference->weight = *tracked.weight;
      reference->reverse = tracked.reverse;
    } else if (tracked.reverse) {
      reference->reverse = true;
    }
    if (reference->weight != 0 && !weights_count) continue;
    out.push_back(*reference);
  }
}

template <class Owner>  // VrrpInstance or SyncGroup: both have the four lists
void add_all_references(const Owner& owner, const config::Configuration& configuration, const HostFacts& host,
                        bool weights_count, std::vector<TrackReference>& out) {
  using Kind = TrackReference::Kind;
  add_references(owner.track_scripts, configuration.scripts, weights_count, out,
                 [](const config::VrrpScript& script, std::uint32_t position) -> std::optional<TrackReference> {
                   if (script.disabled) return std::nullopt;
                   return TrackReference{Kind::script, position, script.weight, script.reverse};
                 });
  add_references(owner.track_interfaces, host.interfaces, weights_count, out,
                 [](const InterfaceFacts& interface, std::uint32_t) -> std::optional<TrackReference> {
                   return TrackReference{Kind::interface, interface.id.value, 0, false};
                 });
  for (const config::Tracked& tracked : owner.track_interfaces) {
    const bool missing = find_interface(host, tracked.name).value == 0;
    const int weight = tracked.weight.value_or(0);
    // Interface 0 is never up: a tracked interface that the host lacks counts as down.
    if (missing && (weight == 0 || weights_count)) out.push_back({Kind::interface, 0, weight, tracked.reverse});
  }
  add_references(owner.track_files, configuration.track_files, weights_count, out,
                 [](const config::TrackFile& file, std::uint32_t position) -> std::optional<TrackReference> {
                   return TrackReference{Kind::file, position, file.weight, file.reverse};
                 });
  add_references(owner.track_processes, configuration.track_processes, weights_count, out,
                 [](const config::TrackProcess& process, std::uint32_t position) -> std::optional<TrackReference> {
                   return TrackReference{Kind::process, position, process.weight, process.reverse};
                 });
}

/// `brd +`: all host bits set.
std::optional<IpAddress> broadcast_of(const config::VirtualAddress& address) {
  if (!address.broadcast_from_prefix || address.address.family() == Family::ipv6) return address.broadcast;
  std::array<std::uint8_t, 4> bytes{};
  std::copy_n(address.address.bytes().begin(), bytes.size(), bytes.begin());
  for (std::size_t bit = address.prefix_length; bit < 32; ++bit) {
    bytes[bit / 8] = static_cast<std::uint8_t>(bytes[bit / 8] | (0x80U >> (bit % 8)));
  }
  return IpAddress::from_bytes(Family::ipv4, bytes);
}

/// An IPv6 /128 is deprecated unless the configuration says otherwise: it shall not become a source address.
std::optional<Duration> preferred_lifetime_of(const config::VirtualAddress& address) {
  if (address.preferred_lifetime) return address.preferred_lifetime;
  if (address.address.family() == Family::ipv6 && address.prefix_length == 128) return Duration{0};
  return std::nullopt;
}

}  // namespace

Boxed<AddressDetails> details_of(const config::VirtualAddress& address) {
  AddressDetails details{.label = address.label,
                         .broadcast = broadcast_of(address),
                         .scope = address.scope,
                         .peer = address.peer,
                         .preferred_lifetime = preferred_lifetime_of(address),
                         .options = address.options};
  if (details == AddressDetails{}) return {};
  return details;
}

InterfaceId find_interface(const HostFacts& host, std::string_view name) {
  for (const InterfaceFacts& interface : host.interfaces) {
    if (interface.name == name) return interface.id;
  }
  return {};
}

StackPlan::StackPlan(std::shared_ptr<const config::Configuration> new_configuration, HostFacts host_facts,
                     Profile daemon_profile)
    : configuration(std::move(new_configuration)),
      host(std::move(host_facts)),
      profile(daemon_profile),
      instances(configuration->instances.size()) {
  for (std::uint32_t i = 0; i < instances.size(); ++i) plan_instance(i);
  for (const config::VirtualAddress& address : configuration->static_addresses) {
    static_addresses.push_back({&address, find_interface(host, address.device), {}, details_of(address)});
  }
  plan_groups();
  for (InstancePlan& plan : instances) plan_tracking(plan);
  plan_lookup();
  plan_holders();
}

void StackPlan::plan_holders() {
  for (const InstancePlan& plan : instances) {
    if (plan.config->track_source && plan.config->source) tracked_sources_.push_back(*plan.config->source);
    for (const PlannedAddress& planned : plan.addresses) holders_.push_back({planned.config->address, plan.id.value});
  }
  std::sort(holders_.begin(), holders_.end(), [](const Holder& a, const Holder& b) {
    return a.address != b.address ? a.address < b.address : a.instance < b.instance;
  });
}

std::span<const StackPlan::Holder> StackPlan::holders_of(const IpAddress& address) const {
  const auto first = std::partition_point(holders_.begin(), holders_.end(),
                                          [&](const Holder& holder) { return holder.address < address; });
  const auto last =
      std::find_if(first, holders_.end(), [&](const Holder& holder) { return holder.address != address; });
  return {first, last};
}

bool StackPlan::may_be_source(const IpAddress& address) const {
  return !is_virtual(address) ||
         std::find(tracked_sources_.begin(), tracked_sources_.end(), address) != tracked_sources_.end();
}

bool StackPlan::is_virtual(const IpAddress& address) const {
  const std::span<const Holder> holders = holders_of(address);
  return std::any_of(holders.begin(), holders.end(),
                     [this](const Holder& holder) { return !instances[holder.instance].is_owner(); });
}

void StackPlan::plan_instance(std::uint32_t index) {
  const config::VrrpInstance& instance = configuration->instances[index];
  InstancePlan& plan = instances[index];
  plan.id = {index};
  plan.config = &instance;
  plan.interface = find_interface(host, instance.interface);
  plan.group_address =
      instance.multicast_group.value_or(instance.family == Family::ipv4 ? configuration->global.vrrp_mcast_group4
                                                                        : configuration->global.vrrp_mcast_group6);
  for (const config::VirtualAddress& address : instance.virtual_addresses) {
    plan.advertised.push_back(address.address);
    const auto bytes = address.address.bytes();
    plan.wire_addresses.insert(plan.wire_addresses.end(), bytes.begin(), bytes.end());
  }
  std::uint8_t min_ttl = 255;
  std::uint8_t max_ttl = 0;
  for (const config::UnicastPeer& peer : instance.unicast_peers) {
    plan.peer_addresses.push_back(peer.address);
    min_ttl = std::min(min_ttl, peer.min_ttl);
    max_ttl = std::max(max_ttl, peer.max_ttl);
  }
  plan_addresses(plan);
  if (plan.is_unicast()) plan.ttl = instance.unicast_ttl.value_or(kVrrpTtl);
  plan.rules.version = instance.version;
  plan.rules.family = instance.family;
  plan.rules.auth_type = instance.auth_type;
  plan.rules.password = make_password(instance.auth_pass);
  plan.rules.interval = instance.advert_int;
  plan.rules.unicast = plan.is_unicast();
  plan.rules.check_unicast_source = instance.check_unicast_source;
  plan.rules.min_ttl = plan.is_unicast() ? min_ttl : std::uint8_t{255};
  plan.rules.max_ttl = plan.is_unicast() ? max_ttl : std::uint8_t{255};
  plan.rules.peers = plan.peer_addresses;
  plan.rules.addresses = plan.wire_addresses;
  const bool begins_link_local = !plan.advertised.empty() && plan.advertised.front().is_link_local();
  plan.rules.address_list_must_match = profile.refuses_other_addresses;
  plan.rules.interval_must_be_positive = profile.refuses_interval_zero;
  plan.rules.first_must_be_link_local = profile.refuses_global_first_address && begins_link_local;
  plan.rules.ipv4_checksum = instance.v3_checksum_as_v2 ? Ipv4Checksum::message_only : Ipv4Checksum::with_pseudo_header;
  plan.rules.both_checksums = profile.understands_both_checksums;
  prepare(plan.rules);
}

/// Without `dev` an address goes to the instance's macvlan, if it has one; with it, to that interface itself unless a
/// macvlan is wanted there too.
void StackPlan::plan_addresses(InstancePlan& plan) {
  const config::VrrpInstance& instance = *plan.config;
  if (instance.use_vmac) {
    plan.virtual_mac = plan_macvlan(plan, plan.interface, instance.family);
    if (!instance.vmac_xmit_base) plan.sending_mac = plan.virtual_mac;
  }
  for (const auto* list : {&instance.virtual_addresses, &instance.excluded_addresses}) {
    for (const config::VirtualAddress& address : *list) {
      PlannedAddress planned{&address, plan.interface, {}, details_of(address)};
      if (!address.device.empty()) planned.interface = find_interface(host, address.device);
      const bool elsewhere = planned.interface != plan.interface || address.address.family() != instance.family;
      if (address.use_vmac || (elsewhere && instance.use_vmac_addr)) {
        planned.virtual_mac = plan_macvlan(plan, planned.interface, address.address.family());
      } else if (address.device.empty()) {
        planned.virtual_mac = plan.virtual_mac;
      }
      plan.addresses.push_back(planned);
    }
  }
}

MacAddress StackPlan::plan_macvlan(InstancePlan& plan, InterfaceId interface, Family family) const {
  const config::VrrpInstance& instance = *plan.config;
  const config::GlobalDefs& global = configuration->global;
  const bool own = interface == plan.interface && family == instance.family;
  const MacAddress mac =
      own && instance.vmac_address ? *instance.vmac_address : virtual_router_mac(family, instance.virtual_router_id);
  const bool there = std::any_of(plan.macvlans.begin(), plan.macvlans.end(), [&](const PlannedMacvlan& known) {
    return known.interface == interface && known.mac == mac;
  });
  if (there) return mac;
  const std::string& prefix = own || global.vmac_addr_prefix.empty() ? global.vmac_prefix : global.vmac_addr_prefix;
  const std::string usual = prefix + (family == Family::ipv6 ? "6." : ".") + std::to_string(instance.virtual_router_id);
  std::string name = own && !instance.vmac_name.empty() ? instance.vmac_name : free_macvlan_name(usual);
  plan.macvlans.push_back({interface, mac, std::move(name)});
  return mac;
}

/// The same VRID on another interface gets ".1" behind the name, and so on.
std::string StackPlan::free_macvlan_name(const std::string& wanted) const {
  const auto taken = [this](const std::string& name) {
    return std::any_of(instances.begin(), instances.end(), [&](const InstancePlan& plan) {
      return std::any_of(plan.macvlans.begin(), plan.macvlans.end(),
                         [&](const PlannedMacvlan& known) { return known.name == name; });
    });
  };
  std::string name = wanted;
  for (int number = 1; taken(name); ++number) name = wanted + "." + std::to_string(number);
  return name;
}

void StackPlan::plan_groups() {
  for (std::uint32_t g = 0; g < configuration->sync_groups.size(); ++g) {
    const config::SyncGroup& group = configuration->sync_groups[g];
    GroupPlan plan{.config = &group, .members = {}};
    for (const std::string& member : group.members) {
      const std::optional<std::uint32_t> position = position_of(configuration->instances, member);
      if (!position) continue;
      plan.members.push_back(*position);
      instances[*position].sync_group = GroupId{g};
    }
    groups.push_back(std::move(plan));
  }
}

void StackPlan::plan_tracking(InstancePlan& plan) const {
  const config::SyncGroup* group = plan.sync_group ? groups[plan.sync_group->value].config : nullptr;
  const bool weights_count = group == nullptr || group->sync_group_tracking_weight;
  add_all_references(*plan.config, *configuration, host, weights_count, plan.tracked);
  if (group != nullptr) add_all_references(*group, *configuration, host, weights_count, plan.tracked);
  for (const config::TrackedQuorum& tracked : *plan.config->track_quorums) {
    if (tracked.weight != 0 && !weights_count) continue;
    plan.tracked.push_back({TrackReference::Kind::quorum, tracked.server.value, tracked.weight, tracked.reverse});
  }
}

void StackPlan::plan_lookup() {
  for (const InstancePlan& plan : instances) {
    if (plan.interface.value == 0) continue;
    auto slot = std::find(lookup_interfaces.begin(), lookup_interfaces.end(), plan.interface);
    if (slot == lookup_interfaces.end()) {
      lookup_interfaces.push_back(plan.interface);
      lookup.resize(lookup_interfaces.size() * kSlotSize, kNobody);
      slot = lookup_interfaces.end() - 1;
    }
    const auto base = static_cast<std::size_t>(slot - lookup_interfaces.begin()) * kSlotSize;
    const std::size_t family = plan.config->family == Family::ipv6 ? 256 : 0;
    lookup[base + family + plan.config->virtual_router_id] = plan.id.value;
  }
}

}  // namespace vipdrift::vrrp
