#include "analysis/across_directors.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "analysis/words.h"
#include "protocol/check/check_plan.h"

namespace vipdrift::analysis {
namespace {

using config::VrrpInstance;
using Seat = VirtualRouterSeats::Seat;

/// Says each difference between two seats of one virtual router.
class SeatComparison {
 public:
  SeatComparison(std::span<const Director> directors, const Seat& a, const Seat& b, std::vector<Finding>& findings)
      : directors_(directors),
        a_(instance_of(directors, a)),
        b_(instance_of(directors, b)),
        seat_a_(a),
        seat_b_(b),
        findings_(findings) {}

  void run() {
    if (a_.version != b_.version) {
      say(RuleId::version_differs, "version", version_text(a_), version_text(b_));
      return;  // whatever else differs does not matter yet
    }
    const bool v2 = a_.version == vrrp::Version::v2;
    // In version 3 a Backup takes the Master's interval over.
    if (v2 && a_.advert_int != b_.advert_int) {
      say(RuleId::interval_differs, "advert_int", seconds_text(a_.advert_int), seconds_text(b_.advert_int));
    }
    if (v2 && (a_.auth_type != b_.auth_type || a_.auth_pass != b_.auth_pass)) {
      say(RuleId::authentication_differs, "authentication", authentication_text(a_), authentication_text(b_));
    }
    if (!v2 && a_.v3_checksum_as_v2 != b_.v3_checksum_as_v2) {
      say(RuleId::checksum_differs, "v3_checksum_as_v2", a_.v3_checksum_as_v2 ? "yes" : "no",
          b_.v3_checksum_as_v2 ? "yes" : "no");
    }
    compare_paths();
    compare_addresses();
    if (a_.use_vmac != b_.use_vmac) {
      say(RuleId::virtual_mac_differs, "use_vmac", a_.use_vmac ? "yes" : "no", b_.use_vmac ? "yes" : "no");
    }
    if (a_.priority == b_.priority) {
      say(RuleId::equal_priorities, "priority", std::to_string(a_.priority), std::to_string(b_.priority));
    }
    if (a_.state == config::WantedState::master && b_.state == config::WantedState::master) {
      say(RuleId::several_masters, "state", "MASTER", "MASTER");
    }
  }

 private:
  static std::string version_text(const VrrpInstance& instance) {
    return instance.version == vrrp::Version::v2 ? "2" : "3";
  }
  static std::string authentication_text(const VrrpInstance& instance) {
    if (instance.auth_type == vrrp::AuthType::none) return "none";
    return (instance.auth_type == vrrp::AuthType::pass ? "PASS " : "AH ") + instance.auth_pass;
  }
  std::string group_text(const VrrpInstance& instance, const Seat& seat) const {
    if (!instance.unicast_peers.empty()) return "unicast";
    const config::GlobalDefs& global = directors_[seat.director].configuration->global;
    const IpAddress& usual = instance.family == Family::ipv4 ? global.vrrp_mcast_group4 : global.vrrp_mcast_group6;
    return instance.multicast_group.value_or(usual).to_string();
  }

  void compare_paths() {
    const std::string group_a = group_text(a_, seat_a_), group_b = group_text(b_, seat_b_);
    if (group_a != group_b) say(RuleId::group_differs, "sends to", group_a, group_b);
    if (a_.unicast_peers.empty() || b_.unicast_peers.empty()) return;
    if (b_.source && !lists(a_, *b_.source)) unlisted(a_, seat_a_, seat_b_, *b_.source);
    if (a_.source && !lists(b_, *a_.source)) unlisted(b_, seat_b_, seat_a_, *a_.source);
  }

  static bool lists(const VrrpInstance& instance, const IpAddress& address) {
    return std::any_of(instance.unicast_peers.begin(), instance.unicast_peers.end(),
                       [&](const config::UnicastPeer& peer) { return peer.address == address; });
  }
  void unlisted(const VrrpInstance& instance, const Seat& seat, const Seat& other, const IpAddress& address) {
    findings_.push_back({RuleId::peers_differ, instance.place,
                         name_of(directors_, seat) + " does not list " + address.to_string() + ", the source of " +
                             name_of(directors_, other),
                         {instance_of(directors_, other).place}});
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
    say(RuleId::addresses_differ, "only here", list_text(only_a), list_text(only_b));
  }

  void say(RuleId rule, const std::string& what, const std::string& a, const std::string& b) {
    findings_.push_back({rule, b_.place,
                         what + " " + b + " in " + name_of(directors_, seat_b_) + ", " + a + " in " +
                             name_of(directors_, seat_a_),
                         {a_.place}});
  }

  std::span<const Director> directors_;
  const VrrpInstance& a_;
  const VrrpInstance& b_;
  Seat seat_a_;
  Seat seat_b_;
  std::vector<Finding>& findings_;
};

void compare_seats(std::span<const Director> directors, const std::vector<VirtualRouterSeats>& routers,
                   std::vector<Finding>& findings) {
  for (const VirtualRouterSeats& router : routers) {
    if (router.seats.size() == 1 && directors.size() > 1) {
      const VrrpInstance& instance = instance_of(directors, router.seats[0]);
      findings.push_back({RuleId::alone, instance.place,
                          "no other director has virtual_router_id " + std::to_string(instance.virtual_router_id) +
                              " of " + name_of(directors, router.seats[0]),
                          {}});
    }
    for (std::size_t i = 0; i < router.seats.size(); ++i) {
      for (std::size_t k = i + 1; k < router.seats.size(); ++k) {
        SeatComparison(directors, router.seats[i], router.seats[k], findings).run();
      }
    }
  }
}

/// For each virtual router (by its index) of one director, the virtual routers that move with it; itself when alone.
std::map<std::size_t, std::set<std::size_t>> companions_of(std::span<const Director> directors,
                                                           const std::vector<VirtualRouterSeats>& routers,
                                                           std::size_t director) {
  std::map<std::string, std::size_t> by_name;
  std::map<std::size_t, std::set<std::size_t>> companions;
  for (std::size_t i = 0; i < routers.size(); ++i) {
    for (const Seat& seat : routers[i].seats) {
      if (seat.director != director) continue;
      by_name[instance_of(directors, seat).name] = i;
      companions[i] = {i};
    }
  }
  for (const config::SyncGroup& group : directors[director].configuration->sync_groups) {
    std::set<std::size_t> members;
    for (const std::string& name : group.members) {
      if (const auto found = by_name.find(name); found != by_name.end()) members.insert(found->second);
    }
    for (const std::size_t member : members) companions[member] = members;
  }
  return companions;
}

void compare_groups(std::span<const Director> directors, const std::vector<VirtualRouterSeats>& routers,
                    std::vector<Finding>& findings) {
  const auto first = companions_of(directors, routers, 0);
  for (std::size_t director = 1; director < directors.size(); ++director) {
    std::set<std::set<std::size_t>> told;
    for (const auto& [router, here] : companions_of(directors, routers, director)) {
      const auto there = first.find(router);
      if (there == first.end() || there->second == here || !told.insert(here).second) continue;
      const auto seat_of = [&, index = router](std::size_t which) {
        return *std::find_if(routers[index].seats.begin(), routers[index].seats.end(),
                             [which](const Seat& seat) { return seat.director == which; });
      };
      const auto text = [&](std::size_t which, const std::set<std::size_t>& members) {
        if (members.size() == 1) return "alone on " + directors[which].name;
        std::vector<std::string> names;
        for (const std::size_t member : members) {
          for (const Seat& seat : routers[member].seats) {
            if (seat.director == which) names.push_back(instance_of(directors, seat).name);
          }
        }
        return "with " + list_text(names) + " on " + directors[which].name;
      };
      findings.push_back({RuleId::sync_group_differs, instance_of(directors, seat_of(director)).place,
                          instance_of(directors, seat_of(director)).name + " moves " + text(director, here) + ", " +
                              text(0, there->second),
                          {instance_of(directors, seat_of(0)).place}});
    }
  }
}

/// What clients see of a virtual server, in words.
std::vector<std::pair<std::string, std::string>> traits_of(const config::VirtualServer& service) {
  std::set<std::string> servers;
  for (const config::RealServer& real : service.real_servers) {
    servers.insert(real.address.to_string() + ":" + std::to_string(real.port) + " weight " +
                   std::to_string(real.weight));
  }
  const auto& sorry = service.sorry_server;
  return {{"lb_algo", std::string{to_string(service.settings.scheduler)}},
          {"lb_kind", std::string{to_string(service.forwarding.method)}},
          {"persistence_timeout", std::to_string(service.settings.persistence.count())},
          {"quorum", std::to_string(service.quorum)},
          {"sorry_server", sorry ? sorry->address.to_string() + ":" + std::to_string(sorry->port) : "none"},
          {"real_server", list_text(std::vector<std::string>{servers.begin(), servers.end()})}};
}

void compare_services(std::span<const Director> directors, std::vector<Finding>& findings) {
  struct Known {
    std::size_t director = 0;
    const config::VirtualServer* service = nullptr;
  };
  std::map<std::string, std::vector<Known>> services;
  for (std::size_t i = 0; i < directors.size(); ++i) {
    for (const config::VirtualServer& service : directors[i].configuration->virtual_servers) {
      services[check::service_name(service)].push_back({i, &service});
    }
  }
  const auto balances = [](const Director& director) { return !director.configuration->virtual_servers.empty(); };
  const auto balancing = static_cast<std::size_t>(std::count_if(directors.begin(), directors.end(), balances));
  for (const auto& [name, known] : services) {
    const Known& first = known.front();
    std::set<std::size_t> having;
    for (const Known& one : known) having.insert(one.director);
    if (having.size() < balancing) {
      findings.push_back({RuleId::virtual_server_differs, first.service->place,
                          "virtual_server " + name + " is only on " + std::to_string(having.size()) + " of " +
                              std::to_string(balancing) + " directors that balance load",
                          {}});
    }
    const auto traits = traits_of(*first.service);
    for (std::size_t i = 1; i < known.size(); ++i) {
      const auto others = traits_of(*known[i].service);
      for (std::size_t t = 0; t < traits.size(); ++t) {
        if (traits[t].second == others[t].second) continue;
        findings.push_back({RuleId::virtual_server_differs, known[i].service->place,
                            "virtual_server " + name + ": " + traits[t].first + " " + others[t].second + " on " +
                                directors[known[i].director].name + ", " + traits[t].second + " on " +
                                directors[first.director].name,
                            {first.service->place}});
      }
    }
  }
}

}  // namespace

std::vector<Finding> compare_directors(std::span<const Director> directors) {
  std::vector<Finding> findings;
  if (directors.size() < 2) return findings;
  const std::vector<VirtualRouterSeats> routers = virtual_routers(directors);
  compare_seats(directors, routers, findings);
  compare_groups(directors, routers, findings);
  compare_services(directors, findings);
  return findings;
}

}  // namespace vipdrift::analysis
