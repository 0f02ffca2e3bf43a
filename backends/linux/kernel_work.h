// What the stack asks of the kernel's tables - addresses, routes, rules, macvlans, filters - carried out in batches.
#ifndef VIPDRIFT_BACKENDS_LINUX_KERNEL_WORK_H_
#define VIPDRIFT_BACKENDS_LINUX_KERNEL_WORK_H_

#include <linux/netlink.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "backends/linux/iproute2_names.h"
#include "backends/linux/netlink.h"
#include "backends/linux/netlink_socket.h"
#include "backends/linux/packet_filter.h"
#include "backends/linux/virtual_macs.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/event.h"

namespace vipdrift::linux_backend {

/// Work waits until flush(), or until there is enough for a system call, and is then done in the order in which it was
/// given; a thousand addresses are a handful of system calls. What the kernel refuses becomes an ActionFailed with its
/// errno value, and is logged once when the kernel has said why.
class KernelWork {
 public:
  struct Sinks {
    std::function<void(const vrrp::ActionFailed&)> failed;
    std::function<void(const std::string&)> log;
  };

  /// Both outlive this.
  KernelWork(NetlinkSocket& requests, Netlink& table, Sinks sinks);

  void carry_out(const vrrp::AddAddress& action);
  void carry_out(const vrrp::RemoveAddress& action);
  void carry_out(const vrrp::AddRoute& action);
  void carry_out(const vrrp::RemoveRoute& action);
  void carry_out(const vrrp::AddRule& action);
  void carry_out(const vrrp::RemoveRule& action);
  /// At once, after what waits.
  void carry_out(const vrrp::AddVirtualMac& action);
  /// With the others that wait; addresses on it go first.
  void carry_out(const vrrp::RemoveVirtualMac& action);

  /// Nothing waits afterwards.
  void flush();

  /// What `told`, a notification of RTM_DELROUTE or RTM_DELRULE, says of a route or rule that was asked for here and
  /// that somebody else has removed.
  std::optional<vrrp::Event> removed(const nlmsghdr& told);

 private:
  using What = vrrp::ActionFailed::What;
  /// What is to be said when a request is refused, and the errno values that are as good as done.
  struct Waiting {
    vrrp::ActionFailed failure;
    std::array<int, 3> fine{};
  };
  /// A route or rule that is in the kernel because it was asked for.
  template <class Thing>
  struct Asked {
    std::vector<std::uint32_t> request;  ///< in words, for the alignment
    Thing thing;
    const nlmsghdr& message() const { return *reinterpret_cast<const nlmsghdr*>(request.data()); }
  };

  std::uint32_t index_for(InterfaceId interface, const MacAddress& virtual_mac) const;
  void append_address(const vrrp::AddAddress& action, std::uint32_t index);
  void remember(Waiting waiting);
  void send_requests();
  template <class Thing>
  void remember(std::vector<Asked<Thing>>& asked, const nlmsghdr& message, const Thing& thing);
  void watch_routes();
  void filter_first();
  void report(Waiting& waiting, int error, const std::string& text);
  void say_once(const std::string& line);
  template <class Thing>
  std::optional<Thing> take_gone(std::vector<Asked<Thing>>& asked, const nlmsghdr& told);

  NetlinkSocket& requests_;
  Netlink& table_;
  Sinks sinks_;
  Iproute2Names names_;
  PacketFilter filter_;
  VirtualMacs virtual_macs_;
  std::vector<Waiting> waiting_;  ///< one for each request in the batch
  std::vector<IpAddress> to_refuse_;
  std::vector<IpAddress> to_accept_;
  std::set<IpAddress> refused_;
  std::vector<vrrp::RemoveVirtualMac> macs_to_remove_;
  std::vector<Asked<config::Route>> routes_;
  std::vector<Asked<config::Rule>> rules_;
  bool watches_routes_ = false;
  std::set<std::string> said_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_KERNEL_WORK_H_
