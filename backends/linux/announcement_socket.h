// Gratuitous ARP and unsolicited neighbour advertisements onto real segments.
#ifndef VIPDRIFT_BACKENDS_LINUX_ANNOUNCEMENT_SOCKET_H_
#define VIPDRIFT_BACKENDS_LINUX_ANNOUNCEMENT_SOCKET_H_

#include <cstdint>
#include <span>

#include "backends/linux/file_descriptor.h"
#include "protocol/base/strong_id.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"

namespace vipdrift::linux_backend {

/// One packet socket (packet(7)) for all interfaces; needs CAP_NET_RAW. Errors are errno values; 0 means done.
class AnnouncementSocket {
 public:
  AnnouncementSocket();

  int error() const { return error_; }
  /// One frame from `mac` that says that `address` is there.
  int announce(InterfaceId interface, const MacAddress& mac, const IpAddress& address);
  /// Any Ethernet frame, as it is.
  int send(InterfaceId interface, std::span<const std::uint8_t> frame);

 private:
  FileDescriptor socket_;
  int error_ = 0;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_ANNOUNCEMENT_SOCKET_H_
