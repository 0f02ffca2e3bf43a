#include "tools/vipdrift/timing_report.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <nlohmann/json.hpp>

#include "analysis/words.h"
#include "scenarios/text_columns.h"

namespace vipdrift::tools {
namespace {

using scenarios::padded;
using scenarios::paint;

using Cells = std::array<std::string, 4>;

Cells cells_of(const analysis::TimingRow& row) {
  return {row.event, row.worst ? row.from + " to " + row.to : row.to == "nobody" ? "to nobody" : "stays on " + row.to,
          row.worst ? analysis::seconds_text(*row.worst) : "-", row.formula};
}

}  // namespace

std::string render_timing(std::span<const analysis::TimingRow> rows, const scenarios::TextStyle& style) {
  std::array<std::size_t, 4> widths{4, 5, 8, 0};
  for (const analysis::TimingRow& row : rows) {
    const Cells cells = cells_of(row);
    for (std::size_t i = 0; i + 1 < cells.size(); ++i) widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string text;
  std::string router;
  for (const analysis::TimingRow& row : rows) {
    if (row.virtual_router != router) {
      router = row.virtual_router;
      text += (text.empty() ? "" : "\n") + paint(padded(router, widths[0] + 2) + "  " + padded("moves", widths[1]) +
                                                     "  " + padded("at worst", widths[2]) + "  made of",
                                                 scenarios::kBold, style) +
              "\n";
    }
    const Cells cells = cells_of(row);
    const std::string line = "  " + padded(cells[0], widths[0]) + "  " + padded(cells[1], widths[1]) + "  " +
                             padded(cells[2], widths[2]) + "  " + cells[3];
    text += paint(line.substr(0, line.find_last_not_of(' ') + 1), row.worst ? "" : scenarios::kDim, style) + "\n";
  }
  return text;
}

nlohmann::ordered_json timing_json(std::span<const analysis::TimingRow> rows) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const analysis::TimingRow& row : rows) {
    list.push_back({{"virtual_router", row.virtual_router},
                    {"event", row.event},
                    {"return", row.is_return},
                    {"from", row.from},
                    {"to", row.to},
                    {"worst_ns", row.worst ? nlohmann::ordered_json(row.worst->count()) : nlohmann::ordered_json()},
                    {"formula", row.formula}});
  }
  return list;
}

}  // namespace vipdrift::tools
