// keepalived.conf as a typed value: what the parser makes and the core runs on. Names follow keepalived.conf(5).
#ifndef VIPDRIFT_PROTOCOL_CONFIG_CONFIGURATION_H_
#define VIPDRIFT_PROTOCOL_CONFIG_CONFIGURATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/net/ip_address.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::config {

/// Where something stands in a configuration file; lines and columns count from 1, 0 means unknown.
struct Place {
  std::string file;
  int line = 0;
  int column = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

/// A command as its argument vector, already split by the shell-like rules of keepalived (no shell is involved).
struct Command {
  std::vector<std::string> argv;
  std::string user;   ///< empty: the global script_user
  std::string group;  ///< empty: the user's group
  Place place;

  bool empty() const { return argv.empty(); }
  friend bool operator==(const Command& a, const Command& b) {
    return a.argv == b.argv && a.user == b.user && a.group == b.group;
  }
};

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

/// One line of virtual_ipaddress or virtual_ipaddress_excluded.
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

  friend bool operator==(const VirtualAddress&, const VirtualAddress&) = default;
};

/// A tracked object named in an instance or a group, with its own weight if one is written there.
struct Tracked {
  std::string name;
  std::optional<int> weight;  ///< -253 to 253
  bool reverse = false;       ///< `reverse` or weight N reverse

  friend bool operator==(const Tracked&, const Tracked&) = default;
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
  std::string vmac_name;  ///< empty: vrrp.{VRID}
  bool vmac_xmit_base = false;
  std::optional<IpAddress> multicast_group;  ///< absent: global vrrp_mcast_group4/6
  std::optional<IpAddress> source;           ///< mcast_src_ip or unicast_src_ip
  std::vector<UnicastPeer> unicast_peers;
  std::vector<VirtualAddress> virtual_addresses;
  std::vector<VirtualAddress> excluded_addresses;
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
  Notifies notifies;
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
  Notifies notifies;
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

/// A FIFO that hears of every state change, and the command that reads it (vrrp_notify_fifo, notify_fifo).
struct NotifyFifo {
  std::string path;   ///< empty: there is none
  std::string user;   ///< the owner of the FIFO; empty: the global script_user
  std::string group;  ///< empty: the user's group
  Command script;     ///< started with the path as its last word; may be empty

  friend bool operator==(const NotifyFifo&, const NotifyFifo&) = default;
};

struct GlobalDefs {
  std::string router_id;
  std::vector<std::string> notification_email;
  std::string notification_email_from;
  std::string smtp_server;
  std::uint16_t smtp_port = 25;
  std::string smtp_helo_name;  ///< empty: the host's name
  Duration smtp_connect_timeout = std::chrono::seconds{30};
  bool smtp_alert = false;
  vrrp::Version vrrp_version = vrrp::Version::v2;
  IpAddress vrrp_mcast_group4 = kVrrpGroupIpv4;
  IpAddress vrrp_mcast_group6 = kVrrpGroupIpv6;
  bool vrrp_strict = false;
  Duration vrrp_startup_delay{0};
  bool enable_script_security = false;
  std::string script_user;
  std::string script_group;
  NotifyFifo vrrp_notify_fifo;
  NotifyFifo notify_fifo;  ///< hears what the VRRP and the check process have to say
  bool vrrp_higher_prio_send_advert = false;
  bool vrrp_lower_prio_no_advert = false;
  bool log_unknown_vrids = false;

  bool has_notify_fifo() const { return !vrrp_notify_fifo.path.empty() || !notify_fifo.path.empty(); }
  friend bool operator==(const GlobalDefs&, const GlobalDefs&) = default;
};

/// A health check of a real server, as written; it is read completely but run only by the check engine.
struct Checker {
  std::string kind;  ///< "HTTP_GET", "TCP_CHECK", ...
  Place place;
  /// Keyword and its words, in order. Inner blocks are flattened: `url` and `host` without words begin one, and what
  /// follows belongs to it. Settings that the real or virtual server gives as defaults are appended when missing.
  std::vector<std::pair<std::string, std::vector<std::string>>> settings;

  friend bool operator==(const Checker&, const Checker&) = default;
};

struct RealServer {
  IpAddress address;
  std::uint16_t port = 0;
  Place place;
  int weight = 1;
  std::string lb_kind;  ///< empty: the virtual server's
  bool inhibit_on_failure = false;
  Command notify_up;
  Command notify_down;
  std::vector<Checker> checkers;

  friend bool operator==(const RealServer&, const RealServer&) = default;
};

struct VirtualServer {
  IpAddress address;
  std::uint16_t port = 0;
  Place place;
  std::string lb_algo = "wlc";
  std::string lb_kind = "NAT";
  std::string protocol = "UDP";  ///< keepalived's surprising default
  Duration delay_loop = std::chrono::seconds{60};
  Duration persistence_timeout{0};
  int quorum = 1;
  int hysteresis = 0;
  std::optional<std::pair<IpAddress, std::uint16_t>> sorry_server;
  bool alpha = false;
  bool omega = false;
  bool ha_suspend = false;
  Command quorum_up;
  Command quorum_down;
  std::vector<RealServer> real_servers;

  friend bool operator==(const VirtualServer&, const VirtualServer&) = default;
};

/// One keepalived.conf, complete: defaults applied, names resolved, cross references checked.
struct Configuration {
  GlobalDefs global;
  std::vector<VrrpScript> scripts;
  std::vector<TrackFile> track_files;
  std::vector<TrackProcess> track_processes;
  std::vector<VrrpInstance> instances;
  std::vector<SyncGroup> sync_groups;
  std::vector<VirtualServer> virtual_servers;

  friend bool operator==(const Configuration&, const Configuration&) = default;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_CONFIGURATION_H_
