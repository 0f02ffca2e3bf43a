// What a VRRP daemon does where the RFCs leave room or the field's daemon departs from them: data, not branches.
#ifndef VIPDRIFT_PROTOCOL_VRRP_PROFILE_H_
#define VIPDRIFT_PROTOCOL_VRRP_PROFILE_H_

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/base/time.h"

namespace vipdrift::vrrp {

/// How a change of effective priority moves a Backup's running deadline.
enum class DeadlineShift : std::uint8_t {
  /// keepalived: by (new full timer - the value last stored), which may be a remainder or a bare skew time,
  /// so that the deadline can jump out by up to a whole master-down interval.
  from_stored_timer,
  /// By the difference of the two skew times, nothing else.
  by_skew_difference,
};

/// One daemon's habits. Presets differ only in these members; code asks members, never the preset's name.
struct Profile {
  /// After any packet for its VRID, also a rejected one, a Master restarts its own advertisement timer (Q1).
  bool any_packet_rearms_master = true;
  /// On becoming Master a v3 instance returns to its own interval only when detailed logging (-D) is on (Q2).
  bool own_interval_needs_detail_log = true;
  /// See DeadlineShift (Q3).
  DeadlineShift backup_deadline_shift = DeadlineShift::from_stored_timer;
  /// A v3 advertisement with interval 0 is discarded (RFC 9568 with erratum 8301). keepalived learns the 0, so that a
  /// Backup takes over at once.
  bool refuses_interval_zero = false;
  /// An IPv6 advertisement whose first address is not link-local is discarded (RFC 9568 with erratum 8300) by a virtual
  /// router whose own list begins as it should. keepalived only warns about its own list.
  bool refuses_global_first_address = false;
  /// An advertisement that lists other addresses than ours is discarded (keepalived up to 2.3.2), not only logged.
  bool refuses_other_addresses = true;
  /// v3 over IPv4: the checksum may cover the pseudo-header or not, whichever of the two we send ourselves.
  bool understands_both_checksums = false;
  /// Priority-0 advertisements sent on Master -> Fault (Q4).
  std::uint8_t fault_farewells = 2;
  /// v2 skew time scales with the advertisement interval instead of staying below one second (Q5).
  bool v2_skew_follows_interval = false;
  /// A Master that yields to a better one sends one last advertisement, so that the winner announces at once.
  bool step_down_advertises = false;
  /// Announcements leave in a step of their own, after input that is already waiting; stepping down drops them.
  bool announcements_yield_to_input = false;
  /// A Master that met a rival announces once more after this time; zero: only after garp_lower_prio_delay.
  Duration rival_announcement_repeat{0};
  /// At start, `state MASTER` waits one interval and one skew time instead of a whole master-down interval.
  bool state_master_starts_sooner = false;
  /// Virtual addresses get a kernel lifetime that is renewed while the daemon lives.
  bool address_leases = false;
  /// At start, an instance whose addresses are all there with lifetimes that have not run out goes on where its
  /// predecessor died: it keeps them, and is Master after one interval and one skew time unless somebody else speaks.
  bool adopts_leased_addresses = false;
  /// From a stop request to the end of the daemon, after priority 0 and the removal of the addresses.
  Duration stop_grace = std::chrono::seconds{1};
  /// A track script that only a shell could run is reported with the way to write it, not just disabled.
  bool explains_shell_scripts = false;
  /// The notify scripts of one instance or group run one after the other, so that the last state wins, instead of all
  /// at once. The driver's business.
  bool notify_scripts_in_order = false;
  /// When a virtual server loses or gains its quorum, what is to leave its pool leaves before what is to enter enters,
  /// so that clients are refused for that moment.
  bool empties_pool_at_quorum_change = true;
  /// A server that failed must answer its first URL once more than the others before it counts as up.
  bool repeats_first_url = true;
  /// The time-out of a health check over HTTP or SMTP begins anew with each byte that arrives, so that an answer that
  /// drips never times out, instead of bounding the whole probe.
  bool each_byte_restarts_timeout = true;
  /// A health check is due every delay_loop from its first time on, and first checks are spread evenly over their
  /// warm-up times: one that is late does not stay so, nor together with those that were late too. keepalived draws the
  /// first times, and waits delay_loop from the end of each check.
  bool checks_keep_phase = false;
  /// At a reload, a server that was down counts as up when its check has changed, and a sorry server that served stays
  /// beside the real ones when the quorum is gained, until it is lost and gained again.
  bool reload_trusts_changed_checks = true;
  /// At start, a real server counts as down when the kernel's table, left by a predecessor, says so.
  bool adopts_ipvs_table = false;

  friend constexpr bool operator==(const Profile&, const Profile&) = default;
};

/// Stock keepalived, faults included: what production runs and a rehearsal must predict.
constexpr Profile keepalived_profile() { return {}; }

/// vipdriftd.
constexpr Profile vipdrift_profile() {
  Profile profile;
  profile.any_packet_rearms_master = false;
  profile.own_interval_needs_detail_log = false;
  profile.backup_deadline_shift = DeadlineShift::by_skew_difference;
  profile.refuses_interval_zero = true;
  profile.refuses_global_first_address = true;
  profile.refuses_other_addresses = false;
  profile.understands_both_checksums = true;
  profile.fault_farewells = 1;
  // RFC 3768 fixes the v2 skew below one second; scaling it would let a lower keepalived peer overtake us.
  profile.v2_skew_follows_interval = false;
  profile.step_down_advertises = true;
  profile.announcements_yield_to_input = true;
  profile.rival_announcement_repeat = std::chrono::milliseconds{100};
  profile.state_master_starts_sooner = true;
  profile.address_leases = true;
  profile.adopts_leased_addresses = true;
  profile.stop_grace = Duration{0};
  profile.explains_shell_scripts = true;
  profile.notify_scripts_in_order = true;
  profile.empties_pool_at_quorum_change = false;
  profile.repeats_first_url = false;
  profile.each_byte_restarts_timeout = false;
  profile.checks_keep_phase = true;
  profile.reload_trusts_changed_checks = false;
  profile.adopts_ipvs_table = true;
  return profile;
}

/// "keepalived" or "vipdrift"; nullopt otherwise.
constexpr std::optional<Profile> profile_named(std::string_view name) {
  if (name == "keepalived") return keepalived_profile();
  if (name == "vipdrift") return vipdrift_profile();
  return std::nullopt;
}

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_PROFILE_H_
