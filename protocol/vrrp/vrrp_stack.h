// All virtual routers of one director: the only door for inputs and deadlines.
//
//   VrrpStack stack{configuration, host_facts, profile};
//   stack.step(now, Started{}, actions);   // carry out the actions, in order
//   ... stack.step(now, event, actions);   // a packet, a script's result, DeadlineReached at next_deadline() ...
#ifndef VIPDRIFT_PROTOCOL_VRRP_VRRP_STACK_H_
#define VIPDRIFT_PROTOCOL_VRRP_VRRP_STACK_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/deadline_index.h"
#include "protocol/track/process_tracker.h"
#include "protocol/track/script_tracker.h"
#include "protocol/vrrp/action.h"
#include "protocol/vrrp/event.h"
#include "protocol/vrrp/failures.h"
#include "protocol/vrrp/host_facts.h"
#include "protocol/vrrp/profile.h"
#include "protocol/vrrp/stack_plan.h"
#include "protocol/vrrp/virtual_router.h"

namespace vipdrift::vrrp {

/// A value: a copy is a universe of its own that shares only the immutable plan.
class VrrpStack {
 public:
  /// `configuration` has passed the parser. Interfaces that `host` lacks leave their instances in FAULT.
  VrrpStack(std::shared_ptr<const config::Configuration> configuration, HostFacts host, Profile profile);

  /// Takes one event and appends what the world must do. `now` never runs backwards (asserted). Never fails; the
  /// advertisement path does not allocate once `actions` has its memory.
  void step(TimePoint now, const Event& event, ActionList& actions);

  /// The same for the two commonest events, without a variant around them: for an advertisement in a third of the time,
  /// since one that a Backup has just heard in the very same words is not judged again.
  void step(TimePoint now, const DatagramReceived& datagram, ActionList& actions);
  void step(TimePoint now, const DeadlineReached& deadline, ActionList& actions);

  /// When to call step(DeadlineReached); kNever when nothing is due. With many instances it may be earlier than
  /// anything is really due, never later. Input that is already waiting should be stepped first.
  TimePoint next_deadline() const { return std::min(deadlines_.earliest(), chores_); }

  std::span<const VirtualRouter> routers() const { return routers_; }
  /// The router of that instance name, or nullptr.
  const VirtualRouter* find(std::string_view instance) const;
  const config::Configuration& configuration() const { return *plan_->configuration; }
  const Profile& profile() const { return plan_->profile; }
  /// Datagrams whose VRID no instance has on their interface.
  std::uint64_t unknown_vrids() const { return unknown_vrids_; }
  track::Health script_health(ScriptId script) const { return scripts_[script.value].result.health(); }

  /// Equal states at equal absolute times. Counters and log limits are not state.
  friend bool operator==(const VrrpStack& a, const VrrpStack& b);
  /// A hash over time left: two stacks that will behave alike from their `now` on hash alike.
  std::uint64_t hash(TimePoint now) const;
  /// Whether both will behave alike, each from its own moment on.
  static bool same_future(const VrrpStack& a, TimePoint now_a, const VrrpStack& b, TimePoint now_b);

 private:
  enum class Phase : std::uint8_t { created, running, stopping, stopped };
  /// Instances that change state together: a sync group, or one instance alone.
  struct Unit {
    std::vector<std::uint32_t> members;
    std::optional<GroupId> group;
  };
  /// A link's change that has not lasted long enough to count.
  struct LinkChange {
    InterfaceId interface;
    bool up = false;
    TimePoint at;
  };

  std::uint32_t receiver_of(const DatagramReceived& datagram) const {
    return plan_->find_instance(datagram.interface, datagram.source.family(), peek_vrid(datagram));
  }
  void judge(TimePoint now, const DatagramReceived& datagram, ActionList& actions);
  void on(const DatagramReceived& datagram, const Context& context);
  void on(const DeadlineReached& event, const Context& context);
  void on(const Started& event, const Context& context);
  void on(const LinkChanged& event, const Context& context);
  void on(const AddressChanged& event, const Context& context);
  void on(const ScriptFinished& event, const Context& context);
  void on(const FileChanged& event, const Context& context);
  void on(const ProcessCountChanged& event, const Context& context);
  void on(const ConfigurationLoaded& event, const Context& context);
  void on(const StopRequested& event, const Context& context);
  void on(const ActionFailed& event, const Context& context);
  void on(const InterfaceAppeared& event, const Context& context);
  void on(const InterfaceVanished& event, const Context& context);
  void on(const RouteRemoved& event, const Context& context);
  void on(const RuleRemoved& event, const Context& context);
  void on(const VirtualMacRemoved& event, const Context& context);
  void on(const QuorumChanged& event, const Context& context);

  // Deadlines.
  void run_routers(const Context& context);
  void run_scripts(const Context& context);
  void run_processes(const Context& context);
  void refresh_chores();
  void refresh_deadline(std::uint32_t index) { deadlines_.set(index, routers_[index].deadline(), now_); }

  // Transitions that sync groups share.
  Unit unit_of(std::uint32_t index) const;
  void claim_mastership(std::uint32_t index, const Context& context);
  void yield_mastership(std::uint32_t index, const Context& context);
  void answer_for_group(std::uint32_t index, const Context& context);
  /// Starts, faults or recovers the members of a unit, as their causes say.
  void evaluate(const Unit& unit, const Context& context);
  void evaluate_all(const Context& context);
  void settle_group(const Unit& unit, std::string_view direction, bool moved_siblings, const Context& context);

  // Tracking.
  void refresh_tracking(TrackReference::Kind kind, std::uint32_t index, const Context& context);
  void refresh_contribution(std::uint32_t router, const Context& context);
  track::Contribution contribution_of(const TrackReference& reference) const;
  int pending_of(std::uint32_t router) const;
  track::Health interface_health(std::uint32_t interface) const;

  // The host.
  void refresh_facts(std::uint32_t router);
  void notice_loss(const AddressChanged& event, const std::string& interface, const Context& context);
  IpAddress choose_source(const InstancePlan& plan) const;
  InterfaceFacts* find_live(InterfaceId interface);
  const InterfaceFacts* find_live(InterfaceId interface) const;
  void host_has_changed(const Context& context);
  void resolve_interfaces(const Context& context);
  Duration link_delay(const InterfaceFacts& interface, bool up) const;
  void set_link(InterfaceId interface, bool up, const Context& context);
  void settle_links(const Context& context);
  void lose_possession(std::uint32_t index, std::string_view what, const Context& context);
  void mind_statics(const IpAddress& address, const Context& context);
  void mind_group(const std::string& name, const std::string& what, const Context& context);
  void add_statics(const Context& context) const;
  void remove_statics(const StackPlan& old, const config::Configuration* kept, const Context& context) const;
  bool may_adopt(std::uint32_t router) const;
  void remove_leftovers(const Context& context);
  std::string about(const ActionFailed& event) const;
  void run_failures(const Context& context);

  // Reload.
  void hand_over(std::vector<VirtualRouter>& old_routers, const Context& before, const Context& renewed);
  void unite_groups(const Context& context);
  void carry_over_quorums(const StackPlan& old_plan);
  void carry_over_trackers(const StackPlan& old_plan, std::vector<track::ScriptTracker> old_scripts,
                           const Context& context);

  template <class Sink>
  void describe_state(TimePoint now, Sink sink) const;

  std::shared_ptr<const StackPlan> plan_;
  std::vector<VirtualRouter> routers_;
  DeadlineIndex deadlines_;
  TimePoint chores_ = kNever;  ///< scripts, processes, the end of the stop
  TimePoint now_ = TimePoint::min();
  TimePoint started_at_ = kNever;
  TimePoint ready_at_ = TimePoint::min();  ///< the end of vrrp_startup_delay
  TimePoint stop_at_ = kNever;
  Phase phase_ = Phase::created;
  std::vector<InterfaceFacts> interfaces_;
  std::vector<LinkChange> settling_;
  Failures failures_;
  std::vector<track::ScriptTracker> scripts_;
  std::vector<std::int64_t> file_values_;
  std::vector<track::ProcessTracker> processes_;
  std::vector<bool> lost_quorums_;  ///< by VirtualServerId
  std::vector<std::optional<State>> group_states_;
  std::uint64_t unknown_vrids_ = 0;
};

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_VRRP_STACK_H_
