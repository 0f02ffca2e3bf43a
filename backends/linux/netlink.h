// The kernel's interfaces and addresses, as they are and as they change (rtnetlink(7), through libnl).
#ifndef VIPDRIFT_BACKENDS_LINUX_NETLINK_H_
#define VIPDRIFT_BACKENDS_LINUX_NETLINK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"
#include "protocol/vrrp/host_facts.h"

struct nl_msg;
struct nl_object;
struct nl_sock;

namespace vipdrift::linux_backend {

/// What to add, apart from where.
struct NewAddress {
  IpPrefix prefix;
  std::string label;     ///< IPv4; empty: the interface's name
  Duration lifetime{0};  ///< zero: for ever; rounded up to whole seconds
};

/// A table of interfaces and addresses that follows the kernel's notifications. Lost notifications (the socket's buffer
/// ran over) are made good by a new dump, so that the table and the reported changes always come to the truth.
/// Numbers of interfaces are the kernel's. Errors are errno values; 0 means done.
class Netlink {
 public:
  struct Changes {
    std::function<void(InterfaceId, bool up)> link;
    std::function<void(InterfaceId, const IpAddress&, bool present)> address;
  };

  /// Subscribes and reads everything; error() tells whether that worked.
  Netlink();
  ~Netlink();
  Netlink(const Netlink&) = delete;
  Netlink& operator=(const Netlink&) = delete;

  int error() const { return error_; }
  /// Readable when notifications wait.
  int descriptor() const;

  vrrp::HostFacts facts() const;
  const std::map<std::uint32_t, vrrp::InterfaceFacts>& interfaces() const { return interfaces_; }

  /// Reads what waits and reports the differences to the table before.
  void receive(const Changes& changes);

  /// An address that is there gets the new lifetime; without one EEXIST.
  int add_address(InterfaceId interface, const NewAddress& address);
  int remove_address(InterfaceId interface, const IpPrefix& address);

 private:
  struct CloseSocket {
    void operator()(nl_sock* socket) const;
  };
  using Socket = std::unique_ptr<nl_sock, CloseSocket>;

  static int on_message(nl_msg* message, void* self);
  int open();
  int dump();
  void note(nl_object* object, bool present);

  Socket events_;
  Socket requests_;
  int error_ = 0;
  std::map<std::uint32_t, vrrp::InterfaceFacts> interfaces_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_NETLINK_H_
