// Keywords of vrrp_instance and authentication, and the lines of an instance's address blocks.
#include <algorithm>
#include <utility>

#include "protocol/config/grammar.h"
#include "protocol/config/model.h"
#include "protocol/config/notify_keywords.h"
#include "protocol/config/text.h"
#include "protocol/config/virtual_address.h"

namespace vipdrift::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t kPasswordLength = 8;
constexpr std::array<std::string_view, 2> kStates{"MASTER", "BACKUP"};
constexpr std::array<std::string_view, 2> kAuthTypes{"PASS", "AH"};

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

bool looks_like_mac(std::string_view word) {
  return word.size() >= 5 && word.find(':') != std::string_view::npos &&
         word.find_first_not_of("0123456789abcdefABCDEF:") == std::string_view::npos;
}

/// Five pairs lack the last one, which is the virtual router id: it may be written later in the block.
void set_vmac_address(Model& m, const Word& word) {
  const bool short_form = std::count(word.text.begin(), word.text.end(), ':') == 4;
  const auto mac = MacAddress::parse(std::string{word.text} + (short_form ? ":00" : ""));
  if (!mac || mac->is_group() || mac->is_zero()) {
    m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not the MAC address of one interface",
                   "five or six hexadecimal pairs with ':' between them");
    return;
  }
  m.instance().vmac_address = *mac;
  m.instance_draft().vmac_address_lacks_vrid = short_form;
}

void set_use_vmac(Model& m, const Arguments& w) {
  m.instance().use_vmac = true;
  for (const Word& word : w.words) {
    if (looks_like_mac(word.text)) {
      set_vmac_address(m, word);
    } else if (!valid_interface_name(word.text) || !m.instance().vmac_name.empty()) {
      m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not valid for 'use_vmac'",
                     "the name of the virtual interface, at most 15 characters, and optionally a MAC address");
    } else {
      m.instance().vmac_name = word.text;
    }
  }
}

/// All addresses of an instance are of one family: that of the first one written.
bool fits_family(Model& m, const IpAddress& address, Spot spot) {
  InstanceDraft& draft = m.instance_draft();
  if (!draft.family) draft.family = address.family();
  if (*draft.family == address.family()) return true;
  const bool ipv4 = *draft.family == Family::ipv4;
  m.report.error(RuleId::family_mismatch, spot,
                 in_quotes(address.to_string()) + " is " + (ipv4 ? "IPv6" : "IPv4") + ", but " +
                     in_quotes(m.instance().name) + " is " + (ipv4 ? "IPv4" : "IPv6") + " by the addresses above",
                 ipv4 ? "an IPv4 address (others go into virtual_ipaddress_excluded)"
                      : "an IPv6 address (others go into virtual_ipaddress_excluded)");
  return false;
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

void set_auth_type(Model& m, const Arguments& w) {
  const bool pass = w.word() == "PASS";
  m.instance().auth_type = pass ? vrrp::AuthType::pass : vrrp::AuthType::ah;
  if (!pass) {
    m.report.warning(RuleId::not_implemented, w.word_spot(),
                     "authentication headers (AH) are known to keepalived, not modelled here: "
                     "advertisements go without one");
  }
}

void set_auth_pass(Model& m, const Arguments& w) {
  std::string password = w.text();
  if (password.size() > kPasswordLength) {
    m.cut_passwords.push_back({m.instance().name, password});
    password.resize(kPasswordLength);
    m.report.warning(RuleId::password_cut, w.word_spot(),
                     "the password is cut to 8 characters: " + in_quotes(password));
  }
  m.instance().auth_pass = std::move(password);
}

constexpr auto kAuthentication = sorted(std::array{
    Keyword{.word = "auth_type",
            .meaning = "PASS: a password in each advertisement, for all to read. AH: an authentication header.",
            .shape = takes::choice(kAuthTypes),
            .apply = set_auth_type},
    Keyword{.word = "auth_pass",
            .meaning = "The password, of which 8 characters count.",
            .shape = takes::word("a password of up to 8 characters"),
            .apply = set_auth_pass,
            .mark = Mark::auth_pass},
});

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
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.instance().timer_expired_backup = w.flag; },
                .mark = Mark::timer_expired_backup,
                .since = kNewer},
        Keyword{.word = "use_vmac",
                .meaning = "Give the virtual addresses the virtual MAC address, on an interface of its own.",
                .shape = takes::free("the name of the virtual interface"),
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
                            const Arguments& w) { m.instance().unicast_ttl = static_cast<std::uint8_t>(w.number); }},
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
        known("garp_extra_if",
              "How often a master announces addresses on other interfaces than the instance's again (never): on "
              "virtual MAC interfaces, or on all of them.",
              takes::words(2, kExtraAnnouncements)),
        known("kernel_rx_buf_size", "The receive buffer for its advertisements, in bytes.",
              takes::integer(0, 2147483647)),
        known("linkbeat_use_polling", "Poll the link of its interface instead of listening to the kernel.",
              takes::nothing()),
        known("lvs_sync_daemon_interface", "The old way of lvs_sync_daemon.", takes::word("the name of an interface")),
        known("old_unicast_checksum", "Compute unicast checksums of version 3 as keepalived up to 1.3.6 did.",
              takes::optional_word("never")),
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
        known("use_ipvlan", "Put addresses and advertisements on an IPVLAN interface.",
              takes::free("[[name] INTERFACE] [ADDRESS] [bridge|private|vepa] [group GROUP]")),
        known("vmac_garp_intvl", "The old name of garp_extra_if.", takes::words(2, kExtraAnnouncements)),
        known("vrf", "The VRF of a unicast instance without an interface.", takes::word("the name of a VRF")),
    }));
static_assert(distinct(kInstance));

constexpr std::array<std::string_view, 2> kReplayModes{"time", "monotonic"};
constexpr std::array<std::string_view, 3> kHmacModes{"enforce", "permissive", "receive-only"};

constexpr auto kHmac = sorted(std::array{
    Keyword{.word = "key",
            .meaning = "A key with its number: text, hex: or file: in front of it.",
            .shape = takes::words(2, "a number from 1 to 255 and a key"),
            .repeatable = true,
            .since = "2.4"},
    known("active_key", "The number of the key to sign with.", takes::integer(1, 255), "2.4"),
    known("anti_replay", "How old advertisements are told: by time, or by numbers that grow.",
          takes::choice(kReplayModes), "2.4"),
    known("time_window", "How old an advertisement may be.", takes::whole_seconds(1, 300), "2.4"),
    known("mode", "Whether advertisements without a signature are taken.", takes::choice(kHmacModes), "2.4"),
});
static_assert(distinct(kHmac));

}  // namespace

std::span<const Keyword> instance_keywords() { return kInstance; }
std::span<const Keyword> authentication_keywords() { return kAuthentication; }
std::span<const Keyword> hmac_keywords() { return kHmac; }

void end_authentication(Model& model) {
  VrrpInstance& instance = model.instance();
  const InstanceDraft& draft = model.instance_draft();
  if (instance.auth_type == vrrp::AuthType::none) {
    model.report.warning(RuleId::authentication_incomplete, draft.mark(Mark::authentication),
                         "no auth_type: keepalived runs " + in_quotes(instance.name) + " without authentication",
                         "'auth_type PASS' in the block");
    instance.auth_pass.clear();
  } else if (instance.auth_pass.empty()) {
    model.report.warning(RuleId::authentication_incomplete, draft.mark(Mark::authentication),
                         "no auth_pass: keepalived runs " + in_quotes(instance.name) + " without authentication",
                         "'auth_pass PASSWORD' in the block");
    instance.auth_type = vrrp::AuthType::none;
  }
}

namespace {

/// `track_group` is for addresses that do not move.
bool moves(Model& model, const VirtualAddress& address, const Arguments& line) {
  if (address.track_group.empty()) return true;
  model.report.error(RuleId::misplaced_keyword, line.word_spot(),
                     "'track_group' has no meaning in a line of an instance", "'no_track'");
  return false;
}

}  // namespace

void read_virtual_address(Model& model, const Arguments& line) {
  const auto address = read_virtual_address(line.words, model.report);
  if (!address || !moves(model, *address, line) || !fits_family(model, address->address, line.word_spot())) return;
  model.instance().virtual_addresses.push_back(*address);
  model.instance_draft().addresses.push_back(line.word_spot());
}

void read_excluded_address(Model& model, const Arguments& line) {
  const auto address = read_virtual_address(line.words, model.report);
  if (address && moves(model, *address, line)) model.instance().excluded_addresses.push_back(*address);
}

void read_unicast_peer(Model& model, const Arguments& line) {
  const auto address = IpAddress::parse(line.word());
  if (!address) {
    model.report.error(RuleId::bad_value, line.word_spot(), in_quotes(line.word()) + " is not an address",
                       "an IPv4 or IPv6 address");
    return;
  }
  UnicastPeer peer{.address = *address};
  for (std::size_t i = 1; i < line.words.size(); i += 2) {
    const Word& option = line.words[i];
    const bool least = option.text == "min_ttl";
    if (!least && option.text != "max_ttl") {
      model.report.error(RuleId::unknown_option, option.spot,
                         in_quotes(option.text) + " is not valid in a line of unicast_peer",
                         "min_ttl or max_ttl and a number from 0 to 255");
      return;
    }
    const auto value = i + 1 < line.words.size() ? parse_integer(line.words[i + 1].text) : std::nullopt;
    if (!value || *value < 0 || *value > 255) {
      model.report.error(RuleId::missing_value, option.spot, in_quotes(option.text) + " needs a value",
                         "a number from 0 to 255");
      return;
    }
    (least ? peer.min_ttl : peer.max_ttl) = static_cast<std::uint8_t>(*value);
    model.instance().check_unicast_source = true;
  }
  if (fits_family(model, *address, line.word_spot())) model.instance().unicast_peers.push_back(peer);
}

}  // namespace vipdrift::config
