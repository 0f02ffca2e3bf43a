// global_defs of keepalived.conf, and the settings of the whole daemon that stand outside of any block.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_GLOBAL_DEFS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_GLOBAL_DEFS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/base/time.h"
#include "protocol/config/command.h"
#include "protocol/config/process_settings.h"
#include "protocol/net/ip_address.h"
#include "protocol/vrrp/advertisement.h"

namespace vipdrift::config {

/// What is flushed of the IPVS table when the daemon stops.
enum class LvsFlush : std::uint8_t {
  own,               ///< nothing but the services and servers that the daemon knows, one by one
  virtual_servers,   ///< the services that it knows, with everything in them
  everything,
};

/// lvs_sync_daemon: connections are told to the other director (ipvsadm --start-daemon).
struct LvsSyncDaemon {
  std::string interface;
  std::string instance;  ///< whose state decides between master and backup daemon; empty: the sync id alone, both run
  int sync_id = -1;      ///< 0 to 255; -1: the VRID of the instance
  std::uint32_t maximum_length = 0;  ///< 0: the kernel's
  std::uint16_t port = 0;            ///< 0: the kernel's
  std::uint8_t ttl = 0;              ///< 0: the kernel's
  std::optional<IpAddress> group;    ///< absent: the kernel's

  friend bool operator==(const LvsSyncDaemon&, const LvsSyncDaemon&) = default;
};

/// lvs_timeouts; zero: left as it is.
struct LvsTimeouts {
  std::chrono::seconds tcp{0};
  std::chrono::seconds tcp_fin{0};
  std::chrono::seconds udp{0};

  friend bool operator==(const LvsTimeouts&, const LvsTimeouts&) = default;
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
  bool vrrp_higher_prio_send_advert = false;
  bool vrrp_lower_prio_no_advert = false;
  bool log_unknown_vrids = false;
  std::string default_interface = "eth0";  ///< of static addresses and routes
  bool dynamic_interfaces = false;         ///< an interface may be missing at the start and come later
  bool lvs_flush = false;  ///< at the start
  LvsFlush lvs_flush_on_stop = LvsFlush::own;
  std::optional<LvsSyncDaemon> lvs_sync_daemon;
  LvsTimeouts lvs_timeouts;
  NotifyFifo lvs_notify_fifo;
  bool checker_log_all_failures = false;
  bool checker_emails = true;  ///< unless no_checker_emails
  std::optional<bool> smtp_alert_checker;
  std::string vmac_prefix = "vrrp";
  std::string vmac_addr_prefix;  ///< empty: vmac_prefix
  ProcessSettings processes;

  bool has_notify_fifo() const { return !vrrp_notify_fifo.path.empty() || !notify_fifo.path.empty(); }
  friend bool operator==(const GlobalDefs&, const GlobalDefs&) = default;
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_GLOBAL_DEFS_H_
