// A machine that only asks and answers: clients that probe addresses, and the real servers behind directors.
#ifndef VIPDRIFT_SIM_HOST_H_
#define VIPDRIFT_SIM_HOST_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "scenarios/scenario.h"
#include "sim/recorder.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {

/// Tells machines by their MAC addresses.
class MacDirectory {
 public:
  virtual ~MacDirectory() = default;
  /// The node that now uses `mac`, as seen from the port `asking`; empty: nobody known. Virtual MACs belong to
  /// whoever the switch has heard last with them.
  virtual const std::string& owner_of(const MacAddress& mac, PortId asking) const = 0;
};

/// Probes are answered, or not, within their time-out; the stream of results is noted as runs: one ProbeAnswers when
/// the answering machine changes, stamped with the sending time of the run's first probe. Results count in the order
/// of sending, so a run is known once everything sent before it has been answered or given up.
class Host final : public KernelUser {
 public:
  /// All references outlive the host.
  Host(const KernelWorld& world, VirtualKernel& kernel, const MacDirectory& directory);

  VirtualKernel& kernel() { return kernel_; }
  const VirtualKernel& kernel() const { return kernel_; }

  /// Whether there is an interface with an address of the target's family.
  bool can_probe(const IpAddress& target) const { return kernel_.interface_towards(target).value != 0; }
  /// The first probe leaves now. Requires can_probe(). A second call for the same target and port is ignored.
  void start_probe(const scenarios::StartProbe& probe);

  void flush_neighbours() { kernel_.flush_neighbours(); }

  // ---- queue events and the testbed

  void on_probe(std::size_t target);
  /// Gives up the probes whose time is over at now().
  void settle();

  // ---- the kernel speaking

  void on_answer(const IpAddress& from, std::uint16_t port, std::uint16_t sequence, const MacAddress& mac) override;
  void on_neighbour(InterfaceId interface, const IpAddress& address, const MacAddress& mac) override;

 private:
  struct Sent {
    SimTime at{};
    std::uint16_t sequence = 0;
    bool answered = false;
    MacAddress mac;
  };
  struct Target {
    IpAddress address;
    std::uint16_t port = 0;
    Duration every{};
    Duration timeout{};
    InterfaceId interface;
    NeighbourCache::Slot slot = 0;
    IpAddress source;
    std::uint16_t identifier = 0;
    std::uint32_t sent_total = 0;
    std::vector<Sent> open;  ///< ring of probes without a settled result, oldest at `first`
    std::size_t first = 0;
    std::size_t count = 0;
    bool run_begun = false;
    MacAddress run_mac;  ///< zero: nobody answers
    std::string run_node;
  };

  SimTime now() const { return world_.queue.now(); }
  void send(Target& target);
  Frame make_probe(const Target& target, std::uint16_t sequence);
  void settle(Target& target);
  void settle_one(Target& target, const Sent& probe);

  KernelWorld world_;
  VirtualKernel& kernel_;
  const MacDirectory& directory_;
  std::vector<Target> targets_;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_HOST_H_
