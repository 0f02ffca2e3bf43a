#include "tools/vipdriftd/pid_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <utility>

#include "backends/linux/file_descriptor.h"

namespace vipdrift::tools {
namespace {

using linux_backend::FileDescriptor;

constexpr int kGracefulMilliseconds = 2000;
constexpr int kKilledMilliseconds = 2000;

std::optional<pid_t> number_in(const std::string& path) {
  std::ifstream in(path);
  long number = 0;
  if (!(in >> number) || number <= 0) return std::nullopt;
  return static_cast<pid_t>(number);
}

std::string program_of(const std::string& process) {
  std::array<char, 4096> target{};
  const std::string link = "/proc/" + process + "/exe";
  const ssize_t size = readlink(link.c_str(), target.data(), target.size());
  std::string program(target.data(), static_cast<std::size_t>(size < 0 ? 0 : size));
  if (program.ends_with(" (deleted)")) program.resize(program.size() - 10);  // it was upgraded meanwhile
  return program;
}

/// A zombie has no program any more.
bool is_a_daemon(pid_t pid) {
  const std::string program = program_of(std::to_string(pid));
  return !program.empty() && (program == program_of("self") || program.ends_with("/keepalived"));
}

/// Whether the process has ended within the time.
bool ends_within(const FileDescriptor& process, int milliseconds) {
  pollfd ended{process.get(), POLLIN, 0};
  return poll(&ended, 1, milliseconds) > 0;
}

}  // namespace

std::optional<pid_t> living_daemon(const std::string& path) {
  const std::optional<pid_t> pid = number_in(path);
  return pid && *pid != getpid() && is_a_daemon(*pid) ? pid : std::nullopt;
}

// What lies there, be it a link to elsewhere, is replaced, not written through.
PidFile::PidFile(std::string path) : path_(std::move(path)) {
  const std::string next = path_ + "." + std::to_string(getpid());
  const FileDescriptor file(::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644));
  if (!file) return;
  fchmod(file.get(), 0644);  // whatever the umask: everybody may know whom to ask for
  const std::string text = std::to_string(getpid()) + "\n";
  written_ = ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
             rename(next.c_str(), path_.c_str()) == 0;
  if (!written_) unlink(next.c_str());
}

PidFile::~PidFile() {
  if (written_ && number_in(path_) == getpid()) unlink(path_.c_str());
}

std::optional<std::string> see_off(const std::string& path) {
  const std::optional<pid_t> pid = living_daemon(path);
  if (!pid) return std::nullopt;
  const FileDescriptor process(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  const std::string who = "the process " + std::to_string(*pid) + " of " + path;
  if (!process || ends_within(process, kGracefulMilliseconds)) return "waited for " + who;
  kill(*pid, SIGKILL);
  return ends_within(process, kKilledMilliseconds) ? "killed " + who : "cannot end " + who;
}

}  // namespace vipdrift::tools
