// The state machine of one virtual router on one director (RFC 9568, 6.4; keepalived's vrrp_instance).
//
// A router decides for itself what a packet or a deadline means, but not whether it may change its state: sync
// groups move together. So receive() and fire() tell an Outcome, and the stack calls the transitions.
#ifndef VIPDRIFT_PROTOCOL_VRRP_VIRTUAL_ROUTER_H_
#define VIPDRIFT_PROTOCOL_VRRP_VIRTUAL_ROUTER_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "protocol/base/boxed.h"
#include "protocol/base/time.h"
#include "protocol/track/contribution.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/advertisement.h"
#include "protocol/vrrp/announcer.h"
#include "protocol/vrrp/last_heard.h"
#include "protocol/vrrp/stack_plan.h"

namespace vipdrift::vrrp {

/// What every method that acts needs: the moment, the plan, and where actions go.
struct Context {
  TimePoint now;
  const StackPlan& plan;
  ActionList& actions;
};

/// Why an instance is in FAULT: independent causes, gone only when all are gone.
struct FaultCauses {
  int trackers = 0;  ///< tracked objects of weight 0 that are down
  bool interface_down = false;
  bool no_source_address = false;
  bool no_macvlan = false;  ///< the kernel refuses the interface of use_vmac

  bool any() const { return trackers > 0 || interface_down || no_source_address || no_macvlan; }
  friend bool operator==(const FaultCauses&, const FaultCauses&) = default;
};

/// For the record: no decision reads it.
struct RouterStatistics {
  std::uint64_t received = 0;  ///< accepted by examine()
  std::uint64_t sent = 0;
  std::uint64_t became_master = 0;
  std::uint64_t released_master = 0;
  std::uint64_t priority_zero_received = 0;
  std::uint64_t priority_zero_sent = 0;
  Boxed<std::array<std::uint64_t, kDiscardCount>> discards{};  ///< by reason; most instances discard nothing
  TimePoint last_transition = TimePoint::min();                ///< when the state changed last
};

class VirtualRouter {
 public:
  struct Initialize {
    friend bool operator==(const Initialize&, const Initialize&) = default;
  };
  struct Backup {
    TimePoint master_down;
    /// What keepalived would have in its stored timer: the full interval, a remainder, or a skew time (Q3).
    Duration stored_timer{};
    std::optional<TimePoint> preempt_delay_end;
    bool holds_leftovers = false;  ///< Profile::adopts_leased_addresses: until somebody speaks
    LastHeard last{};              ///< for repeats()

    friend bool operator==(const Backup&, const Backup&) = default;
  };
  struct Master {
    TimePoint next_advertisement;
    TimePoint last_advertisement;
    TimePoint lease_renewal = kNever;
    TimePoint lease_end = kNever;  ///< when the kernel removes what was not renewed
    int highest_other_priority = 0;
    Announcer announcer;

    friend bool operator==(const Master&, const Master&) = default;
  };
  struct Fault {
    friend bool operator==(const Fault&, const Fault&) = default;
  };

  enum class Outcome : std::uint8_t {
    stay,
    met_loser,    ///< Master: a worse one speaks; the sync group's other members announce too
    yield,        ///< Master: a better one speaks
    master_down,  ///< Backup: nobody speaks
    starved,      ///< Master that could not advertise in time (timer_expired_backup)
    lease_lost,   ///< Master that slept while its addresses ran out
  };

  struct StartConditions {
    TimePoint timers_from;            ///< the end of vrrp_startup_delay
    bool waited_for_scripts = false;  ///< the log line then lacks "(init)"
    bool may_head_for_master = true;  ///< false: a sync group with a member that is no owner
    bool holds_leftovers = false;     ///< the addresses of a predecessor that died a moment ago are all there
  };

  VirtualRouter(const InstancePlan& plan, const Profile& profile);

  State state() const { return static_cast<State>(state_.index()); }
  int effective_priority() const { return effective_priority_; }
  /// Configured priority and contributions, before the clamp.
  int total_priority() const { return total_priority_; }
  const FaultCauses& faults() const { return faults_; }
  const RouterStatistics& statistics() const { return statistics_; }
  const InstancePlan& plan() const { return *plan_; }
  bool wants_master() const { return wants_master_; }
  /// Address and priority of the last master that was heard; unspecified when none was.
  const IpAddress& master_address() const { return master_address_; }
  int master_priority() const { return master_priority_; }
  /// The interval this router's master-down interval is made of.
  Duration master_interval() const { return master_interval_; }
  Duration master_down_interval() const { return master_down_interval_; }
  TimePoint deadline() const {
    if (const Backup* backup = std::get_if<Backup>(&state_)) return backup->master_down;
    if (const Master* master = std::get_if<Master>(&state_)) {
      return std::min({master->next_advertisement, master->lease_renewal, master->announcer.deadline()});
    }
    return kNever;
  }

  // ---- inputs
  /// Whether `datagram` is what this Backup accepted last, and nothing has happened to it since. Then it is dealt with:
  /// receive() would do the same, and nothing else, in three times the time.
  bool repeats(const Datagram& datagram, TimePoint now) {
    Backup* const backup = std::get_if<Backup>(&state_);
    if (backup == nullptr || !backup->last.is_repeated_by(datagram)) return false;
    ++statistics_.received;
    wants_master_ = false;
    backup->stored_timer = master_down_interval_;
    backup->master_down = now - datagram.age + master_down_interval_;
    return true;
  }
  Outcome receive(const Datagram& datagram, const Context& context);
  Outcome fire(const Context& context);
  void set_contribution(const track::Contribution& contribution, const Context& context);
  void set_interface_down(bool down) { faults_.interface_down = down; }
  void set_macvlan_missing(bool missing) { faults_.no_macvlan = missing; }
  void set_source(const IpAddress& source);
  const IpAddress& source() const { return source_; }
  void set_wants_master(bool wants) { wants_master_ = wants; }
  /// The other members of the sync group are not ready: wait another master-down interval.
  void wait_for_group(const Context& context);
  /// A sync group's sibling met a rival; announce too.
  void announce_for_group(const Context& context);

  // ---- transitions
  /// From Initialize to Backup; an address owner that may is Master a microsecond later.
  void start(const StartConditions& conditions, const Context& context);
  void become_master(const Context& context);
  void become_backup(const Context& context);
  void become_fault(const Context& context);
  /// From Fault, when no cause is left.
  void recover(const Context& context);
  /// An address, route or rule of ours was taken from the kernel: say goodbye, and come back after a skew time.
  void lose_possession(std::string_view what, const Context& context);
  /// The daemon slept so long that the kernel has removed the addresses: somebody else may be Master by now.
  void lose_lease(const Context& context);
  bool lease_is_over(TimePoint now) const {
    const Master* master = std::get_if<Master>(&state_);
    return master != nullptr && master->lease_end <= now;
  }
  /// The kernel had refused something: Master asks for everything again, others for the removal of everything.
  void repeat_requests(const Context& context);
  /// Makes the macvlans whose interfaces are there.
  void make_macvlans(const Context& context) const;
  /// Removes the addresses that a predecessor has left, and its routes and rules.
  void remove_leftovers(const Context& context);
  /// The daemon stops, or the instance is deleted by a reload.
  void leave(NotifyState told, const Context& context);

  // ---- reload
  /// Before inherit(): what `old`, the same virtual router under the configuration before, has and this has not goes.
  void drop_surplus(const VirtualRouter& old, const Context& context) const;
  /// Takes over the running state of `old`.
  void inherit(const VirtualRouter& old, const Context& context);
  /// The same instance in a plan made anew, because the host's interfaces have changed.
  void rebind(const InstancePlan& plan, const Profile& profile);
  /// A Master advertises just before the configuration changes.
  void advertise_if_master(const Context& context);

  /// Equal state; counters are not state.
  friend bool operator==(const VirtualRouter& a, const VirtualRouter& b) {
    return a.state_ == b.state_ && a.total_priority_ == b.total_priority_ && a.faults_ == b.faults_ &&
           a.source_ == b.source_ && a.master_interval_ == b.master_interval_ &&
           a.master_address_ == b.master_address_ && a.master_priority_ == b.master_priority_ &&
           a.wants_master_ == b.wants_master_ && a.last_notified_ == b.last_notified_ &&
           (a.plan_ == b.plan_ || *a.plan_->config == *b.plan_->config);
  }

  /// Feeds everything that decides the future to `sink(std::int64_t)`, times as time left at `now`.
  template <class Sink>
  void describe_state(TimePoint now, Sink sink) const;

 private:
  void log_lower_priority(const Advertisement& advertisement, const IpAddress& from, const Context& context) const;
  Outcome receive_in_backup(const Advertisement& advertisement, const Datagram& datagram, Backup& backup,
                            const Context& context);
  Outcome receive_in_master(const Advertisement& advertisement, const IpAddress& from, Master& master,
                            const Context& context);
  void meet_loser(const Advertisement& advertisement, const IpAddress& from, Master& master, const Context& context);
  void discard(Discard reason, const Datagram& datagram, const Context& context);
  bool accepts_lower(Backup& backup, const Context& context);
  void end_preempt_delay(Backup& backup, const Context& context);

  /// Others have waited for our advertisement for so long that one of them may be Master.
  bool is_starved(const Master& master, const Context& context) const;
  void enter_backup(Duration timer, const Context& context);
  void send_advertisement(int priority, const Context& context);
  void add_possessions(const Context& context) const;
  void remove_possessions(const Context& context) const;
  void add_addresses(const Context& context) const;
  void remove_address(const PlannedAddress& planned, const Context& context) const;
  void release_leftovers(Backup& backup, const Context& context);
  void inherit_mastership(const VirtualRouter& old, const Context& context);
  void begin_lease(Master& master, const Context& context) const;
  void learn_interval(Duration interval, const Context& context);
  void use_interval(Duration interval);
  void reset_interval() { use_interval(plan_->config->advert_int); }
  void update_master_down_interval();
  void shift_backup_deadline(Duration skew_before, const Context& context);
  Duration skew() const;
  Duration lease() const;
  void change_state(State from, const Context& context);
  void notify(NotifyState told, const Context& context);
  void log(const Context& context, std::string_view text) const;
  bool first_time(unsigned bit);
  /// The next advertisement is to be judged, whatever it is.
  void forget_last() {
    if (Backup* const backup = std::get_if<Backup>(&state_)) backup->last.forget();
  }

  const InstancePlan* plan_;
  const Profile* profile_;
  std::variant<Initialize, Backup, Master, Fault> state_;
  Duration master_interval_;
  Duration master_down_interval_;
  int effective_priority_;
  int total_priority_;
  int master_priority_ = 0;
  FaultCauses faults_;
  IpAddress source_;
  IpAddress master_address_;
  bool wants_master_ = false;
  std::optional<NotifyState> last_notified_;
  std::uint32_t logged_ = 0;   ///< kinds of complaint already logged in this state
  int message_priority_ = -1;  ///< what message_ was encoded for; -1: nothing
  std::vector<std::uint8_t> message_;
  RouterStatistics statistics_;
};

/// What to ask of the kernel for an address; `instance` absent: a static one.
AddAddress request_for(const PlannedAddress& planned, std::optional<InstanceId> instance);

template <class Sink>
void VirtualRouter::describe_state(TimePoint now, Sink sink) const {
  const auto left = [&](TimePoint time) { sink(time == kNever ? -1 : (time - now).count()); };
  sink(static_cast<std::int64_t>(state_.index()));
  sink(total_priority_);
  sink(faults_.trackers);
  sink(faults_.interface_down);
  sink(faults_.no_source_address);
  sink(faults_.no_macvlan);
  sink(master_interval_.count());
  sink(wants_master_);
  for (const std::uint8_t byte : source_.bytes()) sink(byte);
  if (const Backup* backup = std::get_if<Backup>(&state_)) {
    left(backup->master_down);
    sink(backup->stored_timer.count());
    left(backup->preempt_delay_end.value_or(kNever));
    sink(backup->holds_leftovers);
  } else if (const Master* master = std::get_if<Master>(&state_)) {
    left(master->next_advertisement);
    left(master->lease_renewal);
    left(master->lease_end);
    sink(master->highest_other_priority);
    master->announcer.for_each_deadline(left);
  }
}

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_VIRTUAL_ROUTER_H_
