// keepalived.conf as a typed value: what the parser makes and the core runs on. Names follow keepalived.conf(5).
#ifndef VIPDRIFT_PROTOCOL_CONFIG_CONFIGURATION_H_
#define VIPDRIFT_PROTOCOL_CONFIG_CONFIGURATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/base/boxed.h"
#include "protocol/base/strong_id.h"
#include "protocol/base/time.h"
#include "protocol/config/command.h"
#include "protocol/config/global_defs.h"
#include "protocol/config/place.h"
#include "protocol/config/route.h"
#include "protocol/ipvs/table.h"
#include "protocol/net/ip_address.h"
#include "protocol/net/mac_address.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::config {

/// Commands run at state changes of an instance or a group (notify_master and its kin).
struct Notifies {
  Command master;
  Command backup;
  Command fault;
  Command stop;
  Command deleted;
  Command master_rx_lower_priority;
  Command generic;  ///< `notify`: gets INSTANCE|GROUP, name, state, priority appended

  friend bool operator==(const Notifies&, const Notifies&) = default;
};

/// Options of an address as ip-address(8) knows them.
struct AddressOptions {
  bool home = false;
  bool nodad = false;  ///< written; addresses of an instance are added without duplicate detection anyway
  bool mngtmpaddr = false;
  bool noprefixroute = false;
  bool autojoin = false;

  friend bool operator==(const AddressOptions&, const AddressOptions&) = default;
};

/// One line of virtual_ipaddress, virtual_ipaddress_excluded or static_ipaddress.
struct VirtualAddress {
  IpAddress address;
  std::uint8_t prefix_length = 32;  ///< /32 or /128 unless written
  std::string device;               ///< empty: the instance's interface
  std::string label;                ///< empty: none; at most 15 characters
  std::optional<IpAddress> broadcast;
  bool broadcast_from_prefix = false;  ///< `brd +`
  std::string scope;                   ///< empty: the kernel's default
  std::optional<IpAddress> peer;
  bool no_track = false;
  bool use_vmac = false;  ///< `dev NAME use_vmac`: to a macvlan on that interface
  AddressOptions options;
  std::optional<Duration> preferred_lifetime;  ///< Duration::max(): for ever; absent: IPv6 /128 is deprecated
  std::string track_group;                     ///< static addresses: instances that mind when it is removed

  friend bool operator==(const VirtualAddress&, const VirtualAddress&) = default;
};

/// A tracked object named in an instance or a group, with its own weight if one is written there.
struct Tracked {
  std::string name;
  std::optional<int> weight;  ///< -253 to 253
  bool reverse = false;       ///< `reverse` or weight N reverse

  friend bool operator==(const Tracked&, const Tracked&) = default;
};

/// One `track_quorum` line: a virtual server without which the instance is worth less, or nothing.
struct TrackedQuorum {
  VirtualServerId server;
  int weight = 0;  ///< as of a script; 0: FAULT while the quorum is lost
  bool reverse = false;

  friend bool operator==(const TrackedQuorum&, const TrackedQuorum&) = default;
};

struct UnicastPeer {
  IpAddress address;
  std::uint8_t min_ttl = 0;
  std::uint8_t max_ttl = 255;

  friend bool operator==(const UnicastPeer&, const UnicastPeer&) = default;
};

enum class WantedState : std::uint8_t { backup, master };

struct VrrpInstance {
  std::string name;
  Place place;
  std::optional<WantedState> state;  ///< absent: from priority 255
  std::string interface;
  std::uint8_t virtual_router_id = 0;  ///< 1 to 255
  std::uint8_t priority = 100;         ///< 1 to 255; the parser applies keepalived's defaults
  vrrp::Version version = vrrp::Version::v2;
  Family family = Family::ipv4;  ///< from the first virtual address (or the unicast addresses)
  Duration advert_int = std::chrono::seconds{1};
  std::uint8_t down_timer_adverts = 3;
  vrrp::AuthType auth_type = vrrp::AuthType::none;
  std::string auth_pass;  ///< at most 8 characters, already cut
  bool nopreempt = false;
  Duration preempt_delay{0};
  bool accept = true;
  bool strict = false;
  bool higher_prio_send_advert = false;
  bool lower_prio_no_advert = false;
  bool owner_ignore_adverts = false;
  bool dont_track_primary = false;
  bool v3_checksum_as_v2 = false;  ///< IPv4 v3 checksum over the message alone
  bool check_unicast_source = false;
  bool timer_expired_backup = false;
  bool use_vmac = false;
  std::string vmac_name;                   ///< empty: {vmac_prefix}.{VRID}
  std::optional<MacAddress> vmac_address;  ///< absent: the virtual router's own (RFC 9568, 7.3)
  bool use_vmac_addr = false;              ///< macvlans also for addresses that name another interface
  bool vmac_xmit_base = false;
  bool track_source = false;           ///< track_src_ip: FAULT while the configured source is not on the host
  std::optional<std::uint8_t> unicast_ttl;
  std::optional<IpAddress> multicast_group;  ///< absent: global vrrp_mcast_group4/6
  std::optional<IpAddress> source;           ///< mcast_src_ip or unicast_src_ip
  std::vector<UnicastPeer> unicast_peers;
  std::vector<VirtualAddress> virtual_addresses;
  std::vector<VirtualAddress> excluded_addresses;
  std::vector<Route> virtual_routes;
  std::vector<Rule> virtual_rules;
  int garp_master_repeat = 5;
  Duration garp_master_delay = std::chrono::seconds{5};  ///< zero: no second block
  Duration garp_master_refresh{0};                       ///< zero: no refresh
  int garp_master_refresh_repeat = 1;
  int garp_lower_prio_repeat = 5;
  Duration garp_lower_prio_delay = std::chrono::seconds{5};
  Duration garp_interval{0};  ///< pause between two gratuitous ARPs
  Duration gna_interval{0};   ///< pause between two unsolicited NAs
  std::vector<Tracked> track_scripts;
  std::vector<Tracked> track_interfaces;
  std::vector<Tracked> track_files;
  std::vector<Tracked> track_processes;
  Boxed<std::vector<TrackedQuorum>> track_quorums;
  Boxed<Notifies> notifies;  ///< most instances have none
  bool notify_priority_changes = false;
  bool smtp_alert = false;

  friend bool operator==(const VrrpInstance&, const VrrpInstance&) = default;
};

struct SyncGroup {
  std::string name;
  Place place;
  std::vector<std::string> members;  ///< names of instances
  bool sync_group_tracking_weight = false;
  std::vector<Tracked> track_scripts;
  std::vector<Tracked> track_interfaces;
  std::vector<Tracked> track_files;
  std::vector<Tracked> track_processes;
  Boxed<Notifies> notifies;
  bool smtp_alert = false;

  friend bool operator==(const SyncGroup&, const SyncGroup&) = default;
};

struct VrrpScript {
  std::string name;
  Place place;
  Command command;
  Duration interval = std::chrono::seconds{1};
  Duration timeout{0};  ///< zero: the interval
  int weight = 0;       ///< 0: a failing script means FAULT
  bool reverse = false;
  int rise = 1;
  int fall = 1;
  bool init_fail = false;
  /// The command cannot be found or run without a shell: keepalived disables the script. The parser decides this
  /// only from the text (a first word such as `[[`); a driver may set it after looking at the file system.
  bool disabled = false;

  friend bool operator==(const VrrpScript&, const VrrpScript&) = default;
};

enum class InitFile : std::uint8_t { leave, create, overwrite };

struct TrackFile {
  std::string name;
  Place place;
  std::string path;
  int weight = 1;
  bool reverse = false;
  InitFile init_file = InitFile::leave;
  int init_value = 0;

  friend bool operator==(const TrackFile&, const TrackFile&) = default;
};

struct TrackProcess {
  std::string name;
  Place place;
  std::string process;  ///< command name, or path
  bool full_command = false;
  int weight = 0;
  bool reverse = false;
  int quorum = 1;
  std::optional<int> quorum_max;
  Duration fork_delay{0};
  Duration terminate_delay{0};

  friend bool operator==(const TrackProcess&, const TrackProcess&) = default;
};

/// A health check of a real server, as written; protocol/check makes probes of it.
struct Checker {
  std::string kind;  ///< "HTTP_GET", "TCP_CHECK", ...
  Place place;
  /// Keyword and its words, in order. Inner blocks are flattened: `url` and `host` without words begin one, `}` ends
  /// it.
  /// Settings that the real or virtual server gives as defaults are appended when missing.
  std::vector<std::pair<std::string, std::vector<std::string>>> settings;

  friend bool operator==(const Checker&, const Checker&) = default;
};

struct RealServer {
  IpAddress address;
  std::uint16_t port = 0;
  Place place;
  int weight = 1;
  ipvs::Forwarding forwarding{};  ///< the virtual server's unless written
  std::uint32_t upper_threshold = 0;  ///< of connections; 0: none
  std::uint32_t lower_threshold = 0;
  bool inhibit_on_failure = false;
  bool smtp_alert = true;
  Command notify_up;
  Command notify_down;
  std::vector<Checker> checkers;

  friend bool operator==(const RealServer&, const RealServer&) = default;
};

struct SorryServer {
  IpAddress address;
  std::uint16_t port = 0;
  ipvs::Forwarding forwarding{};  ///< the virtual server's unless written
  bool inhibit = false;           ///< always in the table, with weight 0 while it is not needed

  friend bool operator==(const SorryServer&, const SorryServer&) = default;
};

/// One line of a virtual_server_group: every address from `first` to `last`, or a firewall mark.
struct GroupEntry {
  IpAddress first;
  IpAddress last;  ///< of the same family, not below `first`
  std::uint16_t port = 0;
  std::uint32_t fwmark = 0;      ///< not zero: the addresses do not matter
  std::optional<Family> family;  ///< of a firewall mark; absent: the real servers'

  friend bool operator==(const GroupEntry&, const GroupEntry&) = default;
};

struct VirtualServerGroup {
  std::string name;
  Place place;
  std::vector<GroupEntry> entries;

  friend bool operator==(const VirtualServerGroup&, const VirtualServerGroup&) = default;
};

struct VirtualServer {
  IpAddress address;         ///< unless `fwmark` or `group` is set
  std::uint16_t port = 0;    ///< 0: every port
  std::uint32_t fwmark = 0;  ///< 0: none
  std::string group;         ///< of a virtual_server_group; empty: none
  Place place;
  Family family = Family::ipv4;  ///< of the services that it becomes
  ipvs::Transport transport = ipvs::Transport::udp;  ///< keepalived's surprising default
  ipvs::ServiceSettings settings{};
  ipvs::Forwarding forwarding{};
  Duration delay_loop = std::chrono::seconds{60};
  int quorum = 1;
  int hysteresis = 0;
  std::optional<SorryServer> sorry_server;
  bool alpha = false;
  bool omega = false;
  bool ha_suspend = false;
  bool smtp_alert = false;
  Command quorum_up;
  Command quorum_down;
  std::vector<RealServer> real_servers;

  friend bool operator==(const VirtualServer&, const VirtualServer&) = default;
};

/// The block SSL: what SSL_GET shows to servers. Empty members: not written.
struct TlsClient {
  std::string password;
  std::string authorities;  ///< path of a file
  std::string certificate;
  std::string key;

  friend bool operator==(const TlsClient&, const TlsClient&) = default;
};

/// One line of interface_up_down_delays: how long a link's change must last to count.
struct InterfaceDelays {
  std::string interface;
  Duration down{0};
  Duration up{0};

  friend bool operator==(const InterfaceDelays&, const InterfaceDelays&) = default;
};

/// A `track_group`: instances that leave MASTER when a static address, route or rule of the group is removed.
struct StaticTrackGroup {
  std::string name;
  Origin place;
  std::vector<std::string> members;

  friend bool operator==(const StaticTrackGroup&, const StaticTrackGroup&) = default;
};

/// One keepalived.conf, complete: defaults applied, names resolved, cross references checked.
struct Configuration {
  GlobalDefs global;
  std::vector<VrrpScript> scripts;
  std::vector<TrackFile> track_files;
  std::vector<TrackProcess> track_processes;
  std::vector<VrrpInstance> instances;
  std::vector<SyncGroup> sync_groups;
  std::vector<VirtualServerGroup> server_groups;
  std::vector<VirtualServer> virtual_servers;
  TlsClient tls_client;
  std::vector<VirtualAddress> static_addresses;  ///< the device is filled in
  std::vector<Route> static_routes;
  std::vector<Rule> static_rules;
  std::vector<StaticTrackGroup> static_track_groups;
  std::vector<InterfaceDelays> interface_delays;

  friend bool operator==(const Configuration&, const Configuration&) = default;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_CONFIGURATION_H_
