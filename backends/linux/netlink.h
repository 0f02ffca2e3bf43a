// The kernel's interfaces and addresses, as they are and as they change (rtnetlink(7)).
#ifndef VIPDRIFT_BACKENDS_LINUX_NETLINK_H_
#define VIPDRIFT_BACKENDS_LINUX_NETLINK_H_

#include <linux/netlink.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/linux/file_descriptor.h"
#include "backends/linux/netlink_socket.h"
#include "protocol/base/strong_id.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "protocol/vrrp/event.h"
#include "protocol/vrrp/host_facts.h"

namespace vipdrift::linux_backend {

/// A table of interfaces and addresses that follows the kernel's notifications. Lost notifications (the socket's buffer
/// ran over) are made good by a new dump, so that the table and the reported changes always come to the truth.
/// Numbers of interfaces are the kernel's. Errors are errno values; 0 means done.
class Netlink {
 public:
  struct Held {
    std::uint64_t order = 0;  ///< later addresses have higher ones
    bool secondary = false;
    bool leased = false;  ///< its lifetime is limited
  };
  struct Interface {
    std::string name;
    MacAddress mac;
    bool up = false;          ///< administratively up and with carrier
    std::uint32_t below = 0;  ///< the interface that it stands on; 0: none
    bool is_macvlan = false;
    bool is_vepa = false;  ///< a macvlan of that mode
    std::optional<std::uint32_t> vrf_table;  ///< of a VRF device
    std::map<IpPrefix, Held> addresses;      ///< those that may be used: no tentative ones
  };
  struct Changes {
    /// LinkChanged, AddressChanged, InterfaceAppeared, InterfaceVanished, VirtualMacRemoved.
    std::function<void(const vrrp::Event&)> event;
    /// RTM_DELROUTE and RTM_DELRULE, once watch_routes() was called.
    std::function<void(const nlmsghdr&)> route = {};
  };

  static constexpr int kReceiveBuffer = 4 << 20;

  /// Subscribes and reads everything; error() tells whether that worked. `requests` outlives this; notifications of
  /// what it did with NetlinkSocket::kMark never wake anybody. `receive_buffer` in bytes, as far as the system allows.
  explicit Netlink(NetlinkSocket& requests, int receive_buffer = kReceiveBuffer);

  int error() const { return error_; }
  /// Readable when notifications wait.
  int descriptor() const { return events_.get(); }

  /// Without own virtual MACs, and without those whose leases a dead daemon has left: their addresses are told as those
  /// of the interface below.
  vrrp::HostFacts facts() const;
  const std::map<std::uint32_t, Interface>& interfaces() const { return interfaces_; }
  /// 0: there is none of that name.
  std::uint32_t index_of(const std::string& name) const;

  /// The macvlan `index` is the stack's own on `base`: its addresses are reported as those of `base`, and it is not
  /// reported itself. It may be one that the table does not know yet.
  void adopt(std::uint32_t index, InterfaceId base, const MacAddress& mac);
  /// It is going to be removed: its end is no news.
  void disown(std::uint32_t index);
  /// The adopted macvlan of `mac` on `base`; 0: there is none.
  std::uint32_t adopted(InterfaceId base, const MacAddress& mac) const;
  bool has_adopted(InterfaceId base) const;
  /// A macvlan that an earlier vipdriftd has left there under that name, with nothing but addresses whose leases have
  /// not run out; 0: there is none.
  std::uint32_t leased_leftover(InterfaceId base, const MacAddress& mac, const std::string& name) const;
  std::size_t number_adopted() const { return adopted_.size(); }

  int watch_routes();

  /// Reads what waits and reports what is different from before.
  void receive(const Changes& changes);

 private:
  using Table = std::map<std::uint32_t, Interface>;
  using VirtualMac = std::pair<InterfaceId, MacAddress>;  ///< base and address

  int open(int receive_buffer);
  int filter_own_renewals();
  int dump();
  int dump_once();
  void resynchronise(std::vector<vrrp::Event>& events);
  bool read(std::vector<vrrp::Event>& events, const Changes& changes);
  void note(const nlmsghdr& message, std::vector<vrrp::Event>& events);
  void note_link(const nlmsghdr& message, std::vector<vrrp::Event>& events);
  void note_address(const nlmsghdr& message, std::vector<vrrp::Event>& events);
  void note_vanished(std::uint32_t index, std::vector<vrrp::Event>& events);
  vrrp::InterfaceFacts facts_of(std::uint32_t index, const Interface& interface) const;
  InterfaceId reported_as(std::uint32_t index) const;

  NetlinkSocket& requests_;
  FileDescriptor events_;
  Table interfaces_;
  std::map<std::uint32_t, VirtualMac> adopted_;
  std::map<VirtualMac, std::uint32_t> adopted_as_;  ///< the same the other way round
  std::uint64_t next_order_ = 0;
  std::unique_ptr<std::uint8_t[]> buffer_;  ///< for a batch of notifications
  int error_ = 0;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_NETLINK_H_
