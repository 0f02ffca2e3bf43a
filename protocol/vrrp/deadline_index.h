// The earliest of many deadlines, cheap when they mostly move later.
#ifndef VIPDRIFT_PROTOCOL_VRRP_DEADLINE_INDEX_H_
#define VIPDRIFT_PROTOCOL_VRRP_DEADLINE_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "protocol/base/time.h"

namespace vipdrift::vrrp {

/// One deadline for each of `size` items. A Backup's deadline moves later with every advertisement it hears, so a
/// move to later only writes the deadline; the heap is put right when the stale entry comes to its top.
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

  /// The earliest deadline of all; kNever without items.
  TimePoint earliest() const { return heap_.empty() ? kNever : heap_.front().key; }
  /// Whose it is. Only when there are items.
  std::size_t earliest_item() const { return heap_.front().item; }

  void set(std::size_t item, TimePoint deadline) {
    deadlines_[item] = deadline;
    if (heap_.front().item == item) {
      heap_.front().key = deadline;
      settle_top();
    } else if (const std::size_t position = positions_[item]; deadline < heap_[position].key) {
      heap_[position].key = deadline;
      sift_up(position);
    }
  }

 private:
  struct Entry {
    TimePoint key;  ///< never later than deadlines_[item]; exact at the top
    std::uint32_t item;
  };
  static constexpr std::size_t kArity = 4;

  /// Makes the top exact: keys below it are lower bounds, so a stale one may have to sink in its turn.
  void settle_top() {
    for (;;) {
      sift_down(0);
      Entry& top = heap_.front();
      const TimePoint deadline = deadlines_[top.item];
      if (top.key == deadline) return;
      top.key = deadline;
    }
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
    if (count == 1) return;
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

}  // namespace vipdrift::vrrp

#endif  // VIPDRIFT_PROTOCOL_VRRP_DEADLINE_INDEX_H_
