// Whether what was seen is what was expected: judged from the timeline alone, so every world is judged alike.
#ifndef VIPDRIFT_SCENARIOS_VERDICT_H_
#define VIPDRIFT_SCENARIOS_VERDICT_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {

/// Half-open range of positions in a timeline.
struct Slice {
  std::size_t begin = 0;
  std::size_t end = 0;
  friend bool operator==(const Slice&, const Slice&) = default;
};

/// One expectation or invariant, judged.
struct Judgement {
  enum class Kind : std::uint8_t { expectation, invariant } kind{};
  Place place;
  bool held = false;               ///< false, too, when it could not be judged
  std::string not_judged;          ///< why it cannot be judged in this world; empty: it was
  std::string expected;            ///< "10.1.10.7 on lvs2 within 3.7s of 20s"
  std::string seen;                ///< "it was on lvs2 from 23.609375s"
  std::optional<Duration> at;      ///< the moment that decided
  /// What was held against the bounds, when it came about at all: the moment from which it was so, the moment of the
  /// deciding event, the length of the longest outage.
  std::optional<Duration> measured;
  std::optional<Duration> margin;  ///< distance from the bound; negative: missed by so much
  Slice around;                    ///< observations near `at`, to be shown with a failure

  bool judged() const { return not_judged.empty(); }
  bool failed() const { return judged() && !held; }
};

struct Verdict {
  std::vector<Judgement> judgements;  ///< expectations in file order, then invariants
  Duration tolerance{0};              ///< by which every bound was widened

  std::size_t failed() const;
  std::size_t judged() const;
  /// What was judged held, and something was judged if anything was asked for.
  bool held() const { return failed() == 0 && !nothing_judged(); }
  /// Everything that was asked for is beyond what can be seen.
  bool nothing_judged() const { return judged() == 0 && !judgements.empty(); }
};

/// How a world sees.
struct Sight {
  Duration tolerance{0};  ///< how far off the times of observations may be, see tolerance.h
  /// Why a condition cannot be observed; nullopt when it can. An empty function: everything can.
  std::function<std::optional<std::string>(const Condition&)> cannot_see = {};
};

/// Judges every expectation and invariant of `scenario`. `timeline` is in order of time. What cannot be seen is neither
/// held nor failed. A client needs its answers to be seen for `client`, every other invariant the states of instances.
Verdict judge(const Scenario& scenario, const Timeline& timeline, const Sight& sight = {});

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_VERDICT_H_
