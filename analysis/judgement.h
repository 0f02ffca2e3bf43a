// What is wrong with who holds the addresses in the combinations of an enumeration.
#ifndef VIPDRIFT_ANALYSIS_JUDGEMENT_H_
#define VIPDRIFT_ANALYSIS_JUDGEMENT_H_

#include <cstddef>
#include <vector>

#include "analysis/enumeration.h"
#include "analysis/finding.h"

namespace vipdrift::analysis {

/// One finding a rule and virtual router, with the smallest combination that shows it. Each virtual router stands for
/// `likes` others.
std::vector<Finding> judge(const Enumeration& enumeration, std::size_t likes);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_JUDGEMENT_H_
