#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "analysis/finding.h"
#include "analysis/segments.h"

namespace vipdrift::analysis {
namespace {

using Seat = VirtualRouterSeats::Seat;

/// In order, each once.
std::vector<IpAddress> addresses_of(const config::VrrpInstance& instance) {
  std::vector<IpAddress> all;
  for (const config::VirtualAddress& address : instance.virtual_addresses) all.push_back(address.address);
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

std::size_t count_common(const std::vector<IpAddress>& a, const std::vector<IpAddress>& b) {
  std::size_t count = 0;
  for (auto one = a.begin(), other = b.begin(); one != a.end() && other != b.end();) {
    if (*one == *other) ++count;
    const bool behind = *one < *other;
    if (!(*other < *one)) ++one;
    if (!behind) ++other;
  }
  return count;
}

/// What speaks for two instances of one VRID being meant as one virtual router, the weightiest first.
struct Kinship {
  std::size_t addresses = 0;  ///< how many they have in common
  enum class Wire : std::uint8_t { apart, unknown, of_one_name, one } wire{};
  bool name = false;

  friend auto operator<=>(const Kinship&, const Kinship&) = default;
};

Kinship::Wire wire_between(std::span<const Director> directors, const Segments& segments, const Seat& a,
                           const Seat& b) {
  switch (segments.between(a, b)) {
    case Segments::Relation::apart:
      return Kinship::Wire::apart;
    case Segments::Relation::one:
      return Kinship::Wire::one;
    case Segments::Relation::unknown:
      break;
  }
  const bool same = instance_of(directors, a).interface == instance_of(directors, b).interface;
  return same ? Kinship::Wire::of_one_name : Kinship::Wire::unknown;
}

/// They have an address in common, or else at least their name and password, on what may be one wire: nullopt when
/// neither is so. Where the VRID is used on several interfaces, those without an address in common need a wire in
/// common, or at least the name of an interface.
std::optional<Kinship> kinship_of(std::span<const Director> directors, const Segments& segments, const Seat& one,
                                  const Seat& other, std::size_t common, bool ambiguous) {
  const config::VrrpInstance& a = instance_of(directors, one);
  const config::VrrpInstance& b = instance_of(directors, other);
  const Kinship kinship{common, wire_between(directors, segments, one, other), a.name == b.name};
  if (kinship.addresses > 0) return kinship;
  if (kinship.wire == Kinship::Wire::apart && a.unicast_peers.empty()) return std::nullopt;
  if (ambiguous && kinship.wire < Kinship::Wire::of_one_name) return std::nullopt;
  if (a.virtual_addresses.empty() || b.virtual_addresses.empty()) return kinship;
  const bool same_password = a.auth_type == b.auth_type && a.auth_pass == b.auth_pass;
  return kinship.name && same_password ? std::optional{kinship} : std::nullopt;
}

/// The seats of one VRID, in their order: those that are meant as one virtual router together, the closest kin first,
/// and never two of one director.
std::vector<VirtualRouterSeats> told_apart(std::span<const Director> directors, const Segments& segments,
                                           const std::vector<Seat>& seats) {
  bool ambiguous = false;
  for (std::size_t i = 1; i < seats.size(); ++i) ambiguous |= seats[i - 1].director == seats[i].director;
  struct Pair {
    Kinship kinship;
    std::size_t one = 0;
    std::size_t other = 0;
  };
  std::vector<Pair> pairs;
  std::vector<std::vector<IpAddress>> addresses;
  for (const Seat& seat : seats) addresses.push_back(addresses_of(instance_of(directors, seat)));
  for (std::size_t i = 0; i < seats.size(); ++i) {
    for (std::size_t k = i + 1; k < seats.size(); ++k) {
      if (seats[i].director == seats[k].director) continue;
      const auto kinship =
          kinship_of(directors, segments, seats[i], seats[k], count_common(addresses[i], addresses[k]), ambiguous);
      if (kinship) pairs.push_back({*kinship, i, k});
    }
  }
  std::stable_sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.kinship > b.kinship; });
  std::vector<VirtualRouterSeats> parts;  // where seats were joined, empty ones remain
  std::vector<std::size_t> part_of;       // by seat
  for (const Seat& seat : seats) {
    part_of.push_back(parts.size());
    parts.push_back({{seat}});
  }
  const auto share_a_director = [&](const VirtualRouterSeats& a, const VirtualRouterSeats& b) {
    return std::any_of(a.seats.begin(), a.seats.end(), [&](const Seat& one) {
      return std::any_of(b.seats.begin(), b.seats.end(),
                         [&](const Seat& other) { return one.director == other.director; });
    });
  };
  for (const Pair& pair : pairs) {
    const std::size_t into = std::min(part_of[pair.one], part_of[pair.other]);
    const std::size_t from = std::max(part_of[pair.one], part_of[pair.other]);
    if (into == from || share_a_director(parts[into], parts[from])) continue;
    parts[into].seats.insert(parts[into].seats.end(), parts[from].seats.begin(), parts[from].seats.end());
    parts[from].seats.clear();
    std::replace(part_of.begin(), part_of.end(), from, into);
  }
  std::erase_if(parts, [](const VirtualRouterSeats& part) { return part.seats.empty(); });
  for (VirtualRouterSeats& part : parts) std::sort(part.seats.begin(), part.seats.end());
  return parts;  // each at the place of its first seat
}

}  // namespace

std::vector<VirtualRouterSeats> virtual_routers(std::span<const Director> directors) {
  std::map<std::pair<Family, std::uint8_t>, std::vector<Seat>> found;
  for (std::size_t i = 0; i < directors.size(); ++i) {
    const std::vector<config::VrrpInstance>& instances = directors[i].configuration->instances;
    for (std::size_t k = 0; k < instances.size(); ++k) {
      found[{instances[k].family, instances[k].virtual_router_id}].push_back({i, k});
    }
  }
  const Segments segments(directors);
  std::vector<VirtualRouterSeats> routers;
  for (const auto& [identity, seats] : found) {
    for (VirtualRouterSeats& part : told_apart(directors, segments, seats)) routers.push_back(std::move(part));
  }
  return routers;
}

std::string name_of(std::span<const Director> directors, const VirtualRouterSeats::Seat& seat) {
  return instance_of(directors, seat).name + " of " + directors[seat.director].name;
}

}  // namespace vipdrift::analysis
