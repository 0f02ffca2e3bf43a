// Protocol 112 on one interface: raw sockets for datagrams in and out.
#ifndef VIPDRIFT_BACKENDS_LINUX_VRRP_SOCKET_H_
#define VIPDRIFT_BACKENDS_LINUX_VRRP_SOCKET_H_

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "backends/linux/file_descriptor.h"
#include "protocol/base/strong_id.h"
#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::linux_backend {

/// Room for the datagrams that one system call takes. Sockets that are read in turn share one.
class Inbox {
 public:
  static constexpr std::size_t kBatch = 64;

 private:
  friend class VrrpSocket;
  static constexpr std::size_t kControl = 128;
  // Without initial values: memory that no datagram has used yet costs nothing.
  struct Slot {
    sockaddr_in6 from;
    iovec vector;
    alignas(cmsghdr) std::array<char, kControl> control;
    std::array<std::uint8_t, 2048> bytes;
  };
  /// What the socket that is read wants to know beside the datagram.
  struct Wants {
    bool sender = false;
    bool control = false;
    friend bool operator==(const Wants&, const Wants&) = default;
  };

  void prepare_for(Wants wants);
  void prepare(std::size_t position);
  void prepare_again(msghdr& header) const;

  std::unique_ptr<Slot[]> slots_ = std::make_unique_for_overwrite<Slot[]>(kBatch);
  std::array<mmsghdr, kBatch> headers_{};
  std::array<vrrp::Datagram, kBatch> datagrams_{};
  std::optional<Wants> ready_for_;
};

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

  /// Some of the datagrams that wait, valid until the inbox is used again. `more`: others may still wait.
  struct Batch {
    std::span<const vrrp::Datagram> datagrams;
    bool more = false;
  };
  /// Takes what waits, as much as one system call yields.
  Batch receive(Inbox& inbox);
  /// From now on the kernel dates what arrives (socket(7), SO_TIMESTAMP), and receive() fills Datagram::age, at most
  /// `longest`. It costs a little for every datagram, and cannot be undone.
  int date_arrivals(Duration longest);

  /// Puts one message from `source` in line, TOS (traffic class) 0xc0. `message` must live until flush().
  void queue(const IpAddress& source, const IpAddress& destination, std::uint8_t ttl,
             std::span<const std::uint8_t> message);
  std::size_t queued() const { return outgoing_size_; }
  /// Sends what is in line, with as few system calls as can be, and tells the position of each message that the kernel
  /// refused.
  void flush(const std::function<void(std::size_t position, const IpAddress& destination, int error)>& refused);

 private:
  /// Small: a director of thousands of Masters has one for each.
  struct Outgoing {
    sockaddr_in6 to{};  ///< or a sockaddr_in
    std::uint8_t ttl = 0;
    bool to_group = false;
    iovec vector{};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(in6_pktinfo))> control{};
  };

  Duration age_of(msghdr& header) const;
  int open(const std::string& interface_name, std::span<const std::uint8_t> vrids);
  int attach_filter(std::span<const std::uint8_t> vrids);
  int set_time_to_live(std::uint8_t ttl, bool multicast);

  InterfaceId interface_;
  Family family_;
  FileDescriptor socket_;
  int error_ = 0;
  std::uint8_t unicast_ttl_ = 0;  ///< as set last; 0: never
  std::uint8_t multicast_ttl_ = 0;
  Duration oldest_{0};            ///< zero: arrivals are not dated
  std::int64_t read_at_ = 0;      ///< wall clock, nanoseconds; only when arrivals are dated
  std::deque<Outgoing> outgoing_; ///< keeps its elements in place, and what was used once
  std::vector<mmsghdr> outgoing_headers_;
  std::size_t outgoing_size_ = 0;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_VRRP_SOCKET_H_
