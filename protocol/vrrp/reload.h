// What stays the same when a configuration is loaded while instances run (SIGHUP).
#ifndef VIPDRIFT_PROTOCOL_VRRP_RELOAD_H_
#define VIPDRIFT_PROTOCOL_VRRP_RELOAD_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "protocol/config/configuration.h"
#include "protocol/vrrp/stack_plan.h"

namespace vipdrift::vrrp {

/// For each instance of the plan before, the position of the one in the plan after that goes on with its state: the
/// one that is the same on the wire, whatever its name. nullopt: it leaves.
std::vector<std::optional<std::uint32_t>> heirs_of(std::span<const InstancePlan> before,
                                                   std::span<const InstancePlan> after);

/// Whether `after` keeps the result that `before` has. Else it counts as up until its first run says otherwise.
bool keeps_result(const config::VrrpScript& before, const config::VrrpScript& after);

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_RELOAD_H_
