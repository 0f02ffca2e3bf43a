#include "sim/timing_wheel.h"

namespace vipdrift::sim {

void TimingWheel::empty_all() {
  buckets_.fill(Bucket{});
  occupied_.fill(0);
  levels_ = 0;
  size_ = 0;
}

void TimingWheel::add_chunk(Bucket& bucket, unsigned index) {
  if (free_chunk_ == kNoChunk) {
    free_chunk_ = static_cast<std::uint32_t>(chunks_.size());
    chunks_.emplace_back();
    next_chunk_.push_back(kNoChunk);
  }
  const std::uint32_t chunk = free_chunk_;
  free_chunk_ = next_chunk_[chunk];
  next_chunk_[chunk] = bucket.first_chunk;
  bucket.first_chunk = chunk;
  occupied_[index / kBuckets] |= std::uint64_t{1} << (index % kBuckets);
  levels_ |= 1U << (index / kBuckets);
}

template <class Sink>
void TimingWheel::drain(unsigned index, Sink&& sink) {
  const unsigned level = index / kBuckets;
  const Bucket bucket = buckets_[index];
  buckets_[index] = Bucket{};
  occupied_[level] &= ~(std::uint64_t{1} << (index % kBuckets));
  if (occupied_[level] == 0) levels_ &= ~(1U << level);
  size_ -= bucket.size;

  std::uint32_t fill = (bucket.size - 1) % kChunkSize + 1;
  for (std::uint32_t chunk = bucket.first_chunk; chunk != kNoChunk;) {
    // Copied first: the sink may push, which may move chunks_.
    const Chunk entries = chunks_[chunk];
    const std::uint32_t next = next_chunk_[chunk];
    next_chunk_[chunk] = free_chunk_;
    free_chunk_ = chunk;
    for (std::uint32_t i = 0; i < fill; ++i) sink(entries.entries[i]);
    fill = kChunkSize;
    chunk = next;
  }
}

namespace {

/// `base` with everything below `shift` + 6 bits replaced by `digit` at `shift`.
std::uint64_t bucket_start(std::uint64_t base, unsigned shift, std::uint64_t digit) {
  const std::uint64_t above = shift + 6 >= 64 ? 0 : base >> (shift + 6) << (shift + 6);
  return above | digit << shift;
}

}  // namespace

void TimingWheel::lower_base(std::uint64_t time) {
  if (empty() || time < base_) {
    const unsigned level = level_of(time);
    base_ = time;
    // What differed from the old base in a lower digit differs from the new one in this digit.
    for (std::uint32_t lower = levels_ & ((1U << level) - 1U); lower != 0; lower = levels_ & ((1U << level) - 1U)) {
      drain(next_bucket(), [this](const QueueEntry& entry) { push(entry); });
    }
  }
}

std::uint64_t TimingWheel::open_next_bucket(std::vector<QueueEntry>& out, std::size_t at) {
  const unsigned index = next_bucket();
  const unsigned shift = index / kBuckets * kDigitBits;
  base_ = bucket_start(base_, shift, index % kBuckets);
  const std::size_t needed = at + buckets_[index].size;
  if (out.size() < needed) out.resize(needed * 2);
  drain(index, [&out, &at](const QueueEntry& entry) { out[at++] = entry; });
  return base_ + (std::uint64_t{1} << shift);
}

void TimingWheel::split_next_bucket() {
  const unsigned index = next_bucket();
  base_ = bucket_start(base_, index / kBuckets * kDigitBits, index % kBuckets);
  drain(index, [this](const QueueEntry& entry) { push(entry); });
}

void TimingWheel::take_all(std::vector<QueueEntry>& out) {
  while (!empty()) {
    drain(next_bucket(), [&out](const QueueEntry& entry) { out.push_back(entry); });
  }
}

}  // namespace vipdrift::sim
