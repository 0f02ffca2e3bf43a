// What `vipdrift run` writes for people when scenarios run in several worlds.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_COMPARISON_PRINTER_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_COMPARISON_PRINTER_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "scenarios/comparison_report.h"
#include "scenarios/report_text.h"

namespace vipdrift::tools {

class ComparisonPrinter {
 public:
  enum class Detail : std::uint8_t {
    nothing,
    outcome,  ///< who agrees, and what the others disagree about
    events,   ///< the table of events too
  };

  ComparisonPrinter(const scenarios::TextStyle& style, Detail detail) : style_(style), detail_(detail) {}

  void print(const scenarios::WorldComparison& comparison);
  void print_summary() const;

 private:
  /// Configurations are shared by scenarios and worlds: what is wrong with them is said once.
  void print_diagnostics(const scenarios::WorldComparison& comparison);

  scenarios::TextStyle style_;
  Detail detail_;
  std::set<std::string> told_;
  std::size_t agree_ = 0;
  std::size_t differ_ = 0;
  std::size_t incomplete_ = 0;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_COMPARISON_PRINTER_H_
