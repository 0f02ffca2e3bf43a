// The seam between the scenario runner and a world: the simulator, namespaces, a virtual machine.
#ifndef VIPDRIFT_SCENARIOS_TESTBED_H_
#define VIPDRIFT_SCENARIOS_TESTBED_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/scenario.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {

/// How much a world should write into the timeline; judges ask for what they need.
struct RecordingOptions {
  bool advertisements = true;
  bool discards = true;
  bool script_results = false;
  bool logs = true;
  bool advertisement_fields = false;  ///< what AdvertisementSent::fields holds
  bool requests = true;
};

/// A world could not be built, or a step could not be carried out in it.
struct WorldError {
  Place place;
  std::string message;
  bool passing = false;  ///< the machine stumbled: the same run may well succeed another time
};

/// What a run cost, for the line that says how fast time went by.
struct WorldStatistics {
  std::uint64_t events = 0;
  std::uint64_t frames = 0;
  std::uint64_t last_draw = 0;  ///< the next random number at the end: equal runs have equal last draws
};

class Testbed {
 public:
  virtual ~Testbed() = default;

  /// Whether this world can carry out `step`; the reason when not. Asked before anything is built.
  virtual std::optional<std::string> cannot(const StepAction& step) const = 0;

  /// Whether what `condition` is about can be observed in this world; the reason when not.
  virtual std::optional<std::string> cannot_see(const Condition& condition) const {
    static_cast<void>(condition);
    return std::nullopt;
  }

  /// Whether this world can be given the cluster and the files of `scenario`; place and reason when not. Asked before
  /// anything is built.
  virtual std::optional<WorldError> cannot_build(const Scenario& scenario) const {
    static_cast<void>(scenario);
    return std::nullopt;
  }

  /// How far off the times of this world's observations may be, its machine's hiccups included.
  virtual Duration tolerance() const { return Duration::zero(); }

  /// The longest time for which this world itself came late or stood still, and when; what was seen then tells of the
  /// machine, not of the daemons. nullopt: never.
  struct Hiccup {
    Duration at{0};
    Duration length{0};
  };
  virtual std::optional<Hiccup> worst_hiccup() const { return std::nullopt; }

  /// Builds the topology of `scenario` with every machine booted and no daemon running.
  virtual std::optional<WorldError> build(const Scenario& scenario, const RecordingOptions& recording,
                                          Timeline& timeline) = 0;

  /// Lets the world run until scenario time `until`; everything seen is in the timeline when it returns.
  virtual std::optional<WorldError> run_until(Duration until) = 0;

  /// Carries out a step at the present moment. The runner has written its StepDone already.
  virtual std::optional<WorldError> apply(const Step& step) = 0;

  virtual WorldStatistics statistics() const = 0;
};

}  // namespace vipdrift::scenarios

#endif  // VIPDRIFT_SCENARIOS_TESTBED_H_
