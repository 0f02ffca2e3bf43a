// Machines, wires and the clock of one world of namespaces.
#ifndef VIPDRIFT_BACKENDS_NETNS_WORLD_H_
#define VIPDRIFT_BACKENDS_NETNS_WORLD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backends/netns/event_loop.h"
#include "backends/netns/frames.h"
#include "backends/netns/netns_testbed.h"
#include "backends/netns/node.h"
#include "backends/netns/port_capture.h"
#include "backends/netns/recorder.h"
#include "backends/netns/segment.h"
#include "backends/pcap/capture_writer.h"

namespace vipdrift::netns {

/// Two announcements of an address further apart than this are two bursts.
inline constexpr Duration kBurstGap = std::chrono::milliseconds{50};

class NetnsTestbed::World {
 public:
  using Error = std::optional<scenarios::WorldError>;

  World(const scenarios::Scenario& scenario, const NetnsOptions& options,
        const scenarios::RecordingOptions& recording, scenarios::Timeline& timeline);
  ~World();

  Error build();
  Error run_until(Duration until);
  Error apply(const scenarios::Step& step);

  const Hiccup& worst_hiccup() const { return worst_hiccup_; }
  scenarios::WorldStatistics statistics() const;
  std::optional<pid_t> init_of(const std::string& node) const;

 private:
  /// Frames from or to one port.
  struct Watch {
    std::unique_ptr<PortCapture> capture;
    Segment* segment = nullptr;
    std::size_t port = 0;
    PortCapture::Direction direction{};
    std::string filter;
    EventLoop::Place place = 0;
    const Port& at() const { return segment->ports()[port]; }
  };
  struct Stranger {
    Descriptor socket;  ///< a packet socket that is bound to the strangers' end of a cable
  };
  struct Injection {
    std::size_t segment = 0;
    std::vector<std::uint8_t> bytes;
    Duration every{};
    int left = 0;
  };
  /// Announcements of one address that follow each other closely are one burst.
  struct Burst {
    std::string node;
    scenarios::AnnouncementSent seen;
    Duration first{};
    Duration last{};
  };

  // ---- building

  std::optional<std::string> add_segments();
  Error add_nodes();
  std::optional<std::string> add_node(const std::string& name, const std::vector<scenarios::InterfaceSpec>& interfaces,
                                      const scenarios::DirectorSpec* director);
  std::optional<std::string> plug_in(const Node& node, bool director);
  std::optional<std::string> watch_kernel(Node& node);
  std::optional<std::string> add_daemon(Node& node, const scenarios::DirectorSpec& director, const Subject& subject);
  std::optional<std::string> add_strangers();
  std::optional<std::string> add_captures();
  std::optional<std::string> capture(Segment& segment, std::size_t port, PortCapture::Direction direction,
                                     const std::string& filter);
  /// The captures at one port: read to the end and closed; opened on what is at the port now.
  void close_captures(const Port& port);
  std::optional<std::string> open_captures(const Port& port);
  void read(const Watch& watch);
  std::vector<std::string> written_directories(const std::string& node) const;
  std::optional<std::string> prepare(Node& node, const scenarios::DirectorSpec& director);
  std::optional<std::string> prepare(Node& node, const scenarios::HostSpec& host);
  std::optional<std::string> mark_packets(const scenarios::DirectorSpec& director);
  std::optional<std::string> serve(Node& node, const std::vector<scenarios::ServedPort>& ports);
  bool wait_for_links();
  void end_launch(Duration now);
  /// What should have been over at `due` is over now.
  void note_lateness(Duration due);

  // ---- what is seen

  void on_frame(const Watch& watch, PortCapture::Direction direction, Duration stamp, Bytes bytes);
  void note_sent(const Port& port, const std::string& segment, Duration at, Bytes bytes);
  void note_announcement(const std::string& node, Duration at, const AnnouncementFrame& announcement);
  void end_bursts(Duration before);
  std::string instance_of(const Port& port, std::uint8_t vrid, Family family) const;
  std::string owner_of(const MacAddress& mac) const;
  void note_connectivity();

  // ---- steps

  std::optional<std::string> on(const scenarios::StartDaemon& step);
  std::optional<std::string> on(const scenarios::StopDaemon& step);
  std::optional<std::string> on(const scenarios::CrashDaemon& step);
  std::optional<std::string> on(const scenarios::PauseDaemon& step);
  std::optional<std::string> on(const scenarios::ResumeDaemon& step);
  std::optional<std::string> on(const scenarios::PowerOff& step);
  std::optional<std::string> on(const scenarios::PowerOn& step);
  std::optional<std::string> on(const scenarios::PauseNode& step);
  std::optional<std::string> on(const scenarios::ResumeNode& step);
  std::optional<std::string> on(const scenarios::ReloadDaemon& step);
  std::optional<std::string> on(const scenarios::InterfaceDown& step);
  std::optional<std::string> on(const scenarios::InterfaceUp& step);
  std::optional<std::string> on(const scenarios::DeleteInterface& step);
  std::optional<std::string> on(const scenarios::CreateInterface& step);
  std::optional<std::string> on(const scenarios::Isolate& step);
  std::optional<std::string> on(const scenarios::Partition& step);
  std::optional<std::string> on(const scenarios::CutOneWay& step);
  std::optional<std::string> on(const scenarios::Heal& step);
  std::optional<std::string> on(const scenarios::SetFaults& step);
  std::optional<std::string> on(const scenarios::TouchFile& step);
  std::optional<std::string> on(const scenarios::RemoveFile& step);
  std::optional<std::string> on(const scenarios::StartProcess& step);
  std::optional<std::string> on(const scenarios::StopProcess& step);
  std::optional<std::string> on(const scenarios::RemoveAddressByHand& step);
  std::optional<std::string> on(const scenarios::AddAddressByHand& step);
  std::optional<std::string> on(const scenarios::StepClock& step);
  std::optional<std::string> on(const scenarios::InjectAdvertisement& step);
  std::optional<std::string> on(const scenarios::InjectArp& step);
  std::optional<std::string> on(const scenarios::FlushArp& step);
  std::optional<std::string> on(const scenarios::StartProbe& step);
  std::optional<std::string> on(const scenarios::StopService& step);
  std::optional<std::string> on(const scenarios::StartService& step);
  std::optional<std::string> on(const scenarios::SetService& step);
  std::optional<std::string> on(const scenarios::StartRequests& step);
  std::optional<std::string> on(const scenarios::OpenConnection& step);
  std::optional<std::string> on(const scenarios::EditIpvs& step);
  std::optional<std::string> on(const scenarios::Comment& step);

  Node* find(const std::string& name);
  /// Does something with each of the nodes of these names; the first error, or a name that nobody has.
  template <class Do>
  std::optional<std::string> for_nodes(const std::vector<std::string>& names, Do what);
  template <class Do>
  std::optional<std::string> for_daemons(const std::vector<std::string>& names, Do what);
  template <class Do>
  void for_ports(const std::string& node, Do what);
  Port* port_of(const std::string& node, const std::string& interface);
  /// The cable of a deleted interface, and the captures at its end.
  std::optional<std::string> plug_again(const Node& node, const NodeInterface& interface);
  std::vector<std::size_t> segments(const std::string& name) const;
  std::optional<std::string> enforce();
  std::optional<std::string> set_link(const std::string& node, const std::string& interface, bool up);
  MacAddress mac_of_destination(const IpAddress& destination) const;
  void inject(std::size_t position);
  bool send(std::size_t segment, Bytes bytes) const;
  const scenarios::DirectorSpec* director_spec(const std::string& name) const;

  const scenarios::Scenario& scenario_;
  const NetnsOptions& options_;
  Recorder recorder_;
  EventLoop loop_;
  std::unique_lock<std::mutex> launch_;   ///< see NetnsOptions::launching
  std::optional<NetworkNamespace> home_;  ///< where the thread was before
  std::vector<std::unique_ptr<Segment>> segments_;
  std::vector<std::unique_ptr<Node>> nodes_;  ///< directors, clients, real servers, in the order of the cluster file
  std::vector<std::unique_ptr<Watch>> watches_;
  std::vector<Stranger> strangers_;  ///< by segment; empty when nobody injects anything
  std::vector<Injection> injections_;
  std::vector<Burst> bursts_;
  std::map<MacAddress, std::string> macs_;          ///< of interfaces
  std::map<MacAddress, std::string> last_speaker_;  ///< of others, such as virtual ones
  std::vector<Segment::Connectivity> connectivity_;  ///< as last noted, by segment
  std::unique_ptr<capture::CaptureWriter> pcap_;
  Hiccup worst_hiccup_;
  std::uint64_t frames_ = 0;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_WORLD_H_
