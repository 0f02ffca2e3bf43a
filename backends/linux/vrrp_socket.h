// Protocol 112 on one interface: raw sockets for datagrams in and out.
#ifndef VIPDRIFT_BACKENDS_LINUX_VRRP_SOCKET_H_
#define VIPDRIFT_BACKENDS_LINUX_VRRP_SOCKET_H_

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/linux/file_descriptor.h"
#include "protocol/base/strong_id.h"
#include "protocol/net/ip_address.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::linux_backend {

/// Errors are errno values; 0 means done. An interface's number is its InterfaceId.
class VrrpSocket {
 public:
  /// A socket for `family` that hears and speaks on `interface` alone and needs CAP_NET_RAW. It hears no copy of what
  /// it sends. The kernel drops datagrams of all VRIDs but `vrids` before anybody wakes (socket(7), SO_ATTACH_FILTER).
  /// On failure error() tells why and nothing else works.
  VrrpSocket(InterfaceId interface, const std::string& interface_name, Family family,
             std::span<const std::uint8_t> vrids);

  int error() const { return error_; }
  int descriptor() const { return socket_.get(); }
  InterfaceId interface() const { return interface_; }
  Family family() const { return family_; }

  int join(const IpAddress& group);
  /// From now on for these VRIDs.
  int listen_for(std::span<const std::uint8_t> vrids) { return attach_filter(vrids); }

  /// Sends one message from `source`, TOS (traffic class) 0xc0.
  int send(const IpAddress& source, const IpAddress& destination, std::uint8_t ttl,
           std::span<const std::uint8_t> message);

  /// Hands every datagram that waits to `sink`, whose view of it lives for the call.
  void receive(const std::function<void(const vrrp::Datagram&)>& sink);

 private:
  static constexpr std::size_t kBatch = 16;  ///< datagrams taken with one system call
  struct Slot {
    sockaddr_storage from{};
    iovec vector{};
    alignas(cmsghdr) std::array<char, 128> control{};
    std::array<std::uint8_t, 2048> bytes{};
  };

  void prepare(std::size_t position);

  std::optional<vrrp::Datagram> read(msghdr& header, const Slot& slot, std::size_t size) const;
  int open(const std::string& interface_name, std::span<const std::uint8_t> vrids);
  int attach_filter(std::span<const std::uint8_t> vrids);
  int set_time_to_live(std::uint8_t ttl, bool multicast);

  InterfaceId interface_;
  Family family_;
  FileDescriptor socket_;
  int error_ = 0;
  std::uint8_t unicast_ttl_ = 0;  ///< as set last; 0: never
  std::uint8_t multicast_ttl_ = 0;
  std::vector<Slot> slots_ = std::vector<Slot>(kBatch);
  std::array<mmsghdr, kBatch> headers_{};
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_VRRP_SOCKET_H_
