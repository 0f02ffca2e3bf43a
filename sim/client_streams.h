// What a simulated client does as a user of services: streams of requests, and connections that it keeps.
#ifndef VIPDRIFT_SIM_CLIENT_STREAMS_H_
#define VIPDRIFT_SIM_CLIENT_STREAMS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "sim/transport.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {

class ClientStreams final : public ExchangeUser {
 public:
  /// All references outlive the client.
  ClientStreams(const KernelWorld& world, VirtualKernel& kernel, Transport& transport)
      : world_(world), kernel_(kernel), transport_(transport) {}

  /// The first request leaves now. A second call for the same URL is ignored.
  void start(const scenarios::StartRequests& step);
  /// The connection is opened now. A second call for the same target is ignored.
  void open(const scenarios::OpenConnection& step);

  std::uint64_t requests() const { return requests_; }
  std::uint64_t answered() const { return answered_; }

  // ---- queue events and the transport

  void on_request_due(std::size_t stream);
  void on_line_due(std::size_t line);
  void on_line_late(std::size_t line, std::uint64_t number);
  void on_reply(std::uint64_t tag, const Reply& reply) override;

 private:
  struct Stream {
    scenarios::StartRequests step;
    Question question;
  };
  struct Request {
    SimTime at{};
    std::uint32_t stream = 0;
  };
  struct Line {
    scenarios::OpenConnection step;
    ExchangeId exchange;
    std::shared_ptr<const std::string> text;
    std::uint64_t number = 0;  ///< of the line that was sent last
    SimTime sent_at{};
    bool waiting = false;
    bool begun = false;
    scenarios::ConnectionState state{};
    std::string node;
  };

  SimTime now() const { return world_.queue.now(); }
  void request_ended(std::uint32_t slot, const Reply& reply);
  void line_ended(std::size_t position, const Reply& reply);
  void note(const Line& line, SimTime at, const std::string& detail = {});

  KernelWorld world_;
  VirtualKernel& kernel_;
  Transport& transport_;
  std::vector<Stream> streams_;
  std::vector<Line> lines_;
  std::vector<Request> open_;  ///< requests without an end, by slot
  std::vector<std::uint32_t> free_;
  std::uint64_t requests_ = 0;
  std::uint64_t answered_ = 0;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_CLIENT_STREAMS_H_
