#include "analysis/cause_demonstrations.h"

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "analysis/components.h"
#include "analysis/rehearsal.h"

namespace vipdrift::analysis {
namespace {

using Seat = VirtualRouterSeats::Seat;

class Causes {
 public:
  Causes(std::span<const Director> directors, std::span<Finding> findings, const vrrp::Profile& profile)
      : directors_(directors), findings_(findings), profile_(profile), routers_(virtual_routers(directors)) {}

  void run() {
    for (Finding& finding : findings_) {
      if (finding.demonstration == nullptr) finding.demonstration = demonstration_of(finding);
    }
  }

 private:
  std::shared_ptr<const Demonstration> demonstration_of(const Finding& finding) const {
    switch (finding.rule) {
      case RuleId::interval_differs:
      case RuleId::version_differs:
      case RuleId::authentication_differs:
      case RuleId::group_differs:
      case RuleId::peers_differ:
      case RuleId::checksum_differs:
        return consequence_of(finding, {RuleId::several_hold, RuleId::flaps, RuleId::nobody_holds});
      case RuleId::equal_priorities:
        return consequence_of(finding, {RuleId::depends_on_history});
      case RuleId::addresses_differ:
        return of_missing_address(finding);
      case RuleId::alone:
        return of_alone(finding);
      case RuleId::address_shared:
        return of_two_routers(finding, false);
      case RuleId::vrid_shared:
        return of_two_routers(finding, true);
      default:
        return nullptr;
    }
  }

  /// Of what the exhaustion found about all of its instances.
  std::shared_ptr<const Demonstration> consequence_of(const Finding& cause, std::initializer_list<RuleId> rules) const {
    for (const RuleId rule : rules) {
      for (const Finding& finding : findings_) {
        if (finding.rule != rule || finding.demonstration == nullptr) continue;
        const auto concerns = [&](const config::Place& block) {
          return finding.place == block ||
                 std::find(finding.others.begin(), finding.others.end(), block) != finding.others.end();
        };
        if (std::all_of(cause.blocks.begin(), cause.blocks.end(), concerns)) return finding.demonstration;
      }
    }
    return nullptr;
  }

  /// The only instance that begins there; a sequence makes several of one place.
  std::optional<Seat> seat_at(const config::Place& place) const {
    std::optional<Seat> found;
    for (std::size_t i = 0; i < directors_.size(); ++i) {
      const std::vector<config::VrrpInstance>& instances = directors_[i].configuration->instances;
      for (std::size_t k = 0; k < instances.size(); ++k) {
        if (instances[k].place != place) continue;
        if (found) return std::nullopt;
        found = Seat{i, k};
      }
    }
    return found;
  }
  std::optional<std::size_t> router_of(const Seat& seat) const {
    for (std::size_t i = 0; i < routers_.size(); ++i) {
      const std::vector<Seat>& seats = routers_[i].seats;
      if (std::find(seats.begin(), seats.end(), seat) != seats.end()) return i;
    }
    return std::nullopt;
  }
  const config::VrrpInstance& instance(const Seat& seat) const { return instance_of(directors_, seat); }
  const std::string& name(const Seat& seat) const { return directors_[seat.director].name; }
  bool lists(const Seat& seat, const IpAddress& address) const { return lists(directors_, seat, address); }
  static bool lists(std::span<const Director> directors, const Seat& seat, const IpAddress& address) {
    const auto& all = instance_of(directors, seat).virtual_addresses;
    return std::any_of(all.begin(), all.end(), [&](const auto& one) { return one.address == address; });
  }

  /// Everybody who lists it is down: the best of the others should have it, and has not.
  std::shared_ptr<const Demonstration> of_missing_address(const Finding& finding) const {
    const std::optional<Seat> one = finding.blocks.size() == 2 ? seat_at(finding.blocks[0]) : std::nullopt;
    const std::optional<Seat> other = finding.blocks.size() == 2 ? seat_at(finding.blocks[1]) : std::nullopt;
    if (!one || !other) return nullptr;
    const std::optional<std::size_t> router = router_of(*one);
    for (const auto& [here, there] : {std::pair{*one, *other}, std::pair{*other, *one}}) {
      for (const config::VirtualAddress& address : instance(here).virtual_addresses) {
        if (lists(there, address.address)) continue;
        Demonstration shown{.begins_first = directors_[0].name,
                            .faults = {},
                            .address = address.address,
                            .holder = {},
                            .settling = settling_time(directors_)};
        int best = 0;
        for (const Seat& seat : routers_[*router].seats) {
          if (lists(seat, address.address)) {
            shown.faults.push_back({.director = name(seat), .kind = Fault::Kind::down});
          } else if (instance(seat).priority > best) {
            best = instance(seat).priority;
            shown.holder = name(seat);
          }
        }
        return std::make_shared<const Demonstration>(std::move(shown));
      }
    }
    return nullptr;
  }

  std::shared_ptr<const Demonstration> of_alone(const Finding& finding) const {
    const std::optional<Seat> seat = seat_at(finding.place);
    if (!seat || instance(*seat).virtual_addresses.empty()) return nullptr;
    return std::make_shared<const Demonstration>(
        Demonstration{.begins_first = directors_[0].name,
                      .faults = {{.director = name(*seat), .kind = Fault::Kind::down}},
                      .address = instance(*seat).virtual_addresses.front().address,
                      .holder = {},
                      .settling = settling_time(directors_)});
  }

  /// Two virtual routers and nothing else: an address of theirs is on nobody or on two directors for all that the core
  /// does. With a VRID in common they hear each other.
  std::shared_ptr<const Demonstration> of_two_routers(const Finding& finding, bool hear_each_other) const {
    std::vector<std::size_t> chosen;
    std::vector<WireEnd> one_wire;
    for (const config::Place& block : finding.blocks) {
      const std::optional<Seat> seat = seat_at(block);
      const std::optional<std::size_t> router = seat ? router_of(*seat) : std::nullopt;
      if (!router) return nullptr;
      chosen.push_back(*router);
      one_wire.push_back({name(*seat), instance(*seat).interface});
    }
    const std::vector<Director> part = restricted_to(directors_, routers_, chosen);
    std::vector<VirtualRouterSeats> routers = virtual_routers(part);
    VirtualRouterSeats whole;
    for (std::size_t i = 0; i < part.size(); ++i) {
      for (std::size_t k = 0; k < part[i].configuration->instances.size(); ++k) whole.seats.push_back({i, k});
    }
    const std::vector<VirtualRouterSeats> heard = hear_each_other ? std::vector{whole} : routers;
    Rehearsal rehearsal = at_peace(part, heard, profile_, 0);
    const Duration settling = settling_time(part);
    for (const VirtualRouterSeats& router : routers) {
      for (const config::VirtualAddress& address : instance_of(part, router.seats.front()).virtual_addresses) {
        if (one_holder(part, rehearsal, whole, address.address)) continue;
        const auto worth = [&](const Seat& seat) {
          return lists(part, seat, address.address) ? int{instance_of(part, seat).priority} : 0;
        };
        const Seat best = *std::max_element(whole.seats.begin(), whole.seats.end(),
                                            [&](const Seat& a, const Seat& b) { return worth(a) < worth(b); });
        return std::make_shared<const Demonstration>(Demonstration{.begins_first = directors_[0].name,
                                                                   .faults = {},
                                                                   .address = address.address,
                                                                   .holder = part[best.director].name,
                                                                   .alone = true,
                                                                   .settling = settling,
                                                                   .one_wire = one_wire});
      }
    }
    return nullptr;
  }

  static bool one_holder(std::span<const Director> directors, const Rehearsal& rehearsal,
                         const VirtualRouterSeats& whole, const IpAddress& address) {
    std::set<std::size_t> holders;
    for (const Seat& seat : whole.seats) {
      const vrrp::VrrpStack* const stack = rehearsal.stack(seat.director);
      if (lists(directors, seat, address) && stack->routers()[seat.instance].state() == vrrp::State::master)
        holders.insert(seat.director);
    }
    return holders.size() == 1;
  }

  std::span<const Director> directors_;
  std::span<Finding> findings_;
  vrrp::Profile profile_;
  std::vector<VirtualRouterSeats> routers_;
};

}  // namespace

void demonstrate_causes(std::span<const Director> directors, std::span<Finding> findings,
                        const vrrp::Profile& profile) {
  Causes(directors, findings, profile).run();
}

}  // namespace vipdrift::analysis
