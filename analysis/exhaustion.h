// Who holds each address in every combination of failures, as the core itself decides.
#ifndef VIPDRIFT_ANALYSIS_EXHAUSTION_H_
#define VIPDRIFT_ANALYSIS_EXHAUSTION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::analysis {

struct ExhaustionOptions {
  vrrp::Profile profile = vrrp::keepalived_profile();
  /// Combinations that are looked at, those with fewest failures first.
  std::uint64_t most_visits = 20'000;
  bool keep_rows = false;  ///< for a table
};

/// One combination: what fails, and who holds the addresses of each virtual router then.
struct ExhaustionRow {
  std::string failures;              ///< "nothing", "lvs1: chk_httpd; lvs2 is down"
  std::vector<std::string> holders;  ///< by column: "lvs1", "nobody", "lvs1 and lvs2"; "lvs1 or lvs2" by history
};

struct Exhaustion {
  std::vector<std::string> virtual_routers;  ///< columns of `rows`: "VI_1 (10.1.10.7)", "VI_3 (10.2.0.1) and 9 like it"
  std::vector<Finding> findings;    ///< one a rule and virtual router, with the smallest combination that shows it
  std::vector<ExhaustionRow> rows;  ///< with keep_rows
  std::uint64_t visited = 0;   ///< of all components together, as the next two
  std::uint64_t folded = 0;    ///< how many there are when failures of equal effect are only counted
  std::uint64_t possible = 0;  ///< how many there are at all; the greatest number when there are more
};

/// Virtual routers that do not move together are looked at apart, and of several that are alike one stands for all.
/// Each director is up or down, each script, interface, file, process and quorum that it tracks is well or not. The
/// cluster is at peace, whichever director began first; then all that a combination says fails at the same moment, and
/// what is so after settling_time() counts.
Exhaustion exhaust(std::span<const Director> directors, const ExhaustionOptions& options = {});

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_EXHAUSTION_H_
