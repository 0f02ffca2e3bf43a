// A run for people: the timeline as aligned lines, and the verdict. `scenarios/swim_lane.h` draws who held what.
#ifndef VIPDRIFT_SCENARIOS_REPORT_TEXT_H_
#define VIPDRIFT_SCENARIOS_REPORT_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "scenarios/report.h"
#include "scenarios/scenario.h"
#include "scenarios/timeline.h"
#include "scenarios/verdict.h"

namespace vipdrift::scenarios {

enum class Colour : std::uint8_t { never, always };

/// How a timeline shows the requests of clients.
enum class Requests : std::uint8_t { each, runs /**< those that went alike in one line */ };

struct TextStyle {
  Colour colour = Colour::never;  ///< ANSI escapes: by state in the timeline, by outcome in the verdict
  std::size_t width = 100;        ///< columns of the swim lane
  Requests requests = Requests::each;
};

/// One line an observation, or a run of requests: time, node, event. Every line ends in a newline.
std::string render_timeline(const Timeline& timeline, const TextStyle& style);
/// The same for a part of it, as a failed judgement shows it.
std::string render_timeline(const Timeline& timeline, Slice part, const TextStyle& style);

/// One line a judgement ("ok", "FAILED", "unseen"), with what was seen; failures with the timeline around them.
std::string render_verdict(const Verdict& verdict, const Timeline& timeline, const TextStyle& style);

/// Diagnostics as the compiler-like lines of Diagnostic::to_string().
std::string render_diagnostics(const std::vector<config::Diagnostic>& diagnostics, const TextStyle& style);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_REPORT_TEXT_H_
