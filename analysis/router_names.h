// How findings and tables call a virtual router.
#ifndef VIPDRIFT_ANALYSIS_ROUTER_NAMES_H_
#define VIPDRIFT_ANALYSIS_ROUTER_NAMES_H_

#include <cstddef>
#include <span>
#include <string>

#include "analysis/finding.h"

namespace vipdrift::analysis {

/// "10.1.10.7", "10.1.10.7 and 10.1.10.8", "10.1.10.7, 10.1.10.8 and 9 more"; its name when it has no address.
std::string addresses_text(std::span<const Director> directors, const VirtualRouterSeats& router);

/// "VI_1 (10.1.10.7)", and of one that stands for others "VI_1 (10.1.10.7) and 9 like it".
std::string router_text(std::span<const Director> directors, const VirtualRouterSeats& router, std::size_t likes);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_ROUTER_NAMES_H_
