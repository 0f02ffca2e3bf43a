#include "backends/linux/sibling_link.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

namespace vipdrift::linux_backend {
namespace {

constexpr std::size_t kLongest = 4096;
constexpr std::string_view kQuestion = "?";

bool send_datagram(int socket, std::string_view message) {
  ssize_t sent = 0;
  do {
    sent = send(socket, message.data(), message.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent >= 0;
}

}  // namespace

std::optional<SiblingSockets> make_sibling_sockets() {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()) != 0) return std::nullopt;
  return SiblingSockets{FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

SiblingLink::SiblingLink(boost::asio::io_context& context, const FileDescriptor& socket, Told told)
    : socket_(context, fcntl(socket.get(), F_DUPFD_CLOEXEC, 0)), told_(std::move(told)) {
  wait_for_input();
  flush();
}

void SiblingLink::tell(const std::string& key, const std::string& value) {
  values_[key] = value;
  unsent_.insert(key);
  flush();
}

void SiblingLink::forget(const std::string& key) {
  values_.erase(key);
  unsent_.erase(key);
}

void SiblingLink::wait_for_input() {
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    read_all();
    wait_for_input();
  });
}

void SiblingLink::read_all() {
  std::array<char, kLongest> buffer{};
  for (;;) {
    const ssize_t size = recv(socket_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return;
    const std::string_view message{buffer.data(), static_cast<std::size_t>(size)};
    if (message == kQuestion) {
      for (const auto& [key, value] : values_) unsent_.insert(key);
      flush();
    } else if (const std::size_t middle = message.find('\0'); middle != std::string_view::npos) {
      told_(std::string{message.substr(0, middle)}, std::string{message.substr(middle + 1)});
    }
  }
}

void SiblingLink::flush() {
  if (asks_ && send_datagram(socket_.native_handle(), kQuestion)) asks_ = false;
  while (!unsent_.empty() && !asks_) {
    const std::string& key = *unsent_.begin();
    if (!send_datagram(socket_.native_handle(), key + '\0' + values_.at(key))) break;
    unsent_.erase(unsent_.begin());
  }
  if ((unsent_.empty() && !asks_) || waits_to_write_) return;
  waits_to_write_ = true;
  socket_.async_wait(boost::asio::posix::stream_descriptor::wait_write, [this](const boost::system::error_code& error) {
    waits_to_write_ = false;
    if (!error) flush();
  });
}

}  // namespace vipdrift::linux_backend
