#include "protocol/config/report.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace vipdrift::config {

std::uint32_t Report::add_file(std::string name) {
  files_.push_back(std::move(name));
  return static_cast<std::uint32_t>(files_.size() - 1);
}

Place Report::place(Spot spot) const {
  return {.file = files_.empty() ? std::string{} : files_[spot.file], .line = spot.line, .column = spot.column};
}

void Report::error(RuleId rule, Spot spot, std::string message, std::string expected, std::string nearest) {
  ++errors_;
  add(Severity::error, rule, spot, std::move(message), std::move(expected), std::move(nearest));
}

void Report::warning(RuleId rule, Spot spot, std::string message, std::string expected, std::string nearest) {
  add(Severity::warning, rule, spot, std::move(message), std::move(expected), std::move(nearest));
}

void Report::add(Severity severity, RuleId rule, Spot spot, std::string message, std::string expected,
                 std::string nearest) {
  entries_.push_back(
      {spot, Diagnostic{severity, place(spot), std::move(message), std::move(expected), std::move(nearest), rule}});
}

std::vector<Diagnostic> Report::take() {
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.spot.file, a.spot.line, a.spot.column) < std::tie(b.spot.file, b.spot.line, b.spot.column);
  });
  std::vector<Diagnostic> diagnostics;
  for (Entry& entry : entries_) {
    if (diagnostics.empty() || diagnostics.back() != entry.diagnostic) {
      diagnostics.push_back(std::move(entry.diagnostic));
    }
  }
  entries_.clear();
  return diagnostics;
}

}  // namespace vipdrift::config
