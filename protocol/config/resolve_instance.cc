#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "protocol/config/resolve.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::uint8_t kOwnerPriority = 255;
constexpr Duration kCentisecond = milliseconds{10};
constexpr Duration kLongestV3Interval = milliseconds{40950};

/// Completes one instance. The order of the steps is keepalived's: each sees what the ones before corrected.
class InstanceResolver {
 public:
  InstanceResolver(Model& model, std::size_t index)
      : model_{model}, instance_{model.configuration.instances[index]}, draft_{model.instances[index]} {}

  void run() {
    require_identity();
    choose_family_and_version();
    choose_priority();
    apply_strictness();
    judge_first_address();
    settle_authentication();
    settle_interval();
    settle_preemption();
    settle_announcements();
    settle_unicast();
    settle_alerts();
    settle_macvlan();
    check_interfaces();
  }

 private:
  const GlobalDefs& global() const { return model_.configuration.global; }
  std::string name() const { return in_quotes(instance_.name); }
  Spot spot(Mark mark) const { return draft_.has(mark) ? draft_.mark(mark) : draft_.spot; }
  void warn(RuleId rule, Mark mark, std::string message) {
    model_.report.warning(rule, spot(mark), std::move(message));
  }

  void require_identity() {
    if (instance_.virtual_router_id == 0) {
      model_.report.error(RuleId::missing_keyword, draft_.spot,
                          "vrrp_instance " + name() + " has no 'virtual_router_id'",
                          "a line 'virtual_router_id NUMBER' in the block");
    }
    if (instance_.interface.empty() && instance_.unicast_peers.empty()) {
      model_.report.error(RuleId::missing_keyword, draft_.spot, "vrrp_instance " + name() + " has no 'interface'",
                          "a line 'interface NAME' in the block");
    }
  }

  void choose_family_and_version() {
    instance_.family = draft_.family.value_or(Family::ipv4);
    instance_.strict = draft_.has(Mark::strict_mode) ? instance_.strict : global().vrrp_strict;
    if (instance_.virtual_addresses.empty()) {
      if (instance_.strict) {
        model_.report.error(RuleId::no_addresses, draft_.spot,
                            "vrrp_instance " + name() + " has no virtual address, which vrrp_strict demands");
      } else if (!draft_.no_virtual_address) {
        warn(RuleId::no_addresses, Mark::virtual_ipaddress, "vrrp_instance " + name() + " has no virtual address");
      }
    }
    if (!draft_.has(Mark::version)) instance_.version = global().vrrp_version;
    if (instance_.family == Family::ipv4) return;
    if (draft_.has(Mark::version) && instance_.version == vrrp::Version::v2) {
      warn(RuleId::value_changed, Mark::version, "version 2 has no IPv6: keepalived runs version 3");
    }
    instance_.version = vrrp::Version::v3;
  }

  void choose_priority() {
    if (draft_.has(Mark::priority)) return;
    const bool master = instance_.state == WantedState::master;
    instance_.priority = master ? kOwnerPriority : std::uint8_t{100};
    if (master) {
      warn(RuleId::master_without_priority, Mark::state,
           "state MASTER without 'priority' makes this director the owner of the addresses: priority 255");
    }
  }

  bool wants_master() const {
    if (instance_.state) return *instance_.state == WantedState::master;
    return instance_.priority == kOwnerPriority;
  }

  /// The virtual router's link-local address comes first (RFC 9568, 5.2.9).
  void judge_first_address() {
    if (instance_.family == Family::ipv4 || draft_.addresses.empty() || instance_.virtual_addresses.empty()) return;
    if (instance_.virtual_addresses.front().address.is_link_local()) return;
    if (instance_.strict) {
      model_.report.error(RuleId::link_local_first, draft_.addresses.front(),
                          "vrrp_strict: the first IPv6 address must be link-local", "an address in fe80::/10");
    } else {
      model_.report.warning(RuleId::link_local_first, draft_.addresses.front(),
                            "the first IPv6 address should be link-local, in fe80::/10");
    }
  }

  void apply_strictness() {
    if (!instance_.strict) {
      if (!draft_.has(Mark::lower_prio_no_advert)) instance_.lower_prio_no_advert = global().vrrp_lower_prio_no_advert;
      if (!draft_.has(Mark::higher_prio_send_advert)) {
        instance_.higher_prio_send_advert = global().vrrp_higher_prio_send_advert;
      }
      return;
    }
    const bool owner = instance_.priority == kOwnerPriority;
    if (instance_.state && wants_master() != owner) {
      warn(RuleId::strict_resets, Mark::state,
           "vrrp_strict: state MASTER goes with priority 255 and with nothing else; keepalived runs " +
               std::string{owner ? "MASTER" : "BACKUP"});
      instance_.state = owner ? WantedState::master : WantedState::backup;
    }
    if (draft_.has(Mark::accept) && instance_.accept && instance_.version == vrrp::Version::v2) {
      warn(RuleId::strict_resets, Mark::accept, "vrrp_strict: version 2 has no accept mode; it is reset");
      instance_.accept = owner;
    } else if (!draft_.has(Mark::accept)) {
      instance_.accept = owner;
    }
    if (draft_.has(Mark::lower_prio_no_advert) && !instance_.lower_prio_no_advert) {
      warn(RuleId::strict_resets, Mark::lower_prio_no_advert, "vrrp_strict: lower_prio_no_advert stays on");
    }
    instance_.lower_prio_no_advert = true;
    if (instance_.higher_prio_send_advert) {
      warn(RuleId::strict_resets, Mark::higher_prio_send_advert, "vrrp_strict: higher_prio_send_advert is reset");
    }
    instance_.higher_prio_send_advert = false;
    if (instance_.vmac_xmit_base)
      warn(RuleId::strict_resets, Mark::vmac_xmit_base, "vrrp_strict: vmac_xmit_base is reset");
    instance_.vmac_xmit_base = false;
  }

  void settle_authentication() {
    if (instance_.auth_type == vrrp::AuthType::none) return;
    if (instance_.strict || instance_.version == vrrp::Version::v3) {
      warn(RuleId::authentication_ignored, Mark::authentication,
           std::string{instance_.strict ? "vrrp_strict" : "VRRP version 3"} +
               " has no authentication: the block is ignored");
      instance_.auth_type = vrrp::AuthType::none;
      instance_.auth_pass.clear();
    } else if (instance_.auth_type == vrrp::AuthType::ah && wants_master()) {
      warn(RuleId::setting_ignored, Mark::state, "state MASTER does not go with auth_type AH: keepalived runs BACKUP");
      instance_.state = WantedState::backup;
    }
  }

  void settle_interval() {
    const Duration written = instance_.advert_int;
    Duration used = written;
    std::string unit;
    if (instance_.version == vrrp::Version::v2) {
      used = std::max<Duration>(std::chrono::round<seconds>(written), seconds{1});
      if (written % seconds{1} >= milliseconds{500}) used = std::chrono::ceil<seconds>(written);
      unit = "VRRP version 2 advertises in whole seconds";
    } else if (written > kLongestV3Interval) {
      used = kLongestV3Interval;
      unit = "VRRP version 3 advertises at least every 40.95 seconds";
    } else {
      used = (written + kCentisecond / 2) / kCentisecond * kCentisecond;
      unit = "VRRP version 3 advertises in hundredths of a second";
    }
    if (used != written) {
      warn(RuleId::value_changed, Mark::advert_int,
           unit + ": " + seconds_text(written) + " becomes " + seconds_text(used));
    }
    instance_.advert_int = used;
    if (!draft_.has(Mark::v3_checksum_as_v2)) instance_.v3_checksum_as_v2 = model_.defaults.v3_checksum_as_v2;
    if (!draft_.has(Mark::owner_ignore_adverts)) {
      instance_.owner_ignore_adverts = model_.defaults.owner_ignore_adverts;
    }
    if (!draft_.has(Mark::down_timer_adverts)) instance_.down_timer_adverts = model_.defaults.down_timer_adverts;
  }

  void settle_preemption() {
    if (instance_.nopreempt && instance_.priority == kOwnerPriority) {
      warn(RuleId::nopreempt_cleared, Mark::nopreempt, "nopreempt does not go with priority 255: it is cleared");
      instance_.nopreempt = false;
    } else if (instance_.nopreempt && wants_master()) {
      warn(RuleId::nopreempt_cleared, Mark::nopreempt, "nopreempt does not work with state MASTER: it is cleared");
      instance_.nopreempt = false;
    }
    if (instance_.preempt_delay != Duration{0}) {
      const char* reason = instance_.strict      ? "vrrp_strict"
                           : wants_master()      ? "state MASTER"
                           : instance_.nopreempt ? "nopreempt"
                                                 : nullptr;
      if (reason != nullptr) {
        warn(RuleId::setting_ignored, Mark::preempt_delay,
             std::string{"preempt_delay does not work with "} + reason + ": it is cleared");
        instance_.preempt_delay = Duration{0};
      }
    }
    if (instance_.timer_expired_backup && !instance_.nopreempt) {
      warn(RuleId::setting_ignored, Mark::timer_expired_backup,
           "timer_expired_backup does not work without nopreempt: it is cleared");
      instance_.timer_expired_backup = false;
    }
  }

  void settle_announcements() {
    const InstanceDefaults& defaults = model_.defaults;
    const int repeat = defaults.garp_master_repeat.value_or(defaults.min_garp ? 1 : 5);
    const Duration delay = defaults.garp_master_delay.value_or(defaults.min_garp ? seconds{0} : seconds{5});
    inherit(Mark::garp_master_repeat, instance_.garp_master_repeat, repeat);
    inherit(Mark::garp_master_delay, instance_.garp_master_delay, delay);
    inherit(Mark::garp_master_refresh, instance_.garp_master_refresh,
            defaults.garp_master_refresh.value_or(Duration{0}));
    inherit(Mark::garp_master_refresh_repeat, instance_.garp_master_refresh_repeat,
            defaults.garp_master_refresh_repeat.value_or(1));
    if (instance_.strict) {
      if (draft_.has(Mark::garp_lower_prio_repeat) && instance_.garp_lower_prio_repeat != 0) {
        warn(RuleId::strict_resets, Mark::garp_lower_prio_repeat, "vrrp_strict: garp_lower_prio_repeat is reset to 0");
      }
      instance_.garp_lower_prio_repeat = 0;
      instance_.garp_lower_prio_delay = Duration{0};
    } else {
      // The defaults are the global values for a new master, not this instance's own.
      inherit(Mark::garp_lower_prio_repeat, instance_.garp_lower_prio_repeat,
              defaults.garp_lower_prio_repeat.value_or(repeat));
      inherit(Mark::garp_lower_prio_delay, instance_.garp_lower_prio_delay,
              defaults.garp_lower_prio_delay.value_or(delay));
    }
    instance_.garp_interval = defaults.garp_interval;
    instance_.gna_interval = defaults.gna_interval;
  }

  template <class T>
  void inherit(Mark mark, T& value, T inherited) {
    if (!draft_.has(mark)) value = inherited;
  }

  void settle_unicast() {
    const bool checks = draft_.has(Mark::check_unicast_source);
    if (instance_.unicast_peers.empty() && (draft_.has(Mark::unicast) || checks)) {
      warn(RuleId::unicast_without_peers, checks ? Mark::check_unicast_source : Mark::unicast,
           "unicast without any unicast_peer: keepalived falls back to multicast");
    }
    if (instance_.unicast_peers.empty() && instance_.unicast_ttl) {
      warn(RuleId::unicast_without_peers, Mark::unicast_ttl, "unicast_ttl without any unicast_peer: it is reset");
      instance_.unicast_ttl.reset();
    }
    if (model_.defaults.check_unicast_source && !instance_.unicast_peers.empty()) instance_.check_unicast_source = true;
    if (instance_.unicast_peers.empty()) instance_.check_unicast_source = false;
  }

  void settle_alerts() {
    if (!draft_.has(Mark::smtp_alert)) {
      instance_.smtp_alert = model_.defaults.smtp_alert_vrrp.value_or(global().smtp_alert);
    }
    inherit(Mark::notify_priority_changes, instance_.notify_priority_changes, model_.defaults.notify_priority_changes);
  }

  void settle_macvlan() {
    if (instance_.family == Family::ipv4 && draft_.ipvlan_without_address.known()) {
      model_.report.warning(RuleId::setting_ignored, draft_.ipvlan_without_address,
                            "use_ipvlan needs an address with IPv4: keepalived puts " + name() + " into FAULT");
    }
    if (!instance_.use_vmac && instance_.vmac_xmit_base) {
      warn(RuleId::setting_ignored, Mark::vmac_xmit_base, "vmac_xmit_base has no effect without use_vmac");
      instance_.vmac_xmit_base = false;
    }
    if (instance_.use_vmac) say_redundant_macvlans();
    if (draft_.vmac_address_lacks_vrid) instance_.vmac_address->bytes[5] = instance_.virtual_router_id;
    if (!instance_.use_vmac || instance_.unicast_peers.empty() || instance_.vmac_xmit_base) return;
    warn(RuleId::value_changed, Mark::unicast, "use_vmac with unicast peers needs vmac_xmit_base: it is set");
    instance_.vmac_xmit_base = true;
  }

  /// An address without an interface of its own is on that of the instance.
  void say_redundant_macvlans() {
    for (std::size_t i = 0; i < instance_.virtual_addresses.size(); ++i) {
      const VirtualAddress& address = instance_.virtual_addresses[i];
      if (!address.use_vmac || !address.device.empty()) continue;
      model_.report.warning(
          RuleId::setting_ignored, draft_.addresses[i],
          "use_vmac of " + in_quotes(address.address.to_string()) + " says no more than that of " + name());
    }
  }

  void check_interfaces() {
    for (std::size_t i = 0; i < instance_.track_interfaces.size();) {
      if (instance_.track_interfaces[i].name != instance_.interface || instance_.interface.empty()) {
        ++i;
        continue;
      }
      model_.report.warning(RuleId::setting_ignored, draft_.tracked.interfaces[i].spot,
                            "keepalived ignores the instance's own interface here: it is tracked anyway");
      instance_.track_interfaces.erase(instance_.track_interfaces.begin() + static_cast<std::ptrdiff_t>(i));
      draft_.tracked.interfaces.erase(draft_.tracked.interfaces.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  Model& model_;
  VrrpInstance& instance_;
  InstanceDraft& draft_;
};

/// The intervals of garp_group blocks, by interface.
void apply_garp_groups(Model& model) {
  std::unordered_map<std::string_view, const GarpGroup*> groups;
  for (const GarpGroup& group : model.garp_groups) {
    for (const std::string& interface : group.interfaces) {
      if (!groups.emplace(interface, &group).second) {
        model.report.error(RuleId::listed_twice, group.spot, in_quotes(interface) + " is in more than one garp_group");
      }
    }
    if (group.interfaces.size() > 1) {
      model.report.warning(RuleId::not_implemented, group.spot,
                           "the delay of a garp_group is kept on each interface apart, not on all together");
    }
  }
  for (VrrpInstance& instance : model.configuration.instances) {
    const auto group = groups.find(instance.interface);
    if (group == groups.end()) continue;
    instance.garp_interval = group->second->garp_interval.value_or(instance.garp_interval);
    instance.gna_interval = group->second->gna_interval.value_or(instance.gna_interval);
  }
}

/// Two unicast instances with one virtual router id can live on an interface when they share no peer.
bool share_a_peer(const VrrpInstance& a, const VrrpInstance& b) {
  for (const UnicastPeer& peer : a.unicast_peers) {
    for (const UnicastPeer& other : b.unicast_peers) {
      if (peer.address == other.address) return true;
    }
  }
  return false;
}

/// One virtual router id is used once on an interface, for each family and multicast group.
void find_duplicate_routers(Model& model) {
  using Key = std::tuple<std::string_view, std::uint8_t, bool, IpAddress>;
  std::map<Key, std::vector<std::size_t>> routers;
  const GlobalDefs& global = model.configuration.global;
  const std::vector<VrrpInstance>& instances = model.configuration.instances;
  for (std::size_t i = 0; i < instances.size(); ++i) {
    const VrrpInstance& instance = instances[i];
    const bool unicast = !instance.unicast_peers.empty();
    const IpAddress usual = instance.family == Family::ipv4 ? global.vrrp_mcast_group4 : global.vrrp_mcast_group6;
    // The unspecified address of a family stands for unicast.
    const IpAddress none = instance.family == Family::ipv4 ? IpAddress{} : IpAddress::v6({});
    const IpAddress group = unicast ? none : instance.multicast_group.value_or(usual);
    std::vector<std::size_t>& same = routers[{instance.interface, instance.virtual_router_id, unicast, group}];
    for (const std::size_t other : same) {
      if (unicast && !share_a_peer(instance, instances[other])) continue;
      model.report.error(RuleId::vrid_used_twice, model.instances[i].spot,
                         in_quotes(instance.name) + " has the virtual_router_id " +
                             std::to_string(instance.virtual_router_id) + " of " + in_quotes(instances[other].name) +
                             " (line " + std::to_string(model.instances[other].spot.line) + ") on the same interface " +
                             in_quotes(instance.interface),
                         "an id that is used once on the interface");
      break;
    }
    same.push_back(i);
  }
}

}  // namespace

void resolve_instances(Model& model) {
  for (VirtualAddress& address : model.configuration.static_addresses) {
    if (address.device.empty()) address.device = model.configuration.global.default_interface;
  }
  for (std::size_t i = 0; i < model.instances.size(); ++i) InstanceResolver{model, i}.run();
  apply_garp_groups(model);
  find_duplicate_routers(model);
}

}  // namespace vipdrift::config
