// The pending events of a simulation, handed out in order of time.
#ifndef VIPDRIFT_SIM_EVENT_QUEUE_H_
#define VIPDRIFT_SIM_EVENT_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocol/base/time.h"
#include "sim/require.h"
#include "sim/timing_wheel.h"

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
  friend struct EventQueueProbe;  // tests look at the split between near and far, and start near the last sequence

  static constexpr unsigned kSlotBits = 24;
  static constexpr std::uint64_t kSlotMask = (std::uint64_t{1} << kSlotBits) - 1;
  static constexpr std::uint64_t kLastSequence = (std::uint64_t{1} << (64 - kSlotBits)) - 1;
  static constexpr std::uint64_t kNoHorizon = UINT64_MAX;
  static constexpr std::uint32_t kNoSlot = UINT32_MAX;
  /// The near array is split when it has this many entries, ...
  static constexpr std::size_t kNearLimit = 48;
  /// ... is refilled to about this many, ...
  static constexpr std::size_t kRefill = 16;
  /// ... and a bucket is sorted into it rather than split when it has no more than this.
  static constexpr std::size_t kSortLimit = 32;

  struct Slot {
    Event event;
    std::uint64_t time = 0;
    std::uint64_t key = 0;        ///< of the event; 0 when the slot is free
    std::uint64_t entry_key = 0;  ///< of the one entry that stands for it; older than `key` when re-armed to later
    std::uint32_t generation = 0;
    std::uint32_t next_free = kNoSlot;
  };

  Slot* find(EventId id) {
    return id.slot < slots_.size() && slots_[id.slot].generation == id.generation ? &slots_[id.slot] : nullptr;
  }
  std::uint64_t next_key(std::uint32_t slot) {
    if (sequence_ == kLastSequence) [[unlikely]]
      rebuild();
    return sequence_++ << kSlotBits | slot;
  }
  void insert(const QueueEntry& entry) {
    if (entry.time < horizon_) {
      insert_near(entry);
    } else {
      wheel_.push(entry);
    }
  }
  void free_slot(Slot& slot, std::uint32_t index) {
    slot.key = 0;
    slot.entry_key = 0;
    ++slot.generation;
    slot.next_free = free_slot_;
    free_slot_ = index;
    --live_;
  }

  /// Brings a live, not re-armed entry to the front of the near array. false: nothing is pending at or before `limit`.
  bool settle(std::uint64_t limit);
  void insert_near(const QueueEntry& entry);
  void add_slot();
  bool refill();
  void split_near();
  void make_room();
  void drop_entry(const Slot& slot);
  void rebuild();

  SimTime now_{0};
  std::size_t live_ = 0;
  std::size_t stale_ = 0;  ///< entries whose event was cancelled or re-armed to earlier
  std::uint64_t popped_ = 0;
  std::uint64_t sequence_ = 1;
  std::uint64_t horizon_ = kNoHorizon;  ///< entries before it stand in near_, others in wheel_
  std::uint32_t free_slot_ = kNoSlot;
  std::size_t near_begin_ = 0;
  std::size_t near_end_ = 0;
  std::vector<QueueEntry> near_;  ///< sorted in [near_begin_, near_end_), spare room around
  std::vector<Slot> slots_;
  TimingWheel wheel_;
};

// The hot half is inline: a call costs as much as the work.

inline EventId EventQueue::schedule(SimTime at, Event event) {
  require(at >= now_, "an event is scheduled in the past");
  if (free_slot_ == kNoSlot) add_slot();
  const std::uint32_t index = free_slot_;
  const std::uint64_t key = next_key(index);
  Slot& slot = slots_[index];
  free_slot_ = slot.next_free;
  slot.event = event;
  slot.time = static_cast<std::uint64_t>(at.count());
  slot.key = slot.entry_key = key;
  ++live_;
  insert({slot.time, key});
  return {index, slot.generation};
}

inline void EventQueue::insert_near(const QueueEntry& entry) {
  if (near_end_ - near_begin_ >= kNearLimit || near_end_ == near_.size()) [[unlikely]] {
    make_room();
    if (entry.time >= horizon_) return wheel_.push(entry);
  }
  QueueEntry* const begin = near_.data() + near_begin_;
  QueueEntry* end = near_.data() + near_end_;
  if (near_begin_ != 0 && end - begin > 4 && entry < begin[(end - begin) / 2]) {
    QueueEntry* place = begin - 1;
    --near_begin_;
    for (; place[1] < entry; ++place) *place = place[1];
    *place = entry;
    return;
  }
  ++near_end_;
  for (; end != begin && entry < end[-1]; --end) *end = end[-1];
  *end = entry;
}

inline bool EventQueue::settle(std::uint64_t limit) {
  while (true) {
    if (near_begin_ == near_end_ && !refill()) return false;
    const QueueEntry entry = near_[near_begin_];
    if (entry.time > limit) return false;
    Slot& slot = slots_[entry.key & kSlotMask];
    if (slot.key == entry.key) [[likely]]
      return true;
    ++near_begin_;
    if (slot.entry_key == entry.key) {
      slot.entry_key = slot.key;
      insert({slot.time, slot.key});
    } else {
      --stale_;
    }
  }
}

inline SimTime EventQueue::next_time() {
  if (!settle(UINT64_MAX)) return kNoEvent;
  return SimTime{static_cast<SimTime::rep>(near_[near_begin_].time)};
}

inline bool EventQueue::pop(Fired& fired, SimTime limit) {
  if (limit < now_ || !settle(static_cast<std::uint64_t>(limit.count()))) return false;
  const QueueEntry entry = near_[near_begin_++];
  const auto index = static_cast<std::uint32_t>(entry.key & kSlotMask);
  // In a large queue slots are far away: have the one after next come while this event is handled.
  if (near_begin_ + 2 < near_end_) __builtin_prefetch(&slots_[near_[near_begin_ + 2].key & kSlotMask]);
  Slot& slot = slots_[index];
  now_ = SimTime{static_cast<SimTime::rep>(entry.time)};
  fired.at = now_;
  fired.event = slot.event;
  free_slot(slot, index);
  ++popped_;
  return true;
}

inline bool EventQueue::pending(EventId id) const {
  return id.slot < slots_.size() && slots_[id.slot].generation == id.generation;
}

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_EVENT_QUEUE_H_
