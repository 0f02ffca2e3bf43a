#include "backends/netns/requests.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

#include "backends/netns/endpoint.h"

namespace vipdrift::netns {
namespace {

using scenarios::ConnectionState;
using scenarios::RequestFailure;
using scenarios::ServiceProtocol;

/// Source ports, each used once in a round; a stream of ten a second comes round after more than an hour.
constexpr std::uint32_t kFirstPort = 20000;
constexpr std::uint32_t kPorts = 45000;
constexpr Duration kStalled = std::chrono::seconds{1};

RequestFailure failure_of(int error) {
  switch (error) {
    case ECONNREFUSED:
      return RequestFailure::refused;
    case EHOSTUNREACH:
    case ENETUNREACH:
      return RequestFailure::unreachable;
    case ETIMEDOUT:
      return RequestFailure::timed_out;
    default:
      return RequestFailure::reset;
  }
}

int error_of(int socket) {
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

std::string question_for(const scenarios::Url& url) {
  if (url.protocol != ServiceProtocol::http && url.protocol != ServiceProtocol::https) return "who\n";
  return "GET " + url.path + " HTTP/1.1\r\nHost: " + url.address.to_string() + "\r\nConnection: close\r\n\r\n";
}

/// The value of a header in the text before the empty line.
std::string_view header(std::string_view head, std::string_view name) {
  const std::size_t at = head.find(name);
  if (at == std::string_view::npos) return {};
  const std::size_t from = at + name.size();
  return head.substr(from, head.find("\r\n", from) - from);
}

}  // namespace

HttpAnswer read_http_answer(const std::string& bytes, bool ended) {
  HttpAnswer answer;
  const std::size_t end = bytes.find("\r\n\r\n");
  constexpr std::string_view kBeginning = "HTTP/1.1 ";
  if (end == std::string::npos || bytes.rfind("HTTP/1.", 0) != 0) return answer;
  const std::string_view head = std::string_view{bytes}.substr(0, end + 2);
  std::from_chars(head.data() + kBeginning.size(), head.data() + head.size(), answer.status);
  answer.server = header(head, "\r\nServer: ");
  const std::string_view length = header(head, "\r\nContent-Length: ");
  std::size_t wanted = 0;
  std::from_chars(length.data(), length.data() + length.size(), wanted);
  const std::size_t body = bytes.size() - end - 4;
  answer.complete = length.empty() ? ended : body >= wanted;
  return answer;
}

Requests::Requests(std::string client, const NetworkNamespace& place, EventLoop& loop, Recorder& recorder)
    : client_(std::move(client)), place_(place), loop_(loop), recorder_(recorder) {
  poller_.attach(loop, [this](std::uint64_t number, std::uint32_t events) { on_ready(number, events); });
}

Descriptor Requests::connect(const IpAddress& target, std::uint16_t port, const std::optional<IpAddress>& from,
                             bool stream) {
  if (!place_.enter()) return {};
  Descriptor made(socket(domain(target), (stream ? SOCK_STREAM : SOCK_DGRAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const IpAddress any = target.family() == Family::ipv4 ? IpAddress{} : IpAddress::v6({});
  const auto own_port = static_cast<std::uint16_t>(kFirstPort + ports_used_++ % kPorts);
  const Endpoint here = endpoint(from.value_or(any), own_port, 0);
  const Endpoint there = endpoint(target, port, 0);
  const int on = 1;
  setsockopt(made.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (stream) setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (bind(made.get(), here.get(), here.size) != 0) return {};
  if (::connect(made.get(), there.get(), there.size) != 0 && errno != EINPROGRESS) {
    const int error = errno;
    made.reset();
    errno = error;
  }
  return made;
}

void Requests::on_ready(std::uint64_t number, std::uint32_t events) {
  if (requests_.contains(number)) return go_on(number, events);
  if (const auto line = lines_.find(number); line != lines_.end()) read(line->second, events);
}

// ---------------------------------------------------------------- requests

void Requests::start(const scenarios::StartRequests& step) {
  const auto same = [&](const Stream& stream) { return stream.step.url == step.url && stream.step.from == step.from; };
  if (std::any_of(streams_.begin(), streams_.end(), same)) return;
  streams_.push_back({step});
  tick(streams_.back(), recorder_.clock.now());
}

void Requests::tick(Stream& stream, Duration due) {
  if (!suspended()) begin(stream);
  const Duration every = std::max(stream.step.every, Duration{1});
  // After a hiccup of the machine the rhythm goes on; what was missed is not made up for.
  const Duration next = std::max(due + every, recorder_.clock.now());
  loop_.at(recorder_.clock.moment(next), [this, &stream, next] { tick(stream, next); });
}

void Requests::begin(const Stream& stream) {
  const std::uint64_t number = ++last_number_;
  const scenarios::Url& url = stream.step.url;
  const bool datagrams = url.protocol == ServiceProtocol::udp;
  Request& request = requests_[number];
  request.stream = &stream;
  request.began = recorder_.clock.now();
  request.question = question_for(url);
  request.socket = connect(url.address, url.port, stream.step.from, !datagrams);
  if (!request.socket) return finish(number, failure_of(errno));
  if (url.protocol == ServiceProtocol::https) {
    std::string error;
    if (!identity_) identity_ = TlsIdentity::of_client(error);
    if (!identity_) return finish(number, RequestFailure::reset);
    request.tls = std::make_unique<TlsSession>(identity_);
    request.secret = std::exchange(request.question, {});
    take(number, {});
  }
  poller_.watch(request.socket.get(), number, EPOLLIN | EPOLLOUT);
  loop_.at(recorder_.clock.moment(request.began + stream.step.timeout), [this, number] {
    if (requests_.contains(number)) finish(number, RequestFailure::timed_out);
  });
}

void Requests::go_on(std::uint64_t number, std::uint32_t events) {
  Request& request = requests_.at(number);
  const int socket = request.socket.get();
  if (!request.question.empty() && (events & (EPOLLOUT | EPOLLERR)) != 0) {
    if (const int error = error_of(socket); error != 0) return finish(number, failure_of(error));
    const ssize_t sent = ::send(socket, request.question.data(), request.question.size(), MSG_NOSIGNAL);
    if (sent > 0) request.question.erase(0, static_cast<std::size_t>(sent));
    if (request.question.empty()) poller_.watch(socket, number, EPOLLIN);
  }
  if ((events & (EPOLLIN | EPOLLERR | EPOLLHUP)) == 0) return;
  for (;;) {
    std::array<char, 4096> bytes{};
    const ssize_t size = recv(socket, bytes.data(), bytes.size(), 0);
    if (size > 0) {
      if (!take(number, {bytes.data(), static_cast<std::size_t>(size)})) return finish(number, RequestFailure::reset);
      continue;
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return finish_when_complete(number, false);
    if (size < 0) return finish(number, failure_of(errno));
    return finish_when_complete(number, true);
  }
}

/// Adds to the answer what has come; false: it is not of the protocol.
bool Requests::take(std::uint64_t number, std::string_view bytes) {
  Request& request = requests_.at(number);
  if (!request.tls) {
    request.answer += bytes;
    return true;
  }
  const std::optional<std::string> said = request.tls->take(bytes);
  if (!said) return false;
  request.answer += *said;
  if (request.tls->established() && !request.secret.empty()) request.tls->say(std::exchange(request.secret, {}), false);
  request.question += request.tls->wire();
  if (!request.question.empty()) poller_.watch(request.socket.get(), number, EPOLLIN | EPOLLOUT);
  return true;
}

void Requests::finish_when_complete(std::uint64_t number, bool ended) {
  const Request& request = requests_.at(number);
  const ServiceProtocol protocol = request.stream->step.url.protocol;
  if (protocol == ServiceProtocol::http || protocol == ServiceProtocol::https) {
    const HttpAnswer answer = read_http_answer(request.answer, ended);
    if (answer.complete) return finish(number, RequestFailure::none, answer.status, answer.server);
  } else if (const std::size_t end = request.answer.find('\n'); end != std::string::npos) {
    return finish(number, RequestFailure::none, 0, request.answer.substr(0, end));
  }
  if (ended) finish(number, RequestFailure::reset);
}

void Requests::finish(std::uint64_t number, RequestFailure failure, int status, const std::string& node) {
  const auto found = requests_.find(number);
  const Request request = std::move(found->second);
  requests_.erase(found);
  if (!recorder_.wants().requests) return;
  recorder_.note_at(request.began, client_,
                    scenarios::RequestDone{request.stream->step.url, node, status, failure,
                                           recorder_.clock.now() - request.began});
}

// ---------------------------------------------------------------- connections that last

void Requests::open(const scenarios::OpenConnection& step) {
  const std::uint64_t number = ++last_number_;
  Line& line = lines_[number];
  line.step = step;
  line.socket = connect(step.target, step.port, std::nullopt, true);
  if (!line.socket) return break_line(line, std::strerror(errno));
  poller_.watch(line.socket.get(), number, EPOLLIN | EPOLLOUT);
}

void Requests::tick(Line& line, Duration due) {
  if (!line.socket) return;
  const Duration now = recorder_.clock.now();
  if (line.waits) {
    if (now - line.sent > line.step.timeout) return break_line(line, "no answer");
    if (now - line.sent >= kStalled) tell(line, line.sent, ConnectionState::stalled, {});
  } else if (!suspended()) {
    line.sent = now;
    line.waits = true;
    if (::send(line.socket.get(), "who\n", 4, MSG_NOSIGNAL) < 0) return break_line(line, std::strerror(errno));
  }
  const Duration step = line.waits ? std::min(line.step.every, kStalled) : line.step.every;
  const Duration next = std::max(due + std::max(step, Duration{1}), now);
  loop_.at(recorder_.clock.moment(next), [this, &line, next] { tick(line, next); });
}

void Requests::read(Line& line, std::uint32_t events) {
  if (!line.socket) return;
  const int socket = line.socket.get();
  if (!line.connected && (events & (EPOLLOUT | EPOLLERR)) != 0) {
    if (const int error = error_of(socket); error != 0) return break_line(line, std::strerror(error));
    line.connected = true;
    const auto self =
        std::find_if(lines_.begin(), lines_.end(), [&](const auto& each) { return &each.second == &line; });
    poller_.watch(socket, self->first, EPOLLIN);
    return tick(line, recorder_.clock.now());
  }
  for (;;) {
    std::array<char, 4096> bytes{};
    const ssize_t size = recv(socket, bytes.data(), bytes.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) break;
    if (size < 0) return break_line(line, std::strerror(errno));
    if (size == 0) return break_line(line, "closed by the other side");
    line.answer.append(bytes.data(), static_cast<std::size_t>(size));
  }
  const std::size_t end = line.answer.find('\n');
  if (end == std::string::npos) return;
  tell(line, recorder_.clock.now(), ConnectionState::alive, line.answer.substr(0, end));
  line.answer.clear();
  line.waits = false;
}

void Requests::tell(Line& line, Duration at, ConnectionState state, const std::string& node,
                    const std::string& detail) {
  if (line.told == state && line.told_node == node) return;
  line.told = state;
  line.told_node = node;
  recorder_.note_at(at, client_, scenarios::ConnectionChanged{line.step.target, line.step.port, state, node, detail});
}

void Requests::break_line(Line& line, const std::string& why) {
  line.socket.reset();
  tell(line, recorder_.clock.now(), ConnectionState::broken, {}, why);
}

}  // namespace vipdrift::netns
