#include "backends/linux/stream_probes.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <string_view>
#include <utility>

namespace vipdrift::linux_backend {
namespace {

using check::HttpVersion;
using check::Outcome;
using check::ProbeResult;

constexpr std::uint32_t kError = EPOLLERR | EPOLLHUP;

ProbeResult ended(Outcome outcome, std::string detail = {}) {
  ProbeResult result;
  result.outcome = outcome;
  result.detail = std::move(detail);
  return result;
}

/// Without the port.
std::string host_of(std::string_view virtual_host) {
  if (virtual_host.starts_with('[')) return std::string(virtual_host.substr(0, virtual_host.find(']') + 1));
  return std::string(virtual_host.substr(0, virtual_host.find(':')));
}

}  // namespace

// ---------------------------------------------------------------- TCP

ProbeProgress TcpRun::begin(ProbeTools& /*tools*/) {
  if (auto failed = open_probe_socket(probe_.connection, SOCK_STREAM, 0, socket_)) return failed;
  return connect_probe_socket(probe_.connection, socket_);
}

// A socket that can be written to without an error is connected: that need not be asked for.
ProbeProgress TcpRun::on_ready(std::uint32_t events, ProbeTools& /*tools*/) {
  if ((events & kError) != 0) {
    if (auto failed = pending_probe_error(socket_.get())) return failed;
  }
  if ((events & EPOLLOUT) == 0) return std::nullopt;
  return ended(Outcome::answered);
}

ProbeResult TcpRun::on_time_out() const { return ended(Outcome::timed_out); }

// ---------------------------------------------------------------- connections

ProbeProgress ProbeStream::open(const check::Connection& connection, const TlsClient* tls,
                                const std::string& server_name) {
  if (auto failed = open_probe_socket(connection, SOCK_STREAM, 0, socket_)) return failed;
  if (tls != nullptr) {
    if (!tls->error().empty()) return ended(Outcome::failed, tls->error());
    tls_.emplace(*tls, socket_.get(), server_name);
  }
  return connect_probe_socket(connection, socket_);
}

bool ProbeStream::established(std::uint32_t events, ProbeProgress& failure) {
  if (phase_ == Phase::connecting) {
    if ((events & kError) != 0) failure = pending_probe_error(socket_.get());
    if (failure || (events & EPOLLOUT) == 0) return false;
    phase_ = tls_ ? Phase::shaking_hands : Phase::established;
  }
  if (phase_ == Phase::shaking_hands) {
    const StreamState state = outcome_of_tls(tls_->shake_hands(), failure);
    if (state == StreamState::closed) failure = ended(Outcome::broken, "TLS: closed during the handshake");
    if (state == StreamState::moved) phase_ = Phase::established;
  }
  return phase_ == Phase::established;
}

StreamState ProbeStream::outcome_of_tls(StreamState state, ProbeProgress& failure) const {
  if (state == StreamState::failed) failure = ended(Outcome::broken, "TLS: " + tls_->error());
  return state;
}

StreamState ProbeStream::outcome(ssize_t size, std::size_t& moved, ProbeProgress& failure) {
  if (size >= 0) {
    moved = static_cast<std::size_t>(size);
    return size == 0 ? StreamState::closed : StreamState::moved;
  }
  if (errno == EAGAIN || errno == EINTR) return StreamState::waits;
  failure = probe_error("connection", errno);
  return StreamState::failed;
}

StreamState ProbeStream::write(std::span<const char> bytes, std::size_t& written, ProbeProgress& failure) {
  if (tls_) return outcome_of_tls(tls_->write(bytes, written), failure);
  return outcome(::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL), written, failure);
}

StreamState ProbeStream::read(std::span<char> room, std::size_t& got, ProbeProgress& failure) {
  if (tls_) return outcome_of_tls(tls_->read(room, got), failure);
  return outcome(::recv(socket_.get(), room.data(), room.size(), 0), got, failure);
}

// ---------------------------------------------------------------- HTTP

ProbeProgress HttpRun::begin(ProbeTools& tools) {
  const TlsClient* const tls = probe_.tls ? tools.tls : nullptr;
  const std::string name = probe_.server_name_indication ? host_of(probe_.virtual_host) : std::string{};
  auto failed = stream_.open(probe_.connection, tls, name);
  // The request is sent with the acknowledgement that ends the handshake, instead of right behind it.
  const int off = 0;
  if (!failed) setsockopt(stream_.descriptor(), IPPROTO_TCP, TCP_QUICKACK, &off, sizeof off);
  return failed;
}

// As keepalived words it, for servers that keep health checks out of their logs by its name.
std::size_t HttpRun::write_request(std::span<char> room) const {
  const char* const close = probe_.version == HttpVersion::v1_0 ? "" : "Connection: close\r\n";
  const int minor = probe_.version == HttpVersion::v1_1 ? 1 : 0;
  const auto begun = fmt::format_to_n(room.data(), room.size() / 2,
                                      "GET {} HTTP/1.{}\r\nUser-Agent: KeepAliveClient\r\n{}Host: ", probe_.path, minor,
                                      close);
  std::size_t size = std::min(begun.size, room.size() / 2);
  const std::span<char> rest = room.subspan(size);
  const check::Connection& to = probe_.connection;
  const bool ipv6 = to.address.family() == Family::ipv6;
  const auto finished = probe_.virtual_host.empty()
                         ? fmt::format_to_n(rest.data(), rest.size(), "{}{}{}:{}\r\n\r\n", ipv6 ? "[" : "",
                                            to.address.to_string(), ipv6 ? "]" : "", to.port)
                         : fmt::format_to_n(rest.data(), rest.size(), "{}\r\n\r\n", probe_.virtual_host);
  return size + std::min(finished.size, rest.size());
}

ProbeProgress HttpRun::on_ready(std::uint32_t events, ProbeTools& tools) {
  ProbeProgress failure;
  if (!stream_.established(events, failure)) return failure;
  if (!sent_all_) {
    failure = send(tools);
    if (failure || !sent_all_) return failure;
    if (!probe_.tls && (events & EPOLLIN) == 0) return std::nullopt;
  }
  return receive(events, tools);
}

ProbeProgress HttpRun::send(ProbeTools& tools) {
  const std::span<const char> request = tools.room.first(write_request(tools.room));
  while (sent_ < request.size()) {
    ProbeProgress failure;
    std::size_t written = 0;
    const StreamState state = stream_.write(request.subspan(sent_), written, failure);
    if (state == StreamState::waits) return std::nullopt;
    if (state != StreamState::moved) return failure ? failure : ended(Outcome::broken);
    sent_ += written;
  }
  sent_all_ = true;
  return std::nullopt;
}

ProbeProgress HttpRun::receive(std::uint32_t events, ProbeTools& tools) {
  for (;;) {
    ProbeProgress result;
    std::size_t got = 0;
    const StreamState state = stream_.read(tools.room, got, result);
    if (state == StreamState::waits) return std::nullopt;
    if (state == StreamState::closed) return answer_.end(tools.patterns);
    if (state == StreamState::failed) return result;
    result = answer_.take(tools.room.first(got), tools.patterns);
    if (result) return result;
    if (probe_.tls || got == tools.room.size()) continue;
    // A short read has emptied the socket; when the end had arrived before it, there is nothing more to come.
    if ((events & EPOLLRDHUP) != 0) return answer_.end(tools.patterns);
    return std::nullopt;
  }
}

ProbeResult HttpRun::on_time_out() const { return ended(Outcome::timed_out); }

// ---------------------------------------------------------------- SMTP

namespace {

struct SmtpStep {
  std::string_view awaits;  ///< the reply to what has been said so far
  int code;
  std::string_view then;  ///< {} is the name
};
constexpr std::array kSmtpSteps{SmtpStep{"greeting", 220, "HELO {}\r\n"}, SmtpStep{"HELO", 250, "QUIT\r\n"},
                                SmtpStep{"QUIT", 221, ""}};

}  // namespace

ProbeProgress SmtpRun::begin(ProbeTools& /*tools*/) { return stream_.open(probe_.connection, nullptr, {}); }

ProbeProgress SmtpRun::on_ready(std::uint32_t events, ProbeTools& tools) {
  ProbeProgress result;
  if (!stream_.established(events, result)) return result;
  if (result = say(); result) return result;
  for (;;) {
    std::size_t got = 0;
    const StreamState state = stream_.read(tools.room, got, result);
    if (state == StreamState::waits) return std::nullopt;
    if (state == StreamState::failed) return result;
    if (state == StreamState::closed) return ended(Outcome::broken, "the connection was closed");
    input_.append(tools.room.data(), got);
    for (std::size_t end = 0; (end = input_.find('\n')) != std::string::npos;) {
      const std::string line = input_.substr(0, end);
      input_.erase(0, end + 1);
      if (result = on_line(line, tools); result) return result;
    }
    if (input_.size() > kMostReplyBytes) return ended(Outcome::broken, "the reply is too long");
  }
}

// "250-more", "250 last" (RFC 5321, 4.2.1).
ProbeProgress SmtpRun::on_line(const std::string& line, ProbeTools& tools) {
  if (std::from_chars(line.data(), line.data() + std::min<std::size_t>(3, line.size()), code_).ec != std::errc{}) {
    return ended(Outcome::broken, "this is not SMTP: " + line.substr(0, 60));
  }
  if (line.size() > 3 && line[3] == '-') return std::nullopt;
  const SmtpStep& step = kSmtpSteps[static_cast<std::size_t>(step_)];
  ProbeResult result;
  result.code = code_;
  if (code_ != step.code) {
    result.outcome = Outcome::broken;
    result.detail = fmt::format("{} was answered with {}, not {}", step.awaits, code_, step.code);
    return result;
  }
  if (static_cast<std::size_t>(++step_) == kSmtpSteps.size()) {
    result.outcome = Outcome::answered;
    return result;
  }
  const std::string& name = probe_.helo_name.empty() ? tools.host_name : probe_.helo_name;
  output_ += fmt::format(fmt::runtime(step.then), name);
  return say();
}

ProbeProgress SmtpRun::say() {
  while (!output_.empty()) {
    ProbeProgress failure;
    std::size_t written = 0;
    const StreamState state = stream_.write(output_, written, failure);
    if (state == StreamState::waits) return std::nullopt;
    if (state != StreamState::moved) return failure ? failure : ended(Outcome::broken);
    output_.erase(0, written);
  }
  return std::nullopt;
}

ProbeResult SmtpRun::on_time_out() const {
  ProbeResult result = ended(Outcome::timed_out);
  result.code = code_;
  return result;
}

}  // namespace vipdrift::linux_backend
