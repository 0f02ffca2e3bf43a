// Sockets of probes, and what the kernel's errors say about a real server.
#ifndef VIPDRIFT_BACKENDS_LINUX_PROBE_SOCKET_H_
#define VIPDRIFT_BACKENDS_LINUX_PROBE_SOCKET_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "backends/linux/file_descriptor.h"
#include "protocol/check/probe.h"

namespace vipdrift::linux_backend {

/// How a probe has ended; nullopt: it goes on.
using ProbeProgress = std::optional<check::ProbeResult>;

/// What `error`, an errno value, says of the server; what says something of this machine alone is Outcome::failed, with
/// `doing` and the kernel's words: "connect: Cannot assign requested address".
check::ProbeResult probe_error(std::string_view doing, int error);
/// The same for the error that waits in the socket; nullopt: there is none.
ProbeProgress pending_probe_error(int socket);

/// Opens a non-blocking socket bound as `connection` says; `type` and `protocol` as for socket(2). A stream is reset
/// when it is closed, so that it leaves nothing behind: neither a port that cannot be used for a minute, nor packets.
ProbeProgress open_probe_socket(const check::Connection& connection, int type, int protocol, FileDescriptor& socket);
/// Connects, or begins to.
ProbeProgress connect_probe_socket(const check::Connection& connection, const FileDescriptor& socket);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_PROBE_SOCKET_H_
