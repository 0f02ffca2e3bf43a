// IP Virtual Server of this network namespace (ipvsadm(8)), through generic netlink.
#ifndef VIPDRIFT_BACKENDS_LINUX_IPVS_H_
#define VIPDRIFT_BACKENDS_LINUX_IPVS_H_

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/linux/ipvs_messages.h"
#include "backends/linux/netlink_socket.h"
#include "protocol/ipvs/edits.h"
#include "protocol/ipvs/table.h"

namespace vipdrift::linux_backend {

/// The kernel's table with what has passed through it.
struct IpvsReading {
  struct OfServer {
    IpvsConnections connections;
    IpvsTraffic traffic;
  };
  ipvs::Table table;
  std::map<ipvs::ServiceKey, IpvsTraffic> services;
  std::map<std::pair<ipvs::ServiceKey, ipvs::ServerKey>, OfServer> servers;
  /// Services that are not in `table`, since protocol/ipvs has no word for their schedulers, with the kernel's.
  std::vector<std::pair<ipvs::ServiceKey, std::string>> strangers;
};

/// One socket. Errors are errno values, 0 means done; kIpvsMissing when this kernel has no IPVS, EPERM without
/// CAP_NET_ADMIN: with older kernels (6.1 for one) that of the machine, later that of the user namespace to which the
/// network namespace belongs.
///
/// The kernel tells nobody when the table changes. Reading it is one dump for the services and one for the servers of
/// each; a service's servers are a list that the kernel searches for each edit, so that adding n to one service takes
/// it O(n * n).
class Ipvs {
 public:
  static constexpr int kIpvsMissing = ENOPROTOOPT;

  /// Looks for IPVS; error() tells what was found.
  Ipvs();

  int error() const { return error_; }
  /// Looks again, after a module may have been loaded.
  int look_again();
  /// error() in words, with what may be done about it.
  std::string why() const;

  /// What is as large as a table comes only when asked for.
  enum class Detail : std::uint8_t { table_only, with_traffic };
  /// Servers come in the order in which they were added.
  int read(IpvsReading& into, Detail detail);

  struct Refusal {
    std::size_t position = 0;  ///< in the list
    int error = 0;
  };
  /// All of them, in order, whether or not others are refused. EEXIST, ESRCH (no such service) and ENOENT (no such
  /// server or scheduler) are the kernel's usual words.
  std::vector<Refusal> carry_out(std::span<const ipvs::Edit> edits);
  /// Removes everything.
  int flush();

  /// EEXIST: one of that role runs already; ENODEV: there is no such interface.
  int start(const IpvsSyncDaemon& daemon);
  /// ESRCH: none of that role runs.
  int stop(IpvsSyncDaemon::Role role);
  int read(std::vector<IpvsSyncDaemon>& daemons);

  int set(const IpvsTimeouts& timeouts);
  int read(IpvsTimeouts& timeouts);

 private:
  int find_family();
  int send_one();
  int read_servers(const ipvs::ServiceKey& key, IpvsReading& into, Detail detail);

  NetlinkSocket requests_;
  std::uint16_t family_ = 0;
  int error_ = 0;
};

/// Asks the kernel's own module loader (/proc/sys/kernel/modprobe) for ip_vs, as the kernel would: for root of the
/// machine only. Returns whether the loader said that it is there; waits for at most five seconds.
bool load_ipvs_module();

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_IPVS_H_
