// The earliest of many deadlines, cheap when they mostly move later.
#ifndef VIPDRIFT_PROTOCOL_BASE_DEADLINE_INDEX_H_
#define VIPDRIFT_PROTOCOL_BASE_DEADLINE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocol/base/time.h"

namespace vipdrift {

/// One deadline for each of `size` items. A Backup's deadline moves later with every advertisement it hears, so a
/// move to later only writes the deadline; the heap is put right when the stale entry is close to being due. With
/// few items there is nothing to save: the earliest is searched among all and always exact.
class DeadlineIndex {
 public:
  explicit DeadlineIndex(std::size_t size = 0) : deadlines_(size, kNever), positions_(size), heap_(size) {
    for (std::size_t i = 0; i < size; ++i) {
      heap_[i] = {kNever, static_cast<std::uint32_t>(i)};
      positions_[i] = static_cast<std::uint32_t>(i);
    }
  }

  std::size_t size() const { return deadlines_.size(); }
  TimePoint deadline_of(std::size_t item) const { return deadlines_[item]; }

  /// Not later than the earliest deadline of all; kNever without items. Exact after settle().
  TimePoint earliest() const { return heap_.empty() ? kNever : heap_.front().key; }
  /// Whose it is. Only when there are items; exact after settle().
  std::size_t earliest_item() const { return heap_.front().item; }

  /// Calls `visit(item)` for the few items among which the next earliest_item() is likely to be.
  template <class Visit>
  void for_each_candidate(Visit visit) const {
    if (heap_.size() <= kExactSize) return;
    for (std::size_t position = 1; position <= kArity; ++position) visit(heap_[position].item);
  }

  /// Moves one deadline. `now` tells how close a stale entry may come before it is put right.
  void set(std::size_t item, TimePoint deadline, TimePoint now) {
    const TimePoint before = std::exchange(deadlines_[item], deadline);
    Entry& top = heap_.front();
    if (heap_.size() == 1) {
      top.key = deadline;
    } else if (heap_.size() <= kExactSize) {
      if (top.item == item || deadline <= top.key) find_earliest();
    } else {
      if (deadline < before) move_up(item, deadline);
      if (top.key < now + kSlack) put_right();
    }
  }

  /// Makes earliest() exact.
  void settle() {
    if (heap_.size() > kExactSize) put_right();
  }

 private:
  struct Entry {
    TimePoint key;  ///< never later than deadlines_[item]
    std::uint32_t item;
  };
  static constexpr std::size_t kArity = 4;
  static constexpr std::size_t kExactSize = 8;
  /// Stale entries are put right by the input that comes while they are this close, so that they wake nobody.
  static constexpr Duration kSlack = std::chrono::milliseconds{250};

  // What set() seldom needs is kept out of it, so that the rest is short: it is done for every advertisement.

  [[gnu::noinline]] void put_right() {
    for (Entry& top = heap_.front(); top.key != deadlines_[top.item];) {
      top.key = deadlines_[top.item];
      sift_down(0);
    }
  }

  /// An entry is never later than its deadline.
  [[gnu::noinline]] void move_up(std::size_t item, TimePoint deadline) {
    const std::size_t position = positions_[item];
    if (!(deadline < heap_[position].key)) return;
    heap_[position].key = deadline;
    sift_up(position);
  }

  /// With few items only the front of the heap is kept.
  [[gnu::noinline]] void find_earliest() {
    std::uint32_t earliest = 0;
    for (std::uint32_t i = 1; i < deadlines_.size(); ++i) {
      if (deadlines_[i] < deadlines_[earliest]) earliest = i;
    }
    heap_.front() = {deadlines_[earliest], earliest};
  }

  void sift_up(std::size_t position) {
    const Entry entry = heap_[position];
    while (position > 0) {
      const std::size_t parent = (position - 1) / kArity;
      if (!(entry.key < heap_[parent].key)) break;
      place(position, heap_[parent]);
      position = parent;
    }
    place(position, entry);
  }

  void sift_down(std::size_t position) {
    const std::size_t count = heap_.size();
    const Entry entry = heap_[position];
    for (;;) {
      const std::size_t first = position * kArity + 1;
      if (first >= count) break;
      const std::size_t last = first + kArity < count ? first + kArity : count;
      std::size_t least = first;
      for (std::size_t child = first + 1; child < last; ++child) {
        if (heap_[child].key < heap_[least].key) least = child;
      }
      if (!(heap_[least].key < entry.key)) break;
      place(position, heap_[least]);
      position = least;
    }
    place(position, entry);
  }

  void place(std::size_t position, const Entry& entry) {
    heap_[position] = entry;
    positions_[entry.item] = static_cast<std::uint32_t>(position);
  }

  std::vector<TimePoint> deadlines_;
  std::vector<std::uint32_t> positions_;
  std::vector<Entry> heap_;
};

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_BASE_DEADLINE_INDEX_H_
