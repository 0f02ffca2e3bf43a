// The pending events of a simulation, handed out in order of time.
#ifndef VIPDRIFT_SIM_EVENT_QUEUE_H_
#define VIPDRIFT_SIM_EVENT_QUEUE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/base/time.h"

namespace vipdrift::sim {

/// Simulated time since the start of the scenario; what scenarios::Observation::at holds. Never negative.
using SimTime = Duration;

/// Later than every event.
inline constexpr SimTime kNoEvent = SimTime::max();

/// What an event means is its owner's business: `kind` names the owner, the rest is for the owner.
/// kind 0 is sim::Network's (kNetworkEvent); every other kind is free.
struct Event {
  std::uint16_t kind = 0;
  std::uint16_t detail = 0;
  std::uint32_t target = 0;
  std::uint64_t data = 0;
  friend bool operator==(const Event&, const Event&) = default;
};

/// Names one scheduled event until it is popped or cancelled. The default names none. A stale id is harmless: ids are
/// told apart by a generation, so it names nothing, not the next event in the same place.
struct EventId {
  std::uint32_t slot = UINT32_MAX;
  std::uint32_t generation = 0;
  friend bool operator==(const EventId&, const EventId&) = default;
};

/// An event whose time has come.
struct Fired {
  SimTime at{};
  Event event;
};

/// A priority queue of events by (time, order of scheduling): equal times come out in the order in which they were
/// scheduled or last re-armed. Single-threaded, a value (copying it forks the future), and free of allocation once it
/// has held its largest number of events.
///
/// The earliest events stand in a short sorted array; those after `horizon` lie unsorted in the buckets of a
/// hierarchical wheel (64 buckets a level, 1 ns in the lowest) and are sorted when their bucket is opened. With few
/// events pending the wheel stays empty. Cancelled events leave a stale entry behind that is dropped when met.
class EventQueue {
 public:
  EventQueue();

  /// Schedules `event` at `at`, behind everything already scheduled for that time. Requires at >= now().
  EventId schedule(SimTime at, Event event);

  /// Forgets a pending event. false: `id` names none (popped, cancelled, default).
  bool cancel(EventId id);

  /// Moves a pending event to `at`, behind everything already scheduled for that time; its id stays.
  /// false: `id` names none. Requires at >= now().
  bool rearm(EventId id, SimTime at);

  /// Whether `id` names a pending event.
  bool pending(EventId id) const;

  /// Time of the earliest pending event; kNoEvent when there is none. Puts internals in order, so it is not const.
  SimTime next_time();

  /// Takes the earliest event out if its time is not after `limit`, and moves now() to it. false: there is none
  /// (now() then stays).
  bool pop(Fired& fired, SimTime limit = kNoEvent);

  /// Moves now() forward without popping: the end of a run that stops between events. Requires that nothing
  /// pending is earlier than `to`; an earlier `to` than now() does nothing.
  void advance_to(SimTime to);

  /// Time of the last popped event, or of advance_to().
  SimTime now() const { return now_; }

  std::size_t size() const { return live_; }
  bool empty() const { return live_ == 0; }
  /// Events popped so far.
  std::uint64_t popped() const { return popped_; }

 private:
  SimTime now_{0};
  std::size_t live_ = 0;
  std::uint64_t popped_ = 0;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_EVENT_QUEUE_H_
