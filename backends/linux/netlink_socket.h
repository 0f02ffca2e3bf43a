// Requests to the kernel over netlink(7): many in one system call, refusals matched to the request they answer.
#ifndef VIPDRIFT_BACKENDS_LINUX_NETLINK_SOCKET_H_
#define VIPDRIFT_BACKENDS_LINUX_NETLINK_SOCKET_H_

#include <linux/netlink.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "backends/linux/file_descriptor.h"

namespace vipdrift::linux_backend {

/// The fixed part of a message, behind its header: ifaddrmsg, rtmsg, ...
template <class Fixed>
const Fixed& fixed_part(const nlmsghdr& message) {
  return *reinterpret_cast<const Fixed*>(reinterpret_cast<const char*>(&message) + NLMSG_HDRLEN);
}

/// Attributes of one message or nest by type. Points into the message.
class NetlinkAttributes {
 public:
  /// Those behind a fixed part of `fixed` bytes.
  NetlinkAttributes(const nlmsghdr& message, std::size_t fixed);
  explicit NetlinkAttributes(const nlattr& nest);

  /// nullptr when it is not there.
  const nlattr* operator[](std::size_t type) const { return type < found_.size() ? found_[type] : nullptr; }

 private:
  static int collect(const nlattr* attribute, void* self);

  std::array<const nlattr*, 80> found_{};
};

/// One request socket. Requests wait in a batch until flush() or dump(); the kernel carries them out in order, and all
/// are carried out when flush() returns. Errors are errno values; 0 means done.
class NetlinkSocket {
 public:
  /// A request that the kernel refused. `position`: as begin() counted it. `text`: the kernel's own words, often none.
  struct Refusal {
    std::size_t position = 0;
    int error = 0;
    std::string text;
  };

  /// `protocol`: NETLINK_ROUTE or NETLINK_NETFILTER.
  explicit NetlinkSocket(int protocol);

  int error() const { return error_; }
  int descriptor() const { return socket_.get(); }
  /// This socket's number in its network namespace; the kernel's notifications carry it in nlmsg_pid.
  std::uint32_t port() const { return port_; }

  /// Begins a request at the end of the batch; its attributes are appended with mnl_attr_put(3) until the next begin(),
  /// and are at most kLargestRequest bytes. `mark` is set in the sequence number, for those who filter notifications.
  template <class Fixed>
  nlmsghdr* begin(std::uint16_t type, std::uint16_t flags, const Fixed& fixed, std::uint32_t mark = 0) {
    return begin(type, flags, &fixed, sizeof fixed, mark);
  }
  /// The request that begin() began last, complete so far.
  const nlmsghdr& last() const { return *reinterpret_cast<const nlmsghdr*>(batch_.data() + starts_.back()); }
  /// Number of requests in the batch, which is the position of the next.
  std::size_t waiting() const { return starts_.size(); }

  /// Sends the batch and empties it. Refusals are in the order of the requests.
  std::vector<Refusal> flush();

  /// Asks for a table, which begin() has described with NLM_F_DUMP as the only request waiting.
  int dump(const std::function<void(const nlmsghdr&)>& sink);

  static constexpr std::size_t kLargestRequest = 32768;
  /// Requests in one system call: their refusals must fit into a socket's default receive buffer.
  static constexpr std::size_t kAtOnce = 64;
  /// Bit of sequence numbers that only `mark` sets.
  static constexpr std::uint32_t kMark = 0x80000000;

 private:
  int open(int protocol);
  nlmsghdr* begin(std::uint16_t type, std::uint16_t flags, const void* fixed, std::size_t size, std::uint32_t mark);
  void close_last();
  void send(std::size_t first, std::size_t last, std::vector<Refusal>& refusals);
  int read_once(const std::function<bool(const nlmsghdr&)>& sink, bool wait);

  FileDescriptor socket_;
  std::uint32_t port_ = 0;
  std::uint32_t sequence_ = 0;        ///< of the first request in the batch
  std::vector<std::uint8_t> batch_;   ///< grows and keeps its size
  std::vector<std::size_t> starts_;   ///< of each request in batch_
  std::size_t used_ = 0;              ///< bytes of batch_ that are complete requests
  std::unique_ptr<std::uint8_t[]> answer_;  ///< room for what the kernel says
  int error_ = 0;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_NETLINK_SOCKET_H_
