// Which interfaces of several directors are on one wire, as far as their configurations tell.
#ifndef VIPDRIFT_ANALYSIS_SEGMENTS_H_
#define VIPDRIFT_ANALYSIS_SEGMENTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/finding.h"

namespace vipdrift::analysis {

/// What speaks for one wire: an address that instances of one VRID have in common, and then a network of addresses that
/// interfaces have in common. A director has one interface on a wire, so that its others are on other wires.
class Segments {
 public:
  explicit Segments(std::span<const Director> directors);

  enum class Relation : std::uint8_t { apart, unknown, one };
  /// How the interfaces of two instances of different directors are to each other. Of one name says nothing here.
  Relation between(const VirtualRouterSeats::Seat& a, const VirtualRouterSeats::Seat& b) const;

 private:
  using Network = std::pair<IpAddress, std::uint8_t>;  ///< its first address, and its length
  struct Wire {
    std::map<std::size_t, std::size_t> ends;  ///< by director, the interface that it has there
    std::set<Network> networks;
    bool has_ipv4_network = false;
    bool has_ipv6_network = false;
  };

  std::size_t add_interface(std::size_t director, std::string_view name);
  void find_networks();
  void add_address(std::size_t director, std::string_view interface, const IpAddress& address, std::uint8_t length);
  void join_by_addresses();
  void join_by_networks();
  void join(std::size_t a, std::size_t b);
  std::size_t wire_of(const VirtualRouterSeats::Seat& seat) const {
    return wire_[interface_of_[seat.director][seat.instance]];
  }

  std::span<const Director> directors_;
  std::map<std::pair<std::size_t, std::string_view>, std::size_t> interfaces_;
  std::vector<std::vector<std::size_t>> interface_of_;  ///< by director and instance
  std::vector<std::vector<IpAddress>> addresses_of_;    ///< by interface: those without a network
  std::vector<std::size_t> wire_;                       ///< by interface
  std::vector<Wire> wires_;
};

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_SEGMENTS_H_
