// Keywords outside of any block, and those of global_defs.
#include "protocol/config/grammar.h"
#include "protocol/config/model.h"
#include "protocol/config/text.h"

namespace vipdrift::config {
namespace {

using std::chrono::seconds;

constexpr std::string_view kName = "a name";

/// Begins a named object.
template <class Object>
void begin(Model& model, const Arguments& words, std::vector<Object>& objects) {
  Object object;
  object.name = words.text();
  object.place = model.report.place(words.spot);
  objects.push_back(std::move(object));
}

void begin_instance(Model& model, const Arguments& words) {
  begin(model, words, model.configuration.instances);
  model.instances.emplace_back();
  model.instance_draft().spot = words.spot;
  model.in_group = false;
}

void begin_group(Model& model, const Arguments& words) {
  begin(model, words, model.configuration.sync_groups);
  model.groups.emplace_back();
  model.groups.back().spot = words.spot;
  model.in_group = true;
}

void begin_script(Model& model, const Arguments& words) {
  begin(model, words, model.configuration.scripts);
  model.scripts.push_back(words.spot);
}

void begin_track_file(Model& model, const Arguments& words) {
  begin(model, words, model.configuration.track_files);
  model.track_files.push_back(words.spot);
}

void begin_track_process(Model& model, const Arguments& words) {
  begin(model, words, model.configuration.track_processes);
  model.track_processes.push_back(words.spot);
}

constexpr auto kRoot = sorted(std::array{
    Keyword{.word = "global_defs", .opens = Block::global_defs, .repeatable = true},
    Keyword{.word = "vrrp_script",
            .shape = takes::word(kName),
            .apply = begin_script,
            .opens = Block::vrrp_script,
            .repeatable = true},
    Keyword{.word = "track_file",
            .shape = takes::word(kName),
            .apply = begin_track_file,
            .opens = Block::track_file,
            .repeatable = true},
    Keyword{.word = "vrrp_track_file",
            .shape = takes::word(kName),
            .apply = begin_track_file,
            .opens = Block::track_file,
            .repeatable = true},
    Keyword{.word = "vrrp_track_process",
            .shape = takes::word(kName),
            .apply = begin_track_process,
            .opens = Block::vrrp_track_process,
            .repeatable = true},
    Keyword{.word = "track_process",
            .shape = takes::word(kName),
            .apply = begin_track_process,
            .opens = Block::vrrp_track_process,
            .repeatable = true},
    Keyword{.word = "vrrp_instance",
            .shape = takes::word(kName),
            .apply = begin_instance,
            .opens = Block::vrrp_instance,
            .repeatable = true},
    Keyword{.word = "vrrp_sync_group",
            .shape = takes::word(kName),
            .apply = begin_group,
            .opens = Block::vrrp_sync_group,
            .repeatable = true},
    Keyword{.word = "virtual_server",
            .shape = takes::words(3, "ADDRESS [PORT], fwmark NUMBER or group NAME"),
            .apply = begin_virtual_server,
            .opens = Block::virtual_server,
            .repeatable = true},
    Keyword{.word = "garp_group",
            .apply = [](Model& m, const Arguments& w) { m.garp_groups.emplace_back().spot = w.spot; },
            .opens = Block::garp_group,
            .repeatable = true},
    Keyword{.word = "interface_up_down_delays", .opens = Block::interface_delays, .repeatable = true},
    Keyword{.word = "static_ipaddress", .opens = Block::static_ipaddress, .repeatable = true},
    Keyword{.word = "static_routes", .opens = Block::static_routes, .repeatable = true},
    Keyword{.word = "static_rules", .opens = Block::static_rules, .repeatable = true},
    Keyword{.word = "track_group",
            .shape = takes::word(kName),
            .apply = begin_static_track_group,
            .opens = Block::static_track_group,
            .repeatable = true},
    Keyword{.word = "SSL", .opens = Block::ssl},
    known("bfd_instance"),
    known("child_wait_time"),
    known("instance"),
    known("linkbeat_interfaces"),
    known("linkbeat_use_polling"),
    known("namespace_with_ipsets"),
    known("net_namespace"),
    known("net_namespace_ipvs"),
    known("use_pid_dir"),
    Keyword{.word = "virtual_server_group",
            .shape = takes::word(kName),
            .apply = begin_server_group,
            .opens = Block::virtual_server_group,
            .repeatable = true},
    known("virtual_server_group_weight"),
});
static_assert(distinct(kRoot));

void set_smtp_server(Model& m, const Arguments& w) {
  m.configuration.global.smtp_server = w.text();
  if (w.words.size() < 2) return;
  const auto port = parse_integer(w.words[1].text);
  if (!port || *port < 1 || *port > 65535) {
    m.report.error(RuleId::bad_value, w.words[1].spot, in_quotes(w.words[1].text) + " is not a port",
                   "a number from 1 to 65535");
    return;
  }
  m.configuration.global.smtp_port = static_cast<std::uint16_t>(*port);
}

void set_multicast_group(Model& m, const Arguments& w, Family family, IpAddress& group) {
  const bool link_local = family == Family::ipv4 || (w.address.bytes()[1] & 0x0fU) == 2;
  if (w.address.family() != family || !w.address.is_multicast() || !link_local) {
    m.report.error(RuleId::bad_value, w.word_spot(),
                   in_quotes(w.word()) + " is not a multicast address for " + in_quotes(w.keyword),
                   family == Family::ipv4 ? "an address in 224.0.0.0/4" : "a link-local one, in ffX2::/16");
    return;
  }
  group = w.address;
}

void set_script_user(Model& m, const Arguments& w) {
  m.configuration.global.script_user = w.text();
  m.configuration.global.script_group = w.words.size() > 1 ? std::string{w.words[1].text} : std::string{};
}

void set_notify_fifo(NotifyFifo& fifo, const Arguments& w) {
  fifo.path = w.text();
  fifo.user = w.words.size() > 1 ? std::string{w.words[1].text} : std::string{};
  fifo.group = w.words.size() > 2 ? std::string{w.words[2].text} : std::string{};
}

void set_dynamic_interfaces(Model& m, const Arguments& w) {
  if (!w.words.empty() && w.word() != "allow_if_changes") {
    m.report.error(RuleId::bad_value, w.word_spot(), in_quotes(w.word()) + " is not valid for 'dynamic_interfaces'",
                   "allow_if_changes");
    return;
  }
  m.configuration.global.dynamic_interfaces = true;
}

constexpr auto kGlobal = sorted(std::array{
    Keyword{.word = "router_id",
            .shape = takes::word("a name for this director"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.router_id = w.text(); }},
    Keyword{.word = "notification_email", .opens = Block::notification_email, .repeatable = true},
    Keyword{.word = "notification_email_from",
            .shape = takes::word("a mail address"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.notification_email_from = w.text(); }},
    Keyword{.word = "smtp_server", .shape = takes::words(2, "a host and optionally a port"), .apply = set_smtp_server},
    Keyword{.word = "smtp_helo_name",
            .shape = takes::word("the name to greet the mail server with"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.smtp_helo_name = w.text(); }},
    Keyword{.word = "smtp_connect_timeout",
            .shape = takes::whole_seconds(1, 4294),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.smtp_connect_timeout = w.time; }},
    Keyword{.word = "smtp_alert",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.smtp_alert = w.flag; }},
    Keyword{.word = "smtp_alert_vrrp",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.defaults.smtp_alert_vrrp = w.flag; }},
    Keyword{.word = "vrrp_version",
            .shape = takes::integer(2, 3),
            .apply =
                [](Model& m, const Arguments& w) {
                  m.configuration.global.vrrp_version = static_cast<vrrp::Version>(w.number);
                }},
    Keyword{.word = "vrrp_mcast_group4",
            .shape = takes::address(),
            .apply =
                [](Model& m, const Arguments& w) {
                  set_multicast_group(m, w, Family::ipv4, m.configuration.global.vrrp_mcast_group4);
                }},
    Keyword{.word = "vrrp_mcast_group6",
            .shape = takes::address(),
            .apply =
                [](Model& m, const Arguments& w) {
                  set_multicast_group(m, w, Family::ipv6, m.configuration.global.vrrp_mcast_group6);
                }},
    Keyword{.word = "vrrp_strict",
            .apply = [](Model& m, const Arguments&) { m.configuration.global.vrrp_strict = true; }},
    Keyword{.word = "vrrp_startup_delay",
            .shape = takes::seconds(std::chrono::milliseconds{1}, seconds{4294}),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.vrrp_startup_delay = w.time; }},
    Keyword{.word = "enable_script_security",
            .apply = [](Model& m, const Arguments&) { m.configuration.global.enable_script_security = true; }},
    Keyword{.word = "script_user", .shape = takes::words(2, "a user and optionally a group"), .apply = set_script_user},
    Keyword{.word = "notify_fifo",
            .shape = takes::words(3, "a file name, optionally a user and a group"),
            .apply = [](Model& m, const Arguments& w) { set_notify_fifo(m.configuration.global.notify_fifo, w); }},
    Keyword{.word = "notify_fifo_script",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.notify_fifo.script = w.command; }},
    Keyword{.word = "lvs_notify_fifo",
            .shape = takes::words(3, "a file name, optionally a user and a group"),
            .apply = [](Model& m, const Arguments& w) { set_notify_fifo(m.configuration.global.lvs_notify_fifo, w); }},
    Keyword{.word = "lvs_notify_fifo_script",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.lvs_notify_fifo.script = w.command; }},
    Keyword{.word = "lvs_flush", .apply = [](Model& m, const Arguments&) { m.configuration.global.lvs_flush = true; }},
    Keyword{.word = "lvs_flush_on_stop", .shape = takes::optional_word("VS"), .apply = set_flush_on_stop},
    Keyword{.word = "lvs_flush_onstop", .shape = takes::optional_word("VS"), .apply = set_flush_on_stop},
    Keyword{.word = "lvs_sync_daemon", .shape = takes::free(kSyncDaemonLine), .apply = set_sync_daemon},
    Keyword{.word = "lvs_timeouts", .shape = takes::free(kTimeoutsLine), .apply = set_lvs_timeouts},
    Keyword{.word = "checker_log_all_failures",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.checker_log_all_failures = w.flag; }},
    Keyword{.word = "no_checker_emails",
            .apply = [](Model& m, const Arguments&) { m.configuration.global.checker_emails = false; }},
    Keyword{.word = "smtp_alert_checker",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.smtp_alert_checker = w.flag; }},
    Keyword{.word = "vrrp_notify_fifo",
            .shape = takes::words(3, "a file name, optionally a user and a group"),
            .apply = [](Model& m, const Arguments& w) { set_notify_fifo(m.configuration.global.vrrp_notify_fifo, w); }},
    Keyword{.word = "vrrp_notify_fifo_script",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.vrrp_notify_fifo.script = w.command; }},
    Keyword{
        .word = "vrrp_higher_prio_send_advert",
        .shape = takes::optional_boolean(),
        .apply = [](Model& m, const Arguments& w) { m.configuration.global.vrrp_higher_prio_send_advert = w.flag; }},
    Keyword{.word = "vrrp_lower_prio_no_advert",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.vrrp_lower_prio_no_advert = w.flag; }},
    Keyword{.word = "log_unknown_vrids",
            .apply = [](Model& m, const Arguments&) { m.configuration.global.log_unknown_vrids = true; }},
    Keyword{.word = "vrrp_garp_master_delay",
            .shape = takes::whole_seconds(0, 4294),
            .apply = [](Model& m, const Arguments& w) { m.defaults.garp_master_delay = w.time; }},
    Keyword{.word = "vrrp_garp_master_repeat",
            .shape = takes::integer(1, 1000000),
            .apply = [](Model& m, const Arguments& w) { m.defaults.garp_master_repeat = static_cast<int>(w.number); }},
    Keyword{.word = "vrrp_garp_master_refresh",
            .shape = takes::whole_seconds(0, 4294967),
            .apply = [](Model& m, const Arguments& w) { m.defaults.garp_master_refresh = w.time; }},
    Keyword{.word = "vrrp_garp_master_refresh_repeat",
            .shape = takes::integer(1, 1000000),
            .apply = [](Model& m,
                        const Arguments& w) { m.defaults.garp_master_refresh_repeat = static_cast<int>(w.number); }},
    Keyword{.word = "vrrp_garp_lower_prio_delay",
            .shape = takes::whole_seconds(0, 4294),
            .apply = [](Model& m, const Arguments& w) { m.defaults.garp_lower_prio_delay = w.time; }},
    Keyword{
        .word = "vrrp_garp_lower_prio_repeat",
        .shape = takes::integer(0, 1000000),
        .apply = [](Model& m, const Arguments& w) { m.defaults.garp_lower_prio_repeat = static_cast<int>(w.number); }},
    Keyword{.word = "vrrp_garp_interval",
            .shape = takes::seconds(Duration{1000}, seconds{4294}),
            .apply = [](Model& m, const Arguments& w) { m.defaults.garp_interval = w.time; }},
    Keyword{.word = "vrrp_gna_interval",
            .shape = takes::seconds(Duration{1000}, seconds{4294}),
            .apply = [](Model& m, const Arguments& w) { m.defaults.gna_interval = w.time; }},
    Keyword{.word = "vrrp_min_garp",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.defaults.min_garp = w.flag; }},
    Keyword{.word = "vrrp_down_timer_adverts",
            .shape = takes::integer(1, 100),
            .apply = [](Model& m,
                        const Arguments& w) { m.defaults.down_timer_adverts = static_cast<std::uint8_t>(w.number); }},
    Keyword{.word = "vrrp_check_unicast_src",
            .apply = [](Model& m, const Arguments&) { m.defaults.check_unicast_source = true; }},
    Keyword{.word = "vrrp_notify_priority_changes",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.defaults.notify_priority_changes = w.flag; }},
    Keyword{.word = "default_interface",
            .shape = takes::word("the name of an interface"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.default_interface = w.text(); }},
    Keyword{.word = "dynamic_interfaces",
            .shape = takes::optional_word("allow_if_changes"),
            .apply = set_dynamic_interfaces},
    Keyword{.word = "no_email_faults",
            .apply = [](Model& m, const Arguments&) { m.configuration.global.no_email_faults = true; }},
    Keyword{.word = "vmac_prefix",
            .shape = takes::word("the beginning of an interface's name"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.vmac_prefix = w.text(); }},
    Keyword{.word = "vmac_addr_prefix",
            .shape = takes::word("the beginning of an interface's name"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.vmac_addr_prefix = w.text(); }},
    known("bfd_cpu_affinity"),
    known("bfd_no_swap"),
    known("bfd_priority"),
    known("bfd_process_name"),
    known("bfd_rlimit_rtime"),
    known("bfd_rlimit_rttime"),
    known("bfd_rt_priority"),
    known("checker_cpu_affinity"),
    known("checker_no_swap"),
    known("checker_priority"),
    known("checker_process_name"),
    known("checker_rlimit_rtime"),
    known("checker_rlimit_rttime"),
    known("checker_rt_priority"),
    known("config_save_dir"),
    known("data_use_instance"),
    known("dbus_service_name"),
    known("disable_local_igmp"),
    known("enable_dbus"),
    known("enable_snmp_checker"),
    known("enable_snmp_keepalived"),
    known("enable_snmp_rfc"),
    known("enable_snmp_rfcv2"),
    known("enable_snmp_rfcv3"),
    known("enable_snmp_vrrp"),
    known("enable_traps"),
    known("fifo_write_vrrp_states_on_reload"),
    known("include_check"),
    known("iproute_etc_dir"),
    known("iproute_usr_dir"),
    known("json_version"),
    known("linkbeat_use_polling"),
    known("lvs_netlink_cmd_rcv_bufs"),
    known("lvs_netlink_cmd_rcv_bufs_force"),
    known("lvs_netlink_monitor_rcv_bufs"),
    known("lvs_netlink_monitor_rcv_bufs_force"),
    known("lvs_process_name"),
    known("max_auto_priority"),
    known("min_auto_priority_delay"),
    known("nftables"),
    known("nftables_counters"),
    known("nftables_ifindex"),
    known("nftables_ipvs"),
    known("nftables_ipvs_priority"),
    known("nftables_ipvs_start_fwmark"),
    known("nftables_priority"),
    known("process_monitor_rcv_bufs"),
    known("process_monitor_rcv_bufs_force"),
    known("process_name"),
    known("process_names"),
    known("random_seed"),
    known("reload_check_config"),
    known("reload_file"),
    known("reload_repeat"),
    known("reload_time_file"),
    known("rs_init_notifies"),
    known("shutdown_script"),
    known("shutdown_script_timeout"),
    known("snmp_socket"),
    known("startup_script"),
    known("startup_script_timeout"),
    known("state_dump_file"),
    known("tmp_config_directory"),
    known("umask"),
    known("use_symlink_paths"),
    known("vrrp_cpu_affinity"),
    known("vrrp_delay_after_boot"),
    known("vrrp_garp_extra_if"),
    known("vrrp_ipsets"),
    known("vrrp_iptables"),
    known("vrrp_netlink_cmd_rcv_bufs"),
    known("vrrp_netlink_cmd_rcv_bufs_force"),
    known("vrrp_netlink_monitor_rcv_bufs"),
    known("vrrp_netlink_monitor_rcv_bufs_force"),
    known("vrrp_no_swap"),
    known("vrrp_owner_ignore_adverts"),
    known("vrrp_priority"),
    known("vrrp_process_name"),
    known("vrrp_rlimit_rtime"),
    known("vrrp_rlimit_rttime"),
    known("vrrp_rt_priority"),
    known("vrrp_rx_bufs_multiplier"),
    known("vrrp_rx_bufs_policy"),
    known("vrrp_skip_check_adv_addr"),
});
static_assert(distinct(kGlobal));

}  // namespace

std::span<const Keyword> root_keywords() { return kRoot; }
std::span<const Keyword> global_keywords() { return kGlobal; }

void read_email(Model& model, const Arguments& line) {
  for (const Word& word : line.words) model.configuration.global.notification_email.emplace_back(word.text);
}

}  // namespace vipdrift::config
