// Keywords outside of any block, and those of global_defs.
#include "protocol/config/daemon_keywords.h"
#include "protocol/config/grammar.h"
#include "protocol/config/model.h"
#include "protocol/config/process_keywords.h"
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

constexpr std::array kBlocksOfRoot{
    Keyword{.word = "global_defs",
            .meaning = "Settings of the whole daemon, and defaults of instances and checkers.",
            .opens = Block::global_defs,
            .repeatable = true},
    Keyword{.word = "vrrp_script",
            .meaning = "A command that is run again and again; instances track whether it succeeds.",
            .shape = takes::word(kName),
            .apply = begin_script,
            .opens = Block::vrrp_script,
            .repeatable = true},
    Keyword{.word = "track_file",
            .meaning = "A file whose number is added to the priority of whoever tracks it.",
            .shape = takes::word(kName),
            .apply = begin_track_file,
            .opens = Block::track_file,
            .repeatable = true},
    Keyword{.word = "vrrp_track_file",
            .meaning = "The old name of track_file.",
            .shape = takes::word(kName),
            .apply = begin_track_file,
            .opens = Block::track_file,
            .repeatable = true},
    Keyword{.word = "vrrp_track_process",
            .meaning = "Processes that must run; instances track whether enough of them do.",
            .shape = takes::word(kName),
            .apply = begin_track_process,
            .opens = Block::vrrp_track_process,
            .repeatable = true},
    Keyword{.word = "vrrp_instance",
            .meaning =
                "One virtual router on this director: who it talks to, how it is elected, and what it holds as master.",
            .shape = takes::word(kName),
            .apply = begin_instance,
            .opens = Block::vrrp_instance,
            .repeatable = true},
    Keyword{.word = "vrrp_sync_group",
            .meaning = "Instances that are master together or not at all.",
            .shape = takes::word(kName),
            .apply = begin_group,
            .opens = Block::vrrp_sync_group,
            .repeatable = true},
    Keyword{.word = "virtual_server",
            .meaning = "A service that IPVS spreads over real servers.",
            .shape = takes::words(3, "ADDRESS [PORT], fwmark NUMBER or group NAME"),
            .apply = begin_virtual_server,
            .opens = Block::virtual_server,
            .repeatable = true},
    Keyword{
        .word = "garp_group",
        .meaning =
            "Pauses between gratuitous ARP and neighbour advertisements, for switches that cannot take many at once.",
        .apply = [](Model& m, const Arguments& w) { m.garp_groups.emplace_back().spot = w.spot; },
        .opens = Block::garp_group,
        .repeatable = true},
    Keyword{.word = "interface_up_down_delays",
            .meaning = "How long a link must be down, or up again, before anybody is told.",
            .opens = Block::interface_delays,
            .repeatable = true},
    Keyword{.word = "static_ipaddress",
            .meaning = "Addresses that stay on this machine, whoever is master.",
            .opens = Block::static_ipaddress,
            .repeatable = true},
    Keyword{.word = "static_routes",
            .meaning = "Routes that stay on this machine, whoever is master.",
            .opens = Block::static_routes,
            .repeatable = true},
    Keyword{.word = "static_rules",
            .meaning = "Routing rules that stay on this machine, whoever is master.",
            .opens = Block::static_rules,
            .repeatable = true},
    Keyword{.word = "track_group",
            .meaning = "Instances that fall to FAULT when a static address, route or rule of the group is lost.",
            .shape = takes::word(kName),
            .apply = begin_static_track_group,
            .opens = Block::static_track_group,
            .repeatable = true},
    Keyword{.word = "SSL", .meaning = "Certificates that SSL_GET shows and asks for.", .opens = Block::ssl},
    Keyword{.word = "bfd_instance",
            .meaning = "A BFD session (RFC 5880) that instances and checkers may track.",
            .shape = takes::word(kName),
            .opens = Block::bfd_instance,
            .repeatable = true},
    Keyword{.word = "linkbeat_interfaces",
            .meaning = "Interfaces whose links are polled instead of listening to the kernel.",
            .opens = Block::linkbeat_interfaces,
            .repeatable = true},
    known("linkbeat_use_polling", "Poll links instead of listening to the kernel.", takes::nothing()),
    known("namespace_with_ipsets", "Use ipsets in a network namespace on kernels older than 3.13, too.",
          takes::nothing()),
    known("net_namespace_ipvs", "The network namespace that the IPVS table is in (the default one).",
          takes::optional_word(kName)),
    Keyword{.word = "virtual_server_group",
            .meaning = "Addresses, ranges and firewall marks that one virtual_server serves together.",
            .shape = takes::word(kName),
            .apply = begin_server_group,
            .opens = Block::virtual_server_group,
            .repeatable = true},
};
constexpr auto kRoot = sorted(joined(kRootProcessKeywords, kBlocksOfRoot));
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

constexpr auto kGlobal = sorted(joined(
    joined(kDaemonKeywords, kProcessKeywords),
    std::array{
        Keyword{.word = "router_id",
                .meaning = "A name for this director in mails.",
                .shape = takes::word("a name for this director"),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.router_id = w.text(); }},
        Keyword{.word = "notification_email",
                .meaning = "Who gets mails.",
                .opens = Block::notification_email,
                .repeatable = true},
        Keyword{
            .word = "notification_email_from",
            .meaning = "The sender of mails.",
            .shape = takes::word("a mail address"),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.notification_email_from = w.text(); }},
        Keyword{.word = "smtp_server",
                .meaning = "Who takes mails: a host and a port (25).",
                .shape = takes::words(2, "a host and optionally a port"),
                .apply = set_smtp_server},
        Keyword{.word = "smtp_helo_name",
                .meaning = "The name to greet the mail server with.",
                .shape = takes::word("the name to greet the mail server with"),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.smtp_helo_name = w.text(); }},
        Keyword{.word = "smtp_connect_timeout",
                .meaning = "How long the mail server may take (30 s).",
                .shape = takes::whole_seconds(1, 4294),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.smtp_connect_timeout = w.time; }},
        Keyword{.word = "smtp_alert",
                .meaning = "Whether everything sends mails unless it says otherwise.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.smtp_alert = w.flag; }},
        Keyword{.word = "smtp_alert_vrrp",
                .meaning = "Whether instances and sync groups send mails unless they say otherwise.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.defaults.smtp_alert_vrrp = w.flag; }},
        Keyword{.word = "vrrp_version",
                .meaning = "The version of VRRP of instances that name none (2; IPv6 is always 3).",
                .shape = takes::integer(2, 3),
                .apply =
                    [](Model& m, const Arguments& w) {
                      m.configuration.global.vrrp_version = static_cast<vrrp::Version>(w.number);
                    }},
        Keyword{.word = "vrrp_mcast_group4",
                .meaning = "The group that IPv4 advertisements go to (224.0.0.18).",
                .shape = takes::address(),
                .apply =
                    [](Model& m, const Arguments& w) {
                      set_multicast_group(m, w, Family::ipv4, m.configuration.global.vrrp_mcast_group4);
                    }},
        Keyword{.word = "vrrp_mcast_group6",
                .meaning = "The group that IPv6 advertisements go to (ff02::12).",
                .shape = takes::address(),
                .apply =
                    [](Model& m, const Arguments& w) {
                      set_multicast_group(m, w, Family::ipv6, m.configuration.global.vrrp_mcast_group6);
                    }},
        Keyword{.word = "vrrp_strict",
                .meaning = "Refuse or correct whatever the VRRP standards do not allow.",
                .apply = [](Model& m, const Arguments&) { m.configuration.global.vrrp_strict = true; }},
        Keyword{.word = "vrrp_startup_delay",
                .meaning = "How long instances wait after the start of the daemon before they take part.",
                .shape = takes::seconds(std::chrono::milliseconds{1}, kLongestTime),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.vrrp_startup_delay = w.time; }},
        Keyword{.word = "enable_script_security",
                .meaning = "Do not run as root what others than root can change.",
                .apply = [](Model& m, const Arguments&) { m.configuration.global.enable_script_security = true; }},
        Keyword{.word = "script_user",
                .meaning = "Who runs scripts that name nobody (keepalived_script when there is such a user).",
                .shape = takes::words(2, "a user and optionally a group"),
                .apply = set_script_user},
        Keyword{.word = "notify_fifo",
                .meaning = "A FIFO that gets every change of instances, groups and servers.",
                .shape = takes::words(3, "a file name, optionally a user and a group"),
                .apply = [](Model& m, const Arguments& w) { set_notify_fifo(m.configuration.global.notify_fifo, w); }},
        Keyword{.word = "notify_fifo_script",
                .meaning = "A command that is started to read notify_fifo.",
                .shape = takes::command(),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.notify_fifo.script = w.command; }},
        Keyword{
            .word = "lvs_notify_fifo",
            .meaning = "A FIFO that gets every change of virtual and real servers.",
            .shape = takes::words(3, "a file name, optionally a user and a group"),
            .apply = [](Model& m, const Arguments& w) { set_notify_fifo(m.configuration.global.lvs_notify_fifo, w); }},
        Keyword{
            .word = "lvs_notify_fifo_script",
            .meaning = "A command that is started to read lvs_notify_fifo.",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.lvs_notify_fifo.script = w.command; }},
        Keyword{.word = "lvs_flush",
                .meaning = "Empty the IPVS table at the start.",
                .apply = [](Model& m, const Arguments&) { m.configuration.global.lvs_flush = true; }},
        Keyword{.word = "lvs_flush_on_stop",
                .meaning = "Empty the IPVS table at the end, or only its virtual servers (VS).",
                .shape = takes::optional_word("VS"),
                .apply = set_flush_on_stop},
        Keyword{.word = "lvs_flush_onstop",
                .meaning = "The old name of lvs_flush_on_stop.",
                .shape = takes::optional_word("VS"),
                .apply = set_flush_on_stop},
        Keyword{.word = "lvs_sync_daemon",
                .meaning = "Tell the other director of connections (the kernel's sync daemon), as master or backup "
                           "with an instance.",
                .shape = takes::free(kSyncDaemonLine),
                .apply = set_sync_daemon},
        Keyword{.word = "lvs_timeouts",
                .meaning = "How long the kernel keeps connections that nobody uses.",
                .shape = takes::free(kTimeoutsLine),
                .apply = set_lvs_timeouts},
        Keyword{
            .word = "checker_log_all_failures",
            .meaning = "Log each failed check, not only the one that takes a server down.",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.checker_log_all_failures = w.flag; }},
        Keyword{.word = "no_checker_emails",
                .meaning = "No mails when servers go down and up, only when a reload adds or removes them.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.checker_emails = !w.flag; }},
        Keyword{.word = "smtp_alert_checker",
                .meaning = "Whether virtual and real servers send mails unless they say otherwise.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.smtp_alert_checker = w.flag; }},
        Keyword{
            .word = "vrrp_notify_fifo",
            .meaning = "A FIFO that gets every change of instances and groups.",
            .shape = takes::words(3, "a file name, optionally a user and a group"),
            .apply = [](Model& m, const Arguments& w) { set_notify_fifo(m.configuration.global.vrrp_notify_fifo, w); }},
        Keyword{
            .word = "vrrp_notify_fifo_script",
            .meaning = "A command that is started to read vrrp_notify_fifo.",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.vrrp_notify_fifo.script = w.command; }},
        Keyword{.word = "vrrp_higher_prio_send_advert",
                .meaning = "The default of higher_prio_send_advert.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m,
                            const Arguments& w) { m.configuration.global.vrrp_higher_prio_send_advert = w.flag; }},
        Keyword{
            .word = "vrrp_lower_prio_no_advert",
            .meaning = "The default of lower_prio_no_advert.",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.configuration.global.vrrp_lower_prio_no_advert = w.flag; }},
        Keyword{.word = "log_unknown_vrids",
                .meaning = "Log advertisements for virtual routers that no instance is of.",
                .apply = [](Model& m, const Arguments&) { m.configuration.global.log_unknown_vrids = true; }},
        Keyword{.word = "vrrp_garp_master_delay",
                .meaning = "The default of garp_master_delay (5 s).",
                .shape = takes::whole_seconds(0, 4294),
                .apply = [](Model& m, const Arguments& w) { m.defaults.garp_master_delay = w.time; }},
        Keyword{
            .word = "vrrp_garp_master_repeat",
            .meaning = "The default of garp_master_repeat (5).",
            .shape = takes::integer(1, 1000000),
            .apply = [](Model& m, const Arguments& w) { m.defaults.garp_master_repeat = static_cast<int>(w.number); }},
        Keyword{.word = "vrrp_garp_master_refresh",
                .meaning = "The default of garp_master_refresh (0, never).",
                .shape = takes::whole_seconds(0, 4294967),
                .apply = [](Model& m, const Arguments& w) { m.defaults.garp_master_refresh = w.time; }},
        Keyword{
            .word = "vrrp_garp_master_refresh_repeat",
            .meaning = "The default of garp_master_refresh_repeat (1).",
            .shape = takes::integer(1, 1000000),
            .apply = [](Model& m,
                        const Arguments& w) { m.defaults.garp_master_refresh_repeat = static_cast<int>(w.number); }},
        Keyword{.word = "vrrp_garp_lower_prio_delay",
                .meaning = "The default of garp_lower_prio_delay.",
                .shape = takes::whole_seconds(0, 4294),
                .apply = [](Model& m, const Arguments& w) { m.defaults.garp_lower_prio_delay = w.time; }},
        Keyword{.word = "vrrp_garp_lower_prio_repeat",
                .meaning = "The default of garp_lower_prio_repeat.",
                .shape = takes::integer(0, 1000000),
                .apply = [](Model& m,
                            const Arguments& w) { m.defaults.garp_lower_prio_repeat = static_cast<int>(w.number); }},
        Keyword{.word = "vrrp_garp_interval",
                .meaning = "The pause between gratuitous ARP on one interface (none).",
                .shape = takes::seconds(kShortestTime, kLongestTime),
                .apply = [](Model& m, const Arguments& w) { m.defaults.garp_interval = w.time; }},
        Keyword{.word = "vrrp_gna_interval",
                .meaning = "The pause between unsolicited neighbour advertisements on one interface (none).",
                .shape = takes::seconds(kShortestTime, kLongestTime),
                .apply = [](Model& m, const Arguments& w) { m.defaults.gna_interval = w.time; }},
        Keyword{.word = "vrrp_min_garp",
                .meaning = "One gratuitous ARP after a takeover instead of two times five.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.defaults.min_garp = w.flag; }},
        Keyword{
            .word = "vrrp_down_timer_adverts",
            .meaning = "The default of down_timer_adverts (3).",
            .shape = takes::integer(1, 100),
            .apply = [](Model& m,
                        const Arguments& w) { m.defaults.down_timer_adverts = static_cast<std::uint8_t>(w.number); }},
        Keyword{.word = "vrrp_check_unicast_src",
                .meaning = "The default of check_unicast_src.",
                .apply = [](Model& m, const Arguments&) { m.defaults.check_unicast_source = true; }},
        Keyword{.word = "vrrp_notify_priority_changes",
                .meaning = "The default of notify_priority_changes.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.defaults.notify_priority_changes = w.flag; }},
        Keyword{.word = "default_interface",
                .meaning = "The interface of static addresses that name none (eth0).",
                .shape = takes::word("the name of an interface"),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.default_interface = w.text(); }},
        Keyword{.word = "dynamic_interfaces",
                .meaning = "Interfaces may be missing at the start, go away and come back.",
                .shape = takes::optional_word("allow_if_changes"),
                .apply = set_dynamic_interfaces},
        Keyword{.word = "no_email_faults",
                .meaning = "No mails when instances fall to FAULT.",
                .apply = [](Model& m, const Arguments&) { m.configuration.global.no_email_faults = true; }},
        Keyword{.word = "v3_checksum_as_v2",
                .meaning = "The default of v3_checksum_as_v2 of instances.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.defaults.v3_checksum_as_v2 = w.flag; },
                .since = kNewer},
        Keyword{.word = "vrrp_owner_ignore_adverts",
                .meaning = "The default of owner_ignore_adverts.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.defaults.owner_ignore_adverts = w.flag; },
                .since = kNewer},
        Keyword{.word = "vmac_prefix",
                .meaning = "How names of virtual MAC interfaces begin (vrrp).",
                .shape = takes::word("the beginning of an interface's name"),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.vmac_prefix = w.text(); }},
        Keyword{.word = "vmac_addr_prefix",
                .meaning = "The same for those of addresses on other interfaces than that of the instance.",
                .shape = takes::word("the beginning of an interface's name"),
                .apply = [](Model& m, const Arguments& w) { m.configuration.global.vmac_addr_prefix = w.text(); }},
    }));
static_assert(distinct(kGlobal));

}  // namespace

std::span<const Keyword> root_keywords() { return kRoot; }
std::span<const Keyword> global_keywords() { return kGlobal; }

void read_email(Model& model, const Arguments& line) {
  for (const Word& word : line.words) model.configuration.global.notification_email.emplace_back(word.text);
}

}  // namespace vipdrift::config
