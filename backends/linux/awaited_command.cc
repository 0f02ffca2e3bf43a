#include "backends/linux/awaited_command.h"

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>

#include "backends/linux/file_descriptor.h"
#include "backends/linux/spawn.h"

namespace vipdrift::linux_backend {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kGrace{1};

/// Whether the process of `descriptor` (pidfd_open(2)) ends within `limit`.
bool ends_within(const FileDescriptor& descriptor, std::chrono::milliseconds limit) {
  const Clock::time_point end = Clock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now());
    pollfd wait{.fd = descriptor.get(), .events = POLLIN, .revents = 0};
    const int ready = poll(&wait, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0) return false;
    if (errno != EINTR) return false;
  }
}

std::optional<std::string> outcome_of(int status) {
  if (WIFSIGNALED(status)) return "was killed by signal " + std::to_string(WTERMSIG(status));
  if (WEXITSTATUS(status) != 0) return "failed, status " + std::to_string(WEXITSTATUS(status));
  return std::nullopt;
}

}  // namespace

std::optional<std::string> run_awaited(const std::vector<std::string>& argv, const Identity* identity,
                                       std::chrono::milliseconds timeout) {
  pid_t pid = 0;
  if (const int error = spawn(argv, identity, pid)) return std::string("cannot be run: ") + std::strerror(error);
  const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
  const bool ended = process && ends_within(process, timeout);
  if (!ended) {
    ::kill(-pid, SIGTERM);
    if (!process || !ends_within(process, kGrace)) ::kill(-pid, SIGKILL);
  }
  int status = 0;
  while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (ended) return outcome_of(status);
  return "timed out after " + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(timeout).count()) + " s";
}

}  // namespace vipdrift::linux_backend
