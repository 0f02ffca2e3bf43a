#include "tools/vipdrift/comparison_printer.h"

#include <fmt/format.h>

#include <cstdio>

namespace vipdrift::tools {

void ComparisonPrinter::print(const scenarios::WorldComparison& comparison) {
  const bool agree = comparison.agree();
  if (!comparison.all_ran()) {
    ++incomplete_;
  } else if (agree) {
    ++agree_;
  } else {
    ++differ_;
  }
  if (detail_ == Detail::nothing) return;
  print_diagnostics(comparison);
  fmt::print("{}\n", detail_ == Detail::events ? scenarios::render_comparison(comparison, style_)
                                               : scenarios::render_agreement(comparison, style_));
  std::fflush(stdout);
}

void ComparisonPrinter::print_diagnostics(const scenarios::WorldComparison& comparison) {
  for (const scenarios::ScenarioReport* report : comparison.worlds) {
    for (const config::Diagnostic& diagnostic : report->diagnostics) {
      if (!told_.insert(diagnostic.to_string()).second) continue;
      fmt::print("{}", scenarios::render_diagnostics({diagnostic}, style_));
    }
  }
}

void ComparisonPrinter::print_summary() const {
  if (detail_ == Detail::nothing) return;
  const std::size_t total = agree_ + differ_ + incomplete_;
  fmt::print("{} scenario{}: worlds agree in {}, differ in {}, and {} did not run in each\n", total,
             total == 1 ? "" : "s", agree_, differ_, incomplete_);
}

}  // namespace vipdrift::tools
