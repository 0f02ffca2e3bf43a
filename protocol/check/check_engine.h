// All health checks of one director, and the IPVS table that follows from them: the only door for inputs and deadlines.
//
//   CheckEngine engine{configuration, profile, seed};
//   engine.step(now, Started{...}, actions);   // carry out the actions, in order
//   ... engine.step(now, event, actions);      // a probe's end, DeadlineReached at next_deadline() ...
#ifndef VIPDRIFT_PROTOCOL_CHECK_CHECK_ENGINE_H_
#define VIPDRIFT_PROTOCOL_CHECK_CHECK_ENGINE_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "protocol/base/deadline_index.h"
#include "protocol/base/time.h"
#include "protocol/check/action.h"
#include "protocol/check/check_plan.h"
#include "protocol/check/checker.h"
#include "protocol/check/event.h"
#include "protocol/check/virtual_service.h"
#include "protocol/config/configuration.h"
#include "protocol/ipvs/table.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::check {

/// A value: a copy is a universe of its own that shares only the immutable plan.
///
/// What is never let go of: the table that the actions make of the kernel's is wanted() after every step; with
/// Profile::empties_pool_at_quorum_change unset, a pool that has servers before and after a step is never empty between
/// two of its edits.
class CheckEngine {
 public:
  /// `configuration` has passed the parser. `seed` places the first checks in their warm-up times.
  CheckEngine(std::shared_ptr<const config::Configuration> configuration, vrrp::Profile profile, std::uint64_t seed);

  /// Takes one event and appends what the world must do. `now` never runs backwards (asserted). Never fails.
  void step(TimePoint now, const Event& event, ActionList& actions);

  /// When to call step(DeadlineReached); kNever when nothing is due. It may be earlier than anything is really due,
  /// never later.
  TimePoint next_deadline() const { return deadlines_.earliest(); }

  /// What a StartProbe asks for. Valid until a configuration is loaded.
  const Probe& probe(CheckerId checker, std::uint32_t url) const {
    return plan_->checkers[checker.value].questions[url].probe;
  }

  /// The services of the configuration as they should be in the kernel now; empty before Started and after Stopped.
  ipvs::Table wanted() const;
  std::span<const VirtualService> services() const { return services_; }
  std::span<const Checker> checkers() const { return checkers_; }
  const CheckPlan& plan() const { return *plan_; }
  const config::Configuration& configuration() const { return *plan_->configuration; }

  /// Equal states at equal absolute times.
  friend bool operator==(const CheckEngine& a, const CheckEngine& b);
  /// A hash over time left: two engines that will behave alike from their `now` on hash alike.
  std::uint64_t hash(TimePoint now) const;

 private:
  enum class Phase : std::uint8_t { created, running, stopped };
  struct Context {
    TimePoint now;
    ActionList& actions;
  };

  void on(const Started& event, const Context& context);
  void on(const ProbeFinished& event, const Context& context);
  void on(const DeadlineReached& event, const Context& context);
  void on(const FileChanged& event, const Context& context);
  void on(const AddressChanged& event, const Context& context);
  void on(const TableRead& event, const Context& context);
  void on(const EditFailed& event, const Context& context);
  void on(const ConfigurationLoaded& event, const Context& context);
  void on(const StopRequested& event, const Context& context);

  void make_services(const ipvs::Table& found);
  void schedule_first(std::uint32_t checker, TimePoint now);
  void refresh(std::uint32_t checker, TimePoint now) {
    deadlines_.set(checker, checkers_[checker].deadline(), now);
  }
  void ask(std::uint32_t checker, const Context& context);
  void take(std::uint32_t checker, Checker::Change change, const Context& context);
  VirtualService::ServerState judge(const ServicePlan& service, std::uint32_t server) const;
  bool suspended(std::uint32_t service) const;
  /// Changes what `found` holds of the configured services into what is wanted; nothing else is touched.
  void mend(const ipvs::Table& found, const Context& context) const;
  void abandon_probes(const Context& context) const;
  /// What the engine was before a reload.
  struct Before {
    std::shared_ptr<const CheckPlan> plan;
    std::vector<Checker> checkers;
    std::vector<VirtualService> services;
  };
  void carry_over(const Before& before, const Context& context);
  void begin_checkers(const ServerPlan& server, TimePoint now);
  void carry_over_checkers(const Before& before, const ServerPlan& server, const ServerPlan& old, bool alive,
                           const Context& context);

  template <class Sink>
  void describe_state(TimePoint now, Sink sink) const;

  std::shared_ptr<const CheckPlan> plan_;
  std::vector<VirtualService> services_;
  std::vector<Checker> checkers_;
  DeadlineIndex deadlines_;
  std::vector<IpAddress> addresses_;  ///< of the host; sorted
  std::vector<std::int64_t> file_values_;
  std::uint64_t seed_;
  TimePoint now_ = TimePoint::min();
  Phase phase_ = Phase::created;
};

}  // namespace vipdrift::check

#endif  // VIPDRIFT_PROTOCOL_CHECK_CHECK_ENGINE_H_
