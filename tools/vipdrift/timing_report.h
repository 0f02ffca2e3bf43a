// The table of `vipdrift check --timing`.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_TIMING_REPORT_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_TIMING_REPORT_H_

#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "analysis/timing.h"
#include "scenarios/report_text.h"

namespace vipdrift::tools {

/// One line an event, under the name of its virtual router.
std::string render_timing(std::span<const analysis::TimingRow> rows, const scenarios::TextStyle& style);

/// [{"virtual_router", "event", "return", "from", "to", "worst_ns", "formula"}]; "worst_ns" is null where the addresses
/// stay.
nlohmann::ordered_json timing_json(std::span<const analysis::TimingRow> rows);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_TIMING_REPORT_H_
