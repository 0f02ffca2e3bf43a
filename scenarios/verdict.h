// Whether what was seen is what was expected: judged from the timeline alone, so every world is judged alike.
#ifndef VIPDRIFT_SCENARIOS_VERDICT_H_
#define VIPDRIFT_SCENARIOS_VERDICT_H_

#include <cstddef>
#include <cstdint>
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
  bool held = false;
  std::string expected;            ///< "10.1.10.7 on lvs2 within 3.7s of 20s"
  std::string seen;                ///< "it was on lvs2 from 23.609375s"
  std::optional<Duration> at;      ///< the moment that decided
  std::optional<Duration> margin;  ///< distance from the bound; negative: missed by so much
  Slice around;                    ///< observations near `at`, to be shown with a failure
};

struct Verdict {
  std::vector<Judgement> judgements;  ///< expectations in file order, then invariants

  std::size_t failed() const;
  bool held() const { return failed() == 0; }
};

/// Judges every expectation and invariant of `scenario`. `timeline` is in order of time.
Verdict judge(const Scenario& scenario, const Timeline& timeline);

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_VERDICT_H_
