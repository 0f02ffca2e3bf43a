// Traps that are in the configurations themselves: in one of them, or in several on one wire. Nothing need fail.
#ifndef VIPDRIFT_ANALYSIS_TRAPS_H_
#define VIPDRIFT_ANALYSIS_TRAPS_H_

#include <span>
#include <vector>

#include "analysis/finding.h"

namespace vipdrift::analysis {

/// Also of one director alone. A director's own addresses are known only as far as known_addresses() goes, and two
/// wires are told apart by the names of interfaces.
std::vector<Finding> find_traps(std::span<const Director> directors);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_TRAPS_H_
