#include "backends/linux/announcement_socket.h"

#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <span>

#include "protocol/net/announcement.h"

namespace vipdrift::linux_backend {
namespace {

int send_frame(int socket, InterfaceId interface, std::span<const std::uint8_t> frame) {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(interface.value);
  to.sll_halen = ETH_ALEN;
  std::memcpy(to.sll_addr, frame.data(), ETH_ALEN);
  const ssize_t sent = sendto(socket, frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  return sent >= 0 ? 0 : errno;
}

}  // namespace

// Protocol 0: it receives nothing.
AnnouncementSocket::AnnouncementSocket() : socket_(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (!socket_) error_ = errno;
}

int AnnouncementSocket::announce(InterfaceId interface, const MacAddress& mac, const IpAddress& address) {
  return address.family() == Family::ipv4
             ? send_frame(socket_.get(), interface, gratuitous_arp(mac, address))
             : send_frame(socket_.get(), interface, unsolicited_advertisement(mac, address));
}

int AnnouncementSocket::send(InterfaceId interface, std::span<const std::uint8_t> frame) {
  return send_frame(socket_.get(), interface, frame);
}

}  // namespace vipdrift::linux_backend
