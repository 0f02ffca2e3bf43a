#include "analysis/traps.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "analysis/known_addresses.h"
#include "analysis/rehearsal.h"
#include "analysis/segments.h"
#include "analysis/words.h"
#include "analysis/written_places.h"
#include "protocol/check/check_plan.h"

namespace vipdrift::analysis {
namespace {

using config::VrrpInstance;
using Seat = VirtualRouterSeats::Seat;

class TrapSearch {
 public:
  explicit TrapSearch(std::span<const Director> directors)
      : directors_(directors), routers_(virtual_routers(directors)), segments_(directors), places_(directors) {
    for (std::size_t i = 0; i < directors.size(); ++i) known_.push_back(known_addresses(directors, routers_, i));
  }

  std::vector<Finding> run() {
    find_shared_ids();
    find_shared_addresses();
    find_addresses_of_directors();
    find_passwords_cut_alike();
    find_groups_outside_link_local();
    find_labels();
    find_hasty_scripts();
    find_directors_as_servers();
    find_hasty_returns();
    return std::move(findings_);
  }

 private:
  const VrrpInstance& instance(const Seat& seat) const { return instance_of(directors_, seat); }
  std::uint8_t vrid(const Seat& seat) const { return instance(seat).virtual_router_id; }
  std::string name(const Seat& seat) const { return name_of(directors_, seat); }

  /// One finding about several places, the first of which is where to look.
  void say(RuleId rule, const std::vector<config::Place>& places, std::string message,
           std::vector<config::Place> blocks = {}) {
    findings_.push_back({.rule = rule,
                         .place = places.front(),
                         .message = std::move(message),
                         .others = {places.begin() + 1, places.end()},
                         .blocks = std::move(blocks)});
  }

  IpAddress group_of(const Seat& seat) const {
    const config::GlobalDefs& global = directors_[seat.director].configuration->global;
    const bool ipv4 = instance(seat).family == Family::ipv4;
    return instance(seat).multicast_group.value_or(ipv4 ? global.vrrp_mcast_group4 : global.vrrp_mcast_group6);
  }

  // ---- one VRID for two virtual routers

  bool one_wire(const Seat& a, const Seat& b) const {
    const bool unicast_a = !instance(a).unicast_peers.empty(), unicast_b = !instance(b).unicast_peers.empty();
    if (a.director == b.director || unicast_a != unicast_b) return false;
    if (unicast_a) return sends_to(a, b) || sends_to(b, a);
    if (group_of(a) != group_of(b)) return false;
    const Segments::Relation relation = segments_.between(a, b);
    const bool alike = instance(a).interface == instance(b).interface;
    return relation == Segments::Relation::one || (relation == Segments::Relation::unknown && alike);
  }
  bool sends_to(const Seat& sender, const Seat& receiver) const {
    const std::vector<config::UnicastPeer>& peers = instance(sender).unicast_peers;
    return std::any_of(peers.begin(), peers.end(), [&](const config::UnicastPeer& peer) {
      return known_[receiver.director].count(peer.address) > 0;
    });
  }

  void find_shared_ids() {
    std::map<std::pair<Family, int>, std::vector<std::size_t>> by_id;
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      const VrrpInstance& first = instance(routers_[i].seats.front());
      by_id[{first.family, first.virtual_router_id}].push_back(i);
    }
    for (const auto& [id, routers] : by_id) {
      for (std::size_t i = 0; i < routers.size(); ++i) {
        for (std::size_t k = i + 1; k < routers.size(); ++k) find_shared_id(routers_[routers[i]], routers_[routers[k]]);
      }
    }
  }
  void find_shared_id(const VirtualRouterSeats& one, const VirtualRouterSeats& other) {
    for (const Seat& a : one.seats) {
      for (const Seat& b : other.seats) {
        if (!one_wire(a, b)) continue;
        say(RuleId::vrid_shared, {places_.setting(b, {"virtual_router_id"}), places_.setting(a, {"virtual_router_id"})},
            "virtual_router_id " + std::to_string(instance(b).virtual_router_id) + " of " + name(b) + " (" +
                short_list_text(addresses_of(b)) + " on " + instance(b).interface + ") is taken on this wire by " +
                name(a) + " (" + short_list_text(addresses_of(a)) + " on " + instance(a).interface + ")",
            {instance(b).place, instance(a).place});
        return;
      }
    }
  }
  std::vector<IpAddress> addresses_of(const Seat& seat) const {
    std::vector<IpAddress> all;
    for (const config::VirtualAddress& address : instance(seat).virtual_addresses) all.push_back(address.address);
    return all;
  }

  // ---- addresses

  template <class Action>
  void for_each_address(const Seat& seat, const Action& action) const {
    for (const config::VirtualAddress& address : instance(seat).virtual_addresses) action(address);
    for (const config::VirtualAddress& address : instance(seat).excluded_addresses) action(address);
  }

  void find_shared_addresses() {
    struct Use {
      std::size_t router = 0;
      Seat seat;
    };
    /// Link-local addresses are of one link.
    std::map<std::pair<IpAddress, std::string>, Use> first_uses;
    std::set<std::pair<std::size_t, std::size_t>> told;
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      for (const Seat& seat : routers_[i].seats) {
        for_each_address(seat, [&](const config::VirtualAddress& address) {
          const std::string link = address.address.is_link_local() ? device_of(seat, address) : std::string{};
          const auto [first, added] = first_uses.try_emplace({address.address, link}, Use{i, seat});
          const Use& use = first->second;
          // Of one VRID they are one virtual router to whoever reads the message.
          if (added || use.router == i || vrid(use.seat) == vrid(seat)) return;
          if (!told.insert({use.router, i}).second) return;
          say(RuleId::address_shared,
              {places_.address(seat, address.address), places_.address(use.seat, address.address)},
              address.address.to_string() + " is in " + name(seat) + " (virtual_router_id " +
                  std::to_string(instance(seat).virtual_router_id) + ") and in " + name(use.seat) +
                  " (virtual_router_id " + std::to_string(instance(use.seat).virtual_router_id) + ")",
              {instance(seat).place, instance(use.seat).place});
        });
      }
    }
  }
  std::string device_of(const Seat& seat, const config::VirtualAddress& address) const {
    return address.device.empty() ? instance(seat).interface : address.device;
  }

  void find_addresses_of_directors() {
    for (const VirtualRouterSeats& router : routers_) {
      std::set<IpAddress> told;
      for (const Seat& seat : router.seats) {
        for_each_address(seat, [&](const config::VirtualAddress& address) {
          for (std::size_t i = 0; i < directors_.size(); ++i) {
            if (known_[i].count(address.address) == 0 || is_owner(router, i)) continue;
            if (!told.insert(address.address).second) continue;
            say(RuleId::address_of_director, {places_.address(seat, address.address)},
                "the virtual address " + address.address.to_string() + " of " + name(seat) +
                    " is an address of director " + directors_[i].name + " itself",
                {instance(seat).place});
          }
        });
      }
    }
  }
  /// With priority 255 the address may be the director's own (RFC 9568, 1.6).
  bool is_owner(const VirtualRouterSeats& router, std::size_t director) const {
    return std::any_of(router.seats.begin(), router.seats.end(),
                       [&](const Seat& seat) { return seat.director == director && instance(seat).priority == 255; });
  }

  void find_labels() {
    for (const VirtualRouterSeats& router : routers_) {
      for (const Seat& seat : router.seats) {
        for_each_address(seat, [&](const config::VirtualAddress& address) {
          const std::string device = device_of(seat, address);
          if (address.label.empty() || address.label == device || address.label.starts_with(device + ":")) return;
          say(RuleId::label_without_device, {places_.address(seat, address.address)},
              "the label '" + address.label + "' of " + address.address.to_string() + " in " + name(seat) +
                  " does not begin with '" + device + ":'",
              {instance(seat).place});
        });
      }
    }
  }

  // ---- the wire

  void find_passwords_cut_alike() {
    struct Alike {
      std::set<std::string> written;
      std::set<std::string> names;
      std::vector<config::Place> places;
      std::vector<config::Place> blocks;
    };
    std::map<std::string, Alike> by_wire;
    for (std::size_t i = 0; i < directors_.size(); ++i) {
      const std::vector<VrrpInstance>& instances = directors_[i].configuration->instances;
      for (const config::CutPassword& cut : directors_[i].cut_passwords) {
        const auto owner = std::find_if(instances.begin(), instances.end(),
                                        [&](const VrrpInstance& one) { return one.name == cut.instance; });
        if (owner == instances.end() || owner->auth_type != vrrp::AuthType::pass) continue;
        Alike& alike = by_wire[owner->auth_pass];
        alike.written.insert(cut.written);
        if (!alike.names.insert(cut.instance).second) continue;
        alike.places.push_back(
            places_.setting({i, static_cast<std::size_t>(owner - instances.begin())}, {"auth_pass"}));
        alike.blocks.push_back(owner->place);
      }
    }
    for (const auto& [wire, alike] : by_wire) {
      if (alike.written.size() < 2) continue;
      const std::vector<std::string> names(alike.names.begin(), alike.names.end());
      say(RuleId::passwords_cut_alike, alike.places,
          std::to_string(alike.written.size()) + " different passwords in " + list_text(names) +
              " are one on the wire, which carries 8 characters of each",
          alike.blocks);
    }
  }

  void find_groups_outside_link_local() {
    struct Uses {
      std::vector<config::Place> places;
      std::vector<config::Place> blocks;
    };
    std::map<IpAddress, Uses> groups;
    for (const VirtualRouterSeats& router : routers_) {
      for (const Seat& seat : router.seats) {
        if (instance(seat).family != Family::ipv4 || !instance(seat).unicast_peers.empty()) continue;
        const IpAddress group = group_of(seat);
        const auto bytes = group.bytes();
        if (bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0) continue;
        const config::Place place = instance(seat).multicast_group
                                        ? places_.setting(seat, {"mcast_dst_ip"})
                                        : places_.global(seat.director, "vrrp_mcast_group4", instance(seat).place);
        Uses& uses = groups[group];
        if (std::find(uses.places.begin(), uses.places.end(), place) == uses.places.end()) uses.places.push_back(place);
        uses.blocks.push_back(instance(seat).place);
      }
    }
    for (const auto& [group, uses] : groups) {
      say(RuleId::group_outside_link_local, uses.places,
          "advertisements go to " + group.to_string() +
              ", which is outside 224.0.0.0/24: switches that snoop IGMP need a querier to go on forwarding them",
          uses.blocks);
    }
  }

  // ---- scripts

  static bool preempts(const VrrpInstance& instance) {
    return !instance.nopreempt && instance.preempt_delay == Duration{0};
  }

  /// Instances of a director whose addresses a script moves, there and back again.
  std::vector<std::string> moved_by(std::size_t director, const vrrp::StackPlan& plan, std::size_t script) const {
    std::vector<std::string> moved;
    for (const VirtualRouterSeats& router : routers_) {
      for (const Seat& seat : router.seats) {
        if (seat.director != director || !preempts(instance(seat))) continue;
        const std::vector<vrrp::TrackReference>& tracked = plan.instances[seat.instance].tracked;
        if (std::any_of(tracked.begin(), tracked.end(), [&](const vrrp::TrackReference& one) {
              return one.kind == vrrp::TrackReference::Kind::script && one.index == script &&
                     reaches_next(router, seat, one.weight);
            })) {
          moved.push_back(instance(seat).name);
        }
      }
    }
    return moved;
  }
  /// Whether somebody is below whom the weight lets through; that of FAULT is 0.
  bool reaches_next(const VirtualRouterSeats& router, const Seat& seat, int weight) const {
    return std::any_of(router.seats.begin(), router.seats.end(), [&](const Seat& other) {
      const int gap = instance(seat).priority - instance(other).priority;
      return other.director != seat.director && gap >= 0 && (weight == 0 || std::abs(weight) >= gap);
    });
  }

  void find_hasty_scripts() {
    struct Hasty {
      std::vector<config::Place> places;
      std::set<std::string> moved;
    };
    std::map<std::string, Hasty> scripts;
    for (std::size_t i = 0; i < directors_.size(); ++i) {
      const std::shared_ptr<const config::Configuration>& configuration = directors_[i].configuration;
      if (configuration->scripts.empty()) continue;
      const std::vector<vrrp::InterfaceFacts> interfaces = supposed_interfaces(directors_, routers_, i);
      const vrrp::StackPlan plan{configuration, vrrp::HostFacts{interfaces}, vrrp::keepalived_profile()};
      for (std::size_t k = 0; k < configuration->scripts.size(); ++k) {
        const config::VrrpScript& script = configuration->scripts[k];
        if (script.disabled || script.fall > 1 || script.rise > 1) continue;
        const std::vector<std::string> moved = moved_by(i, plan, k);
        if (moved.empty()) continue;
        Hasty& hasty = scripts[script.name];
        hasty.places.push_back(script.place);
        hasty.moved.insert(moved.begin(), moved.end());
      }
    }
    for (const auto& [name, hasty] : scripts) {
      const std::vector<std::string> moved(hasty.moved.begin(), hasty.moved.end());
      say(RuleId::one_result_decides, hasty.places,
          "one failure of " + name + " moves " + short_list_text(moved) + " (fall 1), and one success moves " +
              (moved.size() == 1 ? "it" : "them") + " back at once (rise 1)");
    }
  }

  // ---- load balancing

  void find_directors_as_servers() {
    std::map<std::string, std::size_t> balancing;
    for (const Director& director : directors_) {
      for (const auto& service : director.configuration->virtual_servers) ++balancing[check::service_name(service)];
    }
    std::set<std::pair<std::string, IpAddress>> told;
    for (const Director& director : directors_) {
      for (const config::VirtualServer& service : director.configuration->virtual_servers) {
        if (balancing[check::service_name(service)] < 2) continue;
        for (const config::RealServer& real : service.real_servers) {
          const std::optional<std::size_t> owner = director_with(real.address);
          if (!owner || real.forwarding.method != ipvs::Method::direct_route) continue;
          if (!told.insert({check::service_name(service), real.address}).second) continue;
          say(RuleId::director_is_real_server, {real.place},
              "real_server " + real.address.to_string() + " of virtual_server " + check::service_name(service) +
                  " is director " + directors_[*owner].name + ", which balances this service too");
        }
      }
    }
  }

  /// Of a director whose connections are told by the state of an instance that comes home to it.
  void find_hasty_returns() {
    for (const VirtualRouterSeats& router : routers_) {
      for (const Seat& seat : router.seats) {
        const auto& sync = directors_[seat.director].configuration->global.lvs_sync_daemon;
        if (!sync || sync->instance != instance(seat).name || !preempts(instance(seat))) continue;
        const auto lower = std::find_if(router.seats.begin(), router.seats.end(), [&](const Seat& other) {
          return instance(other).priority < instance(seat).priority;
        });
        if (lower == router.seats.end()) continue;
        say(RuleId::connections_lost_at_return, {instance(seat).place, instance(*lower).place},
            name(seat) + " takes its addresses back from " + directors_[lower->director].name +
                " at once, before it has heard of the connections that lvs_sync_daemon would tell it of");
      }
    }
  }
  std::optional<std::size_t> director_with(const IpAddress& address) const {
    for (std::size_t i = 0; i < known_.size(); ++i) {
      if (known_[i].count(address) > 0) return i;
    }
    return std::nullopt;
  }

  std::span<const Director> directors_;
  std::vector<VirtualRouterSeats> routers_;
  Segments segments_;
  WrittenPlaces places_;
  std::vector<std::set<IpAddress>> known_;  ///< by director
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> find_traps(std::span<const Director> directors) { return TrapSearch(directors).run(); }

}  // namespace vipdrift::analysis
