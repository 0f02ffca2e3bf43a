#include "tools/vipdriftd/dump.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "backends/linux/file_descriptor.h"

namespace vipdrift::tools {

using vrrp::Discard;

std::string address_line(const config::VirtualAddress& address, const std::string& interface, bool set) {
  std::string line = address.address.to_string();
  const std::uint8_t whole = address.address.family() == Family::ipv4 ? 32 : 128;
  if (address.prefix_length != whole) line += "/" + std::to_string(address.prefix_length);
  line += " dev " + (address.device.empty() ? interface : address.device);
  line += " scope " + (address.scope.empty() ? "global" : address.scope);
  if (!address.label.empty()) line += " label " + address.label;
  if (set) line += " set";
  return line;
}

std::string command_line(const config::Command& command) {
  std::string line;
  for (const std::string& word : command.argv) line += (line.empty() ? "'" : " '") + word + "'";
  return line;
}

Baseline baseline_of(const linux_backend::VrrpDirector& director) {
  Baseline baseline;
  for (const vrrp::VirtualRouter& router : director.stack()->routers()) {
    baseline[router.plan().config->name] = router.statistics();
  }
  return baseline;
}

vrrp::RouterStatistics counted(const vrrp::VirtualRouter& router, const Baseline& baseline) {
  vrrp::RouterStatistics all = router.statistics();
  const auto found = baseline.find(router.plan().config->name);
  // An instance that a reload made anew counts from 0 again.
  if (found == baseline.end() || found->second.sent > all.sent || found->second.received > all.received) return all;
  const vrrp::RouterStatistics& before = found->second;
  all.received -= before.received;
  all.sent -= before.sent;
  all.became_master -= before.became_master;
  all.released_master -= before.released_master;
  all.priority_zero_received -= before.priority_zero_received;
  all.priority_zero_sent -= before.priority_zero_sent;
  if (!before.discards.empty()) {
    auto& discards = all.discards.edit();
    for (std::size_t i = 0; i < discards.size(); ++i) discards[i] -= (*before.discards)[i];
  }
  return all;
}

ErrorCounters error_counters(const vrrp::RouterStatistics& statistics) {
  const auto count = [&](Discard reason) { return (*statistics.discards)[static_cast<std::size_t>(reason)]; };
  return {.length = count(Discard::too_short) + count(Discard::too_long) + count(Discard::ip_length),
          .ttl = count(Discard::ttl),
          .type = count(Discard::type),
          .interval = count(Discard::interval_mismatch) + count(Discard::interval_zero),
          .addresses = count(Discard::address_list) + count(Discard::address_count_zero) +
                       count(Discard::first_not_link_local),
          .auth_type = count(Discard::auth_type_unknown),
          .auth_mismatch = count(Discard::auth_type_mismatch),
          .auth_failure = count(Discard::auth_data_mismatch)};
}

std::string dump_directory() {
  const char* const directory = std::getenv("TMPDIR");
  return directory == nullptr || directory[0] != '/' ? "/tmp" : directory;
}

std::optional<std::string> write_dump(const std::string& path, const std::string& text) {
  std::string next = path + ".XXXXXX";
  const linux_backend::FileDescriptor file(mkostemp(next.data(), O_CLOEXEC));  // O_EXCL, mode 0600
  const auto failure = [&path] { return "Unable to write " + path + ": " + std::strerror(errno); };
  if (!file) return failure();
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t size = ::write(file.get(), text.data() + written, text.size() - written);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    written += static_cast<std::size_t>(size);
  }
  if (written == text.size() && rename(next.c_str(), path.c_str()) == 0) return std::nullopt;
  const std::string error = failure();
  unlink(next.c_str());
  return error;
}

void dump_aside(const std::string& path, const std::function<std::string()>& make,
                const std::function<void(const std::string& error)>& failed) {
  const pid_t child = fork();
  if (child > 0) return;
  if (child < 0) {
    failed("Unable to write " + path + ": " + std::strerror(errno));
    return;
  }
  // Handlers of this copy would write into what it shares with the original.
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_BLOCK, &all, nullptr);
  if (const auto error = write_dump(path, make())) failed(*error);
  _exit(0);
}

}  // namespace vipdrift::tools
