// Keywords of global_defs about the BFD process, limits, reload, dumps, SNMP, buffers and filters. They are read and
// checked, and have no effect here. Those about processes that have one are in process_keywords.h.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_DAEMON_KEYWORDS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_DAEMON_KEYWORDS_H_

#include <array>
#include <chrono>
#include <cstdint>

#include "protocol/base/time.h"
#include "protocol/config/daemon_values.h"
#include "protocol/config/grammar.h"
#include "protocol/config/process_keywords.h"

namespace vipdrift::config {

inline constexpr std::array kDaemonKeywords{
    // Processes.
    judged("bfd_cpu_affinity", "The processors that the BFD process may run on.",
           takes::words(1024, kProcessors), judge_processors),
    known("bfd_no_swap", "Keep the BFD process in memory.", takes::nothing()),
    known("bfd_priority", "The nice value of the BFD process.", takes::integer(-20, 19)),
    known("bfd_process_name", "The name of the BFD process.", takes::word("a name")),
    known("bfd_rlimit_rtime", "The old name of bfd_rlimit_rttime.", takes::integer(1, kLargestUnsigned)),
    known("bfd_rlimit_rttime", "How long the BFD process may compute without a pause, in microseconds.",
          takes::integer(1, kLargestUnsigned)),
    known("bfd_rt_priority", "The real-time priority of the BFD process.", takes::integer(1, 99)),
    known("checker_rlimit_rtime", "The old name of checker_rlimit_rttime.", takes::integer(1, kLargestUnsigned)),
    known("checker_rlimit_rttime", "How long the check process may compute without a pause, in microseconds.",
          takes::integer(1, kLargestUnsigned)),
    known("max_auto_priority",
          "How far a process that is late may raise its real-time priority by itself (0, not at all).",
          takes::optional_integer(-1, 99)),
    known("min_auto_priority_delay", "How late it must be for that, in microseconds (1000000).",
          takes::integer(1, 10000000)),
    known("random_seed", "Where ${_RANDOM} begins.", takes::integer(0, kLargestUnsigned)),
    known("set_supplementary_groups", "Give scripts their user's supplementary groups.", takes::optional_boolean(),
          kNewer),
    known("tmp_config_directory", "Where the copy of the configuration is kept while it is read.",
          takes::word("the path of a directory")),
    known("use_symlink_paths", "Run scripts by the paths that are written, symbolic links included.",
          takes::optional_boolean(), kNewer),
    known("vrrp_rlimit_rtime", "The old name of vrrp_rlimit_rttime.", takes::integer(1, kLargestUnsigned)),
    known("vrrp_rlimit_rttime", "How long the VRRP process may compute without a pause, in microseconds.",
          takes::integer(1, kLargestUnsigned)),
    // Reload.
    known("config_save_dir", "Where the configuration is saved before and after each reload, to find faults.",
          takes::word("the path of a directory")),
    known("fifo_write_vrrp_states_on_reload", "Write the states of all instances to the FIFOs after a reload.",
          takes::nothing()),
    judged("include_check", "What is an error of an include: no file, a file that cannot be read.",
           takes::free("[+|-]match, wildcard_match, brace_match"), judge_include_check),
    known("reload_check_config", "Check a new configuration before a reload takes it.",
          takes::optional_word("the path of a file")),
    known("reload_file", "A file that exists while the configuration is read.",
          takes::optional_word("the path of a file")),
    known("reload_repeat", "Reload each day at the time in reload_time_file.", takes::nothing()),
    known("reload_time_file", "A file that names the time of the next reload.",
          takes::exactly(takes::word("the path of a file"))),
    // SNMP and D-Bus.
    known("dbus_no_interface_name", "What D-Bus calls the interface of an instance that has none.",
          takes::word("a name"), kNewer),
    known("dbus_service_name", "The name of the daemon on D-Bus.", takes::word("a name")),
    known("enable_dbus", "Answer on D-Bus.", takes::nothing()),
    known("enable_snmp_checker", "Answer SNMP about virtual and real servers.", takes::nothing()),
    known("enable_snmp_keepalived", "The old name of enable_snmp_vrrp.", takes::nothing()),
    known("enable_snmp_rfc", "Answer SNMP as RFC 2787 and RFC 6527 have it.", takes::nothing()),
    known("enable_snmp_rfcv2", "Answer SNMP as RFC 2787 has it.", takes::nothing()),
    known("enable_snmp_rfcv3", "Answer SNMP as RFC 6527 has it.", takes::nothing()),
    known("enable_snmp_vrrp", "Answer SNMP about instances.", takes::nothing()),
    known("enable_traps", "Send SNMP traps.", takes::nothing()),
    known("snmp_rs_stats_update_interval",
          "How old the statistics of real servers may be that SNMP answers with (5 s).",
          takes::seconds(std::chrono::milliseconds{1}, std::chrono::seconds{30}), kNewer),
    known("snmp_socket", "Where the SNMP agent is (unix:/var/agentx/master).",
          takes::exactly(takes::word("a transport and an address"))),
    known("snmp_vs_stats_update_interval",
          "How old the statistics of virtual servers may be that SNMP answers with (5 s).",
          takes::seconds(std::chrono::milliseconds{1}, std::chrono::seconds{30}), kNewer),
    // Dumps.
    known("data_use_instance", "Put the daemon's name into the names of its dumps.", takes::optional_boolean()),
    known("json_file_location", "Where the JSON dump is written to.", takes::word("the path of a file"), kNewer),
    known("json_version", "The form of the JSON dump.", takes::integer(1, 2), kNewer),
    known("state_file_location", "Where SIGUSR1 writes to.", takes::word("the path of a file"), kNewer),
    known("stats_file_location", "Where SIGUSR2 writes to.", takes::word("the path of a file"), kNewer),
    // Links, buffers and filters of the kernel.
    known("disable_local_igmp", "Let the kernel send no IGMP for groups of 224.0.0.0/24.", takes::nothing()),
    known("iproute_etc_dir", "Where iproute2's own tables are.", takes::word("the path of a directory"), kNewer),
    known("iproute_usr_dir", "Where iproute2's tables of the distribution are.", takes::word("the path of a directory"),
          kNewer),
    known("lvs_netlink_cmd_rcv_bufs", "The receive buffer of the check process's netlink commands, in bytes.",
          takes::integer(0, kLargestUnsigned)),
    known("lvs_netlink_cmd_rcv_bufs_force", "Go beyond rmem_max for it.", takes::optional_boolean()),
    known("lvs_netlink_monitor_rcv_bufs", "The receive buffer of the check process's netlink notifications, in bytes.",
          takes::integer(0, kLargestUnsigned)),
    known("lvs_netlink_monitor_rcv_bufs_force", "Go beyond rmem_max for it.", takes::optional_boolean()),
    known("nftables", "The nftables table of the daemon's filters (keepalived).",
          takes::optional_word("the name of a table")),
    known("nftables_counters", "Count packets in the rules of that table.", takes::nothing()),
    known("nftables_ifindex", "Name interfaces in that table by their numbers.", takes::nothing()),
    known("nftables_ipvs",
          "Mark the packets of virtual_server_groups in a table of nftables, and let IPVS see one mark for each.",
          takes::optional_word("the name of a table")),
    known("nftables_ipvs_priority", "The priority of the chains of that table.",
          takes::integer(-kLargestInt - 1, kLargestInt)),
    known("nftables_ipvs_start_fwmark", "The first mark to use there (1000).", takes::integer(1, kLargestUnsigned)),
    known("nftables_priority", "The priority of the chains of the table nftables (-1).",
          takes::integer(-kLargestInt - 1, kLargestInt)),
    known("process_monitor_rcv_bufs", "The receive buffer for news of processes, in bytes.",
          takes::integer(0, kLargestUnsigned)),
    known("process_monitor_rcv_bufs_force", "Go beyond rmem_max for it.", takes::optional_boolean()),
    known("rs_init_notifies", "Tell of real servers that begin as up.", takes::optional_boolean()),
    known("vrrp_delay_after_boot", "How long after the boot of the machine instances begin to take part.",
          takes::seconds(Duration{0}, std::chrono::seconds{4294}), kNewer),
    judged("vrrp_garp_extra_if", "The default of garp_extra_if.", takes::words(100, kExtraAnnouncements),
           judge_extra_announcements),
    known("vrrp_ipsets", "Names of the ipsets of no_accept and virtual MACs with iptables.",
          takes::free("up to six names")),
    known("vrrp_iptables", "Use iptables instead of nftables, with these chains.",
          takes::free("up to two names of chains")),
    known("vrrp_netlink_cmd_rcv_bufs", "The receive buffer of the VRRP process's netlink commands, in bytes.",
          takes::integer(0, kLargestUnsigned)),
    known("vrrp_netlink_cmd_rcv_bufs_force", "Go beyond rmem_max for it.", takes::optional_boolean()),
    known("vrrp_netlink_monitor_rcv_bufs", "The receive buffer of the VRRP process's netlink notifications, in bytes.",
          takes::integer(0, kLargestUnsigned)),
    known("vrrp_netlink_monitor_rcv_bufs_force", "Go beyond rmem_max for it.", takes::optional_boolean()),
    known("vrrp_rx_bufs_multiplier", "How many packets of each instance vrrp_rx_bufs_policy makes room for (3).",
          takes::exactly(takes::integer(1, kLargestUnsigned))),
    judged("vrrp_rx_bufs_policy",
           "How large receive buffers for advertisements are: by MTU, by ADVERT, or a number of bytes.",
           takes::exactly(takes::word("MTU, ADVERT or a number of bytes")), judge_receive_policy),
    known("vrrp_skip_check_adv_addr", "The default of skip_check_adv_addr.", takes::optional_boolean()),
    judged("vrrp_vmac_garp_intvl", "The old name of vrrp_garp_extra_if.", takes::words(100, kExtraAnnouncements),
           judge_old_extra_announcements),
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_DAEMON_KEYWORDS_H_
