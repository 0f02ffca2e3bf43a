// What the kernel of a network namespace says about its interfaces, addresses and neighbours.
#ifndef VIPDRIFT_BACKENDS_NETNS_KERNEL_MONITOR_H_
#define VIPDRIFT_BACKENDS_NETNS_KERNEL_MONITOR_H_

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

struct nl_msg;
struct nl_object;
struct nl_sock;

namespace vipdrift::netns {

/// Follows rtnetlink(7) notifications; lost ones are made good by reading everything anew. Reports only what differs
/// from what was known. An interface on top of another (a virtual MAC) is reported under the name of the other.
class KernelMonitor {
 public:
  struct Changes {
    std::function<void(const std::string& interface, bool up)> link;
    std::function<void(const std::string& interface, const IpPrefix& address, bool present)> address;
    std::function<void(const IpAddress& address, const MacAddress& mac)> neighbour;
  };

  /// Of the namespace in which the thread is now. Learns silently what is there.
  explicit KernelMonitor(Changes changes);
  ~KernelMonitor();
  KernelMonitor(const KernelMonitor&) = delete;
  KernelMonitor& operator=(const KernelMonitor&) = delete;

  bool good() const { return good_; }
  /// Readable when notifications wait.
  int descriptor() const;
  /// Reads what waits and reports it.
  void receive();

  /// Whether the interface is up and has a carrier; false for one that is not there.
  bool up(const std::string& interface) const;

  using HeldAddress = std::pair<int, IpAddress>;
  /// Every address but those of the loopback interface, with the interface's true name.
  std::map<IpAddress, std::pair<std::string, IpPrefix>> addresses() const;

 private:
  struct Link {
    std::string name;
    MacAddress mac;
    int below = 0;  ///< the interface that it is on top of; 0: none
    bool up = false;
  };
  struct CloseSocket {
    void operator()(nl_sock* socket) const;
  };

  static int on_message(nl_msg* message, void* self);
  bool dump();
  void note(nl_object* object, bool present);
  void note_link(nl_object* object, bool present);
  void note_address(nl_object* object, bool present);
  void note_neighbour(nl_object* object, bool present);
  void forget(const HeldAddress& address);
  std::string reported_name(int index) const;

  Changes changes_;
  std::unique_ptr<nl_sock, CloseSocket> events_;
  bool good_ = false;
  bool silent_ = true;
  std::map<int, Link> links_;
  std::map<HeldAddress, IpPrefix> addresses_;
  std::set<HeldAddress> seen_in_dump_;
  std::map<std::pair<int, IpAddress>, MacAddress> neighbours_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_KERNEL_MONITOR_H_
