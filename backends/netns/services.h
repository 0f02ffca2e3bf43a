// What a machine of a world serves: real sockets in its namespace, served by the world's thread.
#ifndef VIPDRIFT_BACKENDS_NETNS_SERVICES_H_
#define VIPDRIFT_BACKENDS_NETNS_SERVICES_H_

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/netns/descriptor.h"
#include "backends/netns/event_loop.h"
#include "backends/netns/network_namespace.h"
#include "backends/netns/poller.h"
#include "backends/netns/smtp_dialogue.h"
#include "backends/netns/tls_session.h"
#include "scenarios/scenario.h"

namespace vipdrift::netns {

/// The services of one machine, on every address that it has. http, https: one page a connection, with the machine's name
/// in the header Server. tcp: the name for each line. udp, dns, smtp: see scenarios/service_answers.h.
class Services {
 public:
  using Error = std::optional<std::string>;

  /// References outlive the object.
  Services(std::string node, const NetworkNamespace& place, EventLoop& loop);
  Services(const Services&) = delete;
  Services& operator=(const Services&) = delete;

  /// Who hears of mails that an smtp service has taken: where they come from, and their subject.
  using MailSink = std::function<void(const IpAddress& from, const std::string& subject)>;
  void set_mail_sink(MailSink sink) { mail_sink_ = std::move(sink); }

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
    std::uint64_t opened = 0;         ///< how often
  };
  struct Connection {
    Descriptor socket;
    std::uint16_t port = 0;
    std::string asked;
    std::string answer;     ///< what is still to be sent
    bool answers = false;   ///< it is the service's: what TLS has to say before drips with nobody
    bool closes = false;    ///< after the answer
    bool sends = false;     ///< a later call of send() is under way
    std::unique_ptr<TlsSession> tls;
    std::unique_ptr<SmtpDialogue> smtp;
  };
  /// A datagram, and what the kernel needs to answer it in the name of the address that it was sent to.
  struct Asked {
    sockaddr_storage from{};
    socklen_t from_size = 0;
    std::array<char, 256> control{};
    std::size_t control_size = 0;
  };

  Error open(Service& service);
  Error listen_on(Service& service, int domain);
  void on_ready(std::uint64_t number, std::uint32_t events);
  void accept_from(int socket, const Service& service);
  void greet(std::uint64_t number);
  void answer_datagrams(int socket, const Service& service);
  static void answer(int socket, Asked& asked, std::string text);
  void read(std::uint64_t number);
  void hear(std::uint64_t number);
  void begin_answer(std::uint64_t number);
  void send(std::uint64_t number);
  void send_on(std::uint64_t number);
  std::string page(const scenarios::ServedPort& settings) const;
  std::string body(const scenarios::ServedPort& settings) const;

  std::string node_;
  const NetworkNamespace& place_;
  EventLoop& loop_;
  Poller poller_;
  bool frozen_ = false;
  bool powered_ = true;
  MailSink mail_sink_;
  std::shared_ptr<const TlsIdentity> identity_;  ///< made for the first service that needs one
  std::map<std::uint16_t, Service> services_;
  /// Listening sockets first, by descriptor; connections count from kFirstConnection.
  std::map<std::uint64_t, Connection> connections_;
  std::uint64_t last_connection_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_SERVICES_H_
