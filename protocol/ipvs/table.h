// The table of IP Virtual Server as a value: services, and the servers behind each (ipvsadm(8)).
#ifndef VIPDRIFT_PROTOCOL_IPVS_TABLE_H_
#define VIPDRIFT_PROTOCOL_IPVS_TABLE_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::ipvs {

enum class Transport : std::uint8_t { tcp, udp, sctp };
/// "TCP", "UDP", "SCTP".
std::string_view to_string(Transport transport);

/// The kernel's schedulers (ipvsadm -s).
enum class Scheduler : std::uint8_t { rr, wrr, lc, wlc, lblc, lblcr, dh, sh, mh, sed, nq, fo, ovf, twos };
/// The kernel's name: "rr", ...
std::string_view to_string(Scheduler scheduler);
std::optional<Scheduler> scheduler_of(std::string_view name);

/// Flags of a scheduler, as the kernel numbers them: sh-fallback and mh-fallback are flag-1, sh-port and mh-port
/// flag-2.
struct SchedulerFlags {
  bool flag_1 = false;
  bool flag_2 = false;
  bool flag_3 = false;
  friend auto operator<=>(const SchedulerFlags&, const SchedulerFlags&) = default;
};

/// How a packet reaches its server. A server whose address is the director's own is served locally whatever is written.
enum class Method : std::uint8_t { masquerade, direct_route, tunnel };
/// keepalived's word: "NAT", "DR", "TUN".
std::string_view to_string(Method method);

/// The kind of a tunnel. ipip unless written; gue and gre came with Linux 5.2 and 5.3.
struct Tunnel {
  enum class Type : std::uint8_t { ipip, gue, gre };
  enum class Checksum : std::uint8_t { none, full, remote };
  Type type = Type::ipip;
  std::uint16_t port = 0;  ///< of gue
  Checksum checksum = Checksum::none;
  friend auto operator<=>(const Tunnel&, const Tunnel&) = default;
};

struct Forwarding {
  Method method = Method::masquerade;
  Tunnel tunnel{};  ///< with Method::tunnel
  friend auto operator<=>(const Forwarding&, const Forwarding&) = default;
};

/// What tells services apart: an address with transport and port, or a firewall mark with a family.
struct ServiceKey {
  Family family = Family::ipv4;
  std::uint32_t fwmark = 0;  ///< not zero: the rest but the family is not looked at, and stays as initialised here
  Transport transport = Transport::tcp;
  IpAddress address{};
  std::uint16_t port = 0;  ///< 0: every port (persistent services only)
  friend auto operator<=>(const ServiceKey&, const ServiceKey&) = default;
};
/// "TCP 10.1.10.7:80", "TCP [2001:db8::7]:80", "FWM 3", "FWM 3 inet6".
std::string to_string(const ServiceKey& key);

struct ServiceSettings {
  Scheduler scheduler = Scheduler::wlc;
  SchedulerFlags flags{};
  bool one_packet = false;         ///< every datagram is scheduled anew (UDP)
  std::chrono::seconds persistence{0};  ///< zero: none
  std::uint8_t persistence_prefix = 0;  ///< length of the client's prefix that persists together; 0: 32 or 128
  std::string persistence_engine{};     ///< "sip" or empty
  friend bool operator==(const ServiceSettings&, const ServiceSettings&) = default;
};

struct ServerKey {
  IpAddress address;
  std::uint16_t port = 0;
  friend auto operator<=>(const ServerKey&, const ServerKey&) = default;
};
/// "10.1.10.11:80".
std::string to_string(const ServerKey& key);

struct ServerSettings {
  Forwarding forwarding{};
  int weight = 1;  ///< 0: no new connections
  std::uint32_t upper_threshold = 0;  ///< of connections; 0: none
  std::uint32_t lower_threshold = 0;
  friend bool operator==(const ServerSettings&, const ServerSettings&) = default;
};

struct Server {
  ServerKey key;
  ServerSettings settings;
  friend bool operator==(const Server&, const Server&) = default;
};

struct Service {
  ServiceSettings settings{};
  /// Each key once. The order is that in which they are to be added, which is where rr and its kin begin.
  std::vector<Server> servers{};

  const Server* find(const ServerKey& key) const;
  friend bool operator==(const Service&, const Service&) = default;
};

using Table = std::map<ServiceKey, Service>;

}  // namespace vipdrift::ipvs

#endif  // VIPDRIFT_PROTOCOL_IPVS_TABLE_H_
