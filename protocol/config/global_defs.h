// global_defs of keepalived.conf, and the settings of the whole daemon that stand outside of any block.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_GLOBAL_DEFS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_GLOBAL_DEFS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/config/command.h"
#include "protocol/net/ip_address.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::config {

/// How a child process of the daemon runs (vrrp_priority, checker_no_swap, ...).
struct ProcessSettings {
  std::string name;                            ///< vrrp_process_name; empty: the usual one
  std::optional<int> priority;                 ///< nice value, -20 to 19
  std::optional<int> rt_priority;              ///< SCHED_RR, 1 to 99
  std::optional<std::uint32_t> rlimit_rttime;  ///< microseconds between blocking system calls (RLIMIT_RTTIME)
  bool no_swap = false;                        ///< mlockall(2)
  std::vector<int> cpu_affinity;               ///< CPU numbers; empty: all

  friend bool operator==(const ProcessSettings&, const ProcessSettings&) = default;
};

/// A socket's receive buffer; 0 bytes: the system's default.
struct ReceiveBuffer {
  std::uint32_t bytes = 0;
  bool force = false;  ///< SO_RCVBUFFORCE

  friend bool operator==(const ReceiveBuffer&, const ReceiveBuffer&) = default;
};

/// vrrp_rx_bufs_policy: `advert` and `mtu` mean that many bytes times vrrp_rx_bufs_multiplier for each instance.
enum class RxBufsPolicy : std::uint8_t { system, mtu, advert, bytes };

/// A script run once, with its time limit.
struct OnceScript {
  Command command;
  Duration timeout = std::chrono::seconds{10};

  friend bool operator==(const OnceScript&, const OnceScript&) = default;
};

struct GlobalDefs {
  std::string router_id;
  std::vector<std::string> notification_email;
  std::string notification_email_from;
  std::string smtp_server;
  std::uint16_t smtp_port = 25;
  std::string smtp_helo_name;  ///< empty: the local host name
  Duration smtp_connect_timeout = std::chrono::seconds{30};
  bool smtp_alert = false;
  bool no_email_faults = false;  ///< no mail about FAULT
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
  NotifyFifo lvs_notify_fifo;
  bool fifo_write_vrrp_states_on_reload = false;
  bool vrrp_higher_prio_send_advert = false;
  bool vrrp_lower_prio_no_advert = false;
  bool log_unknown_vrids = false;
  std::string default_interface = "eth0";  ///< of static addresses and routes
  bool dynamic_interfaces = false;         ///< an interface may be missing at the start and come later
  bool allow_if_changes = false;           ///< dynamic_interfaces allow_if_changes
  bool disable_local_igmp = false;
  std::string vmac_prefix = "vrrp";
  std::string vmac_addr_prefix;  ///< empty: vmac_prefix
  Duration garp_extra_if{0};     ///< vrrp_garp_extra_if; zero: never
  bool garp_extra_if_all = false;
  RxBufsPolicy vrrp_rx_bufs_policy = RxBufsPolicy::system;
  std::uint32_t vrrp_rx_bufs_size = 0;  ///< for RxBufsPolicy::bytes
  int vrrp_rx_bufs_multiplier = 3;
  ReceiveBuffer vrrp_netlink_command;
  ReceiveBuffer vrrp_netlink_monitor;
  ReceiveBuffer process_monitor;
  std::string nftables_table = "keepalived";
  std::optional<int> nftables_priority;
  bool nftables_counters = false;
  std::string process_name;  ///< of the parent; empty: the usual one
  bool process_names = false;
  ProcessSettings vrrp_process;
  ProcessSettings checker_process;
  OnceScript startup_script;
  OnceScript shutdown_script;
  std::optional<std::uint32_t> umask;
  std::string instance_name;  ///< `instance NAME`: becomes part of pid file names
  std::string net_namespace;
  bool use_pid_dir = false;
  Duration child_wait_time = std::chrono::seconds{5};
  bool reload_check_config = false;

  bool has_notify_fifo() const { return !vrrp_notify_fifo.path.empty() || !notify_fifo.path.empty(); }
  friend bool operator==(const GlobalDefs&, const GlobalDefs&) = default;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_GLOBAL_DEFS_H_
