// Everything that may fail on a director, with what fails alike folded together.
#ifndef VIPDRIFT_ANALYSIS_FAILURES_H_
#define VIPDRIFT_ANALYSIS_FAILURES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "analysis/demonstration.h"
#include "analysis/rehearsal.h"

namespace vipdrift::analysis {

/// Failures with the same effect on every instance: it only matters how many of them there are.
struct FailureClass {
  std::vector<Failure> members;
};

/// Of the objects that the instances of a director track, and the interfaces that they live on.
std::vector<FailureClass> failure_classes(const vrrp::VrrpStack& stack);

/// "chk_httpd", "interface eth0", "quorum of [10.1.10.7]:80 TCP"
std::string failure_text(const Rehearsal& rehearsal, std::size_t director, const Failure& failure);

/// The same for somebody who plays it; its director is not said.
Fault fault_of(const Rehearsal& rehearsal, std::size_t director, const Failure& failure);

/// One director of a combination.
struct DirectorState {
  bool up = true;
  std::vector<std::uint32_t> failing;  ///< of each class so many, the first ones
  std::uint32_t failures = 0;          ///< in all; a director that is down is one
};

/// The states of a director, those with fewest failures first: all, or all with at most so many failures that there are
/// no more than `most` (but no failure and each single one, in any case).
std::vector<DirectorState> director_states(const std::vector<FailureClass>& classes, std::size_t most);

/// How many there are when failures of equal effect are only counted (`folded`), and one by one. At most 2^63.
struct StateCount {
  std::uint64_t folded = 0;
  std::uint64_t possible = 0;
};
StateCount count_states(const std::vector<FailureClass>& classes);
/// a x b and a + b, at most 2^63.
std::uint64_t bounded_product(std::uint64_t a, std::uint64_t b);
std::uint64_t bounded_sum(std::uint64_t a, std::uint64_t b);

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_FAILURES_H_
