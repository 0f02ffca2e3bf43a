// Keywords of vrrp_instance.
#include <algorithm>
#include <utility>

#include "protocol/config/daemon_values.h"
#include "protocol/config/grammar.h"
#include "protocol/config/instance_words.h"
#include "protocol/config/model.h"
#include "protocol/config/notify_keywords.h"
#include "protocol/config/text.h"
#include "protocol/config/virtual_address.h"

namespace vipdrift::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::array<std::string_view, 2> kStates{"MASTER", "BACKUP"};

void set_state(Model& m, const Arguments& w) {
  const WantedState wanted = w.word() == "MASTER" ? WantedState::master : WantedState::backup;
  if (m.instance().state == WantedState::master && wanted == WantedState::backup) {
    m.report.warning(RuleId::setting_ignored, w.spot, "state MASTER is written above: keepalived keeps it");
    return;
  }
  m.instance().state = wanted;
}

void set_interface(Model& m, const Arguments& w) {
  if (!valid_interface_name(w.word())) {
    m.report.error(RuleId::bad_value, w.word_spot(), in_quotes(w.word()) + " is not the name of an interface",
                   "at most 15 characters, no '/'");
  }
  m.instance().interface = w.text();
}

void set_source(Model& m, const Arguments& w) {
  if (fits_family(m, w.address, w.word_spot())) m.instance().source = w.address;
}

/// IPv6 advertisements go to a group of link-local scope.
bool is_advertisement_group(const IpAddress& address) {
  return address.is_multicast() && (address.family() == Family::ipv4 || (address.bytes()[1] & 0x0fU) == 2);
}

void set_multicast(Model& m, const Arguments& w) {
  if (!is_advertisement_group(w.address)) {
    m.report.error(RuleId::bad_value, w.word_spot(),
                   in_quotes(w.word()) + " is not a multicast address for advertisements",
                   "an address in 224.0.0.0/4 or ffX2::/16");
  } else if (fits_family(m, w.address, w.word_spot())) {
    m.instance().multicast_group = w.address;
  }
}

/// keepalived is told what the others' greatest priority may be; here it is what they were heard with.
void set_timer_expired_backup(Model& m, const Arguments& w) {
  m.instance().timer_expired_backup = true;
  if (w.keyword != "timer_expired_backup") {
    m.report.warning(RuleId::old_name, w.spot, in_quotes(w.keyword) + " is the old name of 'timer_expired_backup'");
  }
  if (!w.given) return;
  m.report.warning(RuleId::not_implemented, w.word_spot(),
                   in_quotes(w.word()) + " has no effect: the priorities of the others are those that were heard");
}

void judge_linkbeat(Model& m, const Arguments& w) {
  m.report.warning(RuleId::old_name, w.spot, "keepalived calls 'linkbeat_use_polling' of an instance obsolete",
                   "a block linkbeat_interfaces");
}

void judge_sync_daemon(Model& m, const Arguments& w) {
  m.report.warning(RuleId::old_name, w.spot, "keepalived calls 'lvs_sync_daemon_interface' obsolete",
                   "lvs_sync_daemon in global_defs");
}

constexpr auto kInstance = sorted(joined(
    kNotifyKeywords<NotifyOwner::instance>,
    std::array{
        notify_keyword<NotifyOwner::instance, &Notifies::master_rx_lower_priority>(
            "notify_master_rx_lower_pri", "A command that is run when a master hears one of lower priority."),
        Keyword{.word = "state",
                .meaning = "What it begins as, for a moment: MASTER clears nopreempt and preempt_delay, and means "
                           "priority 255 where none is written.",
                .shape = takes::choice(kStates),
                .apply = set_state,
                .mark = Mark::state,
                .repeatable = true},
        Keyword{.word = "interface",
                .meaning = "The interface that advertisements go through, and that addresses are put on.",
                .shape = takes::word("the name of an interface"),
                .apply = set_interface},
        Keyword{
            .word = "virtual_router_id",
            .meaning = "The number of the virtual router: the same on all its directors.",
            .shape = takes::integer(1, 255),
            .apply = [](Model& m,
                        const Arguments& w) { m.instance().virtual_router_id = static_cast<std::uint8_t>(w.number); }},
        Keyword{
            .word = "priority",
            .meaning = "Who has the greatest one is master (100); 255 owns the addresses.",
            .shape = takes::integer(1, 255),
            .apply = [](Model& m, const Arguments& w) { m.instance().priority = static_cast<std::uint8_t>(w.number); },
            .mark = Mark::priority},
        Keyword{
            .word = "version",
            .meaning = "The version of VRRP (vrrp_version; IPv6 is always 3).",
            .shape = takes::integer(2, 3),
            .apply = [](Model& m, const Arguments& w) { m.instance().version = static_cast<vrrp::Version>(w.number); },
            .mark = Mark::version},
        Keyword{.word = "advert_int",
                .meaning = "How often the master advertises (1 s): the same on all directors with version 2.",
                .shape = takes::seconds(milliseconds{10}, seconds{255}),
                .apply = [](Model& m, const Arguments& w) { m.instance().advert_int = w.time; },
                .mark = Mark::advert_int},
        Keyword{
            .word = "down_timer_adverts",
            .meaning = "After how many missing advertisements the master is taken for dead (3).",
            .shape = takes::integer(1, 100),
            .apply = [](Model& m,
                        const Arguments& w) { m.instance().down_timer_adverts = static_cast<std::uint8_t>(w.number); },
            .mark = Mark::down_timer_adverts},
        Keyword{.word = "authentication",
                .meaning = "A password that advertisements carry. Version 3 has none.",
                .opens = Block::authentication,
                .mark = Mark::authentication},
        Keyword{.word = "nopreempt",
                .meaning = "Leave a master of lower priority alone.",
                .apply = [](Model& m, const Arguments&) { m.instance().nopreempt = true; },
                .mark = Mark::nopreempt},
        Keyword{.word = "preempt",
                .meaning = "The opposite of nopreempt; the default.",
                .apply = [](Model& m, const Arguments&) { m.instance().nopreempt = false; }},
        Keyword{.word = "preempt_delay",
                .meaning = "How long a master of lower priority is left alone (0).",
                .shape = takes::seconds(Duration{0}, seconds{1000}),
                .apply = [](Model& m, const Arguments& w) { m.instance().preempt_delay = w.time; },
                .mark = Mark::preempt_delay},
        Keyword{
            .word = "accept",
            .meaning = "Take packets for virtual addresses although not their owner; the default without vrrp_strict.",
            .apply = [](Model& m, const Arguments&) { m.instance().accept = true; },
            .mark = Mark::accept},
        Keyword{.word = "no_accept",
                .meaning = "Drop packets for virtual addresses unless their owner.",
                .apply = [](Model& m, const Arguments&) { m.instance().accept = false; },
                .mark = Mark::accept},
        Keyword{.word = "strict_mode",
                .meaning = "vrrp_strict for this instance.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.instance().strict = w.flag; },
                .mark = Mark::strict_mode},
        Keyword{
            .word = "higher_prio_send_advert",
            .meaning =
                "Answer a master of higher priority with an advertisement, so that it announces its addresses again.",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.instance().higher_prio_send_advert = w.flag; },
            .mark = Mark::higher_prio_send_advert},
        Keyword{.word = "lower_prio_no_advert",
                .meaning = "Send no advertisement when one of lower priority is heard.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.instance().lower_prio_no_advert = w.flag; },
                .mark = Mark::lower_prio_no_advert},
        Keyword{.word = "owner_ignore_adverts",
                .meaning = "As address owner, do not listen to advertisements.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.instance().owner_ignore_adverts = w.flag; },
                .mark = Mark::owner_ignore_adverts,
                .since = "2.3.3"},
        Keyword{.word = "dont_track_primary",
                .meaning = "Go on when the link of its interface is down.",
                .apply = [](Model& m, const Arguments&) { m.instance().dont_track_primary = true; }},
        Keyword{
            .word = "v3_checksum_as_v2",
            .meaning =
                "Leave the pseudo-header out of the checksum of version 3 with IPv4, as some routers and RFC 9568 do.",
            .shape = takes::optional_boolean(),
            .apply = [](Model& m, const Arguments& w) { m.instance().v3_checksum_as_v2 = w.flag; },
            .mark = Mark::v3_checksum_as_v2,
            .since = "2.2.8"},
        Keyword{.word = "check_unicast_src",
                .meaning = "Throw away advertisements that come from none of the unicast peers.",
                .apply = [](Model& m, const Arguments&) { m.instance().check_unicast_source = true; },
                .mark = Mark::check_unicast_source},
        Keyword{.word = "timer_expired_backup",
                .meaning = "A master that was asleep for so long that another may have taken over becomes BACKUP.",
                .shape = takes::optional_integer(1, 254),
                .apply = set_timer_expired_backup,
                .mark = Mark::timer_expired_backup,
                .since = kNewer},
        Keyword{.word = "thread_timer_expired",
                .meaning = "The old name of timer_expired_backup.",
                .shape = takes::optional_integer(1, 254),
                .apply = set_timer_expired_backup,
                .mark = Mark::timer_expired_backup,
                .since = kNewer},
        Keyword{.word = "use_vmac",
                .meaning = "Give the virtual addresses the virtual MAC address, on an interface of its own.",
                .shape = takes::free(kVmacWords),
                .apply = set_use_vmac},
        Keyword{.word = "vmac_xmit_base",
                .meaning = "Send and receive advertisements on the interface below that one.",
                .apply = [](Model& m, const Arguments&) { m.instance().vmac_xmit_base = true; },
                .mark = Mark::vmac_xmit_base},
        Keyword{.word = "use_vmac_addr",
                .meaning = "Have such an interface for addresses on other interfaces, too.",
                .apply = [](Model& m, const Arguments&) { m.instance().use_vmac_addr = true; }},
        Keyword{.word = "track_src_ip",
                .meaning = "Fall to FAULT without the source address.",
                .apply = [](Model& m, const Arguments&) { m.instance().track_source = true; }},
        Keyword{.word = "unicast_ttl",
                .meaning = "The TTL of unicast advertisements (255).",
                .shape = takes::integer(0, 255),
                .apply = [](Model& m,
                            const Arguments& w) { m.instance().unicast_ttl = static_cast<std::uint8_t>(w.number); },
                .mark = Mark::unicast_ttl},
        Keyword{.word = "virtual_routes",
                .meaning = "Routes that the master has.",
                .opens = Block::virtual_routes,
                .repeatable = true},
        Keyword{.word = "virtual_rules",
                .meaning = "Routing rules that the master has.",
                .opens = Block::virtual_rules,
                .repeatable = true},
        Keyword{.word = "native_ipv6",
                .meaning = "Obsolete: IPv6, which the addresses say.",
                .apply =
                    [](Model& m, const Arguments& w) {
                      if (fits_family(m, IpAddress::v6({}), w.spot)) m.instance_draft().family = Family::ipv6;
                    }},
        Keyword{.word = "mcast_dst_ip",
                .meaning = "The group that advertisements go to.",
                .shape = takes::address(),
                .apply = set_multicast},
        Keyword{.word = "mcast_src_ip",
                .meaning = "The source address of advertisements (the interface's).",
                .shape = takes::address(),
                .apply = set_source},
        Keyword{.word = "unicast_src_ip",
                .meaning = "The source address of unicast advertisements.",
                .shape = takes::address(),
                .apply = set_source,
                .mark = Mark::unicast},
        Keyword{.word = "unicast_peer",
                .meaning = "Addresses that advertisements go to instead of the group.",
                .opens = Block::unicast_peer,
                .mark = Mark::unicast,
                .repeatable = true},
        Keyword{.word = "virtual_ipaddress",
                .meaning = "Addresses that the master has, and that its advertisements name.",
                .opens = Block::virtual_ipaddress,
                .mark = Mark::virtual_ipaddress,
                .repeatable = true},
        Keyword{.word = "no_virtual_ipaddress",
                .meaning = "There is no virtual address on purpose.",
                .apply = [](Model& m, const Arguments&) { m.instance_draft().no_virtual_address = true; },
                .since = "2.2.8"},
        Keyword{.word = "virtual_ipaddress_excluded",
                .meaning = "Addresses that the master has, and that its advertisements do not name.",
                .opens = Block::virtual_ipaddress_excluded,
                .repeatable = true},
        Keyword{.word = "garp_master_delay",
                .meaning = "When addresses are announced a second time after a takeover (5 s); 0: never.",
                .shape = takes::whole_seconds(0, 4294),
                .apply = [](Model& m, const Arguments& w) { m.instance().garp_master_delay = w.time; },
                .mark = Mark::garp_master_delay},
        Keyword{
            .word = "garp_master_repeat",
            .meaning = "How many announcements are sent at a time (5).",
            .shape = takes::integer(1, 1000000),
            .apply = [](Model& m, const Arguments& w) { m.instance().garp_master_repeat = static_cast<int>(w.number); },
            .mark = Mark::garp_master_repeat},
        Keyword{.word = "garp_master_refresh",
                .meaning = "How often a master announces its addresses again (0, never).",
                .shape = takes::whole_seconds(0, 4294967),
                .apply = [](Model& m, const Arguments& w) { m.instance().garp_master_refresh = w.time; },
                .mark = Mark::garp_master_refresh},
        Keyword{
            .word = "garp_master_refresh_repeat",
            .meaning = "How many are sent then (1).",
            .shape = takes::integer(1, 1000000),
            .apply = [](Model& m,
                        const Arguments& w) { m.instance().garp_master_refresh_repeat = static_cast<int>(w.number); },
            .mark = Mark::garp_master_refresh_repeat},
        Keyword{.word = "garp_lower_prio_delay",
                .meaning = "As garp_master_delay, after an advertisement of lower priority (garp_master_delay).",
                .shape = takes::whole_seconds(0, 4294),
                .apply = [](Model& m, const Arguments& w) { m.instance().garp_lower_prio_delay = w.time; },
                .mark = Mark::garp_lower_prio_delay},
        Keyword{.word = "garp_lower_prio_repeat",
                .meaning = "As garp_master_repeat, after an advertisement of lower priority (garp_master_repeat).",
                .shape = takes::integer(0, 1000000),
                .apply = [](Model& m,
                            const Arguments& w) { m.instance().garp_lower_prio_repeat = static_cast<int>(w.number); },
                .mark = Mark::garp_lower_prio_repeat},
        Keyword{.word = "track_interface",
                .meaning = "Interfaces whose links must be up; with a weight, they only change the priority.",
                .opens = Block::tracked_interfaces,
                .repeatable = true},
        Keyword{.word = "track_script",
                .meaning = "Scripts that must succeed; with a weight, they only change the priority.",
                .opens = Block::tracked_scripts,
                .repeatable = true},
        Keyword{.word = "track_file",
                .meaning = "Files whose numbers change the priority.",
                .opens = Block::tracked_files,
                .repeatable = true},
        Keyword{.word = "track_process",
                .meaning = "Processes that must run; with a weight, they only change the priority.",
                .opens = Block::tracked_processes,
                .repeatable = true},
        Keyword{.word = "track_quorum",
                .meaning = "A virtual server whose quorum must be up; with a weight, it only changes the priority.",
                .shape = takes::words(6, kQuorumLine),
                .apply = add_tracked_quorum,
                .repeatable = true,
                .since = kVipdrift},
        Keyword{.word = "notify_priority_changes",
                .meaning = "Write changes of priority to the FIFOs.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.instance().notify_priority_changes = w.flag; },
                .mark = Mark::notify_priority_changes},
        Keyword{.word = "smtp_alert",
                .meaning = "Whether changes of state send mails.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.instance().smtp_alert = w.flag; },
                .mark = Mark::smtp_alert},
        Keyword{.word = "auth_hmac",
                .meaning = "Sign each advertisement (HMAC-SHA256), with keys that all directors share.",
                .opens = Block::auth_hmac,
                .since = "2.4"},
        known("debug", "Nothing yet.", takes::integer(0, 4)),
        judged("garp_extra_if",
               "How often a master announces addresses on other interfaces than the instance's again (never): on "
               "virtual MAC interfaces, or on all of them.",
               takes::words(100, kExtraAnnouncements), judge_extra_announcements),
        known("kernel_rx_buf_size", "The receive buffer for its advertisements, in bytes.",
              takes::exactly(takes::integer(0, kLargestInt))),
        judged("linkbeat_use_polling", "Poll the link of its interface instead of listening to the kernel.",
               takes::nothing(), judge_linkbeat),
        judged("lvs_sync_daemon_interface", "The old way of lvs_sync_daemon.", takes::word("the name of an interface"),
               judge_sync_daemon),
        Keyword{.word = "old_unicast_checksum",
                .meaning = "Compute unicast checksums of version 3 as keepalived up to 1.3.6 did.",
                .shape = takes::optional_word("never"),
                .mark = Mark::unicast,
                .judge = judge_unicast_checksum},
        known("promote_secondaries", "Keep the other addresses of a network when its first one is removed.",
              takes::nothing()),
        known("skip_check_adv_addr", "Compare the addresses of the first advertisement of a master only.",
              takes::optional_boolean()),
        Keyword{.word = "track_bfd",
                .meaning = "BFD sessions that must be up; with a weight, they only change the priority.",
                .opens = Block::tracked_bfds,
                .repeatable = true},
        known("unicast_fault_no_peer", "Fall to FAULT instead of multicast when unicast has no peer.",
              takes::nothing()),
        judged("use_ipvlan", "Put addresses and advertisements on an IPVLAN interface.", takes::free(kIpvlanWords),
               judge_ipvlan),
        judged("vmac_garp_intvl", "The old name of garp_extra_if.", takes::words(100, kExtraAnnouncements),
               judge_old_extra_announcements),
        judged("vrf", "The VRF of a unicast instance without an interface.", takes::word("the name of a VRF"),
               judge_vrf),
    }));
static_assert(distinct(kInstance));

}  // namespace

std::span<const Keyword> instance_keywords() { return kInstance; }

}  // namespace vipdrift::config
