// Several worlds of one scenario for people and for machines: events, verdicts, holders, and where they first differ.
#ifndef VIPDRIFT_SCENARIOS_COMPARISON_REPORT_H_
#define VIPDRIFT_SCENARIOS_COMPARISON_REPORT_H_

#include <string>
#include <vector>

#include "protocol/base/time.h"
#include "scenarios/report.h"
#include "scenarios/report_text.h"

namespace vipdrift::scenarios {

/// The worlds that one scenario was taken through, two or more, all judged to within `tolerance`.
struct WorldComparison {
  std::vector<const ScenarioReport*> worlds;
  Duration tolerance{0};

  /// Whether the same daemons agree in different worlds, and different daemons in the same world. One that did not run
  /// agrees with none.
  bool agree() const;
  bool all_ran() const;
};

/// Events of all worlds in one table, then verdicts, holders, outages, the first difference and who agrees.
std::string render_comparison(const WorldComparison& comparison, const TextStyle& style);

/// A line of outcome and the disagreements: for many scenarios.
std::string render_agreement(const WorldComparison& comparison, const TextStyle& style);

/// {"vipdrift": 1, "comparisons": [...]}: per scenario its worlds with their judgements, and every pair of worlds with
/// what they disagree about. Times are integers of nanoseconds.
std::string comparisons_json(const std::vector<WorldComparison>& comparisons);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_COMPARISON_REPORT_H_
