// The configuration while it is read: the values, and what the later passes must know about how they were written.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_MODEL_H_
#define VIPDRIFT_PROTOCOL_CONFIG_MODEL_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/config/configuration.h"
#include "protocol/config/grammar.h"
#include "protocol/config/parser.h"
#include "protocol/config/report.h"

namespace vipdrift::config {

/// A name that refers to an object of its kind, where it stands, and how many of the kind stand above it.
struct Reference {
  Spot spot;
  std::size_t above = 0;
};

/// Names in one block, in the order of the Tracked values.
struct TrackedSpots {
  std::vector<Reference> scripts;
  std::vector<Reference> interfaces;
  std::vector<Reference> files;
  std::vector<Reference> processes;
};

/// The words of a track_quorum line that name a virtual server, until all of them are known.
struct TrackedQuorumDraft {
  Spot spot;
  std::string name;  ///< as find_quorums() names virtual servers
  int weight = 0;
  bool reverse = false;
};

struct InstanceDraft {
  Spot spot;
  std::array<Spot, kMarks> marks{};
  TrackedSpots tracked;
  std::optional<Family> family;  ///< from the first address that was written
  std::vector<Spot> addresses;   ///< places of virtual_addresses
  std::vector<TrackedQuorumDraft> quorums;
  bool vmac_address_lacks_vrid = false;
  Spot ipvlan_without_address;      ///< of a use_ipvlan line
  bool no_virtual_address = false;  ///< there is none on purpose

  const Spot& mark(Mark which) const { return marks[static_cast<std::size_t>(which)]; }
  bool has(Mark which) const { return mark(which).known(); }
};

struct GroupDraft {
  Spot spot;
  TrackedSpots tracked;
  std::vector<Spot> members;
};

/// Defaults of global_defs for instances; absent: keepalived's own.
struct InstanceDefaults {
  std::optional<Duration> garp_master_delay;
  std::optional<int> garp_master_repeat;
  std::optional<Duration> garp_master_refresh;
  std::optional<int> garp_master_refresh_repeat;
  std::optional<Duration> garp_lower_prio_delay;
  std::optional<int> garp_lower_prio_repeat;
  Duration garp_interval{0};
  Duration gna_interval{0};
  bool min_garp = false;
  std::uint8_t down_timer_adverts = 3;
  bool check_unicast_source = false;
  bool notify_priority_changes = false;
  bool v3_checksum_as_v2 = false;
  bool owner_ignore_adverts = false;
  std::optional<bool> smtp_alert_vrrp;
};

struct GarpGroup {
  Spot spot;
  std::vector<std::string> interfaces;
  std::optional<Duration> garp_interval;
  std::optional<Duration> gna_interval;
};

/// Health-check settings of a virtual or real server that its checkers inherit.
using CheckDefaults = std::vector<std::pair<std::string, std::vector<std::string>>>;

struct RealServerDraft {
  Spot spot;
  std::optional<int> weight;
  std::optional<bool> inhibit_on_failure;
  std::optional<bool> smtp_alert;
  std::optional<ipvs::Forwarding> forwarding;
  CheckDefaults defaults;
  std::vector<Spot> checkers;
  std::size_t track_files_above = 0;  ///< of the real server
};

struct VirtualServerDraft {
  Spot spot;
  bool has_protocol = false;
  bool has_algorithm = false;
  bool has_method = false;
  std::optional<int> weight;  ///< of real servers that name none
  bool inhibit_on_failure = false;
  bool sorry_inhibit = false;
  std::optional<ipvs::Forwarding> sorry_forwarding;
  std::optional<Family> family;
  std::optional<bool> smtp_alert;
  Spot quorum;
  CheckDefaults defaults;
  std::vector<RealServerDraft> real_servers;
};

class Model {
 public:
  Model(const ParseOptions& parse_options, Report& the_report) : options{parse_options}, report{the_report} {}

  const ParseOptions& options;
  Report& report;
  Configuration configuration;
  InstanceDefaults defaults;
  std::vector<InstanceDraft> instances;  ///< one for each of configuration.instances, and so on
  std::vector<GroupDraft> groups;
  std::vector<Spot> scripts;
  std::vector<Spot> track_files;
  std::vector<Spot> track_processes;
  std::vector<VirtualServerDraft> virtual_servers;
  std::vector<Spot> server_groups;
  std::vector<GarpGroup> garp_groups;
  std::vector<std::pair<std::string, Reference>> static_tracks;    ///< names of track_group that lines refer to
  std::vector<std::pair<std::string, Spot>> static_track_members;  ///< names of instances in track_group blocks

  std::vector<CutPassword> cut_passwords;

  // The objects being read: the last ones.
  VrrpInstance& instance() { return configuration.instances.back(); }
  InstanceDraft& instance_draft() { return instances.back(); }
  SyncGroup& group() { return configuration.sync_groups.back(); }
  VrrpScript& script() { return configuration.scripts.back(); }
  TrackFile& track_file() { return configuration.track_files.back(); }
  TrackProcess& track_process() { return configuration.track_processes.back(); }
  VirtualServer& virtual_server() { return configuration.virtual_servers.back(); }
  VirtualServerDraft& virtual_server_draft() { return virtual_servers.back(); }
  RealServer& real_server() { return virtual_server().real_servers.back(); }
  RealServerDraft& real_server_draft() { return virtual_server_draft().real_servers.back(); }
  Checker& checker() { return real_server().checkers.back(); }

  Spot script_command;  ///< of the `script` line of the vrrp_script being read

  /// Whether the statements being read belong to a sync group (else to an instance).
  bool in_group = false;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_MODEL_H_
