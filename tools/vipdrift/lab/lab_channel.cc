#include "tools/vipdrift/lab/lab_channel.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace vipdrift::tools {
namespace {

constexpr std::size_t kLongestMessage = 128 * 1024;
constexpr int kPatience = 5000;  // milliseconds

/// Room for kMostFiles file numbers beside a message.
struct alignas(cmsghdr) Ancillary {
  std::array<char, CMSG_SPACE(kMostFiles * sizeof(int))> bytes{};
};

std::optional<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

const sockaddr* generic(const sockaddr_un& address) { return reinterpret_cast<const sockaddr*>(&address); }

OpenFile new_socket() { return OpenFile(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)); }

bool readable_within(const OpenFile& file, int milliseconds) {
  pollfd watched{file.number(), POLLIN, 0};
  return poll(&watched, 1, milliseconds) > 0;
}

void take_files(const msghdr& header, std::vector<OpenFile>& files) {
  for (const cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
       part = CMSG_NXTHDR(const_cast<msghdr*>(&header), const_cast<cmsghdr*>(part))) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int number = -1;
      std::memcpy(&number, CMSG_DATA(part) + i * sizeof(int), sizeof number);
      files.emplace_back(number);
    }
  }
}

}  // namespace

OpenFile::~OpenFile() {
  if (number_ >= 0) close(number_);
}

OpenFile listen_at(const std::string& path, std::string& error) {
  const std::optional<sockaddr_un> address = address_of(path);
  if (!address) {
    error = path + ": too long for the address of a socket";
    return OpenFile();
  }
  OpenFile listener = new_socket();
  if (listener && bind(listener.number(), generic(*address), sizeof *address) == 0 &&
      listen(listener.number(), 16) == 0) {
    return listener;
  }
  error = path + ": " + std::strerror(errno);
  return OpenFile();
}

OpenFile connect_to(const std::string& path) {
  const std::optional<sockaddr_un> address = address_of(path);
  OpenFile connection = new_socket();
  if (address && connection && connect(connection.number(), generic(*address), sizeof *address) == 0) return connection;
  return OpenFile();
}

OpenFile accept_within(const OpenFile& listener, int milliseconds) {
  if (!readable_within(listener, milliseconds)) return OpenFile();
  return OpenFile(accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC));
}

bool send_message(const OpenFile& connection, const std::string& text, const std::vector<OpenFile>& files) {
  if (text.size() > kLongestMessage || files.size() > kMostFiles) return false;
  iovec body{const_cast<char*>(text.data()), text.size()};
  msghdr header{};
  header.msg_iov = &body;
  header.msg_iovlen = 1;
  Ancillary ancillary;
  if (!files.empty()) {
    header.msg_control = ancillary.bytes.data();
    header.msg_controllen = CMSG_SPACE(files.size() * sizeof(int));
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
    for (std::size_t i = 0; i < files.size(); ++i) {
      const int number = files[i].number();
      std::memcpy(CMSG_DATA(part) + i * sizeof(int), &number, sizeof number);
    }
  }
  return sendmsg(connection.number(), &header, MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

std::optional<Message> receive_message(const OpenFile& connection) {
  if (!readable_within(connection, kPatience)) return std::nullopt;
  Message message;
  message.text.resize(kLongestMessage);
  iovec body{message.text.data(), message.text.size()};
  Ancillary ancillary;
  msghdr header{};
  header.msg_iov = &body;
  header.msg_iovlen = 1;
  header.msg_control = ancillary.bytes.data();
  header.msg_controllen = ancillary.bytes.size();
  const ssize_t got = recvmsg(connection.number(), &header, MSG_CMSG_CLOEXEC);
  if (got <= 0) return std::nullopt;
  message.text.resize(static_cast<std::size_t>(got));
  take_files(header, message.files);
  return message;
}

}  // namespace vipdrift::tools
