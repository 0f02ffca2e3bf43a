#include "analysis/known_addresses.h"

#include <algorithm>

namespace vipdrift::analysis {

std::optional<IpAddress> address_known_by_peers(std::span<const Director> directors, const VirtualRouterSeats& router,
                                                const VirtualRouterSeats::Seat& seat) {
  const auto lists = [](const config::VrrpInstance& instance, const IpAddress& address) {
    return std::any_of(instance.unicast_peers.begin(), instance.unicast_peers.end(),
                       [&](const config::UnicastPeer& peer) { return peer.address == address; });
  };
  const config::VrrpInstance& own = instance_of(directors, seat);
  for (const VirtualRouterSeats::Seat& other : router.seats) {
    if (other.director == seat.director) continue;
    for (const config::UnicastPeer& peer : instance_of(directors, other).unicast_peers) {
      if (!lists(own, peer.address)) return peer.address;
    }
  }
  return std::nullopt;
}

std::set<IpAddress> known_addresses(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
                                    std::size_t director) {
  std::set<IpAddress> known;
  const config::Configuration& configuration = *directors[director].configuration;
  for (const config::VirtualAddress& address : configuration.static_addresses) known.insert(address.address);
  for (const config::VrrpInstance& instance : configuration.instances) {
    if (instance.source) known.insert(*instance.source);
  }
  for (const VirtualRouterSeats& router : routers) {
    // Of three or more, one that is left out of a list would be taken for another.
    if (router.seats.size() != 2) continue;
    for (const VirtualRouterSeats::Seat& seat : router.seats) {
      if (seat.director != director || instance_of(directors, seat).source) continue;
      if (const auto address = address_known_by_peers(directors, router, seat)) known.insert(*address);
    }
  }
  return known;
}

}  // namespace vipdrift::analysis
