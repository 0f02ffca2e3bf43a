// What is wrong with who holds the addresses in the combinations of an enumeration.
#ifndef VIPDRIFT_ANALYSIS_JUDGEMENT_H_
#define VIPDRIFT_ANALYSIS_JUDGEMENT_H_

#include <cstddef>
#include <span>
#include <vector>

#include "analysis/enumeration.h"
#include "analysis/finding.h"

namespace vipdrift::analysis {

/// One finding a rule and virtual router, with the smallest combination that shows it. The virtual routers of
/// the enumeration stand for so many others each, in their order.
std::vector<Finding> judge(const Enumeration& enumeration, std::span<const std::size_t> likes);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_JUDGEMENT_H_
