// The same scenario in several worlds, side by side: where do they agree, and where do they first differ?
//
// Two worlds agree when each judgement that both can make has the same result, and when each virtual address had the
// same sequence of holders. Holders are looked at with the tolerance: a set of holders that lasted less than it may be
// missing in the other world (two masters for some milliseconds in a cold start, a gap between "removed" and "added").
#ifndef VIPDRIFT_SCENARIOS_COMPARISON_H_
#define VIPDRIFT_SCENARIOS_COMPARISON_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/net/ip_address.h"
#include "scenarios/report.h"
#include "scenarios/scenario.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {

/// Something worth comparing that happened in some of the worlds: a state, an address, a daemon, a client's answers.
struct KeyEvent {
  std::string node;
  std::string text;  ///< as in the timeline: "VI_1 MASTER"
  std::vector<std::optional<Duration>> at;  ///< per world; nullopt: it did not happen there
  bool step = false;                        ///< a step of the scenario, the same everywhere

  /// When it happened first in any of the worlds.
  Duration first() const;
  /// The time between its first and its last happening.
  Duration spread() const;
  bool missing_somewhere() const;
};

/// The key events of all worlds, in order of time. Events of the same kind are taken for the same one when they are
/// within `tolerance` of each other, or else when they are the next of their kind after the same step.
std::vector<KeyEvent> aligned(const std::vector<const Timeline*>& worlds, Duration tolerance);

/// The first event that is missing in a world or apart by more than `tolerance`; nullptr when there is none.
const KeyEvent* first_difference(const std::vector<KeyEvent>& events, Duration tolerance);

/// A set of directors whose kernels held an address, and for how long.
struct HoldersSpan {
  std::vector<std::string> directors;
  Duration from{0};
  Duration to{0};
  Duration length() const { return to - from; }
};

struct Holding {
  IpAddress vip;
  std::vector<HoldersSpan> spans;  ///< without gaps, from 0 to the end of the run
};

/// Who held each virtual address of the configurations.
std::vector<Holding> holdings(const Scenario& scenario, const Timeline& timeline);

/// "nobody, lvs1, lvs1+lvs2, lvs2": spans of at least `tolerance`.
std::string sequence_text(const std::vector<HoldersSpan>& spans, Duration tolerance);

/// Whether the two are one sequence when spans shorter than `tolerance` may be left out.
bool same_sequence(const std::vector<HoldersSpan>& a, const std::vector<HoldersSpan>& b, Duration tolerance);

/// One way in which two worlds do not agree.
struct Disagreement {
  enum class Kind : std::uint8_t { judgement, holders, no_run } kind{};
  std::string about;  ///< the judgement's text, or the address
  Place place;        ///< of the judgement
  std::string first;  ///< what was seen in the one world
  std::string second;
};

/// Two worlds of the same scenario. Both reports hold the scenario and a result.
struct Agreement {
  std::vector<Disagreement> disagreements;
  std::size_t compared = 0;  ///< judgements that both worlds made
  bool agree() const { return disagreements.empty(); }
};

Agreement agreement(const ScenarioReport& a, const ScenarioReport& b, Duration tolerance);

/// "sim/keepalived", "netns/keepalived/vipdriftd", "sim".
std::string world_label(const ScenarioReport& report);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_COMPARISON_H_
