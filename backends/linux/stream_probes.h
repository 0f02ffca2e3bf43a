// Probes over TCP under way: TCP_CHECK, HTTP_GET, SSL_GET, SMTP_CHECK.
#ifndef VIPDRIFT_BACKENDS_LINUX_STREAM_PROBES_H_
#define VIPDRIFT_BACKENDS_LINUX_STREAM_PROBES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "backends/linux/file_descriptor.h"
#include "backends/linux/http_answer.h"
#include "backends/linux/probe_socket.h"
#include "backends/linux/probe_tls.h"
#include "protocol/check/probe.h"

namespace vipdrift::linux_backend {

/// What probes share.
struct ProbeTools {
  std::span<char> room;  ///< for what is being sent or read
  BodyPatterns& patterns;
  const TlsClient* tls = nullptr;  ///< only when the probe wants it
  const std::string& host_name;
};

// Each kind begins once, and then hears of what epoll(7) tells of its descriptor, edge by edge, until it has a result.
// The probe that it was made for outlives it.

class TcpRun {
 public:
  explicit TcpRun(const check::TcpProbe& probe) : probe_(probe) {}
  ProbeProgress begin(ProbeTools& tools);
  ProbeProgress on_ready(std::uint32_t events, ProbeTools& tools);
  check::ProbeResult on_time_out() const;
  int descriptor() const { return socket_.get(); }

 private:
  const check::TcpProbe& probe_;
  FileDescriptor socket_;
};

/// A connection, plain or with TLS.
class ProbeStream {
 public:
  /// `tls`: nullptr for a plain one.
  ProbeProgress open(const check::Connection& connection, const TlsClient* tls, const std::string& server_name);
  /// Whether bytes may be written; goes on with what comes before that.
  bool established(std::uint32_t events, ProbeProgress& failure);
  StreamState write(std::span<const char> bytes, std::size_t& written, ProbeProgress& failure);
  StreamState read(std::span<char> room, std::size_t& got, ProbeProgress& failure);
  int descriptor() const { return socket_.get(); }

 private:
  StreamState outcome(ssize_t size, std::size_t& moved, ProbeProgress& failure);
  StreamState outcome_of_tls(StreamState state, ProbeProgress& failure) const;

  FileDescriptor socket_;
  std::optional<TlsStream> tls_;  ///< gone before the socket
  enum class Phase : std::uint8_t { connecting, shaking_hands, established };
  Phase phase_ = Phase::connecting;
};

class HttpRun {
 public:
  explicit HttpRun(const check::HttpProbe& probe) : probe_(probe), answer_(probe) {}
  ProbeProgress begin(ProbeTools& tools);
  ProbeProgress on_ready(std::uint32_t events, ProbeTools& tools);
  check::ProbeResult on_time_out() const;
  int descriptor() const { return stream_.descriptor(); }
  const check::Connection& connection() const { return probe_.connection; }

 private:
  ProbeProgress send(ProbeTools& tools);
  ProbeProgress receive(std::uint32_t events, ProbeTools& tools);
  std::size_t write_request(std::span<char> room) const;

  const check::HttpProbe& probe_;
  ProbeStream stream_;
  HttpAnswer answer_;
  std::size_t sent_ = 0;
  bool sent_all_ = false;
};

class SmtpRun {
 public:
  /// Of one reply. RFC 5321, 4.5.3.1.5 says 512 a line.
  static constexpr std::size_t kMostReplyBytes = 8192;

  explicit SmtpRun(const check::SmtpProbe& probe) : probe_(probe) {}
  ProbeProgress begin(ProbeTools& tools);
  ProbeProgress on_ready(std::uint32_t events, ProbeTools& tools);
  check::ProbeResult on_time_out() const;
  int descriptor() const { return stream_.descriptor(); }
  const check::Connection& connection() const { return probe_.connection; }

 private:
  ProbeProgress on_line(const std::string& line, ProbeTools& tools);
  ProbeProgress say();

  const check::SmtpProbe& probe_;
  ProbeStream stream_;
  std::string input_;
  std::string output_;
  int step_ = 0;
  int code_ = 0;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_STREAM_PROBES_H_
