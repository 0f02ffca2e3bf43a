// Finds the number of a connection by a hash of its flow: a table without nodes, for millions of them.
#ifndef VIPDRIFT_SIM_FLOW_INDEX_H_
#define VIPDRIFT_SIM_FLOW_INDEX_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace vipdrift::sim {

/// An open hash table with linear probing, at most two thirds full, that closes gaps when something leaves. An entry
/// has eight bytes; whether a connection of the same hash is the wanted one is the caller's question. Never walked
/// through, so that its order decides nothing.
class FlowIndex {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  FlowIndex() : entries_(kFirstCapacity) {}

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// The number under `hash` for which same(number) holds, or kNone.
  template <class Same>
  std::uint32_t find(std::uint32_t hash, Same same) const {
    for (std::size_t at = hash & mask(); entries_[at].number != kNone; at = (at + 1) & mask()) {
      if (entries_[at].hash == hash && same(entries_[at].number)) return entries_[at].number;
    }
    return kNone;
  }

  /// `number` is not in it.
  void insert(std::uint32_t hash, std::uint32_t number) {
    if ((size_ + 1) * 3 > entries_.size() * 2) grow();
    place({hash, number});
    ++size_;
  }

  /// `number` is in it, under `hash`.
  void erase(std::uint32_t hash, std::uint32_t number) {
    std::size_t gap = hash & mask();
    while (entries_[gap].number != number) gap = (gap + 1) & mask();
    --size_;
    for (std::size_t at = (gap + 1) & mask(); entries_[at].number != kNone; at = (at + 1) & mask()) {
      // Who stands behind the gap may move into it unless that is before the place where it belongs.
      const std::size_t from_home = (at - entries_[at].hash) & mask();
      if (from_home < ((at - gap) & mask())) continue;
      entries_[gap] = entries_[at];
      gap = at;
    }
    entries_[gap] = {};
  }

  /// It will soon be asked for `hash`.
  void prefetch(std::uint32_t hash) const { __builtin_prefetch(&entries_[hash & mask()], 1); }

  void clear() {
    entries_.assign(kFirstCapacity, {});
    size_ = 0;
  }

 private:
  struct Entry {
    std::uint32_t hash = 0;
    std::uint32_t number = kNone;
  };
  static constexpr std::size_t kFirstCapacity = 16;

  std::size_t mask() const { return entries_.size() - 1; }
  void place(const Entry& entry) {
    std::size_t at = entry.hash & mask();
    while (entries_[at].number != kNone) at = (at + 1) & mask();
    entries_[at] = entry;
  }
  void grow() {
    std::vector<Entry> old(entries_.size() * 2);
    old.swap(entries_);
    for (const Entry& entry : old) {
      if (entry.number != kNone) place(entry);
    }
  }

  std::size_t size_ = 0;
  std::vector<Entry> entries_;  ///< a power of two
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_FLOW_INDEX_H_
