// A scenario file as a value: the cluster, what is done to it and when, and what must be seen.
#ifndef VIPDRIFT_SCENARIOS_SCENARIO_H_
#define VIPDRIFT_SCENARIOS_SCENARIO_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/config/configuration.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/advertisement.h"
#include "scenarios/advertisement_fields.h"
#include "scenarios/load_balancing.h"

namespace vipdrift::scenarios {

/// Where something stands in a scenario or cluster file; lines and columns count from 1.
using Place = config::Place;

/// A share of a million, so that no probability is ever a floating-point number. "30%" is 300,000.
struct PartsPerMillion {
  std::uint32_t value = 0;
  friend auto operator<=>(const PartsPerMillion&, const PartsPerMillion&) = default;
};

// ---------------------------------------------------------------- cluster

/// What a segment or port does to frames. Everything zero: a perfect wire.
struct LinkFaults {
  Duration delay{0};
  Duration jitter{0};  ///< uniform in [0, jitter], added to delay
  PartsPerMillion loss{};
  PartsPerMillion duplication{};
  PartsPerMillion reordering{};  ///< share of frames held back by `delay + jitter` once more
  PartsPerMillion corruption{};  ///< share of frames with one bit flipped
  bool cut = false;            ///< nothing passes
  friend bool operator==(const LinkFaults&, const LinkFaults&) = default;
};

struct SegmentSpec {
  std::string name;
  Place place;
  Duration latency = std::chrono::microseconds{50};  ///< from port to port, one way
  bool igmp_snooping = false;  ///< the switch snoops, nobody queries: groups outside 224.0.0.0/24 die after 260 s
};

struct InterfaceSpec {
  std::string name;
  std::string segment;
  std::vector<IpPrefix> addresses;  ///< primary first; an IPv6 link-local is made from the MAC when none is given
  std::optional<MacAddress> mac;    ///< absent: made from the node's position
};

/// When a tracking script fails in the simulator. Other worlds run the real script.
struct ScriptModel {
  struct FailsWhileFileExists { std::string path; };
  struct FailsWhileFileMissing { std::string path; };
  struct FailsWhileProcessMissing { std::string process; };
  struct AlwaysSucceeds {};
  struct AlwaysFails {};
  /// Fails inside each [from, to) of scenario time.
  struct FailsDuring { std::vector<std::pair<Duration, Duration>> spans; };
  using Rule = std::variant<AlwaysSucceeds, AlwaysFails, FailsWhileFileExists, FailsWhileFileMissing,
                            FailsWhileProcessMissing, FailsDuring>;

  std::string script;
  Place place;
  Rule rule;
  Duration takes = std::chrono::milliseconds{2};  ///< run time
  int exit_status = 1;                            ///< when it fails
};

struct DirectorSpec {
  std::string name;
  Place place;
  std::string config_file;  ///< resolved against the cluster file's directory
  std::vector<InterfaceSpec> interfaces;
  std::optional<std::string> profile;   ///< "keepalived" or "vipdrift"; absent: the run's
  std::vector<std::string> processes;   ///< running at the beginning
  std::map<std::string, std::string> files;  ///< path to contents, present at the beginning
  std::vector<ScriptModel> scripts;     ///< the cluster's models, this director's own first
  Duration clock_offset{0};
  std::int32_t clock_drift_ppm = 0;
  bool detailed_log = false;  ///< keepalived -D
  Place config_place = {};    ///< where config_file is written
  std::vector<ServedPort> serves = {};  ///< such as the sorry page
  std::vector<FirewallMark> fwmarks = {};
  std::optional<LvsRealServer> lvs = {};  ///< a director that is a real server at the same time
};

/// A machine without keepalived: clients and real servers.
struct HostSpec {
  std::string name;
  Place place;
  std::vector<InterfaceSpec> interfaces;
  std::optional<IpAddress> gateway = {};  ///< default route; absent: none
  std::optional<LvsRealServer> lvs = {};  ///< of real servers behind DR and TUN
  std::vector<ServedPort> serves = {};    ///< of real servers
};

struct Cluster {
  std::string file;
  std::vector<SegmentSpec> segments;
  std::vector<DirectorSpec> directors;
  std::vector<HostSpec> clients;
  std::vector<HostSpec> real_servers;

  /// Empty when the director has no such interface.
  std::string segment_of(const std::string& director, const std::string& interface) const {
    for (const DirectorSpec& spec : directors) {
      if (spec.name != director) continue;
      for (const InterfaceSpec& candidate : spec.interfaces) {
        if (candidate.name == interface) return candidate.segment;
      }
    }
    return {};
  }
};

// ---------------------------------------------------------------- steps

/// What of a daemon a step concerns: all its processes, or the child that minds health checks or VRRP.
enum class DaemonPart : std::uint8_t { daemon, check, vrrp };
/// "daemon", "check child", "vrrp child".
inline std::string_view to_string(DaemonPart part) {
  return part == DaemonPart::daemon ? "daemon" : part == DaemonPart::check ? "check child" : "vrrp child";
}

struct StartDaemon { std::vector<std::string> directors; };
struct StopDaemon { std::vector<std::string> directors; };     ///< SIGTERM
/// kill -9, of all its processes at once or of one child.
struct CrashDaemon { std::vector<std::string> directors; DaemonPart part = DaemonPart::daemon; };
struct PauseDaemon { std::vector<std::string> directors; DaemonPart part = DaemonPart::daemon; };   ///< SIGSTOP
struct ResumeDaemon { std::vector<std::string> directors; DaemonPart part = DaemonPart::daemon; };  ///< SIGCONT
struct PowerOff { std::vector<std::string> nodes; };           ///< the whole machine, nothing said
struct PowerOn { std::vector<std::string> nodes; };            ///< boots; its daemon starts if it ran before
struct PauseNode { std::vector<std::string> nodes; };          ///< a frozen machine: kernel and daemon
struct ResumeNode { std::vector<std::string> nodes; };
struct ReloadDaemon { std::string director; std::optional<std::string> config_file; };  ///< SIGHUP
struct InterfaceDown { std::string node; std::string interface; };
struct InterfaceUp { std::string node; std::string interface; };
/// Gone from the kernel, with its addresses, as when a driver is unloaded.
struct DeleteInterface { std::string node; std::string interface; };
/// Back from there, as since boot: name, MAC address, segment and addresses; up. Nothing remembers the earlier one.
struct CreateInterface { std::string node; std::string interface; };
struct Isolate { std::string node; };                          ///< cut off on every segment, links stay up
/// In every step: an empty segment means all of them (the loader fills it in when the cluster has exactly one).
/// Frames pass only inside a group. Nodes in no group form one of their own. Replaces an earlier partition.
struct Partition { std::string segment; std::vector<std::vector<std::string>> groups; };
struct CutOneWay { std::string from; std::string to; std::string segment; };
struct Heal {};                                                ///< partitions, isolation, one-way cuts
/// Faults of a whole segment (node empty) or of one node's port; `to_node`/`from_node` choose the direction.
struct SetFaults {
  std::string segment;
  std::string node;
  bool from_node = true;
  bool to_node = true;
  LinkFaults faults;
};
struct TouchFile { std::string node; std::string path; std::string contents; };
struct RemoveFile { std::string node; std::string path; };
struct StartProcess { std::string node; std::string process; };
struct StopProcess { std::string node; std::string process; };
struct RemoveAddressByHand { std::string node; IpAddress address; };
struct AddAddressByHand { std::string node; std::string interface; IpPrefix address; };
struct StepClock { std::string node; Duration by{0}; };        ///< wall clock only

/// One advertisement (or a series) that some stranger puts on the wire, right or wrong in any field.
struct InjectAdvertisement {
  std::string segment;
  vrrp::Version version = vrrp::Version::v2;
  Family family = Family::ipv4;
  std::uint8_t vrid = 0;
  std::uint8_t priority = 100;
  Duration interval = std::chrono::seconds{1};
  std::optional<std::string> auth_pass;     ///< v2 PASS
  IpAddress source;
  std::optional<IpAddress> destination;     ///< absent: the group of the family
  std::uint8_t ttl = 255;
  std::vector<IpAddress> addresses;
  bool bad_checksum = false;
  bool checksum_of_message_only = false;     ///< v3 over IPv4: without the pseudo-header (RFC 9568, 5.2.8)
  std::optional<std::uint8_t> raw_version;   ///< overrides the version nibble
  std::optional<std::uint8_t> raw_type;      ///< overrides the type nibble
  std::optional<std::uint8_t> raw_auth_type;
  std::optional<std::uint16_t> raw_interval; ///< the wire field, as it stands there
  std::optional<std::uint8_t> raw_count;     ///< address count field
  std::optional<std::size_t> truncate_to;    ///< bytes of the VRRP message that remain
  Duration every{0};                         ///< with `times` > 1
  int times = 1;
};
struct InjectArp { std::string segment; IpAddress address; MacAddress mac; };  ///< a gratuitous ARP
/// A client forgets what it knows of its neighbours.
struct FlushArp { std::string client; };
/// A client begins to ask `target` every `every`; it goes on to the end.
struct StartProbe {
  std::string client;
  IpAddress target;
  std::uint16_t port = 0;  ///< 0: ICMP echo; else a TCP connection attempt
  Duration every = std::chrono::milliseconds{100};
  Duration timeout = std::chrono::milliseconds{100};
};
struct Comment { std::string text; };

using StepAction =
    std::variant<StartDaemon, StopDaemon, CrashDaemon, PauseDaemon, ResumeDaemon, PowerOff, PowerOn, PauseNode,
                 ResumeNode, ReloadDaemon, InterfaceDown, InterfaceUp, DeleteInterface, CreateInterface, Isolate,
                 Partition, CutOneWay, Heal, SetFaults, TouchFile, RemoveFile, StartProcess, StopProcess,
                 RemoveAddressByHand, AddAddressByHand, StepClock, InjectAdvertisement, InjectArp, FlushArp, StartProbe,
                 StopService, StartService, SetService, StartRequests, OpenConnection, EditIpvs, Comment>;

struct Step {
  Duration at{0};  ///< scenario time; the loader has resolved `after`
  Place place;
  std::string text;  ///< for people: "crash lvs1"
  StepAction action;
};

// ---------------------------------------------------------------- expectations

/// The director holds it, its daemon lives (paused counts), and no other director with a running daemon holds it.
/// An empty director: no director with a running daemon holds it ("nobody").
struct VipOn { IpAddress vip; std::string director; };
struct VipHolders { IpAddress vip; std::vector<std::string> directors; };  ///< exactly these kernels hold it
struct InstanceState { std::string instance; std::string director; vrrp::State state{}; };
/// A notification ran: instance or group, state, optionally with this priority.
struct Notified { std::string name; std::string director; vrrp::NotifyState state{}; std::optional<int> priority; };
/// A script of a virtual or real server ran; names as in ServerNotification.
struct ServerNotified { std::string director; std::string service; std::string server; bool up = false; };
/// A machine of the cluster took a mail of the director, with this in its subject.
struct Mailed { std::string director; std::string containing; };
struct EffectivePriority { std::string instance; std::string director; int priority = 0; };
/// The newest answers of a probing client come from this node.
struct AnsweredBy { std::string client; IpAddress target; std::string node; std::uint16_t port = 0; };
struct NotAnswered { std::string client; IpAddress target; std::uint16_t port = 0; };
/// What a client's neighbour cache holds.
struct ClientBelieves {
  std::string client;
  IpAddress vip;
  std::string node;
  std::optional<MacAddress> mac = {};
};
struct AdvertisementSeen {
  std::optional<std::string> from;
  std::optional<std::uint8_t> vrid;
  std::optional<std::uint8_t> priority;
  std::optional<IpAddress> source = {};
  std::optional<IpAddress> destination = {};
  // The rest is looked up in AdvertisementSent::fields.
  std::optional<std::uint8_t> version = {};
  std::optional<std::uint8_t> type = {};
  std::optional<std::uint8_t> ttl = {};
  std::optional<std::uint8_t> auth_type = {};
  std::optional<Duration> interval = {};
  std::optional<ChecksumForm> checksum = {};
  std::optional<std::vector<IpAddress>> addresses = {};  ///< exactly these, in this order
  std::optional<MacAddress> source_mac = {};

  bool asks_for_fields() const {
    return version || type || ttl || auth_type || interval || checksum || addresses || source_mac;
  }
};
struct AnnouncementSeen {
  IpAddress vip;
  std::optional<std::string> from;
  std::optional<MacAddress> mac = {};
};
struct DiscardedFor { std::string director; std::optional<std::uint8_t> vrid; vrrp::Discard reason{}; };
struct Logged { std::optional<std::string> director; std::string containing; };

using Condition = std::variant<VipOn, VipHolders, InstanceState, Notified, EffectivePriority, AnsweredBy, NotAnswered,
                               ClientBelieves, AdvertisementSeen, AnnouncementSeen, DiscardedFor, Logged, PoolIs,
                               QuorumIs, AnswersFrom, SharesAre, NotServed, ConnectionIs, ServerNotified, Mailed>;

/// One line of `expect`. Times are scenario times, already resolved against the step before it (`since`). A state of
/// the world at a moment is what it is after everything that happened in that nanosecond; both ends of a window count.
struct Expectation {
  Place place;
  std::string text;
  Condition condition;
  Duration since{0};
  std::optional<Duration> not_before;  ///< false until then: the other half of a boundary pair
  std::optional<Duration> deadline;    ///< true at some moment in [since, deadline]
  std::optional<Duration> holds_until; ///< true without a break in [since, holds_until): `for` without a deadline
  std::optional<Duration> holds_for;   ///< by the deadline at the latest a time begins in which it is true this long
  std::optional<Duration> never_until; ///< at no moment of [since, never_until] true
  std::optional<int> at_least;         ///< for events: how often in the window
  std::optional<int> at_most;
};

/// Per virtual router and group of directors that hear each other, exactly one master. A gap or an overlap may last
/// `except_for`, counted from its beginning or from the end of the settling time after the last disturbance of the
/// group (a link, connectivity, daemon or FAULT change), whichever is later. See one_master_judge.h for every word.
struct OneMaster {
  Duration except_for{0};
  std::optional<Duration> settling = {};  ///< absent: from the configurations; zero: the strictest reading
};
struct ClientOutage {
  std::string client;
  IpAddress target;
  std::uint16_t port = 0;
  Duration at_most{0};
  std::optional<Duration> at_least;  ///< the outage is really there: the other half of a boundary pair
  Duration every = std::chrono::milliseconds{100};  ///< distance of the probes
};
/// No two directors that hear each other hold one virtual address longer than this. See one_holder_judge.h.
struct OneHolder { Duration except_for{0}; };
struct NoAddressInFault { Duration except_for{0}; };
struct TransitionsAtMost { std::string instance; std::optional<std::string> director; int times = 0; };

using Invariant = std::variant<OneMaster, OneHolder, ClientOutage, NoAddressInFault, TransitionsAtMost, RequestsServed,
                               PoolNotEmpty, NoMixedPool, ConnectionSurvives>;

struct Always {
  Place place;
  std::string text;
  Invariant invariant;
};

/// A keepalived.conf as one director reads it.
struct DirectorConfig {
  std::string director;
  std::string file;  ///< as in DirectorSpec::config_file or ReloadDaemon::config_file
  std::string text;
  std::shared_ptr<const config::Configuration> configuration;
};

struct Scenario {
  std::string file;
  std::string name;
  std::string description;
  std::vector<std::string> tags;        ///< "article", "field", "ka#166"
  std::optional<std::string> profile;   ///< for every director that does not choose its own
  std::uint64_t seed = 1;
  Cluster cluster;
  std::vector<Step> steps;              ///< sorted by time, file order kept
  std::vector<Expectation> expectations;
  std::vector<Always> always;
  Duration end{0};                      ///< the run stops here
  std::vector<DirectorConfig> configs;  ///< every file that a director starts with or is reloaded with

  /// What `director` reads from `file`; nullptr when the loader did not see the two together.
  const DirectorConfig* config_of(const std::string& director, const std::string& config_file) const {
    for (const DirectorConfig& config : configs) {
      if (config.director == director && config.file == config_file) return &config;
    }
    return nullptr;
  }
};

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_SCENARIO_H_
