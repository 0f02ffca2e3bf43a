// When a Master announces its addresses: gratuitous ARP (IPv4) and unsolicited neighbour advertisements (IPv6).
#ifndef VIPDRIFT_PROTOCOL_VRRP_ANNOUNCER_H_
#define VIPDRIFT_PROTOCOL_VRRP_ANNOUNCER_H_

#include <cstdint>

#include "protocol/base/time.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/stack_plan.h"

namespace vipdrift::vrrp {

/// The announcements that one Master still owes. Leaving MASTER drops it, and with it everything unsent.
class Announcer {
 public:
  /// The instance has become Master: a first block at once, a second after garp_master_delay, then refreshes.
  void start(TimePoint now, const InstancePlan& plan, const Profile& profile, ActionList& actions);
  /// A rival was met and is expected to yield.
  void answer_rival(TimePoint now, const InstancePlan& plan, const Profile& profile, ActionList& actions);
  /// One block at once, for addresses that came by reload.
  void announce_now(TimePoint now, const InstancePlan& plan, const Profile& profile, ActionList& actions);
  /// Everything due at `now`.
  void advance(TimePoint now, const InstancePlan& plan, ActionList& actions);
  TimePoint deadline() const { return earliest_; }

  /// Calls `sink(deadline)` for each, in a fixed order, for comparison over time left.
  template <class Sink>
  void for_each_deadline(Sink sink) const {
    for (const TimePoint time : {first_block_, second_block_, refresh_, lower_priority_, rival_, paced_}) sink(time);
    sink(TimePoint{Duration{paced_left_}});
  }

  friend bool operator==(const Announcer&, const Announcer&) = default;

 private:
  void refresh_earliest();
  void block(TimePoint now, int rounds, const InstancePlan& plan, ActionList& actions);

  TimePoint first_block_ = kNever;     ///< waiting for input to be read first
  TimePoint second_block_ = kNever;    ///< garp_master_delay
  TimePoint refresh_ = kNever;         ///< garp_master_refresh
  TimePoint lower_priority_ = kNever;  ///< garp_lower_prio_delay
  TimePoint rival_ = kNever;           ///< Profile::rival_announcement_repeat
  TimePoint paced_ = kNever;           ///< garp_interval, gna_interval: the next single packet
  TimePoint earliest_ = kNever;        ///< of the above
  std::int32_t paced_left_ = 0;        ///< packets of the blocks under way
  std::int32_t first_rounds_ = 0;
};

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_ANNOUNCER_H_
