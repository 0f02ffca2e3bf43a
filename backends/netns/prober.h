// Clients that ask addresses for answers, from a real kernel's sockets.
#ifndef VIPDRIFT_BACKENDS_NETNS_PROBER_H_
#define VIPDRIFT_BACKENDS_NETNS_PROBER_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <string>

#include "backends/netns/descriptor.h"
#include "backends/netns/event_loop.h"
#include "backends/netns/frames.h"
#include "backends/netns/network_namespace.h"
#include "backends/netns/recorder.h"
#include "scenarios/scenario.h"

namespace vipdrift::netns {

/// The probes of one client. The kernel resolves the addresses; answers are frames that leave the switch towards the
/// client, so that their senders are known. Results are noted as runs, as the simulator notes them: one ProbeAnswers
/// when the answering machine changes, stamped with the sending time of the run's first probe.
class Prober {
 public:
  /// Who uses a MAC address now; empty: nobody known.
  using OwnerOf = std::function<std::string(const MacAddress&)>;

  /// All references outlive the prober and what it leaves in `loop`.
  Prober(std::string client, const NetworkNamespace& place, EventLoop& loop, Recorder& recorder, OwnerOf owner_of)
      : client_(std::move(client)), place_(place), loop_(loop), recorder_(recorder), owner_of_(std::move(owner_of)) {}

  /// The first probe leaves now. `interface` is the number of the one that link-local targets are behind. A second call
  /// for the same target and port is ignored. The reason when there is no socket.
  std::optional<std::string> start(const scenarios::StartProbe& probe, unsigned interface);
  /// While off, nothing is sent and everything counts as unanswered.
  void set_powered(bool powered) { powered_ = powered; }

  void on_answer(Duration at, const AnswerFrame& answer);
  /// Gives up the probes whose time is over.
  void settle();

 private:
  struct Sent {
    Duration at{};
    std::uint16_t number = 0;
    bool answered = false;
    MacAddress mac;
    Descriptor connection;
  };
  struct Target {
    scenarios::StartProbe probe;
    unsigned interface = 0;
    Descriptor socket;  ///< for echo requests
    std::uint16_t identifier = 0;
    std::uint32_t sent_total = 0;
    bool confirmed = false;  ///< an answer has come since the last question
    std::deque<Sent> open;
    bool run_begun = false;
    MacAddress run_mac;
    std::string run_node;
  };

  void tick(Target& target, Duration due);
  void send(Target& target);
  void send_echo(Target& target, std::uint16_t number) const;
  Descriptor connect(const Target& target, std::uint16_t port) const;
  void settle(Target& target);
  void settle_one(Target& target, const Sent& probe);

  std::string client_;
  const NetworkNamespace& place_;
  EventLoop& loop_;
  Recorder& recorder_;
  OwnerOf owner_of_;
  bool powered_ = true;
  std::list<Target> targets_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_PROBER_H_
