// What the kernel's IPVS reads and says over generic netlink (linux/ip_vs.h), as the values of protocol/ipvs.
#ifndef VIPDRIFT_BACKENDS_LINUX_IPVS_MESSAGES_H_
#define VIPDRIFT_BACKENDS_LINUX_IPVS_MESSAGES_H_

#include <linux/netlink.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "backends/linux/netlink_socket.h"
#include "protocol/ipvs/edits.h"
#include "protocol/ipvs/table.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::linux_backend {

/// What has passed through a service or a server since it was added.
struct IpvsTraffic {
  std::uint64_t connections = 0;
  std::uint64_t packets_in = 0;
  std::uint64_t packets_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  friend bool operator==(const IpvsTraffic&, const IpvsTraffic&) = default;
};

/// A server's connections as they are now.
struct IpvsConnections {
  std::uint32_t active = 0;
  std::uint32_t inactive = 0;
  std::uint32_t persistent = 0;
  friend bool operator==(const IpvsConnections&, const IpvsConnections&) = default;
};

/// A thread of the kernel that tells connections to other directors (master), or listens to them (backup). What is zero
/// is left to the kernel, and not sent: kernels before 4.3 know nothing of it.
struct IpvsSyncDaemon {
  enum class Role : std::uint8_t { master, backup };
  Role role = Role::master;
  std::string interface;
  std::uint8_t sync_id = 0;      ///< 0 to 255; a backup with 0 hears every master
  std::uint16_t max_length = 0;  ///< of a datagram's payload, in bytes
  IpAddress group{};             ///< multicast; unspecified: 224.0.0.81
  std::uint16_t port = 0;        ///< 8848
  std::uint8_t ttl = 0;          ///< 1
  friend bool operator==(const IpvsSyncDaemon&, const IpvsSyncDaemon&) = default;
};

/// How long IPVS remembers a connection without packets, in seconds. Zero: as it is.
struct IpvsTimeouts {
  std::chrono::seconds tcp{0};
  std::chrono::seconds tcp_fin{0};
  std::chrono::seconds udp{0};
  friend bool operator==(const IpvsTimeouts&, const IpvsTimeouts&) = default;
};

/// Begins the request that carries out `edit`; `family`: the number of the generic netlink family.
void append_edit(NetlinkSocket& requests, std::uint16_t family, const ipvs::Edit& edit);
void append_command(NetlinkSocket& requests, std::uint16_t family, std::uint8_t command, std::uint16_t flags);
/// Asks for the servers of one service.
void append_server_dump(NetlinkSocket& requests, std::uint16_t family, const ipvs::ServiceKey& service);
void append_start_of(NetlinkSocket& requests, std::uint16_t family, const IpvsSyncDaemon& daemon);
void append_stop_of(NetlinkSocket& requests, std::uint16_t family, IpvsSyncDaemon::Role role);
void append_timeouts(NetlinkSocket& requests, std::uint16_t family, const IpvsTimeouts& timeouts);

/// One service as a dump tells it, without its servers.
struct IpvsService {
  ipvs::ServiceKey key;
  ipvs::ServiceSettings settings;
  IpvsTraffic traffic;
  /// A scheduler that protocol/ipvs does not know, or "none"; settings.scheduler says nothing then.
  std::string unknown_scheduler;
};
/// nullopt: the message tells of none.
std::optional<IpvsService> service_in(const nlmsghdr& message);

struct IpvsServer {
  ipvs::Server server;
  IpvsConnections connections;
  IpvsTraffic traffic;
};
/// `family`: of the service, for kernels that do not tell the server's (before 3.18).
std::optional<IpvsServer> server_in(const nlmsghdr& message, Family family);
std::optional<IpvsSyncDaemon> sync_daemon_in(const nlmsghdr& message);
IpvsTimeouts timeouts_in(const nlmsghdr& message);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_IPVS_MESSAGES_H_
