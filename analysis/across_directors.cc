#include "analysis/across_directors.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "analysis/words.h"
#include "analysis/written_places.h"
#include "protocol/check/check_plan.h"

namespace vipdrift::analysis {
namespace {

using config::VrrpInstance;
using Seat = VirtualRouterSeats::Seat;

using Keywords = std::initializer_list<std::string_view>;

/// Says each difference between two seats of one virtual router, at the line of the second.
class SeatComparison {
 public:
  SeatComparison(std::span<const Director> directors, const WrittenPlaces& places, const Seat& a, const Seat& b,
                 std::vector<Finding>& findings)
      : directors_(directors),
        places_(places),
        a_(instance_of(directors, a)),
        b_(instance_of(directors, b)),
        seat_a_(a),
        seat_b_(b),
        findings_(findings) {}

  void run() {
    if (a_.version != b_.version) {
      differs(RuleId::version_differs, "version", version_text(a_), version_text(b_), {"version"});
      return;  // whatever else differs does not matter yet
    }
    const bool v2 = a_.version == vrrp::Version::v2;
    // In version 3 a Backup takes the Master's interval over.
    if (v2 && a_.advert_int != b_.advert_int) {
      differs(RuleId::interval_differs, "advert_int", seconds_text(a_.advert_int), seconds_text(b_.advert_int),
              {"advert_int"});
    }
    if (v2) compare_authentication();
    if (!v2 && a_.v3_checksum_as_v2 != b_.v3_checksum_as_v2) {
      differs(RuleId::checksum_differs, "v3_checksum_as_v2", switch_text(a_.v3_checksum_as_v2),
              switch_text(b_.v3_checksum_as_v2), {"v3_checksum_as_v2"});
    }
    compare_paths();
    compare_addresses();
    if (a_.use_vmac != b_.use_vmac) {
      differs(RuleId::virtual_mac_differs, "use_vmac", switch_text(a_.use_vmac), switch_text(b_.use_vmac),
              {"use_vmac"});
    }
    if (a_.priority == b_.priority) {
      say(RuleId::equal_priorities, {"priority"},
          name_b() + " and " + name_a() + " both have priority " + std::to_string(a_.priority));
    }
    if (a_.state == config::WantedState::master && b_.state == config::WantedState::master) {
      say(RuleId::several_masters, {"state"}, name_b() + " and " + name_a() + " both have state MASTER");
    }
  }

 private:
  static std::string version_text(const VrrpInstance& instance) {
    return instance.version == vrrp::Version::v2 ? "2" : "3";
  }
  static std::string switch_text(bool on) { return on ? "on" : "off"; }
  std::string name_a() const { return name_of(directors_, seat_a_); }
  std::string name_b() const { return name_of(directors_, seat_b_); }

  /// Passwords are told to nobody.
  void compare_authentication() {
    const auto type = [](const VrrpInstance& instance) {
      return instance.auth_type == vrrp::AuthType::none   ? "none"
             : instance.auth_type == vrrp::AuthType::pass ? "PASS"
                                                          : "AH";
    };
    if (a_.auth_type != b_.auth_type) {
      differs(RuleId::authentication_differs, "auth_type", type(a_), type(b_), {"auth_type"});
    } else if (a_.auth_pass != b_.auth_pass) {
      say(RuleId::authentication_differs, {"auth_pass"}, name_b() + " has another auth_pass than " + name_a());
    }
  }

  std::string target_text(const VrrpInstance& instance, const Seat& seat) const {
    if (!instance.unicast_peers.empty()) return "by unicast";
    const config::GlobalDefs& global = directors_[seat.director].configuration->global;
    const IpAddress& usual = instance.family == Family::ipv4 ? global.vrrp_mcast_group4 : global.vrrp_mcast_group6;
    return "to " + instance.multicast_group.value_or(usual).to_string();
  }

  void compare_paths() {
    const std::string target_a = target_text(a_, seat_a_), target_b = target_text(b_, seat_b_);
    if (target_a != target_b) {
      say(RuleId::group_differs, {"unicast_peer", "mcast_dst_ip"},
          name_b() + " sends " + target_b + ", " + name_a() + " " + target_a);
    }
    if (a_.unicast_peers.empty() || b_.unicast_peers.empty()) return;
    if (b_.source && !lists(a_, *b_.source)) unlisted(seat_a_, seat_b_, *b_.source);
    if (a_.source && !lists(b_, *a_.source)) unlisted(seat_b_, seat_a_, *a_.source);
  }

  static bool lists(const VrrpInstance& instance, const IpAddress& address) {
    return std::any_of(instance.unicast_peers.begin(), instance.unicast_peers.end(),
                       [&](const config::UnicastPeer& peer) { return peer.address == address; });
  }
  void unlisted(const Seat& seat, const Seat& other, const IpAddress& address) {
    findings_.push_back({.rule = RuleId::peers_differ,
                         .place = places_.setting(seat, {"unicast_peer"}),
                         .message = name_of(directors_, seat) + " does not list " + address.to_string() +
                                    ", the source of " + name_of(directors_, other) + ", as unicast_peer",
                         .others = {places_.setting(other, {"unicast_src_ip", "mcast_src_ip"})},
                         .blocks = {instance_of(directors_, seat).place, instance_of(directors_, other).place}});
  }

  static std::set<IpAddress> addresses_of(const VrrpInstance& instance) {
    std::set<IpAddress> all;
    for (const config::VirtualAddress& address : instance.virtual_addresses) all.insert(address.address);
    return all;
  }
  void compare_addresses() {
    const std::set<IpAddress> a = addresses_of(a_), b = addresses_of(b_);
    if (a == b) return;
    std::vector<IpAddress> only_a, only_b;
    std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(only_a));
    std::set_difference(b.begin(), b.end(), a.begin(), a.end(), std::back_inserter(only_b));
    const std::string there = short_list_text(only_a), here = short_list_text(only_b);
    say(RuleId::addresses_differ, {"virtual_ipaddress"},
        only_b.empty()   ? name_b() + " does not list " + there + ", which " + name_a() + " lists"
        : only_a.empty() ? name_b() + " lists " + here + ", which " + name_a() + " does not list"
                         : name_b() + " lists " + here + ", where " + name_a() + " lists " + there);
    Finding& said = findings_.back();
    if (!only_b.empty()) said.place = places_.address(seat_b_, only_b.front());
    if (!only_a.empty()) said.others = {places_.address(seat_a_, only_a.front())};
  }

  void differs(RuleId rule, const std::string& what, const std::string& a, const std::string& b, Keywords keywords) {
    say(rule, keywords, name_b() + " has " + what + " " + b + ", " + name_a() + " has " + a);
  }
  void say(RuleId rule, Keywords keywords, std::string message) {
    findings_.push_back({.rule = rule,
                         .place = places_.setting(seat_b_, keywords),
                         .message = std::move(message),
                         .others = {places_.setting(seat_a_, keywords)},
                         .blocks = {b_.place, a_.place}});
  }

  std::span<const Director> directors_;
  const WrittenPlaces& places_;
  const VrrpInstance& a_;
  const VrrpInstance& b_;
  Seat seat_a_;
  Seat seat_b_;
  std::vector<Finding>& findings_;
};

void compare_seats(std::span<const Director> directors, const std::vector<VirtualRouterSeats>& routers,
                   const WrittenPlaces& places, std::vector<Finding>& findings) {
  for (const VirtualRouterSeats& router : routers) {
    if (router.seats.size() == 1 && directors.size() > 1) {
      const VrrpInstance& instance = instance_of(directors, router.seats[0]);
      findings.push_back({.rule = RuleId::alone,
                          .place = instance.place,
                          .message = name_of(directors, router.seats[0]) + " (virtual_router_id " +
                                     std::to_string(instance.virtual_router_id) + ") is on no other director",
                          .others = {}});
    }
    for (std::size_t i = 0; i < router.seats.size(); ++i) {
      for (std::size_t k = i + 1; k < router.seats.size(); ++k) {
        SeatComparison(directors, places, router.seats[i], router.seats[k], findings).run();
      }
    }
  }
}

using Members = std::set<std::size_t>;

/// For each virtual router (by its index) of one director, the virtual routers that move with it; null when it moves
/// alone, or is not there.
class Companions {
 public:
  Companions(std::span<const Director> directors, const std::vector<VirtualRouterSeats>& routers, std::size_t director)
      : group_of_(routers.size()), seats_(routers.size()) {
    std::map<std::string_view, std::size_t> by_name;
    for (std::size_t i = 0; i < routers.size(); ++i) {
      for (const Seat& seat : routers[i].seats) {
        if (seat.director != director) continue;
        by_name[instance_of(directors, seat).name] = i;
        seats_[i] = seat;
      }
    }
    for (const config::SyncGroup& group : directors[director].configuration->sync_groups) {
      auto members = std::make_shared<Members>();
      for (const std::string& name : group.members) {
        if (const auto found = by_name.find(name); found != by_name.end()) members->insert(found->second);
      }
      if (members->size() < 2) continue;
      for (const std::size_t member : *members) group_of_[member] = members;
    }
  }

  const std::optional<Seat>& seat(std::size_t router) const { return seats_[router]; }
  const std::shared_ptr<const Members>& group(std::size_t router) const { return group_of_[router]; }

 private:
  std::vector<std::shared_ptr<const Members>> group_of_;
  std::vector<std::optional<Seat>> seats_;
};

/// "alone on lb2", "with INSIDE on lb1"
std::string company_text(std::span<const Director> directors, const Companions& companions, std::size_t router) {
  const std::string on = " on " + directors[companions.seat(router)->director].name;
  if (companions.group(router) == nullptr) return "alone" + on;
  std::vector<std::string> names;
  for (const std::size_t member : *companions.group(router)) {
    if (member != router) names.push_back(instance_of(directors, *companions.seat(member)).name);
  }
  return "with " + short_list_text(std::move(names)) + on;
}

/// Of members that move together here one is told of.
void compare_groups(std::span<const Director> directors, const std::vector<VirtualRouterSeats>& routers,
                    std::vector<Finding>& findings) {
  const Companions first(directors, routers, 0);
  for (std::size_t director = 1; director < directors.size(); ++director) {
    const Companions other(directors, routers, director);
    std::set<std::pair<const Members*, const Members*>> told;
    for (std::size_t router = 0; router < routers.size(); ++router) {
      if (!first.seat(router) || !other.seat(router)) continue;
      const std::shared_ptr<const Members>& there = first.group(router);
      const std::shared_ptr<const Members>& here = other.group(router);
      if (there == nullptr && here == nullptr) continue;
      if (here != nullptr && !told.emplace(here.get(), there.get()).second) continue;
      if (here != nullptr && there != nullptr && *here == *there) continue;
      const VrrpInstance& instance = instance_of(directors, *other.seat(router));
      findings.push_back({.rule = RuleId::sync_group_differs,
                          .place = instance.place,
                          .message = instance.name + " moves " + company_text(directors, other, router) + ", but " +
                                     company_text(directors, first, router),
                          .others = {instance_of(directors, *first.seat(router)).place}});
    }
  }
}

/// A setting of a virtual server that clients see, in words.
struct Trait {
  std::string_view keyword;
  std::string_view other_keyword;
  std::string value;
};

std::string server_text(const IpAddress& address, std::uint16_t port) {
  const bool ipv6 = address.family() == Family::ipv6;
  return (ipv6 ? "[" + address.to_string() + "]" : address.to_string()) + ":" + std::to_string(port);
}

std::vector<Trait> traits_of(const config::VirtualServer& service) {
  const auto& sorry = service.sorry_server;
  return {{"lb_algo", "lvs_sched", std::string{to_string(service.settings.scheduler)}},
          {"lb_kind", "lvs_method", std::string{to_string(service.forwarding.method)}},
          {"persistence_timeout", {}, std::to_string(service.settings.persistence.count()) + " s"},
          {"quorum", {}, std::to_string(service.quorum)},
          {"sorry_server", {}, sorry ? server_text(sorry->address, sorry->port) : "none"}};
}

class ServiceComparison {
 public:
  ServiceComparison(std::span<const Director> directors, const WrittenPlaces& places, std::vector<Finding>& findings)
      : directors_(directors), places_(places), findings_(findings) {}

  void run() {
    std::map<std::string, std::vector<Known>> services;
    std::set<std::size_t> balancing;
    for (std::size_t i = 0; i < directors_.size(); ++i) {
      for (const config::VirtualServer& service : directors_[i].configuration->virtual_servers) {
        services[check::service_name(service)].push_back({i, &service});
        balancing.insert(i);
      }
    }
    for (const auto& [name, known] : services) {
      find_lack(name, known, balancing);
      for (std::size_t i = 1; i < known.size(); ++i) compare("virtual_server " + name, known.front(), known[i]);
    }
  }

 private:
  struct Known {
    std::size_t director = 0;
    const config::VirtualServer* service = nullptr;
  };
  const std::string& name(const Known& known) const { return directors_[known.director].name; }

  void find_lack(const std::string& service, const std::vector<Known>& known, std::set<std::size_t> lacking) {
    const std::size_t balancing = lacking.size();
    for (const Known& one : known) lacking.erase(one.director);
    if (lacking.empty()) return;
    std::vector<std::string> names;
    for (const std::size_t director : lacking) names.push_back(directors_[director].name);
    findings_.push_back({.rule = RuleId::virtual_server_differs,
                         .place = known.front().service->place,
                         .message = "virtual_server " + service + " is on " +
                                    std::to_string(balancing - lacking.size()) + " of " + std::to_string(balancing) +
                                    " directors that balance load: not on " + short_list_text(names),
                         .others = {}});
  }

  void compare(const std::string& service, const Known& first, const Known& other) {
    const std::vector<Trait> there = traits_of(*first.service), here = traits_of(*other.service);
    for (std::size_t i = 0; i < there.size(); ++i) {
      if (there[i].value == here[i].value) continue;
      say(first, other, place_of(first, there[i]), place_of(other, here[i]),
          service + " has " + std::string{there[i].keyword} + " " + here[i].value + " on " + name(other) + ", " +
              there[i].value + " on " + name(first));
    }
    compare_servers(service, first, other);
  }
  config::Place place_of(const Known& known, const Trait& trait) const {
    const config::Place place = places_.setting(known.director, *known.service, trait.keyword);
    const bool by_other_name = place == known.service->place && !trait.other_keyword.empty();
    return by_other_name ? places_.setting(known.director, *known.service, trait.other_keyword) : place;
  }

  using Servers = std::map<std::string, config::Place>;
  static Servers servers_of(const Known& known) {
    Servers servers;
    for (const config::RealServer& real : known.service->real_servers) {
      servers.emplace(server_text(real.address, real.port) + " weight " + std::to_string(real.weight), real.place);
    }
    return servers;
  }
  static std::vector<std::string> lacking(const Servers& these, const Servers& those) {
    std::vector<std::string> names;
    for (const auto& [server, place] : these) {
      if (those.count(server) == 0) names.push_back(server);
    }
    return names;
  }
  void compare_servers(const std::string& service, const Known& first, const Known& other) {
    const Servers there = servers_of(first), here = servers_of(other);
    const std::vector<std::string> only_there = lacking(there, here), only_here = lacking(here, there);
    if (only_there.empty() && only_here.empty()) return;
    const auto place = [](const Servers& servers, const std::vector<std::string>& names, const Known& known) {
      return names.empty() ? known.service->place : servers.at(names.front());
    };
    std::string message = service + " has ";
    if (only_here.empty()) {
      message += "no real_server " + short_list_text(only_there) + " on " + name(other) + ", but on " + name(first);
    } else if (only_there.empty()) {
      message += "real_server " + short_list_text(only_here) + " on " + name(other) + ", but not on " + name(first);
    } else {
      message += "real_server " + short_list_text(only_here) + " on " + name(other) + ", " +
                 short_list_text(only_there) + " on " + name(first);
    }
    say(first, other, place(there, only_there, first), place(here, only_here, other), std::move(message));
  }

  void say(const Known& first, const Known& other, config::Place there, config::Place here, std::string message) {
    findings_.push_back({.rule = RuleId::virtual_server_differs,
                         .place = std::move(here),
                         .message = std::move(message),
                         .others = {std::move(there)},
                         .blocks = {other.service->place, first.service->place}});
  }

  std::span<const Director> directors_;
  const WrittenPlaces& places_;
  std::vector<Finding>& findings_;
};

}  // namespace

std::vector<Finding> compare_directors(std::span<const Director> directors) {
  std::vector<Finding> findings;
  if (directors.size() < 2) return findings;
  const std::vector<VirtualRouterSeats> routers = virtual_routers(directors);
  const WrittenPlaces places(directors);
  compare_seats(directors, routers, places, findings);
  compare_groups(directors, routers, findings);
  ServiceComparison(directors, places, findings).run();
  return findings;
}

}  // namespace vipdrift::analysis
