#include "sim/event_queue.h"

#include <algorithm>

namespace vipdrift::sim {

namespace {
constexpr std::size_t kNearRoom = 256;
}  // namespace

EventQueue::EventQueue() : near_(kNearRoom) {}

void EventQueue::add_slot() {
  require(slots_.size() <= kSlotMask, "more than 16,777,216 events are pending");
  free_slot_ = static_cast<std::uint32_t>(slots_.size());
  slots_.emplace_back();
}

bool EventQueue::cancel(EventId id) {
  Slot* const slot = find(id);
  if (slot == nullptr) return false;
  drop_entry(*slot);
  free_slot(*slot, id.slot);
  if (stale_ > live_ + kNearLimit) rebuild();
  return true;
}

bool EventQueue::rearm(EventId id, SimTime at) {
  require(at >= now_, "an event is re-armed in the past");
  Slot* const slot = find(id);
  if (slot == nullptr) return false;
  const auto time = static_cast<std::uint64_t>(at.count());
  const std::uint64_t key = next_key(id.slot);
  if (time >= slot->time) {  // The entry may stay where it is: settle() moves it on when its time comes.
    slot->time = time;
    slot->key = key;
    return true;
  }
  drop_entry(*slot);
  slot->time = time;
  slot->key = slot->entry_key = key;
  insert({time, key});
  if (stale_ > live_ + kNearLimit) rebuild();
  return true;
}

void EventQueue::advance_to(SimTime to) {
  require(next_time() >= to, "time is moved past a pending event");
  now_ = std::max(now_, to);
}

/// Removes the entry of `slot` if it is cheap to find, or counts it as stale.
void EventQueue::drop_entry(const Slot& slot) {
  if (slot.key != slot.entry_key || slot.time >= horizon_) {
    ++stale_;
    return;
  }
  const auto begin = near_.begin() + static_cast<std::ptrdiff_t>(near_begin_);
  const auto end = near_.begin() + static_cast<std::ptrdiff_t>(near_end_);
  const auto place = std::lower_bound(begin, end, QueueEntry{slot.time, slot.key});
  std::copy(place + 1, end, place);
  --near_end_;
}

/// Called when the near array is empty: opens buckets of the wheel until there is something to sort.
bool EventQueue::refill() {
  near_begin_ = near_end_ = 0;
  std::size_t count = 0;
  while (!wheel_.empty() && count < kRefill) {
    const std::size_t next = wheel_.next_bucket_size();
    if (count + next > kSortLimit && !wheel_.next_bucket_is_one_moment()) {
      if (count != 0) break;
      wheel_.split_next_bucket();
      continue;
    }
    horizon_ = wheel_.open_next_bucket(near_, count);
    count += next;
  }
  if (wheel_.empty()) horizon_ = kNoHorizon;
  std::sort(near_.begin(), near_.begin() + static_cast<std::ptrdiff_t>(count));
  near_end_ = count;
  return count != 0;
}

/// The near array is full, or has reached the end of its room.
void EventQueue::make_room() {
  if (near_end_ - near_begin_ >= kNearLimit) split_near();
  if (near_end_ < near_.size()) return;
  const auto begin = near_.begin() + static_cast<std::ptrdiff_t>(near_begin_);
  std::copy(begin, near_.begin() + static_cast<std::ptrdiff_t>(near_end_), near_.begin());
  near_end_ -= near_begin_;
  near_begin_ = 0;
  if (near_end_ * 2 > near_.size()) near_.resize(near_.size() * 2);
}

/// Moves the later half of the near array to the wheel.
void EventQueue::split_near() {
  const QueueEntry* const begin = near_.data() + near_begin_;
  const QueueEntry* const end = near_.data() + near_end_;
  const std::uint64_t first = begin->time;
  const QueueEntry* split = begin + (end - begin) / 2;
  const auto later = [](std::uint64_t time, const QueueEntry& entry) { return time < entry.time; };
  // All entries of one moment stay together.
  split = split->time == first ? std::upper_bound(begin, end, first, later)
                               : std::lower_bound(begin, end, QueueEntry{split->time, 0});
  if (split == end) return;
  wheel_.lower_base(split->time);
  horizon_ = split->time;
  for (const QueueEntry* entry = split; entry != end; ++entry) wheel_.push(*entry);
  near_end_ = static_cast<std::size_t>(split - near_.data());
}

/// Throws stale entries away and numbers the pending events afresh.
void EventQueue::rebuild() {
  std::vector<QueueEntry> pending;
  pending.reserve(live_);
  for (const Slot& slot : slots_) {
    if (slot.key != 0) pending.push_back({slot.time, slot.key});
  }
  std::sort(pending.begin(), pending.end());

  wheel_ = TimingWheel{};
  near_begin_ = near_end_ = 0;
  horizon_ = kNoHorizon;
  stale_ = 0;
  sequence_ = 1;
  for (const QueueEntry& entry : pending) {
    Slot& slot = slots_[entry.key & kSlotMask];
    slot.key = slot.entry_key = sequence_++ << kSlotBits | (entry.key & kSlotMask);
    insert({slot.time, slot.key});
  }
}

}  // namespace vipdrift::sim
