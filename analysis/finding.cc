#include "analysis/finding.h"

#include <array>

namespace vipdrift::analysis {
namespace {

constexpr std::array kRules{
    Rule{RuleId::interval_differs, "interval-differs", Severity::error,
         "Directors of one virtual router advertise at different intervals: with version 2 each throws the other's "
         "advertisements away, and both are master.",
         "Both hold the address at the same time: clients reach now one machine, now the other.",
         "Write the same advert_int on every director."},
    Rule{RuleId::version_differs, "version-differs", Severity::error,
         "Directors of one virtual router speak different versions of VRRP: neither understands the other, and both "
         "are master.",
         "Both hold the address at the same time.", "Write the same vrrp_version or version on every director."},
    Rule{RuleId::authentication_differs, "authentication-differs", Severity::error,
         "Directors of one virtual router have different passwords, or only some have one: both are master.",
         "Both hold the address at the same time, and each logs that the other is not authentic.",
         "Write the same auth_type and auth_pass on every director, or none."},
    Rule{RuleId::group_differs, "group-differs", Severity::error,
         "Directors of one virtual router send to different multicast groups, or one by unicast: they do not hear each "
         "other, and both are master.",
         "Both hold the address at the same time.",
         "Write the same vrrp_mcast_group4 or vrrp_mcast_group6, or unicast_peer on every director."},
    Rule{RuleId::addresses_differ, "addresses-differ", Severity::warning,
         "Directors of one virtual router list different virtual addresses: what only one lists does not move, and "
         "keepalived up to 2.3.2 throws away advertisements that list other addresses than its own.",
         "After a failover an address is missing, or both directors hold what they list.",
         "List the same addresses in the same order on every director; share them by include."},
    Rule{RuleId::peers_differ, "peers-differ", Severity::error,
         "A unicast peer does not list the director in its turn: one hears the other, but not the other way round.",
         "Whoever is not heard is taken for dead: both hold the address at the same time.",
         "List every other director as unicast_peer on each."},
    Rule{RuleId::virtual_mac_differs, "virtual-mac-differs", Severity::warning,
         "Only some directors of a virtual router use its virtual MAC address: clients see the address change its MAC "
         "at each failover.",
         "Caches of neighbours and tables of switches have to learn anew at each failover, which use_vmac is to avoid.",
         "Write use_vmac on every director, or on none."},
    Rule{RuleId::checksum_differs, "checksum-differs", Severity::error,
         "Directors of one virtual router compute checksums of version 3 in different ways: both are master.",
         "Each throws the other's advertisements away, and both hold the address.",
         "Write v3_checksum_as_v2 on every director, or on none."},
    Rule{RuleId::sync_group_differs, "sync-group-differs", Severity::warning,
         "Instances that move together on one director do not on another: addresses that belong together part.",
         "The way in may be on one director and the way out on another, so that answers get lost.",
         "Write the same vrrp_sync_group on every director."},
    Rule{RuleId::virtual_server_differs, "virtual-server-differs", Severity::warning,
         "A virtual server differs between directors, or one lacks it: clients are served in another way after a "
         "failover.",
         "What works before a failover does not afterwards.", "Share the virtual servers by include."},
    Rule{RuleId::equal_priorities, "equal-priorities", Severity::warning,
         "Two directors have the same priority: whoever holds the address keeps it; when both are master, after a "
         "split or a common start, the greater address wins.",
         "Where the address is depends on what happened before, for no reason that the file shows.",
         "Give each director a priority of its own."},
    Rule{RuleId::several_masters, "several-masters", Severity::note,
         "Several directors have state MASTER: it gives no head start, but clears nopreempt and preempt_delay, and "
         "without a priority it means 255.",
         "Whoever wrote it expects that state decides; priorities do.", "Write state BACKUP on every director."},
    Rule{RuleId::alone, "alone", Severity::note, "Only one director has this virtual router: nobody takes over.",
         "When this director fails, the address is gone.",
         "Configure it on another director too, or check that one's file as well."},
    Rule{RuleId::vrid_shared, "vrid-shared", Severity::error,
         "Two virtual routers have one virtual_router_id on one wire: what one hears of the other and throws away "
         "delays "
         "its own advertisements, and what it believes makes it give its addresses up.",
         "Addresses flap or are on nobody, and it depends on intervals and passwords when; a virtual MAC address is on "
         "two machines.",
         "Give each virtual router of a wire a virtual_router_id of its own."},
    Rule{RuleId::address_shared, "address-shared", Severity::error,
         "Two virtual routers have the same virtual address: both may hold it at a time, and one takes it from the "
         "interface while the other needs it.",
         "It disappears when one of the two leaves, although the other is master.",
         "List each address in one virtual router only."},
    Rule{RuleId::address_of_director, "address-of-director", Severity::error,
         "A virtual address is a director's own: keepalived removes it when it starts, and has no address to send "
         "from, or two machines have it.",
         "The instance does not come up, or the machine is not to be reached.",
         "Choose a virtual address that belongs to no machine."},
    Rule{RuleId::passwords_cut_alike, "passwords-cut-alike", Severity::note,
         "Different passwords are equal on the wire, which carries their first eight characters.",
         "They do not keep apart what they are to keep apart.", "Write passwords that differ within eight characters."},
    Rule{RuleId::group_outside_link_local, "group-outside-link-local", Severity::warning,
         "Advertisements go to a group outside 224.0.0.0/24: a switch that snoops IGMP, without a querier, stops "
         "forwarding them after some minutes, and every director becomes master.",
         "It begins minutes after everything was tested, on switches that know better than to flood.",
         "Keep to 224.0.0.18, or to another group of 224.0.0.0/24."},
    Rule{RuleId::label_without_device, "label-without-device", Severity::warning,
         "The label of an address does not begin with its interface: ifconfig does not show the address, and ip would "
         "refuse the label.",
         "Tools and scripts that look for the label do not find it.",
         "Begin the label with the name of the interface: eth0:vip1."},
    Rule{RuleId::one_result_decides, "one-result-decides", Severity::note,
         "One failure of a script moves an address, and one success moves it back: a check that is late once "
         "interrupts twice.",
         "Every slow answer of a service is an outage of all services behind the address.",
         "Write fall 2 and rise 2 or more."},
    Rule{RuleId::director_is_real_server, "director-is-real-server", Severity::warning,
         "A director is a real server of a virtual server with lb_kind DR, which the other director has too: while it "
         "is backup, its own table catches what the master forwards, and packets circle.",
         "One packet fills the wire until its TTL has run out.",
         "Keep real servers and directors apart, or do not run the virtual servers on the backup."},
    Rule{RuleId::connections_lost_at_return, "connections-lost-at-return", Severity::warning,
         "A director with lvs_sync_daemon comes home at once: it has not heard of the connections that began while it "
         "was away, and resets them.",
         "Connections are told again only every so many packets: a crash that they survived kills them at its end.",
         "Write preempt_delay, long enough for every connection to be told once more, or nopreempt."},
    Rule{RuleId::failed_keeps_address, "failed-keeps-address", Severity::error,
         "A director keeps an address although what it tracks has failed, while another that is well could have it: "
         "the weight is too small for the difference of priorities, or nopreempt holds it, or its sync group, which "
         "moves only as a whole.",
         "Clients stay with a director whose service is down: the failover that the tracker was written for does not "
         "happen.",
         "Make the weight larger than the difference of priorities, in each member of a sync group, or track without a "
         "weight; leave nopreempt out where a tracker is to move the address."},
    Rule{RuleId::several_hold, "several-hold", Severity::error, "Two directors hold an address at the same time.",
         "Clients reach now one machine, now the other; connections break.",
         "Mend what the directors disagree about, which other findings name."},
    Rule{RuleId::nobody_holds, "nobody-holds", Severity::error,
         "Nobody holds an address although a director is well that could.",
         "The service is down although a machine could serve.",
         "Look at what keeps that director in FAULT or below the others; give sync groups members that fail together."},
    Rule{RuleId::nobody_left, "nobody-left", Severity::note,
         "Nobody holds an address because something has failed on every director that is up.",
         "Whether that is right is a decision: a sick director may be better than none.",
         "Give the trackers a weight, so that somebody always holds the address."},
    Rule{RuleId::depends_on_history, "depends-on-history", Severity::note,
         "Who holds an address depends on which director began first: nopreempt, or equal priorities, or a sync group "
         "whose members have their greatest priorities on different directors.",
         "The same failure ends differently on different days.",
         "Leave nopreempt out, or accept it; give each director a priority of its own; in sync groups put the greatest "
         "priorities on one director."},
    Rule{RuleId::flaps, "flaps", Severity::error, "Directors go on changing their state although nothing happens.",
         "The addresses move to and fro, and connections with them.",
         "Look for trackers that depend on holding the address, and for sync groups that pull each other."},
    Rule{RuleId::tie, "tie", Severity::warning,
         "Failures make two directors equal: whoever holds the address keeps it; when both are master, after a "
         "split or a common start, the greater address wins.",
         "The failure that was to move the address does not, or nobody has decided who is to win.",
         "Choose weights so that no sum of failures makes two directors equal."},
    Rule{RuleId::clamp_hides, "clamp-hides", Severity::warning,
         "A priority would leave the range from 1 to 254 and is clamped: further failures change nothing.",
         "A director with more failures looks like one with fewer.",
         "Choose smaller weights, or priorities farther from 1 and 254."},
    Rule{RuleId::takeover_too_slow, "takeover-too-slow", Severity::error,
         "An address may move later than `--within` allows, at the worst moment for a failure to happen, or to nobody.",
         "Clients are without an answer for that long, however fast it is most of the time.",
         "Shorten what the message adds up: version 3 has intervals below a second, scripts have interval, fall and "
         "timeout."},
    Rule{RuleId::script_missing, "script-missing", Severity::error,
         "With `--scripts`: a program that the configuration names is not on this machine, or may not be executed: "
         "keepalived disables the script.",
         "What the script watches may fail, and nothing follows.", "Install it, or correct its path."},
    Rule{RuleId::script_unsafe, "script-unsafe", Severity::warning,
         "With `--scripts`: others than root can change a program that the daemon runs, or put another in its place.",
         "Whoever can is root on the directors; with enable_script_security keepalived disables the script.",
         "chown root and chmod go-w the file and the directories above it."},
    Rule{RuleId::bad_allowance, "bad-allowance", Severity::warning,
         "A comment that begins with \"vipdrift:\" has no rule or no reason, or is misspelt: it allows nothing.",
         "What it was to allow goes on failing the check.", "Write \"# vipdrift: allow RULE reason\"."},
    Rule{RuleId::unused_allowance, "unused-allowance", Severity::warning,
         "A comment allows what does not happen: it is out of date, or stands at another line than what it means.",
         "Whoever reads it believes in something that is not so, and what it hides next nobody chose.",
         "Delete it, or move it to the line that the finding names."},
};

static_assert([] {
  for (std::size_t i = 0; i < kRules.size(); ++i) {
    if (static_cast<std::size_t>(kRules[i].id) != i) return false;
  }
  return true;
}());

}  // namespace

std::string_view to_string(Severity severity) {
  switch (severity) {
    case Severity::note:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      return "error";
  }
  return {};
}

std::span<const Rule> rules() { return kRules; }

const Rule& rule_of(RuleId id) { return kRules[static_cast<std::size_t>(id)]; }

}  // namespace vipdrift::analysis
