// The exchanges of a Transport: what programs of a simulated machine ask others.
#include <algorithm>
#include <utility>

#include "sim/byte_order.h"
#include "sim/node_events.h"
#include "sim/segments.h"
#include "sim/transport.h"

namespace vipdrift::sim {
namespace {

using check::Outcome;

/// Our ports of exchanges, below those of Host's probes; each used once in a round.
constexpr std::uint16_t kFirstPort = 1024;
constexpr std::uint16_t kPorts = 31744;

constexpr std::uint16_t kPingIdentifier = 0xffff;
constexpr Duration kFirstRetransmission = std::chrono::seconds{1};
constexpr std::size_t kMostData = 1200;

}  // namespace

ExchangeId Transport::id_of(std::uint32_t slot) const {
  return ExchangeId{packed(slot, exchanges_[slot].generation)};
}

Transport::Exchange* Transport::find(ExchangeId id) {
  const auto slot = static_cast<std::uint32_t>(id.value);
  if (id.value == 0 || slot >= exchanges_.size()) return nullptr;
  Exchange& exchange = exchanges_[slot];
  return exchange.in_use && exchange.generation == id.value >> 32U ? &exchange : nullptr;
}

std::uint32_t Transport::take_slot() {
  if (free_exchanges_.empty()) {
    free_exchanges_.push_back(static_cast<std::uint32_t>(exchanges_.size()));
    exchanges_.emplace_back();
  }
  const std::uint32_t slot = free_exchanges_.back();
  free_exchanges_.pop_back();
  return slot;
}

std::uint16_t Transport::take_port() {
  if (by_port_.empty()) by_port_.resize(kPorts);
  for (std::uint16_t tries = 0; tries < kPorts; ++tries) {
    const std::uint16_t port = next_port_;
    next_port_ = static_cast<std::uint16_t>((next_port_ + 1) % kPorts);
    if (by_port_[port] == 0) return static_cast<std::uint16_t>(kFirstPort + port);
  }
  return 0;
}

std::optional<std::uint32_t> Transport::exchange_at(std::uint16_t port) const {
  if (port < kFirstPort || port >= kFirstPort + kPorts || by_port_.empty()) return std::nullopt;
  const std::uint32_t slot = by_port_[port - kFirstPort];
  return slot == 0 ? std::nullopt : std::optional{slot - 1};
}

ExchangeId Transport::begin(Question question, ExchangeUser& user, std::uint64_t tag) {
  const std::uint32_t slot = take_slot();
  Exchange& exchange = exchanges_[slot];
  exchange.question = std::move(question);
  exchange.user = &user;
  exchange.tag = tag;
  exchange.in_use = true;
  exchange.ping = exchange.established = exchange.idle = false;
  exchange.received.clear();
  exchange.sequence = kInitialSequence;
  exchange.expected = 0;
  exchange.port = take_port();
  if (exchange.port != 0) by_port_[exchange.port - kFirstPort] = slot + 1;
  exchange.deadline = now() + exchange.question.timeout;
  exchange.again_after = kFirstRetransmission;
  exchange.again_at = now() + exchange.again_after;
  const auto route = kernel_.route_to(exchange.question.address);
  exchange.source = exchange.question.from.value_or(
      route ? kernel_.source_for(*route, exchange.question.address) : IpAddress{});
  if (!route || exchange.port == 0) {
    exchange.deadline = now();  // told by the timer: unreachable
    exchange.source = {};
  } else {
    transmit(exchange, *route);
  }
  arm(slot);
  return id_of(slot);
}

void Transport::transmit(Exchange& exchange) {
  if (const auto route = kernel_.route_to(exchange.question.address)) transmit(exchange, *route);
}

void Transport::transmit(Exchange& exchange, const Route& route) {
  const Question& question = exchange.question;
  if (!kernel_.runs()) return;
  IpHeader header;
  header.source = exchange.source;
  header.destination = question.address;
  header.dont_fragment = true;
  const std::string_view data = question.data ? std::string_view{*question.data}.substr(0, kMostData) : "";
  if (exchange.ping) {
    EchoMessage echo;
    echo.identifier = kPingIdentifier;
    echo.sequence = exchange.port;
    return kernel_.send_routed(route, make_echo(world_.frames, kernel_.mac(route.interface), {}, header, echo),
                               header.source);
  }
  if (question.kind == Question::Kind::datagram) {
    return kernel_.send_routed(route,
                               make_udp(world_.frames, kernel_.mac(route.interface), {}, header,
                                        {exchange.port, question.port, bytes_of(data)}),
                               header.source);
  }
  TcpSegment segment;
  segment.source_port = exchange.port;
  segment.destination_port = question.port;
  segment.sequence = exchange.sequence;
  segment.flags = kTcpSyn;
  if (exchange.established) {
    segment.flags = kTcpAck | kTcpPush;
    segment.acknowledgement = exchange.expected;
  }
  segment.data = bytes_of(data);
  send_segment(route, header, segment);
}

void Transport::say_again(ExchangeId id, std::shared_ptr<const std::string> data) {
  Exchange* exchange = find(id);
  if (exchange == nullptr || !exchange->idle) return;
  exchange->question.data = std::move(data);
  exchange->idle = false;
  exchange->received.clear();
  exchange->deadline = now() + exchange->question.timeout;
  exchange->again_after = kFirstRetransmission;
  exchange->again_at = now() + exchange->again_after;
  transmit(*exchange);
  arm(static_cast<std::uint32_t>(id.value));
}

ExchangeId Transport::ping(const IpAddress& address, std::optional<IpAddress> from, Duration timeout,
                           ExchangeUser& user, std::uint64_t tag) {
  const std::uint32_t slot = take_slot();
  Exchange& exchange = exchanges_[slot];
  exchange.question = {};
  exchange.question.address = address;
  exchange.question.timeout = timeout;
  exchange.user = &user;
  exchange.tag = tag;
  exchange.in_use = exchange.ping = true;
  exchange.established = exchange.idle = false;
  exchange.port = next_ping_++;
  exchange.deadline = exchange.again_at = now() + timeout;
  const auto route = kernel_.route_to(address);
  exchange.source = from.value_or(route ? kernel_.source_for(*route, address) : IpAddress{});
  if (route) transmit(exchange, *route);
  arm(slot);
  return id_of(slot);
}

void Transport::abandon(ExchangeId id) {
  if (find(id) != nullptr) release(static_cast<std::uint32_t>(id.value));
}

// The timer of a slot is not cancelled when its exchange ends, but moved on by the next one: next to no cost.
void Transport::arm(std::uint32_t slot) {
  Exchange& exchange = exchanges_[slot];
  const SimTime at = std::min(exchange.deadline, exchange.again_at);
  if (world_.queue.rearm(exchange.timer, at)) return;
  exchange.timer = world_.queue.schedule(at, {kind_of(NodeEvent::transport_exchange), 0, kernel_.index(), slot});
}

void Transport::release(std::uint32_t slot) {
  Exchange& exchange = exchanges_[slot];
  if (!exchange.ping && exchange.port != 0) by_port_[exchange.port - kFirstPort] = 0;
  exchange.in_use = false;
  ++exchange.generation;
  free_exchanges_.push_back(slot);
}

void Transport::finish(std::uint32_t slot, Outcome outcome, std::string_view data) {
  Exchange& exchange = exchanges_[slot];
  ExchangeUser& user = *exchange.user;
  const std::uint64_t tag = exchange.tag;
  const std::string kept = std::move(exchange.received);  // `data` may lie in it
  if (outcome == Outcome::answered && exchange.question.keep) {
    exchange.idle = true;
  } else {
    release(slot);
  }
  user.on_reply(tag, {outcome, kept.empty() ? data : std::string_view{kept}});
}

void Transport::on_exchange_timer(std::uint64_t data) {
  const auto slot = static_cast<std::uint32_t>(data);
  Exchange& exchange = exchanges_[slot];
  if (!exchange.in_use || exchange.idle) return;
  if (now() < std::min(exchange.deadline, exchange.again_at)) return arm(slot);
  if (now() >= exchange.deadline) {
    const bool sent = !exchange.source.is_unspecified();
    return finish(slot, sent ? Outcome::timed_out : Outcome::unreachable, {});
  }
  // What opened the connection has arrived when it was accepted; of a later line nothing is known before its answer.
  const bool arrived = exchange.established && (!exchange.question.keep || !exchange.received.empty());
  if (exchange.question.kind != Question::Kind::datagram && !arrived) transmit(exchange);
  exchange.again_after *= 2;
  exchange.again_at = now() + exchange.again_after;
  arm(slot);
}

void Transport::on_exchange_segment(std::uint32_t slot, const IpHeader& header, const TcpSegment& segment) {
  Exchange& exchange = exchanges_[slot];
  if (header.source != exchange.question.address || segment.source_port != exchange.question.port) return;
  if (has(segment, kTcpReset)) {
    return finish(slot, exchange.established ? Outcome::broken : Outcome::refused, {});
  }
  const bool accepting = has(segment, kTcpSyn);
  if (accepting == exchange.established) return;  // a copy, or too early
  if (!accepting && segment.sequence != exchange.expected) return;
  if (accepting && !exchange.established) {
    exchange.established = true;
    exchange.expected = segment.sequence;
  }
  exchange.expected += length_of(segment);
  exchange.sequence = segment.acknowledgement;
  const std::string_view data = text_of(segment.data);
  const bool connected_only = exchange.question.kind == Question::Kind::connection;
  const bool pushed = has(segment, kTcpPush) && (exchange.question.keep || exchange.question.one_answer);
  const bool over = connected_only || has(segment, kTcpFin) || pushed;
  if (!over || !exchange.received.empty()) exchange.received += data;
  if (!over) {
    if (exchange.question.restarts_timeout) exchange.deadline = now() + exchange.question.timeout;
    return arm(slot);
  }
  if (!exchange.question.keep) {
    TcpSegment end;
    end.source_port = exchange.port;
    end.destination_port = exchange.question.port;
    end.sequence = exchange.sequence;
    end.acknowledgement = exchange.expected;
    end.flags = kTcpFin | kTcpAck;
    IpHeader back = answering(header);
    send_segment(back, end);
  }
  finish(slot, Outcome::answered, data);
}

bool Transport::on_echo_reply(const IpAddress& from, std::uint16_t identifier, std::uint16_t sequence) {
  if (identifier != kPingIdentifier) return false;
  for (std::uint32_t slot = 0; slot < exchanges_.size(); ++slot) {
    const Exchange& exchange = exchanges_[slot];
    if (exchange.in_use && exchange.ping && exchange.port == sequence && exchange.question.address == from) {
      finish(slot, Outcome::answered, {});
      break;
    }
  }
  return true;
}

void Transport::end_exchange_of(std::uint16_t port, const IpAddress& peer, std::uint16_t peer_port, Outcome outcome) {
  const auto slot = exchange_at(port);
  if (!slot) return;
  const Question& question = exchanges_[*slot].question;
  if (question.address == peer && question.port == peer_port) finish(*slot, outcome, {});
}

void Transport::on_port_unreachable(const PortUnreachable& about) {
  end_exchange_of(about.source_port, about.destination, about.destination_port, Outcome::refused);
}

/// The neighbour did not answer: EHOSTUNREACH.
void Transport::on_unsent(std::span<const std::uint8_t> frame) {
  const auto ethernet = parse_ethernet(frame);
  const auto packet = ethernet ? parse_ip(*ethernet) : std::nullopt;
  if (!packet || packet->payload.size() < 4) return;
  const IpProtocol protocol = packet->header.protocol;
  if (protocol != IpProtocol::tcp && protocol != IpProtocol::udp) return;
  end_exchange_of(get16(packet->payload, 0), packet->header.destination, get16(packet->payload, 2),
                  Outcome::unreachable);
}

void Transport::on_power_off() {
  sessions_.clear();
  for (Answer& answer : answers_) {
    answer.in_use = false;
    ++answer.generation;
  }
  for (std::uint32_t slot = 0; slot < exchanges_.size(); ++slot) {
    if (exchanges_[slot].in_use) release(slot);
  }
}

}  // namespace vipdrift::sim
