// The macvlans of use_vmac: made, set up and removed.
#ifndef VIPDRIFT_BACKENDS_LINUX_VIRTUAL_MACS_H_
#define VIPDRIFT_BACKENDS_LINUX_VIRTUAL_MACS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "backends/linux/netlink.h"
#include "backends/linux/netlink_socket.h"
#include "protocol/base/strong_id.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::linux_backend {

/// An interface with the MAC address of a virtual router on top of the one that VRRP speaks on. It exists for the
/// virtual addresses alone: advertisements and announcements leave through the interface below, with its address.
///
/// In mode VEPA, unlike keepalived's (private): frames that another holder of the same MAC address sends then arrive at
/// the interface below, once, as all others do, and the macvlan neither hears nor answers that holder's gratuitous ARP.
/// Errors are errno values; 0 means done.
class VirtualMacs {
 public:
  using Log = std::function<void(const std::string&)>;

  /// Both outlive this. Nothing waits in `requests` when a function is called, nor afterwards.
  VirtualMacs(NetlinkSocket& requests, Netlink& table, Log log);

  /// Makes the macvlan and brings it up. One that a crash has left is taken over while its addresses are leased, and
  /// removed first otherwise.
  int add(InterfaceId base, const MacAddress& mac, const std::string& name);
  /// All in one go: the kernel waits for a moment of silence at each removal, and thousands would take seconds.
  int remove(const std::vector<std::pair<InterfaceId, MacAddress>>& which);

 private:
  int make(InterfaceId base, const MacAddress& mac, const std::string& name);
  int remove_leftovers(InterfaceId base, const MacAddress& mac, const std::string& name);
  void prepare(InterfaceId base, const std::string& name);
  bool prepare_below(InterfaceId base);
  void restore_below(InterfaceId base);
  void spare_from_strict_filters();
  bool write(const std::string& path, int value);
  int flush();

  NetlinkSocket& requests_;
  Netlink& table_;
  Log log_;
  /// Of interfaces below: the settings that were changed, with what they were before.
  std::map<InterfaceId, std::vector<std::pair<std::string, int>>> changed_below_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_VIRTUAL_MACS_H_
