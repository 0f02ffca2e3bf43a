// The far half of EventQueue: a hierarchical wheel of unsorted buckets.
#ifndef VIPDRIFT_SIM_TIMING_WHEEL_H_
#define VIPDRIFT_SIM_TIMING_WHEEL_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vipdrift::sim {

/// One entry of EventQueue: a time in nanoseconds and what settles the order of equal times.
struct QueueEntry {
  std::uint64_t time = 0;
  std::uint64_t key = 0;  ///< sequence number above, slot below

  friend bool operator<(const QueueEntry& a, const QueueEntry& b) {
    return a.time != b.time ? a.time < b.time : a.key < b.key;
  }
};

/// Entries by the highest 6-bit digit in which their time differs from base(): level 0 holds a bucket for every
/// nanosecond of the present 64, level 1 for every 64 ns of the present 4,096, and so on; the lowest occupied bucket
/// of the lowest occupied level holds the earliest entries. After G. Varghese and T. Lauck, "Hashed and Hierarchical
/// Timing Wheels" (SOSP 1987), without ticks: occupied buckets are found by bit scans.
class TimingWheel {
 public:
  TimingWheel() { empty_all(); }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  /// Every time in the wheel is at or after it.
  std::uint64_t base() const { return base_; }
  /// Makes room for times from `time` on: moves base() there if it is later, or if the wheel is empty.
  void lower_base(std::uint64_t time);

  /// entry.time >= base().
  void push(const QueueEntry& entry) {
    const unsigned level = level_of(entry.time);
    const unsigned shift = level * kDigitBits;
    push_to(level * kBuckets + static_cast<unsigned>((entry.time >> shift) & (kBuckets - 1U)), entry);
  }

  /// The earliest bucket: how many entries it holds. Requires that the wheel is not empty.
  std::size_t next_bucket_size() const { return buckets_[next_bucket()].size; }

  /// Moves base() to the start of the earliest bucket and appends its entries to `out`, in no order. Returns the end
  /// of the bucket: every entry left is at or after it.
  std::uint64_t open_next_bucket(std::vector<QueueEntry>& out, std::size_t at);

  /// Whether the earliest bucket covers a single nanosecond, so that splitting it is in vain.
  bool next_bucket_is_one_moment() const { return (levels_ & 1U) != 0; }

  /// Moves base() to the start of the earliest bucket and its entries to lower levels.
  void split_next_bucket();

  /// Appends all entries to `out`, in no order, and is empty then.
  void take_all(std::vector<QueueEntry>& out);

 private:
  static constexpr unsigned kDigitBits = 6;
  static constexpr unsigned kBuckets = 1U << kDigitBits;
  static constexpr unsigned kLevels = 11;  ///< 66 bits
  static constexpr unsigned kChunkSize = 16;
  static constexpr std::uint32_t kNoChunk = UINT32_MAX;

  static constexpr std::array<std::uint8_t, 64> kLevelOfBit = [] {
    std::array<std::uint8_t, 64> levels{};
    for (unsigned bit = 0; bit < 64; ++bit) levels[bit] = static_cast<std::uint8_t>(bit / kDigitBits);
    return levels;
  }();

  /// Entries of one bucket stand in a list of chunks; all chunks but the first are full.
  struct Chunk {
    std::array<QueueEntry, kChunkSize> entries;
  };
  struct Bucket {
    std::uint32_t first_chunk = kNoChunk;
    std::uint32_t size = 0;
  };

  unsigned level_of(std::uint64_t time) const {
    return kLevelOfBit[static_cast<unsigned>(std::countl_zero((time ^ base_) | 1U)) ^ 63U];
  }

  unsigned next_bucket() const {
    const auto level = static_cast<unsigned>(std::countr_zero(levels_));
    return level * kBuckets + static_cast<unsigned>(std::countr_zero(occupied_[level]));
  }

  void push_to(unsigned index, const QueueEntry& entry) {
    Bucket& bucket = buckets_[index];
    const unsigned fill = bucket.size % kChunkSize;
    if (fill == 0) add_chunk(bucket, index);
    chunks_[bucket.first_chunk].entries[fill] = entry;
    ++bucket.size;
    ++size_;
  }

  void empty_all();
  void add_chunk(Bucket& bucket, unsigned index);
  /// Empties the bucket of `index`, moves base() to its start, and hands its entries to `sink`.
  template <class Sink>
  void drain(unsigned index, Sink&& sink);

  std::uint64_t base_ = 0;
  std::size_t size_ = 0;
  std::uint32_t levels_ = 0;  ///< one bit for each level with an occupied bucket
  std::uint32_t free_chunk_ = kNoChunk;
  std::array<std::uint64_t, kLevels> occupied_{};
  std::array<Bucket, kLevels * kBuckets> buckets_;
  std::vector<Chunk> chunks_;
  std::vector<std::uint32_t> next_chunk_;  ///< of each chunk
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_TIMING_WHEEL_H_
