// All virtual routers of one director: the only door for inputs and deadlines.
#ifndef VIPDRIFT_PROTOCOL_VRRP_VRRP_STACK_H_
#define VIPDRIFT_PROTOCOL_VRRP_VRRP_STACK_H_

#include <memory>

#include "protocol/vrrp/action.h"
#include "protocol/vrrp/event.h"
#include "protocol/vrrp/host_facts.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::vrrp {

class VrrpStack {
 public:
  VrrpStack(std::shared_ptr<const config::Configuration> configuration, HostFacts host, Profile profile);

  /// Takes one event and appends what the world must do. `now` never runs backwards.
  void step(TimePoint now, const Event& event, ActionList& actions);

  /// When to call step(DeadlineReached) at the latest; kNever when nothing is due.
  TimePoint next_deadline() const;
};

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_VRRP_STACK_H_
