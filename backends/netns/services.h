// What a machine of a world serves: real sockets in its namespace, served by the world's thread.
#ifndef VIPDRIFT_BACKENDS_NETNS_SERVICES_H_
#define VIPDRIFT_BACKENDS_NETNS_SERVICES_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "backends/netns/descriptor.h"
#include "backends/netns/event_loop.h"
#include "backends/netns/network_namespace.h"
#include "backends/netns/poller.h"
#include "scenarios/scenario.h"

namespace vipdrift::netns {

/// The services of one machine, on every address that it has. http: one page a connection, with the machine's name in
/// the header Server. tcp: the name for each line. udp: the name for each datagram.
class Services {
 public:
  using Error = std::optional<std::string>;

  /// References outlive the object.
  Services(std::string node, const NetworkNamespace& place, EventLoop& loop);
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  /// What cannot be served here, in words; nothing: all can.
  static Error cannot_serve(const std::vector<scenarios::ServedPort>& ports);

  /// Serves these from now on.
  Error serve(const std::vector<scenarios::ServedPort>& ports);
  Error stop(std::uint16_t port);
  Error start(std::uint16_t port);
  Error set(const scenarios::SetService& step);
  /// Connections of a frozen machine are accepted by its kernel, and nobody reads them.
  void set_frozen(bool frozen);
  /// Without power nothing is left of them; with it, those that served do so again.
  Error set_powered(bool powered);

 private:
  struct Service {
    scenarios::ServedPort settings;
    bool serves = true;
    std::vector<Descriptor> sockets;  ///< IPv4 and IPv6
  };
  struct Connection {
    Descriptor socket;
    std::uint16_t port = 0;
    std::string asked;
    std::string answer;   ///< what is still to be sent
    bool closes = false;  ///< after the answer
  };

  Error open(Service& service);
  Error listen_on(Service& service, int domain);
  void on_ready(std::uint64_t number, std::uint32_t events);
  void accept_from(int socket, const Service& service);
  void answer_datagrams(int socket) const;
  void read(std::uint64_t number);
  void begin_answer(std::uint64_t number);
  void send(std::uint64_t number);
  std::string page(const scenarios::ServedPort& settings) const;
  std::string body(const scenarios::ServedPort& settings) const;

  std::string node_;
  const NetworkNamespace& place_;
  EventLoop& loop_;
  Poller poller_;
  bool frozen_ = false;
  bool powered_ = true;
  std::map<std::uint16_t, Service> services_;
  /// Listening sockets first, by descriptor; connections count from kFirstConnection.
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t last_connection_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_SERVICES_H_
