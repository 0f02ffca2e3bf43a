// The one door for everything that could have happened otherwise: every draw of a simulation goes through Choices.
#ifndef VIPDRIFT_SIM_CHOICES_H_
#define VIPDRIFT_SIM_CHOICES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/base/time.h"
#include "scenarios/scenario.h"

namespace vipdrift::sim {

/// A sequence of 64-bit numbers: xoshiro256** (Blackman and Vigna, "Scrambled linear pseudorandom number
/// generators", 2018). Integers only, so that a seed means the same numbers on every compiler and library.
class Generator {
 public:
  /// The state is filled by splitmix64 from `seed`; every seed is good.
  explicit Generator(std::uint64_t seed);
  /// For tests against the published numbers: the state itself, not all zero.
  explicit Generator(const std::array<std::uint64_t, 4>& state) : state_(state) {}

  std::uint64_t next();
  /// Uniform in [0, n), without modulo bias (Lemire, "Fast random integer generation in an interval", 2019). n > 0.
  std::uint64_t below(std::uint64_t n);

  friend bool operator==(const Generator&, const Generator&) = default;

 private:
  std::array<std::uint64_t, 4> state_;
};

/// Names one stream of draws inside its Choices.
struct StreamId {
  std::uint32_t index = 0;
};

/// One draw as it was made: `value` of `bound` equally possible (or, for chance(), two) outcomes of a stream.
struct Draw {
  std::uint32_t stream = 0;  ///< position in ChoiceRecord::streams
  std::uint64_t bound = 0;
  std::uint64_t value = 0;
  friend bool operator==(const Draw&, const Draw&) = default;
};

/// Every draw of a run, in order: enough to make the same run again, or a smaller one.
struct ChoiceRecord {
  std::vector<std::string> streams;
  std::vector<Draw> draws;
  friend bool operator==(const ChoiceRecord&, const ChoiceRecord&) = default;
};

/// The state of an exhaustive search: an odometer over the draws of one run.
///
///   Enumeration all;
///   do {
///     Choices choices = Choices::enumerating(all);
///     ... one run ...
///   } while (all.next());
///
/// The runs must be deterministic but for their choices.
class Enumeration {
 public:
  /// Draws after the first `depth` of a run are 0 and not enumerated.
  explicit Enumeration(std::size_t depth = SIZE_MAX) : depth_(depth) {}

  /// Turns to the next sequence of draws; false when all have been run.
  bool next();
  /// Runs begun so far.
  std::uint64_t runs() const { return runs_; }

 private:
  friend class Choices;
  struct Digit {
    std::uint64_t value = 0;
    std::uint64_t bound = 0;
  };
  std::uint64_t draw(std::uint64_t bound);

  std::size_t depth_;
  std::size_t position_ = 0;
  std::uint64_t runs_ = 0;
  std::vector<Digit> digits_;
};

/// Streams of draws, one per purpose and named ("loss/lan/lvs1"). A stream's numbers follow from the seed and its name
/// alone: making another stream, or drawing from it, moves nothing. 0 and false are always the dull outcome (no loss,
/// no jitter), which is what a used-up replay or fuzzer input goes on with.
///
/// A Choices is a value: copying it forks the future (a copy of an enumerating one shares its Enumeration).
class Choices {
 public:
  /// Draws from a seed.
  static Choices random(std::uint64_t seed);
  /// Repeats a record, each stream for itself; a draw beyond its stream's record, or recorded under another bound that
  /// does not allow the value, is 0.
  static Choices replaying(ChoiceRecord record);
  /// All sequences in turn; `enumeration` outlives the Choices.
  static Choices enumerating(Enumeration& enumeration);
  /// Draws from a fuzzer's input, in order of drawing; 0 once it is used up.
  static Choices from_bytes(std::span<const std::uint8_t> bytes);

  /// The stream of that name, made at the first call.
  StreamId stream(std::string_view name);

  /// Uniform in [0, n); n > 0. n == 1 draws nothing.
  std::uint64_t below(StreamId stream, std::uint64_t n);
  /// true in `share` of all calls. 0 and everything (1,000,000 or more) draw nothing. Enumerated: both outcomes.
  bool chance(StreamId stream, scenarios::PartsPerMillion share);
  /// Uniform in [low, high]; low <= high. Enumerated: only the two ends.
  Duration between(StreamId stream, Duration low, Duration high);

  /// Keeps every draw from now on for record().
  void start_recording() { recording_ = true; }
  ChoiceRecord record() const;

  /// Draws made so far (those that had more than one outcome).
  std::uint64_t draws() const { return draws_; }
  /// What the streams would give next, folded into one number: equal runs end with equal last draws. Changes nothing.
  std::uint64_t last_draw() const;

 private:
  enum class Mode : std::uint8_t { random, replay, enumerate, bytes };
  struct Stream {
    std::string name;
    Generator generator;
    std::size_t position = 0;  ///< replay: next in `replayed`
    std::vector<Draw> replayed;
  };

  explicit Choices(Mode mode) : mode_(mode) {}
  std::uint64_t from_input(Stream& stream, std::uint64_t bound);
  std::uint64_t take_bytes(std::uint64_t bound);
  std::uint64_t note(StreamId stream, std::uint64_t bound, std::uint64_t value);

  Mode mode_;
  bool recording_ = false;
  std::uint64_t seed_ = 0;
  std::uint64_t draws_ = 0;
  std::vector<Stream> streams_;
  std::vector<Draw> recorded_;
  ChoiceRecord replay_;
  Enumeration* enumeration_ = nullptr;
  std::vector<std::uint8_t> bytes_;
  std::size_t bytes_used_ = 0;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_CHOICES_H_
