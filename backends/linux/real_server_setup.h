// Prepares this machine as a real server of LVS-DR (LVS-HOWTO, "The ARP problem"): it takes packets for the virtual
// addresses, which it has on its loopback, and never says so to its neighbours.
#ifndef VIPDRIFT_BACKENDS_LINUX_REAL_SERVER_SETUP_H_
#define VIPDRIFT_BACKENDS_LINUX_REAL_SERVER_SETUP_H_

#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "protocol/net/ip_address.h"

namespace vipdrift::linux_backend {

/// A setting below /proc/sys; `before` is put back by take_back().
struct KernelSetting {
  std::string name;  ///< "net/ipv4/conf/all/arp_ignore"
  int before = 0;
  int wanted = 0;
  friend bool operator==(const KernelSetting&, const KernelSetting&) = default;
};
/// The address as a host prefix (/32, /128) on lo.
struct LoopbackAddress {
  IpAddress address;
  friend bool operator==(const LoopbackAddress&, const LoopbackAddress&) = default;
};
/// A route to the address alone, through lo.
struct HostRoute {
  IpAddress address;
  friend bool operator==(const HostRoute&, const HostRoute&) = default;
};
/// The loopback is up.
struct LoopbackUp {
  friend bool operator==(const LoopbackUp&, const LoopbackUp&) = default;
};
using RealServerChange = std::variant<KernelSetting, LoopbackUp, LoopbackAddress, HostRoute>;

/// "net.ipv4.conf.all.arp_ignore 0 -> 1", "10.1.10.7/32 on lo", "route to 10.1.10.7 through lo", "lo up".
std::string to_string(const RealServerChange& change);

/// What has to be changed in this network namespace, first that which keeps it silent; empty when nothing has. For IPv4
/// arp_ignore 1 and arp_announce 2 on `all` and lo; IPv6 needs none: a kernel answers for addresses of the interface
/// that is asked, and for no other.
std::vector<RealServerChange> plan_real_server(std::span<const IpAddress> virtual_addresses);

/// Carries out `plan`, all or nothing: an error in words when something is refused, and then everything is as before.
/// `made` is what was really changed: routes and addresses that came meanwhile are not ours.
std::optional<std::string> make_real_server(std::span<const RealServerChange> plan,
                                            std::vector<RealServerChange>& made);

/// The way back, as far as the machine still is as it was left: what somebody else has changed since is told in words
/// and stays.
std::vector<std::string> take_back(std::span<const RealServerChange> made);

/// What is wrong with this machine as a real server for `virtual_addresses`, one line each with the command that mends
/// it; empty: nothing.
std::vector<std::string> real_server_faults(std::span<const IpAddress> virtual_addresses);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_REAL_SERVER_SETUP_H_
