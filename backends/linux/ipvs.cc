#include "backends/linux/ipvs.h"

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/ip_vs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstring>
#include <fstream>
#include <optional>
#include <set>
#include <thread>

#include "backends/linux/spawn.h"

namespace vipdrift::linux_backend {
namespace {

/// Edits whose requests are in memory at a time.
constexpr std::size_t kEditsAtOnce = 1024;
/// A table that changes while it is read is read again, so many times.
constexpr int kReadings = 5;
constexpr std::chrono::milliseconds kLoaderPatience{5'000};
constexpr std::chrono::milliseconds kLoaderPause{10};

/// The kernel may tell a server twice when others are removed meanwhile.
void drop_repeated(std::vector<ipvs::Server>& servers) {
  std::vector<ipvs::ServerKey> keys;
  keys.reserve(servers.size());
  for (const ipvs::Server& server : servers) keys.push_back(server.key);
  std::sort(keys.begin(), keys.end());
  if (std::adjacent_find(keys.begin(), keys.end()) == keys.end()) return;
  std::set<ipvs::ServerKey> seen;
  std::erase_if(servers, [&seen](const ipvs::Server& server) { return !seen.insert(server.key).second; });
}

}  // namespace

Ipvs::Ipvs() : requests_(NETLINK_GENERIC) { error_ = find_family(); }

int Ipvs::look_again() {
  error_ = find_family();
  return error_;
}

std::string Ipvs::why() const {
  if (error_ == kIpvsMissing) {
    return "this kernel has no IPVS: load the module ip_vs (modprobe ip_vs), or run a kernel that has it";
  }
  if (error_ == EPERM) {
    return "IPVS may not be used: CAP_NET_ADMIN is missing (older kernels, such as 6.1, let root of the machine in "
           "and not that of a user namespace)";
  }
  return std::string("IPVS cannot be used: ") + std::strerror(error_);
}

// The kernel answers with the family, and then with an acknowledgement, which ends the reading.
int Ipvs::find_family() {
  if (requests_.error() != 0) return requests_.error();
  nlmsghdr* const question = requests_.begin(GENL_ID_CTRL, NLM_F_ACK, genlmsghdr{CTRL_CMD_GETFAMILY, 1, 0});
  mnl_attr_put_strz(question, CTRL_ATTR_FAMILY_NAME, IPVS_GENL_NAME);
  const int error = requests_.dump([this](const nlmsghdr& message) {
    const NetlinkAttributes said(message, sizeof(genlmsghdr));
    if (const nlattr* number = said[CTRL_ATTR_FAMILY_ID]; number != nullptr) family_ = mnl_attr_get_u16(number);
  });
  if (error == ENOENT || error == ECONNREFUSED) return kIpvsMissing;
  if (error == 0 && family_ == 0) return kIpvsMissing;
  if (error != 0) return error;
  // Whether we may use it is told by the first command alone.
  append_command(requests_, family_, IPVS_CMD_GET_INFO, NLM_F_ACK);
  return requests_.dump([](const nlmsghdr&) {});
}

int Ipvs::send_one() {
  const std::vector<NetlinkSocket::Refusal> refusals = requests_.flush();
  return refusals.empty() ? 0 : refusals.front().error;
}

int Ipvs::read(IpvsReading& into, Detail detail) {
  into = {};
  if (error_ != 0) return error_;
  std::vector<ipvs::ServiceKey> keys;
  append_command(requests_, family_, IPVS_CMD_GET_SERVICE, NLM_F_DUMP);
  int error = requests_.dump([&](const nlmsghdr& message) {
    std::optional<IpvsService> found = service_in(message);
    if (!found) return;
    if (!found->unknown_scheduler.empty()) {
      into.strangers.emplace_back(found->key, found->unknown_scheduler);
      return;
    }
    if (detail == Detail::with_traffic) into.services[found->key] = found->traffic;
    if (into.table.try_emplace(found->key, ipvs::Service{found->settings, {}}).second) keys.push_back(found->key);
  });
  for (std::size_t i = 0; i < keys.size() && error == 0; ++i) error = read_servers(keys[i], into, detail);
  return error;
}

int Ipvs::read_servers(const ipvs::ServiceKey& key, IpvsReading& into, Detail detail) {
  std::vector<ipvs::Server>& servers = into.table[key].servers;
  int error = EINTR;
  for (int reading = 0; reading < kReadings && error == EINTR; ++reading) {
    servers.clear();
    append_server_dump(requests_, family_, key);
    error = requests_.dump([&](const nlmsghdr& message) {
      const std::optional<IpvsServer> found = server_in(message, key.family);
      if (!found) return;
      servers.push_back(found->server);
      if (detail == Detail::with_traffic) {
        into.servers[{key, found->server.key}] = {found->connections, found->traffic};
      }
    });
  }
  // The kernel puts a new server in front of the others.
  std::reverse(servers.begin(), servers.end());
  drop_repeated(servers);
  return error == ESRCH ? 0 : error;  // removed meanwhile
}

std::vector<Ipvs::Refusal> Ipvs::carry_out(std::span<const ipvs::Edit> edits) {
  std::vector<Refusal> refused;
  for (std::size_t first = 0; first < edits.size(); first += kEditsAtOnce) {
    const std::size_t end = std::min(first + kEditsAtOnce, edits.size());
    if (error_ != 0) {
      for (std::size_t position = first; position < end; ++position) refused.push_back({position, error_});
      continue;
    }
    for (std::size_t position = first; position < end; ++position) append_edit(requests_, family_, edits[position]);
    for (const NetlinkSocket::Refusal& one : requests_.flush()) refused.push_back({first + one.position, one.error});
  }
  return refused;
}

int Ipvs::flush() {
  if (error_ != 0) return error_;
  append_command(requests_, family_, IPVS_CMD_FLUSH, 0);
  return send_one();
}

int Ipvs::start(const IpvsSyncDaemon& daemon) {
  if (error_ != 0) return error_;
  append_start_of(requests_, family_, daemon);
  return send_one();
}

int Ipvs::stop(IpvsSyncDaemon::Role role) {
  if (error_ != 0) return error_;
  append_stop_of(requests_, family_, role);
  return send_one();
}

int Ipvs::read(std::vector<IpvsSyncDaemon>& daemons) {
  daemons.clear();
  if (error_ != 0) return error_;
  append_command(requests_, family_, IPVS_CMD_GET_DAEMON, NLM_F_DUMP);
  return requests_.dump([&daemons](const nlmsghdr& message) {
    if (const auto found = sync_daemon_in(message)) daemons.push_back(*found);
  });
}

int Ipvs::set(const IpvsTimeouts& timeouts) {
  if (error_ != 0) return error_;
  append_timeouts(requests_, family_, timeouts);
  return send_one();
}

int Ipvs::read(IpvsTimeouts& timeouts) {
  if (error_ != 0) return error_;
  append_command(requests_, family_, IPVS_CMD_GET_CONFIG, NLM_F_ACK);
  return requests_.dump([&timeouts](const nlmsghdr& message) { timeouts = timeouts_in(message); });
}

bool load_ipvs_module() {
  if (geteuid() != 0) return false;
  std::ifstream setting("/proc/sys/kernel/modprobe");
  std::string loader;
  if (!std::getline(setting, loader) || access(loader.c_str(), X_OK) != 0) return false;
  pid_t pid = 0;
  if (spawn({loader, "-q", "--", "ip_vs"}, nullptr, pid) != 0) return false;
  const auto end = std::chrono::steady_clock::now() + kLoaderPatience;
  int status = 0;
  while (waitpid(pid, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > end) {
      ::kill(-pid, SIGKILL);
      waitpid(pid, nullptr, 0);
      return false;
    }
    std::this_thread::sleep_for(kLoaderPause);
  }
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

}  // namespace vipdrift::linux_backend
