// Gratuitous ARP and unsolicited neighbour advertisements onto real segments.
#ifndef VIPDRIFT_BACKENDS_LINUX_ANNOUNCEMENT_SOCKET_H_
#define VIPDRIFT_BACKENDS_LINUX_ANNOUNCEMENT_SOCKET_H_

#include <linux/if_packet.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "backends/linux/file_descriptor.h"
#include "protocol/base/strong_id.h"
#include "protocol/net/announcement.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::linux_backend {

/// One packet socket (packet(7)) for all interfaces; needs CAP_NET_RAW. Errors are errno values; 0 means done.
class AnnouncementSocket {
 public:
  AnnouncementSocket();

  int error() const { return error_; }
  /// Puts in line `repeats` frames from `mac` that say that `address` is there.
  void queue(InstanceId instance, InterfaceId interface, const MacAddress& mac, const IpAddress& address, int repeats);
  bool empty() const { return size_ == 0; }
  /// Sends what is in line with as few system calls as can be: whoever is asked to speak several times in a row speaks
  /// again when everybody has spoken once. Tells of each frame that the kernel refused.
  void flush(const std::function<void(InstanceId instance, const IpAddress& address, int error)>& refused);
  /// Any Ethernet frame, as it is and at once.
  int send(InterfaceId interface, std::span<const std::uint8_t> frame);

 private:
  struct Announcement {
    InstanceId instance;
    IpAddress address;
    int repeats = 0;
    sockaddr_ll to{};
    iovec vector{};
    std::array<std::uint8_t, kUnsolicitedAdvertisementSize> frame{};
  };

  /// Sends headers_ and empties it.
  void send_batch(const std::function<void(InstanceId, const IpAddress&, int)>& refused);

  FileDescriptor socket_;
  int error_ = 0;
  std::deque<Announcement> line_;  ///< keeps its elements in place, and what was used once
  std::size_t size_ = 0;           ///< elements of line_ that are in use
  std::vector<mmsghdr> headers_;
  std::vector<const Announcement*> order_;  ///< whose each header is
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_ANNOUNCEMENT_SOCKET_H_
