#include "backends/netns/messages.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <cerrno>
#include <cstdint>
#include <cstring>

namespace vipdrift::netns {

std::string pack(const Words& words) {
  std::string bytes;
  for (const std::string& word : words) {
    const auto size = static_cast<std::uint32_t>(word.size());
    char length[sizeof size];
    std::memcpy(length, &size, sizeof size);
    bytes.append(length, sizeof size);
    bytes += word;
  }
  return bytes;
}

std::optional<Words> unpack(std::string_view bytes) {
  Words words;
  while (!bytes.empty()) {
    std::uint32_t size = 0;
    if (bytes.size() < sizeof size) return std::nullopt;
    std::memcpy(&size, bytes.data(), sizeof size);
    bytes.remove_prefix(sizeof size);
    if (bytes.size() < size) return std::nullopt;
    words.emplace_back(bytes.substr(0, size));
    bytes.remove_prefix(size);
  }
  return words;
}

bool send_words(int socket, const Words& words) {
  const std::string bytes = pack(words);
  if (bytes.size() > kLargestMessage) return false;
  ssize_t sent = 0;
  do {
    sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  } while (sent < 0 && errno == EINTR);
  return sent == static_cast<ssize_t>(bytes.size());
}

std::optional<Words> receive_words(int socket) {
  std::string bytes(kLargestMessage, '\0');
  ssize_t got = 0;
  do {
    got = recv(socket, bytes.data(), bytes.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return std::nullopt;
  return unpack(std::string_view{bytes}.substr(0, static_cast<std::size_t>(got)));
}

}  // namespace vipdrift::netns
