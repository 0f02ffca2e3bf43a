#include "backends/linux/process_watcher.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <span>
#include <utility>

#include "backends/linux/file_descriptor.h"

namespace vipdrift::linux_backend {
namespace {

constexpr std::size_t kKernelNameLength = 15;
constexpr std::size_t kMostOfACommandLine = 4096;
constexpr int kEventBuffer = 1 << 20;

std::string read_of(pid_t pid, const char* file) {
  const std::string path = "/proc/" + std::to_string(pid) + "/" + file;
  const FileDescriptor in(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!in) return {};
  std::string text(kMostOfACommandLine, '\0');
  const ssize_t size = ::read(in.get(), text.data(), text.size());
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return text;
}

/// Every word of a command, each ended by a NUL, as /proc/PID/cmdline has them. Double quotes keep a word together.
std::string as_arguments(const std::string& command) {
  std::string arguments;
  for (std::size_t begin = command.find_first_not_of(' '); begin != std::string::npos;) {
    const bool quoted = command[begin] == '"';
    if (quoted) ++begin;
    const std::size_t end = std::min(command.find(quoted ? '"' : ' ', begin), command.size());
    arguments += command.substr(begin, end - begin) + '\0';
    begin = command.find_first_not_of(' ', std::min(quoted ? end + 1 : end, command.size()));
  }
  return arguments;
}

std::string name_of(pid_t pid) {
  std::string name = read_of(pid, "comm");
  if (!name.empty() && name.back() == '\n') name.pop_back();
  return name;
}

/// A process that has ended and waits for its parent is not running. Its state stands behind the last parenthesis.
bool is_zombie(pid_t pid) {
  const std::string stat = read_of(pid, "stat");
  const std::size_t end = stat.rfind(')');
  return end == std::string::npos || end + 2 >= stat.size() || stat[end + 2] == 'Z' || stat[end + 2] == 'X';
}

/// Asks the kernel to tell of every process on this socket.
int subscribe(int socket) {
  constexpr proc_cn_mcast_op kOperation = PROC_CN_MCAST_LISTEN;
  nlmsghdr header{};
  cn_msg connector{};
  header.nlmsg_len = NLMSG_HDRLEN + sizeof connector + sizeof kOperation;
  header.nlmsg_type = NLMSG_DONE;
  connector.id = {CN_IDX_PROC, CN_VAL_PROC};
  connector.len = sizeof kOperation;
  std::array<char, NLMSG_HDRLEN + sizeof connector + sizeof kOperation> request{};
  std::memcpy(request.data(), &header, sizeof header);
  std::memcpy(request.data() + NLMSG_HDRLEN, &connector, sizeof connector);
  std::memcpy(request.data() + NLMSG_HDRLEN + sizeof connector, &kOperation, sizeof kOperation);
  return ::send(socket, request.data(), request.size(), 0) < 0 ? errno : 0;
}

/// The event in a datagram of the connector, which holds one; nothing when it is too short.
std::optional<proc_event> event_in(std::span<const char> datagram) {
  cn_msg connector{};
  if (datagram.size() < NLMSG_HDRLEN + sizeof connector) return std::nullopt;
  std::memcpy(&connector, datagram.data() + NLMSG_HDRLEN, sizeof connector);
  const std::span<const char> data = datagram.subspan(NLMSG_HDRLEN + sizeof connector);
  proc_event event{};
  std::memcpy(&event, data.data(), std::min({std::size_t{connector.len}, data.size(), sizeof event}));
  return event;
}

}  // namespace

ProcessWatcher::ProcessWatcher(boost::asio::io_context& context, ProcessWatcherOptions options)
    : context_(context), options_(std::move(options)), events_(context), next_scan_(context) {}

ProcessWatcher::~ProcessWatcher() = default;

void ProcessWatcher::watch(const std::vector<config::TrackProcess>& processes) {
  watched_.clear();
  matches_.clear();
  next_scan_.cancel();
  boost::system::error_code ignored;
  events_.close(ignored);
  by_command_ = false;
  for (const config::TrackProcess& process : processes) {
    const bool by_command = process.full_command || process.process.find(' ') != std::string::npos;
    by_command_ |= by_command;
    watched_.push_back({.settings = process,
                        .name = by_command ? std::string() : process.process.substr(0, kKernelNameLength),
                        .arguments = by_command ? as_arguments(process.process) : std::string(),
                        .running = -1});
  }
  if (watched_.empty()) return;
  if (options_.use_events) listen();  // before the first look, so that nothing is missed between the two
  scan();
  if (has_events()) {
    wait_for_events();
  } else {
    scan_again_later();
  }
}

void ProcessWatcher::listen() {
  FileDescriptor socket(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_CONNECTOR));
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = CN_IDX_PROC;
  int error = 0;
  if (!socket || bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    error = errno;
  } else {
    error = subscribe(socket.get());
  }
  if (error != 0) {
    options_.log("no process events from the kernel (" + std::string(std::strerror(error)) +
                 "); tracked processes are looked for every " + std::to_string(options_.interval.count()) + " ms");
    return;
  }
  setsockopt(socket.get(), SOL_SOCKET, SO_RCVBUF, &kEventBuffer, sizeof kEventBuffer);
  events_.assign(socket.release());
}

void ProcessWatcher::wait_for_events() {
  events_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    receive_events();
    wait_for_events();
  });
}

void ProcessWatcher::receive_events() {
  std::array<char, 1024> buffer;
  while (true) {
    const ssize_t size = recv(events_.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0) {
      if (errno == ENOBUFS) scan();  // some were lost
      break;
    }
    if (const auto event = event_in(std::span(buffer.data(), static_cast<std::size_t>(size)))) take(*event);
  }
  tell();
}

void ProcessWatcher::take(const proc_event& event) {
  const auto& data = event.event_data;
  switch (event.what) {
    case proc_event::PROC_EVENT_FORK:
      // A child has its parent's name and words until it runs something else.
      if (data.fork.child_pid == data.fork.child_tgid && matches_.contains(data.fork.parent_tgid)) {
        examine(data.fork.child_pid);
      }
      break;
    case proc_event::PROC_EVENT_EXEC:
      examine(data.exec.process_tgid);
      break;
    case proc_event::PROC_EVENT_COMM:
      if (data.comm.process_pid == data.comm.process_tgid) examine(data.comm.process_tgid);
      break;
    case proc_event::PROC_EVENT_EXIT:
      if (data.exit.process_pid == data.exit.process_tgid) forget(data.exit.process_tgid);
      break;
    default:
      break;
  }
}

void ProcessWatcher::scan_again_later() {
  next_scan_.expires_after(options_.interval);
  next_scan_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    scan();
    scan_again_later();
  });
}

void ProcessWatcher::scan() {
  struct CloseDirectory {
    void operator()(DIR* directory) const { closedir(directory); }
  };
  const std::unique_ptr<DIR, CloseDirectory> proc(opendir("/proc"));
  std::vector<pid_t> gone;
  for (const auto& [pid, match] : matches_) {
    if (is_zombie(pid)) gone.push_back(pid);
  }
  for (const pid_t pid : gone) forget(pid);
  while (const dirent* entry = proc == nullptr ? nullptr : readdir(proc.get())) {
    char* end = nullptr;
    const long pid = std::strtol(entry->d_name, &end, 10);
    if (pid > 0 && *end == '\0') examine(static_cast<pid_t>(pid));
  }
  tell();
}

void ProcessWatcher::examine(pid_t pid) {
  const std::string name = name_of(pid);
  const std::string command = by_command_ ? read_of(pid, "cmdline") : std::string();
  std::vector<std::size_t> which;
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    const Watched& one = watched_[i];
    const bool matches = one.arguments.empty() ? name == one.name : command == one.arguments;
    if (matches) which.push_back(i);
  }
  if (which.empty() || is_zombie(pid)) {
    forget(pid);
    return;
  }
  Match& match = matches_[pid];
  match.which = std::move(which);
  if (!has_events() && match.ended == nullptr) wait_for_end(pid, match);
}

void ProcessWatcher::forget(pid_t pid) { matches_.erase(pid); }

void ProcessWatcher::wait_for_end(pid_t pid, Match& match) {
  const long descriptor = syscall(SYS_pidfd_open, pid, 0);
  if (descriptor < 0) return;  // the next look at /proc will tell
  match.ended = std::make_unique<Descriptor>(context_, static_cast<int>(descriptor));
  match.ended->async_wait(Descriptor::wait_read, [this, pid](const boost::system::error_code& error) {
    if (error) return;
    forget(pid);
    tell();
  });
}

void ProcessWatcher::tell() {
  std::vector<int> running(watched_.size(), 0);
  for (const auto& [pid, match] : matches_) {
    for (const std::size_t position : match.which) ++running[position];
  }
  for (std::size_t i = 0; i < watched_.size(); ++i) {
    if (watched_[i].running == running[i]) continue;
    watched_[i].running = running[i];
    options_.changed(ProcessId{static_cast<std::uint32_t>(i)}, running[i]);
  }
}

}  // namespace vipdrift::linux_backend
