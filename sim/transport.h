// TCP and UDP of a simulated machine: services that answer, and exchanges that ask.
#ifndef VIPDRIFT_SIM_TRANSPORT_H_
#define VIPDRIFT_SIM_TRANSPORT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/check/probe.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "scenarios/load_balancing.h"
#include "sim/event_queue.h"
#include "sim/packets.h"
#include "sim/transport_packets.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {

/// What a program asks another machine.
struct Question {
  enum class Kind : std::uint8_t {
    connection,  ///< TCP: made and closed
    stream,      ///< TCP: `data` is sent, the answer read to its end
    datagram     ///< UDP: `data` is sent, the answer is one datagram
  } kind = Kind::connection;
  IpAddress address;
  std::uint16_t port = 0;
  std::optional<IpAddress> from;  ///< absent: the address that suits
  std::uint16_t from_port = 0;    ///< 0: the next one that was not used for longest
  std::shared_ptr<const std::string> data;
  Duration timeout = std::chrono::seconds{1};
  bool restarts_timeout = false;  ///< it begins anew with each part of the answer
  bool one_answer = false;  ///< stream: the answer ends with its first push; then we close
  bool keep = false;     ///< stream: the connection stays for say_again()
};

/// How it ended. `data` lives for the call.
struct Reply {
  check::Outcome outcome{};
  std::string_view data;
};

using ExchangeId = StrongId<struct ExchangeIdTag, std::uint64_t>;  ///< 0: none

class ExchangeUser {
 public:
  virtual ~ExchangeUser() = default;
  /// `tag` is the asker's. The exchange is over unless it was asked with `keep` and answered.
  virtual void on_reply(std::uint64_t tag, const Reply& reply) = 0;
};

/// The model. A question and its answer travel with the segments that open the connection, as with TCP Fast Open (RFC
/// 7413): SYN with data, SYN+ACK with data and FIN, and the asker's FIN: three frames for what a real client needs ten.
/// What is lost is sent again after 1, 3, 7 s (RFC 6298). A service that delays its answer accepts at once and
/// answers later; one that drips sends a segment for every byte. What a stopped service still had to say is never said.
/// A machine that serves nothing accepts connections on every port, as the VRRP scenarios want it, and says nothing.
/// TLS is not modelled: https is http on another port.
class Transport final : public KernelTransport {
 public:
  /// Both outlive the transport.
  Transport(const KernelWorld& world, VirtualKernel& kernel);

  // ---- services

  void serve(const scenarios::ServedPort& port);
  void stop(std::uint16_t port);
  void start(std::uint16_t port);
  void change(const scenarios::SetService& change);

  // ---- exchanges

  /// The answer never comes before begin() has returned. `user` outlives the exchange.
  ExchangeId begin(Question question, ExchangeUser& user, std::uint64_t tag);
  /// Another line over a kept connection that has answered.
  void say_again(ExchangeId id, std::shared_ptr<const std::string> data);
  /// Nothing is told any more.
  void abandon(ExchangeId id);
  /// ICMP echo; ends as an exchange does.
  ExchangeId ping(const IpAddress& address, std::optional<IpAddress> from, Duration timeout, ExchangeUser& user,
                  std::uint64_t tag);

  // ---- the kernel and the testbed

  bool on_tcp(const IpHeader& header, const TcpSegment& segment) override;
  bool on_udp(const IpHeader& header, const UdpDatagram& datagram, std::span<const std::uint8_t> packet) override;
  bool on_echo_reply(const IpAddress& from, std::uint16_t identifier, std::uint16_t sequence) override;
  void on_port_unreachable(const PortUnreachable& about) override;
  void on_unsent(std::span<const std::uint8_t> frame) override;
  void on_power_off() override;
  /// NodeEvent::transport_exchange and transport_answer.
  void on_exchange_timer(std::uint64_t data);
  void on_answer_timer(std::uint64_t data);

 private:
  struct Listener {
    scenarios::ServedPort port;
    bool up = true;
    std::string answer;  ///< to every question but an empty one
  };
  struct Exchange {
    Question question;
    ExchangeUser* user = nullptr;
    std::uint64_t tag = 0;
    std::uint32_t generation = 1;
    std::uint16_t port = 0;  ///< ours; of a ping its sequence
    bool in_use = false;
    bool ping = false;
    bool established = false;
    bool idle = false;  ///< kept, and nothing was asked
    IpAddress source;
    SimTime deadline{};
    SimTime again_at{};
    Duration again_after{};
    std::uint32_t sequence = 0;  ///< of the first byte of what is being asked
    std::uint32_t expected = 0;  ///< next byte of the peer
    EventId timer;
    std::string received;
  };
  /// A connection of a service that stays open.
  struct Session {
    IpAddress client;
    std::uint16_t client_port = 0;
    IpAddress address;
    std::uint16_t port = 0;
    std::uint32_t next = 0;      ///< our next byte
    std::uint32_t expected = 0;  ///< the client's next byte
  };
  /// What a slow service has still to say.
  struct Answer {
    std::uint32_t generation = 1;
    bool in_use = false;
    bool udp = false;
    bool close = false;
    IpHeader header;
    TcpSegment segment;
    std::string data;
    std::size_t said = 0;
    Duration drip{};
  };

  SimTime now() const { return world_.queue.now(); }
  Listener* listener(std::uint16_t port, bool udp);
  std::string answer_of(const scenarios::ServedPort& port) const;
  static std::string_view page(const Listener& listener, std::string_view request);
  void answer_open(const Listener& listener, const IpHeader& header, const TcpSegment& syn);
  bool answer_line(const IpHeader& header, const TcpSegment& segment);
  void say(const Listener& listener, const IpHeader& header, TcpSegment segment, std::string_view data, bool close);
  std::uint32_t free_answer();
  void reset(const IpHeader& header, const TcpSegment& segment);
  Session* session(const IpHeader& header, const TcpSegment& segment);
  void end_sessions(std::uint16_t port);

  Exchange* find(ExchangeId id);
  std::uint32_t take_slot();
  std::uint16_t take_port();
  /// The exchange whose port of ours it is.
  std::optional<std::uint32_t> exchange_at(std::uint16_t port) const;
  ExchangeId id_of(std::uint32_t slot) const;
  void transmit(Exchange& exchange, const Route& route);
  void transmit(Exchange& exchange);
  void arm(std::uint32_t slot);
  void release(std::uint32_t slot);
  void finish(std::uint32_t slot, check::Outcome outcome, std::string_view data);
  void on_exchange_segment(std::uint32_t slot, const IpHeader& header, const TcpSegment& segment);
  void send_segment(const IpHeader& header, const TcpSegment& segment);
  void send_segment(const Route& route, const IpHeader& header, const TcpSegment& segment);
  void end_exchange_of(std::uint16_t port, const IpAddress& peer, std::uint16_t peer_port, check::Outcome outcome);

  KernelWorld world_;
  VirtualKernel& kernel_;
  std::vector<Listener> listeners_;
  std::vector<Session> sessions_;
  std::vector<Answer> answers_;
  std::vector<Exchange> exchanges_;
  std::vector<std::uint32_t> free_exchanges_;
  std::vector<std::uint32_t> by_port_;  ///< our port to slot + 1; empty before the first exchange
  std::uint16_t next_port_ = 0;
  std::uint16_t next_ping_ = 0;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_TRANSPORT_H_
