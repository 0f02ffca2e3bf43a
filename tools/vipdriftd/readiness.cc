#include "tools/vipdriftd/readiness.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace vipdrift::tools {
namespace {

using linux_backend::FileDescriptor;

constexpr int kCannotFork = 1;

/// What the other process has told, or how it ended without a word.
int outcome_of(pid_t child, const FileDescriptor& told) {
  unsigned char status = 0;
  ssize_t size = 0;
  do {
    size = read(told.get(), &status, 1);
  } while (size < 0 && errno == EINTR);
  if (size == 1) return status;
  int ended = 0;
  if (waitpid(child, &ended, 0) != child || !WIFEXITED(ended)) return kCannotFork;
  return WEXITSTATUS(ended);
}

}  // namespace

std::optional<int> Background::enter() {
  std::array<int, 2> ends{-1, -1};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return kCannotFork;
  const FileDescriptor told(ends[0]);
  outcome_ = FileDescriptor(ends[1]);
  const pid_t child = fork();
  if (child < 0) return kCannotFork;
  if (child > 0) {
    outcome_ = FileDescriptor();
    return outcome_of(child, told);
  }
  setsid();
  if (chdir("/") != 0) return kCannotFork;
  const FileDescriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  dup2(nothing.get(), STDIN_FILENO);
  dup2(nothing.get(), STDOUT_FILENO);
  return std::nullopt;
}

void Background::tell(int status) {
  if (!outcome_) return;
  const auto byte = static_cast<unsigned char>(status);
  [[maybe_unused]] const ssize_t written = write(outcome_.get(), &byte, 1);
  outcome_ = FileDescriptor();
  leave_standard_error();
}

void leave_standard_error() {
  const FileDescriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
  dup2(nothing.get(), STDERR_FILENO);
}

void notify_service_manager(const std::string& state) {
  const char* const path = std::getenv("NOTIFY_SOCKET");
  sockaddr_un address{};
  if (path == nullptr || (path[0] != '/' && path[0] != '@')) return;
  const std::size_t length = std::strlen(path);
  if (length >= sizeof address.sun_path) return;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path, length);
  if (path[0] == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + length);
  const FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sendto(socket.get(), state.data(), state.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
         reinterpret_cast<const sockaddr*>(&address), size);
}

void notify_reloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
      std::chrono::steady_clock::now().time_since_epoch());
  notify_service_manager("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(now.count()));
}

}  // namespace vipdrift::tools
