// What stays the same when a configuration is loaded while servers are checked (SIGHUP).
#ifndef VIPDRIFT_PROTOCOL_CHECK_RELOAD_H_
#define VIPDRIFT_PROTOCOL_CHECK_RELOAD_H_

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "protocol/check/check_plan.h"

namespace vipdrift::check {

/// The services of a plan by what the kernel knows them by: those of equal keys are the same.
std::map<std::vector<ipvs::ServiceKey>, std::uint32_t> services_by_keys(const CheckPlan& plan);

/// The servers of a service: those of equal keys are the same.
std::map<ipvs::ServerKey, std::uint32_t> servers_by_key(const ServicePlan& service);

/// The number of the check of `old`, a server of `before`, that goes on as `check`; nullopt: it begins anew.
std::optional<std::uint32_t> continued_check(const CheckPlan& before, const ServerPlan& old, const CheckerPlan& check);

}  // namespace vipdrift::check

#endif  // VIPDRIFT_PROTOCOL_CHECK_RELOAD_H_
