// What `vipdrift run` writes for people, scenario after scenario.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_RUN_PRINTER_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_RUN_PRINTER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>

#include "scenarios/report.h"
#include "scenarios/report_text.h"

namespace vipdrift::tools {

class RunPrinter {
 public:
  enum class Detail : std::uint8_t {
    nothing,
    hashes,    ///< one line a scenario: hash of the timeline, last draw, file
    outcome,   ///< one line a scenario; failures with the judgements and the timeline around them
    timeline,  ///< timeline, swim lane and verdict of each
  };
  /// Which observations a timeline shows.
  enum class Show : std::uint8_t {
    changes,     ///< what changed, and farewells
    everything,  ///< also advertisements, discards, script results, logs
  };

  RunPrinter(const scenarios::TextStyle& style, Detail detail, Show show)
      : style_(style), detail_(detail), show_(show) {}

  void print(const scenarios::ScenarioReport& report);
  /// How many held, and how fast time went by. Prints nothing for `nothing` and `hashes`.
  void print_summary() const;

 private:
  void print_outcome(const scenarios::ScenarioReport& report);
  void print_timeline(const scenarios::ScenarioReport& report);
  /// Configurations are shared by scenarios: what is wrong with them is said once.
  void print_diagnostics(const scenarios::ScenarioReport& report);
  void print_error(const scenarios::ScenarioReport& report) const;

  scenarios::TextStyle style_;
  Detail detail_;
  Show show_;
  std::set<std::string> told_;          ///< diagnostics already printed
  std::array<std::size_t, 4> count_{};  ///< scenarios by ExitStatus
  std::size_t judgements_ = 0;  ///< made
  std::size_t unseen_ = 0;      ///< not observable in their world
  bool in_real_time_ = false;   ///< some run was not simulated: there is no speed to speak of
  Duration simulated_{0};
  Duration wall_{0};  ///< sum over scenarios, so that parallel worlds do not flatter the ratio
  std::uint64_t events_ = 0;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_RUN_PRINTER_H_
