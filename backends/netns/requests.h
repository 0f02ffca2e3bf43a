// Clients that use services, from a real kernel's sockets: streams of requests, and connections that last.
#ifndef VIPDRIFT_BACKENDS_NETNS_REQUESTS_H_
#define VIPDRIFT_BACKENDS_NETNS_REQUESTS_H_

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "backends/netns/descriptor.h"
#include "backends/netns/event_loop.h"
#include "backends/netns/network_namespace.h"
#include "backends/netns/poller.h"
#include "backends/netns/recorder.h"
#include "backends/netns/tls_session.h"
#include "scenarios/scenario.h"

namespace vipdrift::netns {

/// What an answer over HTTP says: the status, and who wrote it (the header Server). `complete`: all of it is there.
struct HttpAnswer {
  int status = 0;
  std::string server;
  bool complete = false;
};
/// `ended`: the other side has closed. A status of 0: no beginning of an answer is there yet, or it is none.
HttpAnswer read_http_answer(const std::string& bytes, bool ended);

/// One client. A request never uses a port again that another one used, since IPVS drops silently what comes from the
/// port of a connection to a server that is gone.
class Requests {
 public:
  using Error = std::optional<std::string>;

  /// References outlive the object.
  Requests(std::string client, const NetworkNamespace& place, EventLoop& loop, Recorder& recorder);
  Requests(const Requests&) = delete;
  Requests& operator=(const Requests&) = delete;

  /// The first request begins now. A second stream to the same URL is ignored.
  void start(const scenarios::StartRequests& step);
  void open(const scenarios::OpenConnection& step);
  void set_powered(bool powered) { powered_ = powered; }
  void set_frozen(bool frozen) { frozen_ = frozen; }

 private:
  struct Stream {
    scenarios::StartRequests step;
  };
  struct Request {
    const Stream* stream = nullptr;
    Duration began{};
    Descriptor socket;
    std::string question;  ///< what is still to be sent
    std::string answer;
    std::unique_ptr<TlsSession> tls = {};
    std::string secret = {};  ///< what is to be said when TLS is established
  };
  struct Line {
    scenarios::OpenConnection step;
    Descriptor socket;
    std::string answer;
    Duration sent{};
    bool waits = false;    ///< a line has not been answered
    bool connected = false;
    std::optional<scenarios::ConnectionState> told;
    std::string told_node;
  };

  bool suspended() const { return !powered_ || frozen_; }
  Descriptor connect(const IpAddress& target, std::uint16_t port, const std::optional<IpAddress>& from, bool stream);
  void tick(Stream& stream, Duration due);
  void begin(const Stream& stream);
  void on_ready(std::uint64_t number, std::uint32_t events);
  void go_on(std::uint64_t number, std::uint32_t events);
  void finish(std::uint64_t number, scenarios::RequestFailure failure, int status = 0, const std::string& node = {});
  bool take(std::uint64_t number, std::string_view bytes);
  void finish_when_complete(std::uint64_t number, bool ended);

  void tick(Line& line, Duration due);
  void read(Line& line, std::uint32_t events);
  void tell(Line& line, Duration at, scenarios::ConnectionState state, const std::string& node,
            const std::string& detail = {});
  void break_line(Line& line, const std::string& why);

  std::string client_;
  const NetworkNamespace& place_;
  EventLoop& loop_;
  Recorder& recorder_;
  Poller poller_;
  bool powered_ = true;
  bool frozen_ = false;
  std::shared_ptr<const TlsIdentity> identity_;  ///< made for the first request that needs one
  std::uint32_t ports_used_ = 0;
  std::uint64_t last_number_ = 0;
  std::list<Stream> streams_;
  std::map<std::uint64_t, Request> requests_;
  std::map<std::uint64_t, Line> lines_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_REQUESTS_H_
