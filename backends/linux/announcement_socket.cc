#include "backends/linux/announcement_socket.h"

#include <net/ethernet.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace vipdrift::linux_backend {
namespace {

/// Room for one frame each of 4,000 instances that a slow interface has not sent yet.
constexpr int kBuffer = 4 << 20;
/// The most that sendmmsg(2) takes.
constexpr std::size_t kMostMessages = 1024;
/// Announcements whose memory is kept for the next time.
constexpr std::size_t kKept = 256;

sockaddr_ll link_address(InterfaceId interface, std::span<const std::uint8_t> frame) {
  sockaddr_ll to{};
  to.sll_family = AF_PACKET;
  to.sll_ifindex = static_cast<int>(interface.value);
  to.sll_halen = ETH_ALEN;
  std::memcpy(to.sll_addr, frame.data(), ETH_ALEN);
  return to;
}

}  // namespace

// Protocol 0: it receives nothing.
AnnouncementSocket::AnnouncementSocket() : socket_(socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  if (!socket_) {
    error_ = errno;
    return;
  }
  // Beyond the system's limit where we may, up to it otherwise.
  if (setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUFFORCE, &kBuffer, sizeof kBuffer) != 0) {
    setsockopt(socket_.get(), SOL_SOCKET, SO_SNDBUF, &kBuffer, sizeof kBuffer);
  }
}

void AnnouncementSocket::queue(InstanceId instance, InterfaceId interface, const MacAddress& mac,
                               const IpAddress& address, int repeats) {
  if (repeats <= 0) return;
  if (size_ > 0) {
    Announcement& last = line_[size_ - 1];
    if (last.instance == instance && last.address == address &&
        last.to.sll_ifindex == static_cast<int>(interface.value)) {
      last.repeats += repeats;
      return;
    }
  }
  if (size_ == line_.size()) line_.emplace_back();
  Announcement& one = line_[size_++];
  one.instance = instance;
  one.address = address;
  one.repeats = repeats;
  const auto fill = [&one](const auto& frame) {
    std::copy(frame.begin(), frame.end(), one.frame.begin());
    one.vector = {one.frame.data(), frame.size()};
  };
  if (address.family() == Family::ipv4) {
    fill(gratuitous_arp(mac, address));
  } else {
    fill(unsolicited_advertisement(mac, address));
  }
  one.to = link_address(interface, one.frame);
}

void AnnouncementSocket::flush(const std::function<void(InstanceId, const IpAddress&, int)>& refused) {
  bool more = size_ > 0;
  for (int round = 0; more; ++round) {
    more = false;
    for (std::size_t i = 0; i < size_; ++i) {
      Announcement& one = line_[i];
      if (one.repeats <= round) continue;
      more = true;
      mmsghdr& header = headers_.emplace_back();
      header.msg_hdr.msg_name = &one.to;
      header.msg_hdr.msg_namelen = sizeof one.to;
      header.msg_hdr.msg_iov = &one.vector;
      header.msg_hdr.msg_iovlen = 1;
      order_.push_back(&one);
      if (headers_.size() == kMostMessages) send_batch(refused);
    }
  }
  send_batch(refused);
  if (size_ > kKept) std::deque<Announcement>().swap(line_);
  size_ = 0;
}

void AnnouncementSocket::send_batch(const std::function<void(InstanceId, const IpAddress&, int)>& refused) {
  for (std::size_t first = 0; first < headers_.size();) {
    const auto count = static_cast<unsigned>(headers_.size() - first);
    const int sent = sendmmsg(socket_.get(), &headers_[first], count, MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) {
      refused(order_[first]->instance, order_[first]->address, errno);
      ++first;
    } else {
      first += static_cast<std::size_t>(sent);
    }
  }
  headers_.clear();
  order_.clear();
}

int AnnouncementSocket::send(InterfaceId interface, std::span<const std::uint8_t> frame) {
  const sockaddr_ll to = link_address(interface, frame);
  const ssize_t sent =
      sendto(socket_.get(), frame.data(), frame.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
  return sent >= 0 ? 0 : errno;
}

}  // namespace vipdrift::linux_backend
