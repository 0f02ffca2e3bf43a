#include "sim/client_streams.h"

#include <algorithm>
#include <utility>

#include "sim/http_text.h"
#include "sim/node_events.h"

namespace vipdrift::sim {
namespace {

using check::Outcome;
using scenarios::ConnectionState;
using scenarios::RequestFailure;
using scenarios::ServiceProtocol;

/// A line that was not answered so soon: the connection has stalled.
constexpr Duration kStalledAfter = std::chrono::seconds{1};

constexpr std::uint64_t kLineTag = std::uint64_t{1} << 63U;

RequestFailure failure_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::answered:
      return RequestFailure::none;
    case Outcome::refused:
      return RequestFailure::refused;
    case Outcome::unreachable:
      return RequestFailure::unreachable;
    case Outcome::timed_out:
      return RequestFailure::timed_out;
    case Outcome::broken:
    case Outcome::failed:
      return RequestFailure::reset;
  }
  return RequestFailure::reset;
}

bool is_web(ServiceProtocol protocol) { return protocol == ServiceProtocol::http || protocol == ServiceProtocol::https; }

std::string text_of_request(const scenarios::Url& url) {
  if (is_web(url.protocol)) return http_get(url.path, url.address.to_string(), HttpEnd::close);
  return "who\n";
}

}  // namespace

// ---------------------------------------------------------------- requests

void ClientStreams::start(const scenarios::StartRequests& step) {
  const bool known = std::any_of(streams_.begin(), streams_.end(), [&](const Stream& each) {
    return each.step.url == step.url && each.step.from == step.from;
  });
  if (known) return;
  Stream stream{step, {}};
  stream.question.kind =
      step.url.protocol == ServiceProtocol::udp ? Question::Kind::datagram : Question::Kind::stream;
  // A line over TCP ends with its push; the client then closes.
  stream.question.address = step.url.address;
  stream.question.port = step.url.port;
  stream.question.from = step.from;
  stream.question.timeout = std::max(step.timeout, Duration{1});
  stream.question.data = std::make_shared<const std::string>(text_of_request(step.url));
  stream.question.one_answer = step.url.protocol == ServiceProtocol::tcp;
  streams_.push_back(std::move(stream));
  on_request_due(streams_.size() - 1);
}

void ClientStreams::on_request_due(std::size_t position) {
  const Stream& stream = streams_[position];
  world_.queue.schedule(now() + std::max(stream.step.every, Duration{1}),
                        {kind_of(NodeEvent::client_request), static_cast<std::uint16_t>(position), kernel_.index(), 0});
  if (!kernel_.runs()) return;
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(open_.size()));
    open_.emplace_back();
  }
  const std::uint32_t slot = free_.back();
  free_.pop_back();
  open_[slot] = {now(), static_cast<std::uint32_t>(position)};
  ++requests_;
  transport_.begin(stream.question, *this, slot);
}

void ClientStreams::on_reply(std::uint64_t tag, const Reply& reply) {
  if ((tag & kLineTag) != 0) {
    line_ended(static_cast<std::size_t>(tag & ~kLineTag), reply);
  } else {
    request_ended(static_cast<std::uint32_t>(tag), reply);
  }
}

void ClientStreams::request_ended(std::uint32_t slot, const Reply& reply) {
  const Request request = open_[slot];
  free_.push_back(slot);
  if (reply.outcome == Outcome::answered) ++answered_;
  if (!world_.recorder.wants().requests) return;
  const scenarios::Url& url = streams_[request.stream].step.url;
  scenarios::RequestDone done;
  done.url = url;
  done.failure = failure_of(reply.outcome);
  done.took = now() - request.at;
  if (reply.outcome == Outcome::answered) {
    if (is_web(url.protocol)) {
      const HttpAnswer answer = parse_http(reply.data);
      done.status = answer.status;
      done.node = answer.server;
    } else {
      done.node = std::string{reply.data.substr(0, reply.data.find('\n'))};
    }
  }
  world_.recorder.note_at(request.at, kernel_.name(), std::move(done));
}

// ---------------------------------------------------------------- long-lived connections

void ClientStreams::open(const scenarios::OpenConnection& step) {
  const bool known = std::any_of(lines_.begin(), lines_.end(), [&](const Line& each) {
    return each.step.target == step.target && each.step.port == step.port;
  });
  if (known) return;
  Line line;
  line.step = step;
  line.text = std::make_shared<const std::string>(http_get("/", step.target.to_string(), HttpEnd::keep));
  lines_.push_back(std::move(line));
  on_line_due(lines_.size() - 1);
}

void ClientStreams::on_line_due(std::size_t position) {
  Line& line = lines_[position];
  if (line.begun && line.state == ConnectionState::broken) return;
  const auto detail = static_cast<std::uint16_t>(position);
  world_.queue.schedule(now() + line.step.every, {kind_of(NodeEvent::client_line), detail, kernel_.index(), 0});
  if (line.waiting || !kernel_.runs()) return;
  line.waiting = true;
  line.sent_at = now();
  ++line.number;
  world_.queue.schedule(now() + kStalledAfter,
                        {kind_of(NodeEvent::client_stalled), detail, kernel_.index(), line.number});
  if (line.exchange.value != 0) return transport_.say_again(line.exchange, line.text);
  Question question;
  question.kind = Question::Kind::stream;
  question.address = line.step.target;
  question.port = line.step.port;
  question.timeout = line.step.timeout;
  question.data = line.text;
  question.keep = true;
  line.exchange = transport_.begin(std::move(question), *this, kLineTag | position);
}

void ClientStreams::on_line_late(std::size_t position, std::uint64_t number) {
  Line& line = lines_[position];
  if (!line.waiting || line.number != number || (line.begun && line.state != ConnectionState::alive)) return;
  line.state = ConnectionState::stalled;
  line.begun = true;
  note(line, line.sent_at);
}

void ClientStreams::line_ended(std::size_t position, const Reply& reply) {
  Line& line = lines_[position];
  line.waiting = false;
  if (reply.outcome != Outcome::answered) {
    line.state = ConnectionState::broken;
    line.begun = true;
    return note(line, now(), std::string{to_string(failure_of(reply.outcome))});
  }
  const HttpAnswer answer = parse_http(reply.data);
  const std::string node =
      answer.status != 0 ? answer.server : std::string{reply.data.substr(0, reply.data.find('\n'))};
  const bool news = !line.begun || line.state != ConnectionState::alive || node != line.node;
  line.state = ConnectionState::alive;
  line.begun = true;
  line.node = node;
  if (news) note(line, now());
}

void ClientStreams::note(const Line& line, SimTime at, const std::string& detail) {
  const bool alive = line.state == ConnectionState::alive;
  world_.recorder.note_at(at, kernel_.name(),
                          scenarios::ConnectionChanged{line.step.target, line.step.port, line.state,
                                                       alive ? line.node : std::string{}, detail});
}

}  // namespace vipdrift::sim
