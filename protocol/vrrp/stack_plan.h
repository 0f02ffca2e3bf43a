// What a stack derives once from its configuration and host, and then only reads.
#ifndef VIPDRIFT_PROTOCOL_VRRP_STACK_PLAN_H_
#define VIPDRIFT_PROTOCOL_VRRP_STACK_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/config/configuration.h"
#include "protocol/net/mac_address.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/advertisement.h"
#include "protocol/vrrp/host_facts.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::vrrp {

/// A reference from an instance to a tracked object, with the weight that counts there.
struct TrackReference {
  enum class Kind : std::uint8_t { script, interface, file, process, quorum } kind{};
  std::uint32_t index = 0;  ///< value of a ScriptId, FileId, ProcessId, InterfaceId or VirtualServerId
  int weight = 0;
  bool reverse = false;
};

/// A virtual address with the interface it goes to.
struct PlannedAddress {
  const config::VirtualAddress* config = nullptr;
  InterfaceId interface;     ///< value 0: the host has no such interface
  MacAddress virtual_mac{};  ///< not zero: on the macvlan of this address above `interface`
  Boxed<AddressDetails> details{};
};

/// What the kernel is to be told of an address beside itself.
Boxed<AddressDetails> details_of(const config::VirtualAddress& address);

/// A macvlan that an instance with use_vmac needs.
struct PlannedMacvlan {
  InterfaceId interface;  ///< the one below; value 0: not there
  MacAddress mac;
  std::string name;

  friend bool operator==(const PlannedMacvlan&, const PlannedMacvlan&) = default;
};

/// One instance, resolved. Spans point into vectors of the same plan, which never change.
struct InstancePlan {
  InstanceId id;
  const config::VrrpInstance* config = nullptr;
  InterfaceId interface;  ///< value 0: the host has no such interface
  IpAddress group_address;
  std::optional<GroupId> sync_group;
  ReceiveRules rules;
  std::vector<std::uint8_t> wire_addresses;
  std::vector<IpAddress> advertised;      ///< virtual_ipaddress, in order
  std::vector<PlannedAddress> addresses;  ///< virtual_ipaddress, then virtual_ipaddress_excluded
  std::vector<IpAddress> peer_addresses;
  std::vector<TrackReference> tracked;
  MacAddress virtual_mac;                ///< zero without use_vmac
  MacAddress sending_mac;                ///< the same, but for vmac_xmit_base
  std::vector<PlannedMacvlan> macvlans;  ///< the instance's own first
  std::uint8_t ttl = kVrrpTtl;

  bool is_owner() const { return config->priority == 255; }
  bool is_unicast() const { return !peer_addresses.empty(); }
};

struct GroupPlan {
  const config::SyncGroup* config = nullptr;
  std::vector<std::uint32_t> members;  ///< positions of instances
};

/// Immutable after construction, shared by all copies of a stack.
struct StackPlan {
  StackPlan(std::shared_ptr<const config::Configuration> configuration, HostFacts host, Profile profile);
  StackPlan(const StackPlan&) = delete;
  StackPlan& operator=(const StackPlan&) = delete;

  static constexpr std::uint32_t kNobody = 0xffffffff;
  /// Position of the instance that answers for this VRID on this interface; kNobody when there is none.
  std::uint32_t find_instance(InterfaceId interface, Family family, std::uint8_t vrid) const {
    for (std::size_t slot = 0; slot < lookup_interfaces.size(); ++slot) {
      if (lookup_interfaces[slot] != interface) continue;
      return lookup[slot * kSlotSize + (family == Family::ipv6 ? 256U : 0U) + vrid];
    }
    return kNobody;
  }

  /// A virtual address and the position of an instance that has it.
  struct Holder {
    IpAddress address;
    std::uint32_t instance = 0;
  };
  /// All instances that have this virtual address.
  std::span<const Holder> holders_of(const IpAddress& address) const;
  /// It is virtual to an instance that does not own it: nobody advertises from it.
  bool is_virtual(const IpAddress& address) const;
  /// An instance may advertise from it, or watches it as its source (track_src_ip).
  bool may_be_source(const IpAddress& address) const;

  std::shared_ptr<const config::Configuration> configuration;
  HostFacts host;  ///< as it was when the plan was made
  Profile profile;
  std::vector<InstancePlan> instances;
  std::vector<GroupPlan> groups;
  std::vector<PlannedAddress> static_addresses;

 private:
  static constexpr std::size_t kSlotSize = 512;

  void plan_instance(std::uint32_t index);
  void plan_addresses(InstancePlan& plan);
  MacAddress plan_macvlan(InstancePlan& plan, InterfaceId interface, Family family) const;
  std::string free_macvlan_name(const std::string& wanted) const;
  void plan_tracking(InstancePlan& plan) const;
  void plan_groups();
  void plan_lookup();
  void plan_holders();

  std::vector<IpAddress> tracked_sources_;
  std::vector<Holder> holders_;  ///< by address, then instance
  std::vector<InterfaceId> lookup_interfaces;
  std::vector<std::uint32_t> lookup;  ///< per interface: 256 IPv4 VRIDs, 256 IPv6 VRIDs
};

/// The interface of that name; value 0 when the host has none.
InterfaceId find_interface(const HostFacts& host, std::string_view name);

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_STACK_PLAN_H_
