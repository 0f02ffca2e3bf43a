// Parts of a cluster that do not touch each other, and parts that are alike: what need not be looked at twice.
#ifndef VIPDRIFT_ANALYSIS_COMPONENTS_H_
#define VIPDRIFT_ANALYSIS_COMPONENTS_H_

#include <cstddef>
#include <span>
#include <vector>

#include "analysis/finding.h"

namespace vipdrift::analysis {

/// Virtual routers that sync groups join, on whatever director. What happens to others makes no difference to them,
/// but through what they track.
struct Component {
  std::vector<std::size_t> routers;  ///< indices into virtual_routers(), ascending
  std::size_t likes = 0;             ///< how many others differ in nothing but names, VRIDs and addresses
};

/// One of each kind, in the order of their first virtual routers.
std::vector<Component> distinct_components(std::span<const Director> directors,
                                           std::span<const VirtualRouterSeats> routers);

/// A virtual router, and how many others differ from it in nothing but names, VRIDs and addresses, and move together
/// with it or, all of them, alone.
struct RouterKind {
  std::size_t router = 0;  ///< index into virtual_routers()
  std::size_t likes = 0;
};
/// One of each kind, in order.
std::vector<RouterKind> distinct_routers(std::span<const Director> directors,
                                         std::span<const VirtualRouterSeats> routers);

/// Of virtual routers that move together, those that must be looked at: of each kind, which may differ in the names of
/// interfaces and of what is tracked as well, two at most, and one where nothing of that differs. Two can fail apart
/// and together; a third adds nothing to that.
std::vector<RouterKind> members_apart(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
                                      std::span<const std::size_t> component);

/// The directors with nothing but the instances and groups of these virtual routers, and what they track.
std::vector<Director> restricted_to(std::span<const Director> directors, std::span<const VirtualRouterSeats> routers,
                                    std::span<const std::size_t> chosen);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_COMPONENTS_H_
