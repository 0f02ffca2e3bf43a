// What the configurations of a cluster say of the directors' own addresses.
#ifndef VIPDRIFT_ANALYSIS_KNOWN_ADDRESSES_H_
#define VIPDRIFT_ANALYSIS_KNOWN_ADDRESSES_H_

#include <cstddef>
#include <optional>
#include <set>
#include <span>

#include "analysis/finding.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::analysis {

/// The source of a unicast instance that does not write it: what others send to and it does not send to itself.
std::optional<IpAddress> address_known_by_peers(std::span<const Director> directors, const VirtualRouterSeats& router,
                                                const VirtualRouterSeats::Seat& seat);

/// The addresses that are surely a director's own: mcast_src_ip, unicast_src_ip, static_ipaddress, and what its unicast
/// peers call it.
std::set<IpAddress> known_addresses(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
                                    std::size_t director);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_KNOWN_ADDRESSES_H_
