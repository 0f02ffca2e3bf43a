#include "sim/transport.h"

#include <algorithm>
#include <utility>

#include "scenarios/service_answers.h"
#include "sim/node_events.h"
#include "sim/segments.h"

namespace vipdrift::sim {
namespace {

std::string reason_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 503:
      return "Service Unavailable";
    default:
      return "Status";
  }
}

}  // namespace

Transport::Transport(const KernelWorld& world, VirtualKernel& kernel) : world_(world), kernel_(kernel) {
  kernel_.set_transport(this);
}

// ---------------------------------------------------------------- services

void Transport::serve(const scenarios::ServedPort& port) {
  listeners_.push_back({port, true, answer_of(port)});
}

void Transport::stop(std::uint16_t port) {
  for (Listener& listener : listeners_) {
    if (listener.port.port == port) listener.up = false;
  }
  end_sessions(port);
}

void Transport::start(std::uint16_t port) {
  for (Listener& listener : listeners_) {
    if (listener.port.port == port) listener.up = true;
  }
}

void Transport::change(const scenarios::SetService& change) {
  for (Listener& listener : listeners_) {
    if (listener.port.port != change.port) continue;
    if (change.status) listener.port.status = *change.status;
    if (change.delay) listener.port.delay = *change.delay;
    if (change.drip) listener.port.drip = *change.drip;
    if (change.body) listener.port.body = *change.body;
    listener.answer = answer_of(listener.port);
  }
}

void Transport::end_sessions(std::uint16_t port) {
  std::erase_if(sessions_, [&](const Session& session) { return session.port == port; });
  for (Answer& answer : answers_) {
    if (answer.in_use && answer.segment.source_port == port) {
      answer.in_use = false;
      ++answer.generation;
    }
  }
}

Transport::Listener* Transport::listener(std::uint16_t port, bool udp) {
  const auto found = std::find_if(listeners_.begin(), listeners_.end(), [&](const Listener& each) {
    const bool datagrams = each.port.protocol == scenarios::ServiceProtocol::udp ||
                           each.port.protocol == scenarios::ServiceProtocol::dns;
    return each.port.port == port && datagrams == udp && each.up;
  });
  return found == listeners_.end() ? nullptr : &*found;
}

std::string Transport::answer_of(const scenarios::ServedPort& port) const {
  using scenarios::ServiceProtocol;
  switch (port.protocol) {
    case ServiceProtocol::http:
    case ServiceProtocol::https: {
      const std::string body = port.body.empty() ? kernel_.name() + "\n" : port.body;
      return "HTTP/1.1 " + std::to_string(port.status) + " " + reason_of(port.status) + "\r\nServer: " +
             kernel_.name() + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    }
    case ServiceProtocol::smtp:
      return scenarios::smtp_greeting(port, kernel_.name()) + "250 " + kernel_.name() + "\r\n221 bye\r\n";
    case ServiceProtocol::tcp:
      return kernel_.name() + "\n";
    case ServiceProtocol::udp:
    case ServiceProtocol::dns:
      return {};
  }
  return {};
}

/// What the service says to `request`. SMTP speaks first.
std::string_view Transport::page(const Listener& listener, std::string_view request) {
  const bool speaks_first = listener.port.protocol == scenarios::ServiceProtocol::smtp;
  return request.empty() && !speaks_first ? std::string_view{} : listener.answer;
}

// ---------------------------------------------------------------- answering

void Transport::send_segment(const IpHeader& header, const TcpSegment& segment) {
  if (const auto route = kernel_.route_to(header.destination)) send_segment(*route, header, segment);
}

void Transport::send_segment(const Route& route, const IpHeader& header, const TcpSegment& segment) {
  kernel_.send_routed(route, make_tcp(world_.frames, kernel_.mac(route.interface), {}, header, segment),
                      header.source);
}

void Transport::reset(const IpHeader& header, const TcpSegment& segment) {
  TcpSegment answer = answering(segment);
  answer.flags = kTcpReset | kTcpAck;
  if (has(segment, kTcpAck)) {
    answer.sequence = segment.acknowledgement;
    answer.flags = kTcpReset;
    answer.acknowledgement = 0;
  }
  answer.window = 0;
  send_segment(answering(header), answer);
}

void Transport::answer_open(const Listener& listener, const IpHeader& header, const TcpSegment& syn) {
  TcpSegment answer = answering(syn);
  answer.sequence = kInitialSequence;
  answer.flags = kTcpSyn | kTcpAck;
  const std::string_view request = text_of(syn.data);
  const bool web = listener.port.protocol == scenarios::ServiceProtocol::http ||
                   listener.port.protocol == scenarios::ServiceProtocol::https;
  const bool keeps = !request.empty() && listener.port.protocol != scenarios::ServiceProtocol::smtp &&
                     !(web && request.find("Connection: close") != std::string_view::npos);
  const std::string_view data = page(listener, request);
  if (keeps) {
    std::erase_if(sessions_, [&](const Session& old) {
      return old.client == header.source && old.client_port == syn.source_port;
    });
    sessions_.push_back({header.source, syn.source_port, header.destination, syn.destination_port,
                         kInitialSequence + 1 + static_cast<std::uint32_t>(data.size()), answer.acknowledgement});
  }
  if (data.empty()) return send_segment(answering(header), answer);
  say(listener, answering(header), answer, data, !keeps);
}

std::uint32_t Transport::free_answer() {
  const auto free = std::find_if(answers_.begin(), answers_.end(), [](const Answer& each) { return !each.in_use; });
  const auto slot = static_cast<std::uint32_t>(free - answers_.begin());
  if (free == answers_.end()) answers_.emplace_back();
  return slot;
}

/// Says `data` at once, later, or byte by byte. A SYN in `segment` goes out at once in any case.
void Transport::say(const Listener& listener, const IpHeader& header, TcpSegment segment,
                    std::string_view data, bool close) {
  const std::uint8_t last = static_cast<std::uint8_t>(kTcpPush | (close ? kTcpFin : 0));
  if (listener.port.delay == Duration{0} && listener.port.drip == Duration{0}) {
    segment.flags |= last;
    segment.data = bytes_of(data);
    return send_segment(header, segment);
  }
  if (has(segment, kTcpSyn)) {
    send_segment(header, segment);
    ++segment.sequence;
    segment.flags = kTcpAck;
  }
  const std::uint32_t slot = free_answer();
  Answer& answer = answers_[slot];
  const std::uint32_t generation = answer.generation;
  answer = {generation, true, false, close, header, segment, std::string{data}, 0, listener.port.drip};
  world_.queue.schedule(now() + listener.port.delay, {kind_of(NodeEvent::transport_answer), 0, kernel_.index(),
                                                      packed(slot, generation)});
}

void Transport::on_answer_timer(std::uint64_t data) {
  const auto slot = static_cast<std::uint32_t>(data);
  Answer& answer = answers_[slot];
  if (!answer.in_use || answer.generation != data >> 32U || !kernel_.powered()) return;
  if (answer.udp) {
    const auto route = kernel_.route_to(answer.header.destination);
    const UdpDatagram datagram{answer.segment.source_port, answer.segment.destination_port, bytes_of(answer.data)};
    if (route && kernel_.runs()) {
      kernel_.send_routed(*route, make_udp(world_.frames, kernel_.mac(route->interface), {}, answer.header, datagram),
                          answer.header.source);
    }
    answer.said = answer.data.size();
  } else {
    const std::size_t left = answer.data.size() - answer.said;
    const std::size_t part = answer.drip == Duration{0} ? left : std::min<std::size_t>(left, 1);
    const bool end = part == left;
    TcpSegment segment = answer.segment;
    segment.sequence += static_cast<std::uint32_t>(answer.said);
    segment.data = bytes_of(std::string_view{answer.data}.substr(answer.said, part));
    if (end) segment.flags |= static_cast<std::uint8_t>(kTcpPush | (answer.close ? kTcpFin : 0));
    if (kernel_.runs()) send_segment(answer.header, segment);
    answer.said += part;
  }
  if (answer.said < answer.data.size()) {
    world_.queue.schedule(now() + answer.drip,
                          {kind_of(NodeEvent::transport_answer), 0, kernel_.index(), data});
    return;
  }
  answer.in_use = false;
  ++answer.generation;
}

Transport::Session* Transport::session(const IpHeader& header, const TcpSegment& segment) {
  const auto found = std::find_if(sessions_.begin(), sessions_.end(), [&](const Session& each) {
    return each.client_port == segment.source_port && each.port == segment.destination_port &&
           each.client == header.source && each.address == header.destination;
  });
  return found == sessions_.end() ? nullptr : &*found;
}

/// A segment with data over a connection that was opened before; false: there is no such connection.
bool Transport::answer_line(const IpHeader& header, const TcpSegment& segment) {
  Session* known = session(header, segment);
  const Listener* serving = listener(segment.destination_port, false);
  if (known == nullptr || serving == nullptr) return false;
  TcpSegment answer = answering(segment);
  const std::string_view data = page(*serving, text_of(segment.data));
  const bool repeated = segment.sequence != known->expected;
  answer.sequence = repeated ? known->next - static_cast<std::uint32_t>(data.size()) : known->next;
  if (!repeated) {
    known->expected += static_cast<std::uint32_t>(segment.data.size());
    known->next += static_cast<std::uint32_t>(data.size());
  }
  say(*serving, answering(header), answer, data, false);
  return true;
}

bool Transport::on_tcp(const IpHeader& header, const TcpSegment& segment) {
  const bool opening = has(segment, kTcpSyn) && !has(segment, kTcpAck);
  if (opening) {
    if (listeners_.empty()) return false;
    if (const Listener* serving = listener(segment.destination_port, false)) {
      answer_open(*serving, header, segment);
    } else {
      reset(header, segment);
    }
    return true;
  }
  if (const auto slot = exchange_at(segment.destination_port)) {
    on_exchange_segment(*slot, header, segment);
    return true;
  }
  if (has(segment, kTcpReset)) {
    const bool known = session(header, segment) != nullptr;
    if (known) std::erase_if(sessions_, [&](const Session& each) { return &each == session(header, segment); });
    return known;
  }
  if (has(segment, kTcpSyn)) return false;  // an answer to somebody else's attempt
  if (listeners_.empty()) {
    if (!segment.data.empty()) reset(header, segment);
    return !segment.data.empty();
  }
  if (has(segment, kTcpFin) && segment.data.empty()) {
    if (Session* known = session(header, segment)) sessions_.erase(sessions_.begin() + (known - sessions_.data()));
    return true;
  }
  if (!segment.data.empty() && !answer_line(header, segment)) reset(header, segment);
  return true;
}

bool Transport::on_udp(const IpHeader& header, const UdpDatagram& datagram, std::span<const std::uint8_t> packet) {
  const std::uint16_t port = datagram.destination_port;
  if (const auto slot = exchange_at(port)) {
    finish(*slot, check::Outcome::answered, text_of(datagram.data));
    return true;
  }
  if (listeners_.empty()) return false;
  const auto route = kernel_.route_to(header.source);
  if (!route) return true;
  IpHeader back = answering(header);
  const Listener* serving = listener(port, true);
  if (serving == nullptr) {
    kernel_.send_routed(*route, make_port_unreachable(world_.frames, kernel_.mac(route->interface), {}, back, packet),
                        back.source);
    return true;
  }
  const std::string data = scenarios::datagram_answer(serving->port, kernel_.name(), text_of(datagram.data));
  if (serving->port.delay == Duration{0}) {
    kernel_.send_routed(*route,
                        make_udp(world_.frames, kernel_.mac(route->interface), {}, back,
                                 {port, datagram.source_port, bytes_of(data)}),
                        back.source);
    return true;
  }
  const std::uint32_t slot = free_answer();
  Answer& answer = answers_[slot];
  TcpSegment ports;
  ports.source_port = port;
  ports.destination_port = datagram.source_port;
  answer = {answer.generation, true, true, false, back, ports, data, 0, Duration{0}};
  world_.queue.schedule(now() + serving->port.delay,
                        {kind_of(NodeEvent::transport_answer), 0, kernel_.index(),
                         packed(slot, answer.generation)});
  return true;
}

}  // namespace vipdrift::sim
