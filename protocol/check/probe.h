// One question to a real server, and its answer: what the checkers ask the world for.
#ifndef VIPDRIFT_PROTOCOL_CHECK_PROBE_H_
#define VIPDRIFT_PROTOCOL_CHECK_PROBE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/config/command.h"
#include "protocol/net/ip_address.h"

namespace vipdrift::check {

/// Where a probe goes and from where.
struct Connection {
  IpAddress address;
  std::uint16_t port = 0;
  std::optional<IpAddress> from_address;  ///< bindto
  std::string from_interface;             ///< bind_if; empty: any
  std::uint16_t from_port = 0;            ///< bind_port; 0: any
  std::uint32_t fwmark = 0;               ///< of the packets
  /// How long the whole probe may take, from the start of the connection to the last byte of the answer.
  Duration timeout = std::chrono::seconds{5};
  /// HTTP and SMTP: `timeout` begins anew when the connection is made and with each part of the answer (Profile::
  /// each_byte_restarts_timeout).
  bool restarts_timeout = false;

  friend bool operator==(const Connection&, const Connection&) = default;
};

/// A connection is made and closed.
struct TcpProbe {
  Connection connection;
  friend bool operator==(const TcpProbe&, const TcpProbe&) = default;
};

enum class HttpVersion : std::uint8_t { v1_0, v1_0_close, v1_1 };

/// A pattern that the body is searched for (PCRE2).
struct BodyPattern {
  std::string expression;
  std::vector<std::string> options;  ///< keepalived's words, such as "caseless"
  std::size_t min_offset = 0;        ///< where a match may begin
  std::optional<std::size_t> max_offset;
  friend bool operator==(const BodyPattern&, const BodyPattern&) = default;
};

/// GET of one path. Whether the status is welcome is decided by the checker.
struct HttpProbe {
  Connection connection;
  bool tls = false;
  bool server_name_indication = false;
  HttpVersion version = HttpVersion::v1_0;
  std::string path;
  std::string virtual_host;  ///< for Host and server name; empty: the address and port
  bool wants_digest = false;  ///< ProbeResult::digest is asked for
  std::optional<BodyPattern> pattern;
  friend bool operator==(const HttpProbe&, const HttpProbe&) = default;
};

/// Greeting 220, HELO, QUIT.
struct SmtpProbe {
  Connection connection;
  std::string helo_name;  ///< empty: the local host name
  friend bool operator==(const SmtpProbe&, const SmtpProbe&) = default;
};

/// A query over UDP. Success: an answer with the query's id and without an error code.
struct DnsProbe {
  Connection connection;
  std::uint16_t type = 6;  ///< number of the record type; SOA
  std::string name = ".";
  friend bool operator==(const DnsProbe&, const DnsProbe&) = default;
};

/// One digit of a wanted reply; absent: any.
using HexDigit = std::optional<std::uint8_t>;

/// A datagram; success: no ICMP error within the time-out, and the reply when one is wanted.
struct UdpProbe {
  Connection connection;
  std::vector<std::uint8_t> payload;  ///< empty: some bytes
  bool wants_reply = false;
  std::vector<HexDigit> reply;  ///< two digits a byte; as far as both are long
  std::size_t min_reply = 0;
  std::size_t max_reply = 255;
  friend bool operator==(const UdpProbe&, const UdpProbe&) = default;
};

/// ICMP echo.
struct PingProbe {
  Connection connection;  ///< the port does not matter
  friend bool operator==(const PingProbe&, const PingProbe&) = default;
};

/// A program. When the time is over its process group gets SIGTERM, and SIGKILL two seconds later.
struct MiscProbe {
  config::Command command;
  Duration timeout{};
  friend bool operator==(const MiscProbe&, const MiscProbe&) = default;
};

using Probe = std::variant<TcpProbe, HttpProbe, SmtpProbe, DnsProbe, UdpProbe, PingProbe, MiscProbe>;

/// How a probe ended.
enum class Outcome : std::uint8_t {
  answered,     ///< as far as the kind of probe can tell by itself: connected, replied, exited
  refused,      ///< connection refused, port unreachable
  unreachable,  ///< no route, host or network unreachable
  timed_out,
  broken,  ///< the connection ended early, or the answer is not of the protocol
  failed,  ///< the probe could not be made at all (a socket, a program that cannot be run)
};
/// "answered", "refused", ...
std::string_view to_string(Outcome outcome);

struct ProbeResult {
  Outcome outcome = Outcome::failed;
  /// HTTP: the status code. MISC: the exit status (a signal's number with `signalled`). SMTP: the last reply code.
  /// DNS: the answer's error code.
  int code = 0;
  bool signalled = false;
  std::string digest = {};        ///< MD5 of the body as 32 lower-case digits, when asked for
  bool pattern_found = false;     ///< HttpProbe::pattern was found
  std::string detail = {};        ///< for the log, when the outcome needs words: "certificate has expired"
  friend bool operator==(const ProbeResult&, const ProbeResult&) = default;
};

}  // namespace vipdrift::check

#endif  // VIPDRIFT_PROTOCOL_CHECK_PROBE_H_
