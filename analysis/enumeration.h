// Every combination of failures, played by the core: what became of each seat.
#ifndef VIPDRIFT_ANALYSIS_ENUMERATION_H_
#define VIPDRIFT_ANALYSIS_ENUMERATION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "analysis/demonstration.h"
#include "analysis/failures.h"
#include "analysis/finding.h"
#include "analysis/rehearsal.h"
#include "protocol/vrrp/profile.h"

namespace vipdrift::analysis {

/// What became of one seat in one combination.
struct SeatRecord {
  bool up = false;
  vrrp::State state{};
  bool faulty = false;
  bool link = false;  ///< its interface is up
  int priority = 0;   ///< effective
  int total = 0;      ///< before the clamp
};

/// One combination after one history: by director the index of its state, and the records of all seats, virtual router
/// by virtual router.
struct Visit {
  std::size_t combination = 0;
  std::vector<std::size_t> states;
  std::vector<SeatRecord> seats;
  std::uint32_t failures = 0;
  bool flaps = false;
};

/// All combinations of a few virtual routers, those with fewest failures first. `directors` outlive it.
class Enumeration {
 public:
  Enumeration(std::span<const Director> directors, const vrrp::Profile& profile, std::uint64_t most_visits);
  void run();

  std::span<const Director> directors() const { return directors_; }
  const std::vector<VirtualRouterSeats>& routers() const { return routers_; }
  /// Each combination so often as there are histories, one after the other.
  const std::vector<Visit>& visits() const { return visits_; }
  std::size_t histories() const { return peace_.size(); }
  std::size_t combinations() const { return combinations_; }
  /// How many there are, whether visited or not.
  StateCount count() const;

  /// How long it takes until all is settled.
  Duration settling() const { return settling_; }
  /// The director that began first before this visit.
  std::size_t begun_by(const Visit& visit) const {
    return static_cast<std::size_t>(&visit - visits_.data()) % histories();
  }
  std::vector<Fault> faults_of(const Visit& visit) const;
  /// What fails: "nothing", "lvs1: chk_httpd; lvs2 is down".
  std::string failing_text(const Visit& visit) const;
  /// The same in a sentence: "all is well", "chk_httpd fails on lvs1, and lvs2 is down".
  std::string failing_sentence(const Visit& visit) const;

 private:
  bool full() const { return combinations_ >= most_visits_; }
  void choose(std::uint32_t failures);
  void visit(const Rehearsal& history);
  std::vector<Failure> failures_of(std::size_t director, const DirectorState& state) const;
  std::vector<std::string> failing_words(std::size_t director, const DirectorState& state) const;

  std::span<const Director> directors_;
  std::uint64_t most_visits_;
  std::vector<VirtualRouterSeats> routers_;
  Duration settling_;
  std::vector<Rehearsal> peace_;                    ///< one for each director that may have begun first
  std::vector<std::vector<FailureClass>> classes_;  ///< by director
  std::vector<std::vector<DirectorState>> states_;  ///< by director
  std::vector<std::size_t> chosen_;
  std::size_t combinations_ = 0;
  std::vector<Visit> visits_;
};

}  // namespace vipdrift::analysis

#endif  // VIPDRIFT_ANALYSIS_ENUMERATION_H_
