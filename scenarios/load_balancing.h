// What a scenario says of load balancing: services and the machines that offer them, clients that use them, and what
// must be seen of both. Part of scenario.h.
#ifndef VIPDRIFT_SCENARIOS_LOAD_BALANCING_H_
#define VIPDRIFT_SCENARIOS_LOAD_BALANCING_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/ipvs/edits.h"
#include "protocol/ipvs/table.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::scenarios {

// ---------------------------------------------------------------- cluster

/// What a service speaks. http, https: a page; tcp, udp: the machine's name for each line or datagram; smtp, dns: as
/// much of it as a health check asks.
enum class ServiceProtocol : std::uint8_t { http, https, tcp, udp, smtp, dns };
std::string_view to_string(ServiceProtocol protocol);

/// A port on which a machine serves from boot on, on every address that it has.
struct ServedPort {
  std::uint16_t port = 0;
  ServiceProtocol protocol = ServiceProtocol::http;
  int status = 200;         ///< of http and https
  Duration delay{0};        ///< from the request to the beginning of the answer; of smtp from the connection on
  Duration drip{0};         ///< of streams: from one byte of the answer to the next; zero: all at once
  /// Of tcp, udp, http and https what is said, empty: the machine's name (http answers say it in the header Server, too);
  /// of smtp the greeting, empty: "220 " and the name; of dns an error, one of dns_errors().
  std::string body = {};
  friend bool operator==(const ServedPort&, const ServedPort&) = default;
};

/// A machine prepared as a real server of LVS: it has the virtual addresses on lo (direct routing) or on a tunnel
/// device, and is silent about them when its ARP settings are right.
struct LvsRealServer {
  enum class Method : std::uint8_t { direct_routing, tunnel } method{};
  std::vector<IpAddress> vips;
  int arp_ignore = 1;    ///< 0: answers ARP for every address that it has; 1: only for those of the asked interface
  int arp_announce = 2;  ///< 0, 1: may ask in the name of any of its addresses; 2: of one that suits the interface
  friend bool operator==(const LvsRealServer&, const LvsRealServer&) = default;
};

/// A rule of a director's firewall: packets to this service carry the mark, unless they come from the MAC address of
/// one of `not_from` (iptables -m mac).
struct FirewallMark {
  std::uint32_t mark = 0;
  ipvs::Transport transport = ipvs::Transport::tcp;
  IpAddress address;
  std::uint16_t port = 0;
  std::vector<std::string> not_from = {};  ///< machines
  friend bool operator==(const FirewallMark&, const FirewallMark&) = default;
};

// ---------------------------------------------------------------- steps

/// What a client asks: "http://10.1.10.7/", "https://10.1.10.7:8443/x", "tcp://10.1.10.7:7", "udp://10.1.10.7:53".
struct Url {
  ServiceProtocol protocol = ServiceProtocol::http;  ///< http, https, tcp or udp
  IpAddress address;
  std::uint16_t port = 80;
  std::string path = "/";  ///< of http and https
  friend auto operator<=>(const Url&, const Url&) = default;
};
/// Without the port when it is the protocol's own.
std::string to_string(const Url& url);

/// The service refuses connections from now on.
struct StopService { std::string node; std::uint16_t port = 0; };
struct StartService { std::string node; std::uint16_t port = 0; };
/// What is absent stays as it is.
struct SetService {
  std::string node;
  std::uint16_t port = 0;
  std::optional<int> status;
  std::optional<Duration> delay;
  std::optional<Duration> drip;
  std::optional<std::string> body;
};

/// A client asks `url` every `every`, each time over a new connection from a port that it never uses again; it goes on
/// to the end.
struct StartRequests {
  std::string client;
  Url url;
  std::optional<IpAddress> from;  ///< absent: the address that suits
  Duration every = std::chrono::milliseconds{100};
  Duration timeout = std::chrono::seconds{1};
};

/// A client opens one connection and exchanges a line over it every `every`, to the end. It is broken when it is
/// refused or reset, or when a line has not been answered after `timeout`; then it is not opened again.
struct OpenConnection {
  std::string client;
  IpAddress target;
  std::uint16_t port = 0;
  Duration every = std::chrono::seconds{1};
  Duration timeout = std::chrono::seconds{60};
};

/// Somebody edits a director's IPVS table by hand, as with ipvsadm.
struct EditIpvs {
  std::string director;
  std::optional<ipvs::Edit> edit;  ///< absent: the table is cleared (ipvsadm -C)
};

// ---------------------------------------------------------------- expectations

/// A server as expectations name it: in the table of `director` the one of this key.
struct PoolMember {
  std::string name;  ///< as written
  ipvs::ServerKey key;
  std::optional<int> weight;
  friend bool operator==(const PoolMember&, const PoolMember&) = default;
};
/// The servers that a director's kernel schedules to. With weights: exactly these entries; without: exactly these
/// have a weight above 0.
struct PoolIs {
  ipvs::ServiceKey service;
  std::string director;
  std::vector<PoolMember> members;
  bool weighted = false;
};
/// As noted last by the director's daemon.
struct QuorumIs { ipvs::ServiceKey service; std::string director; bool up = false; };

/// Of all requests that begin in the window: each is answered, with a status below 400 (or exactly `status`), by one of
/// these machines; each of these answers some; and in turn: nobody twice in a row before all others.
struct AnswersFrom {
  std::string client;
  Url url;
  std::vector<std::string> nodes;
  bool in_turn = false;
  std::optional<int> status;
};
/// Of all requests that begin in the window, answered or not, these shares are answered by these machines.
struct SharesAre {
  struct Share {
    std::string node;
    std::uint32_t least_ppm = 0;
    std::uint32_t most_ppm = 0;
  };
  std::string client;
  Url url;
  std::vector<Share> shares;
};

enum class RequestFailure : std::uint8_t { none, refused, timed_out, reset, unreachable };
/// "answered", "refused", "timed out", "reset", "unreachable".
std::string_view to_string(RequestFailure failure);

/// No request that begins in the window is answered; with `how`: each fails that way.
struct NotServed {
  std::string client;
  Url url;
  std::optional<RequestFailure> how;
};

/// A line is on its way for longer than a second: stalled.
enum class ConnectionState : std::uint8_t { alive, stalled, broken };
std::string_view to_string(ConnectionState state);

struct ConnectionIs {
  std::string client;
  IpAddress target;
  std::uint16_t port = 0;
  ConnectionState state{};
  std::optional<std::string> node;  ///< alive: who answers
};

// ---------------------------------------------------------------- what must always hold

/// Failed: not answered, or with a status of 400 and more. The outage is the longest time between the beginnings of two
/// successful requests between which another failed; requests before the first success do not count.
struct RequestsServed {
  std::string client;
  Url url;
  std::optional<int> failures_at_most;
  std::optional<Duration> outage_at_most;
  std::optional<Duration> outage_at_least;
};
/// From the first server on, the service has one of a weight above 0 in every table (or that of `director`) that has
/// the service.
struct PoolNotEmpty {
  ipvs::ServiceKey service;
  std::optional<std::string> director;
  Duration except_for{0};
};
/// The sorry server and real servers never both have a weight above 0 for longer than `except_for`. The sorry server
/// is the one of the director's configurations.
struct NoMixedPool {
  std::optional<ipvs::ServiceKey> service;  ///< absent: all
  Duration except_for{0};
};
/// The connection is never broken, and never stalled for longer.
struct ConnectionSurvives {
  std::string client;
  IpAddress target;
  std::uint16_t port = 0;
  Duration stalled_at_most{0};
};

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_LOAD_BALANCING_H_
