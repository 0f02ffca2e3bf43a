// Machines, wires and the clock of one simulated world, and the loop that moves it.
#ifndef VIPDRIFT_SIM_SIM_WORLD_H_
#define VIPDRIFT_SIM_SIM_WORLD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "scenarios/testbed.h"
#include "sim/choices.h"
#include "sim/check_node.h"
#include "sim/client_streams.h"
#include "sim/director_node.h"
#include "sim/event_queue.h"
#include "sim/frame.h"
#include "sim/host.h"
#include "sim/network.h"
#include "sim/probe_runner.h"
#include "sim/recorder.h"
#include "sim/sim_testbed.h"
#include "sim/transport.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {

/// A machine: a kernel and either a director's daemon or a host's programs.
struct SimNode {
  std::string name;
  std::unique_ptr<VirtualKernel> kernel;
  std::unique_ptr<Transport> transport = {};
  std::unique_ptr<ProbeRunner> probes = {};  ///< of directors, as are the next two
  std::unique_ptr<MailSender> mail = {};  ///< of directors whose mails a machine of the cluster takes
  std::unique_ptr<CheckNode> checks = {};
  std::unique_ptr<DirectorNode> director = {};
  std::unique_ptr<Host> host = {};
  std::unique_ptr<ClientStreams> client = {};  ///< of hosts
};

class SimTestbed::World final : public MacDirectory {
 public:
  World(const scenarios::Scenario& scenario, const SimOptions& options, const scenarios::RecordingOptions& recording,
        scenarios::Timeline& timeline);

  /// Makes the machines; the error that stops it.
  std::optional<scenarios::WorldError> build();
  void run_until(SimTime until);
  std::optional<scenarios::WorldError> apply(const scenarios::Step& step);

  const std::string& owner_of(const MacAddress& mac, PortId asking) const override;

  scenarios::WorldStatistics statistics() const;
  std::uint64_t answered_requests() const;
  const Choices& choices() const { return choices_; }
  const SimNode* find(const std::string& name) const;

 private:
  struct Injection {
    PortId port;
    std::vector<std::uint8_t> bytes;
    Duration every{};
    int left = 0;
    std::string segment;
    scenarios::AdvertisementSent seen;
  };
  struct Connectivity {
    std::vector<std::vector<std::string>> groups;
    std::vector<std::vector<std::string>> audible;
    friend bool operator==(const Connectivity&, const Connectivity&) = default;
  };
  using Error = std::optional<scenarios::WorldError>;

  // ---- building

  Error add_director(const scenarios::DirectorSpec& spec);
  void mark_packets(const scenarios::DirectorSpec& spec);
  Error add_host(const scenarios::HostSpec& spec);
  Error add_interfaces(VirtualKernel& kernel, const std::vector<scenarios::InterfaceSpec>& interfaces,
                       const scenarios::Place& place);
  std::optional<vrrp::Profile> profile_of(const scenarios::DirectorSpec& spec) const;
  const scenarios::DirectorSpec& spec_of(const std::string& director) const;

  // ---- steps

  Error on(const scenarios::StartDaemon& step);
  Error on(const scenarios::StopDaemon& step);
  Error on(const scenarios::CrashDaemon& step);
  Error on(const scenarios::PauseDaemon& step);
  Error on(const scenarios::ResumeDaemon& step);
  Error on(const scenarios::PowerOff& step);
  Error on(const scenarios::PowerOn& step);
  Error on(const scenarios::PauseNode& step);
  Error on(const scenarios::ResumeNode& step);
  Error on(const scenarios::ReloadDaemon& step);
  Error on(const scenarios::InterfaceDown& step);
  Error on(const scenarios::InterfaceUp& step);
  Error on(const scenarios::DeleteInterface& step);
  Error on(const scenarios::CreateInterface& step);
  Error on(const scenarios::Isolate& step);
  Error on(const scenarios::Partition& step);
  Error on(const scenarios::CutOneWay& step);
  Error on(const scenarios::Heal& step);
  Error on(const scenarios::SetFaults& step);
  Error on(const scenarios::TouchFile& step);
  Error on(const scenarios::RemoveFile& step);
  Error on(const scenarios::StartProcess& step);
  Error on(const scenarios::StopProcess& step);
  Error on(const scenarios::RemoveAddressByHand& step);
  Error on(const scenarios::AddAddressByHand& step);
  Error on(const scenarios::StepClock& step);
  Error on(const scenarios::InjectAdvertisement& step);
  Error on(const scenarios::InjectArp& step);
  Error on(const scenarios::FlushArp& step);
  Error on(const scenarios::StartProbe& step);
  Error on(const scenarios::StopService& step);
  Error on(const scenarios::StartService& step);
  Error on(const scenarios::SetService& step);
  Error on(const scenarios::StartRequests& step);
  Error on(const scenarios::OpenConnection& step);
  Error on(const scenarios::EditIpvs& step);
  Error on(const scenarios::Comment& step);

  template <class Do>
  Error for_directors(const std::vector<std::string>& names, Do what);
  Error set_link(const std::string& node, const std::string& interface, bool up);

  Error change_service(const std::string& name, std::uint16_t port, void (Transport::*change)(std::uint16_t));

  SimNode* find(const std::string& name);
  SimNode* find_director(const std::string& name);
  SimNode* find_client(const std::string& name);
  /// The segments that a step means: the one of that name, or all when empty. Empty: there is none of that name.
  std::vector<SegmentId> segments(const std::string& name) const;
  std::vector<PortId> ports_of(const SimNode& node, SegmentId segment) const;

  // ---- the injector: a port on each segment where strangers speak

  PortId injector(SegmentId segment);
  void inject(std::uint32_t position);
  MacAddress mac_of_destination(const IpAddress& destination) const;

  // ---- who hears whom

  void note_connectivity();
  std::vector<std::vector<std::string>> named(const std::vector<std::vector<NodeId>>& groups) const;

  void dispatch(const Fired& fired);

  const scenarios::Scenario& scenario_;
  const SimOptions& options_;
  EventQueue queue_;
  FramePool frames_;
  Choices choices_;
  Network network_;
  Recorder recorder_;
  KernelWorld kernel_world_;
  std::vector<SimNode> nodes_;  ///< directors, clients, real servers, in the order of the cluster file
  std::size_t directors_ = 0;   ///< the first so many nodes
  std::vector<std::pair<MacAddress, std::uint32_t>> macs_;
  std::vector<std::optional<PortId>> injectors_;  ///< by segment
  std::vector<Injection> injections_;
  std::vector<std::vector<NodeId>> on_segment_;  ///< the directors of each segment
  std::vector<Connectivity> connectivity_;       ///< as last noted, by segment
  std::string nobody_;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_SIM_WORLD_H_
