// How to see what follows from what the files say: for findings that no failure was tried for.
#ifndef VIPDRIFT_ANALYSIS_CAUSE_DEMONSTRATIONS_H_
#define VIPDRIFT_ANALYSIS_CAUSE_DEMONSTRATIONS_H_

#include <span>

#include "analysis/finding.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::analysis {

/// Gives a demonstration to each of `findings` that has none and whose consequence the core can show: settings that
/// differ take that of the exhaustion, which is among `findings`; for the others a part of the cluster is played. What
/// follows from a shared VRID may be nothing that clients see: then there is none.
void demonstrate_causes(std::span<const Director> directors, std::span<Finding> findings, const vrrp::Profile& profile);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_CAUSE_DEMONSTRATIONS_H_
