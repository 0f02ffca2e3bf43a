// What the configurations of directors that serve the same addresses must agree upon.
#ifndef VIPDRIFT_ANALYSIS_ACROSS_DIRECTORS_H_
#define VIPDRIFT_ANALYSIS_ACROSS_DIRECTORS_H_

#include <span>
#include <vector>

#include "analysis/finding.h"

namespace vipdrift::analysis {

/// Compares the instances of each virtual router, the sync groups and the virtual servers of all directors.
std::vector<Finding> compare_directors(std::span<const Director> directors);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_ACROSS_DIRECTORS_H_
