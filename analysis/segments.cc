#include "analysis/segments.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <tuple>

namespace vipdrift::analysis {
namespace {

std::pair<IpAddress, std::uint8_t> network_of(const IpAddress& address, std::uint8_t length) {
  std::array<std::uint8_t, 16> bytes{};
  const auto own = address.bytes();
  for (std::size_t i = 0; i < own.size(); ++i) {
    const std::size_t bits = length > 8 * i ? std::min<std::size_t>(length - 8 * i, 8) : 0;
    bytes[i] = static_cast<std::uint8_t>(own[i] & (0xff00U >> bits));
  }
  return {IpAddress::from_bytes(address.family(), bytes), length};
}

}  // namespace

Segments::Segments(std::span<const Director> directors) : directors_(directors) {
  for (std::size_t i = 0; i < directors.size(); ++i) {
    interface_of_.emplace_back();
    for (const config::VrrpInstance& instance : directors[i].configuration->instances) {
      interface_of_[i].push_back(add_interface(i, instance.interface));
    }
  }
  find_networks();
  join_by_addresses();
  join_by_networks();
  for (Wire& wire : wires_) {
    for (const Network& network : wire.networks) {
      (network.first.family() == Family::ipv4 ? wire.has_ipv4_network : wire.has_ipv6_network) = true;
    }
  }
}

Segments::Relation Segments::between(const VirtualRouterSeats::Seat& a, const VirtualRouterSeats::Seat& b) const {
  const std::size_t one = wire_of(a), other = wire_of(b);
  if (one == other) return Relation::one;
  const Wire& here = wires_[one];
  const Wire& there = wires_[other];
  if (here.ends.count(b.director) > 0 || there.ends.count(a.director) > 0) return Relation::apart;
  const bool ipv4 = instance_of(directors_, a).family == Family::ipv4;
  const auto known = [&](const Wire& wire) { return ipv4 ? wire.has_ipv4_network : wire.has_ipv6_network; };
  return known(here) && known(there) ? Relation::apart : Relation::unknown;
}

std::size_t Segments::add_interface(std::size_t director, std::string_view name) {
  const auto [found, added] = interfaces_.try_emplace({director, name}, wire_.size());
  if (!added) return found->second;
  addresses_of_.emplace_back();
  wire_.push_back(wires_.size());
  wires_.push_back({.ends = {{director, found->second}}, .networks = {}});
  return found->second;
}

void Segments::find_networks() {
  for (std::size_t i = 0; i < directors_.size(); ++i) {
    const config::Configuration& configuration = *directors_[i].configuration;
    for (const config::VrrpInstance& instance : configuration.instances) {
      for (const auto* list : {&instance.virtual_addresses, &instance.excluded_addresses}) {
        for (const config::VirtualAddress& address : *list) {
          const std::string& device = address.device.empty() ? instance.interface : address.device;
          add_address(i, device, address.address, address.prefix_length);
        }
      }
      if (instance.source) add_address(i, instance.interface, *instance.source, 128);
    }
    for (const config::VirtualAddress& address : configuration.static_addresses) {
      add_address(i, address.device, address.address, address.prefix_length);
    }
  }
}

void Segments::add_address(std::size_t director, std::string_view interface, const IpAddress& address,
                           std::uint8_t length) {
  const auto found = interfaces_.find({director, interface});
  if (found == interfaces_.end() || address.is_link_local() || length == 0) return;
  const auto longest = static_cast<std::uint8_t>(address_size(address.family()) * 8);
  if (length >= longest) {
    addresses_of_[found->second].push_back(address);
  } else {
    wires_[found->second].networks.insert(network_of(address, length));
  }
}

/// The more addresses two interfaces have in common, the more they count.
void Segments::join_by_addresses() {
  std::map<std::tuple<Family, std::uint8_t, IpAddress>, std::set<std::size_t>> users;
  for (std::size_t i = 0; i < directors_.size(); ++i) {
    for (const config::VrrpInstance& instance : directors_[i].configuration->instances) {
      const std::size_t interface = interfaces_.at({i, instance.interface});
      for (const config::VirtualAddress& address : instance.virtual_addresses) {
        if (address.address.is_link_local()) continue;
        users[{instance.family, instance.virtual_router_id, address.address}].insert(interface);
      }
    }
  }
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> common;
  for (const auto& [address, interfaces] : users) {
    for (auto a = interfaces.begin(); a != interfaces.end(); ++a) {
      for (auto b = std::next(a); b != interfaces.end(); ++b) ++common[{*a, *b}];
    }
  }
  std::vector<std::tuple<std::size_t, std::size_t, std::size_t>> most;
  for (const auto& [pair, count] : common) most.emplace_back(count, pair.first, pair.second);
  std::stable_sort(most.begin(), most.end(),
                   [](const auto& a, const auto& b) { return std::get<0>(a) > std::get<0>(b); });
  for (const auto& [count, a, b] : most) join(a, b);
}

/// An address that was written without its network is in the smallest that anybody wrote. Where two interfaces of one
/// director are in a network, nobody can say which is meant.
void Segments::join_by_networks() {
  std::set<Network> all;
  std::set<std::pair<Family, std::uint8_t>, std::greater<>> lengths;
  for (const Wire& wire : wires_) all.insert(wire.networks.begin(), wire.networks.end());
  for (const Network& network : all) lengths.emplace(network.first.family(), network.second);
  for (std::size_t i = 0; i < addresses_of_.size(); ++i) {
    for (const IpAddress& address : addresses_of_[i]) {
      const auto found = std::find_if(lengths.begin(), lengths.end(), [&](const auto& length) {
        return length.first == address.family() && all.count(network_of(address, length.second)) > 0;
      });
      if (found != lengths.end()) wires_[wire_[i]].networks.insert(network_of(address, found->second));
    }
  }
  std::map<Network, std::set<std::size_t>> members;  // wires
  for (const std::size_t wire : std::set<std::size_t>(wire_.begin(), wire_.end())) {
    for (const Network& network : wires_[wire].networks) members[network].insert(wire);
  }
  for (const auto& [network, wires] : members) {
    std::map<std::size_t, std::size_t> ends;  // how many of each director
    for (const std::size_t wire : wires) {
      for (const auto& [director, interface] : wires_[wire].ends) ++ends[director];
    }
    if (std::any_of(ends.begin(), ends.end(), [](const auto& end) { return end.second > 1; })) continue;
    for (const std::size_t wire : wires)
      join(wires_[*wires.begin()].ends.begin()->second, wires_[wire].ends.begin()->second);
  }
}

void Segments::join(std::size_t a, std::size_t b) {
  const std::size_t into = wire_[a], from = wire_[b];
  if (into == from) return;
  Wire& kept = wires_[into];
  Wire& gone = wires_[from];
  for (const auto& [director, interface] : gone.ends) {
    if (kept.ends.count(director) > 0) return;
  }
  kept.networks.merge(gone.networks);
  for (const auto& [director, interface] : gone.ends) {
    kept.ends.emplace(director, interface);
    wire_[interface] = into;
  }
}

}  // namespace vipdrift::analysis
