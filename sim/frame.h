// Ethernet frames: shared bytes in a pool.
#ifndef VIPDRIFT_SIM_FRAME_H_
#define VIPDRIFT_SIM_FRAME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

namespace vipdrift::sim {

class FramePool;

/// The bytes of one frame from destination address to payload (no preamble, no FCS), shared by reference counting.
/// Not thread-safe; must not outlive its pool. An empty Frame (the default) has no bytes.
class Frame {
 public:
  Frame() = default;
  inline Frame(const Frame& other);
  Frame(Frame&& other) noexcept : pool_(std::exchange(other.pool_, nullptr)), index_(other.index_) {}
  Frame& operator=(Frame other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(index_, other.index_);
    return *this;
  }
  inline ~Frame();

  explicit operator bool() const { return pool_ != nullptr; }
  inline std::span<const std::uint8_t> bytes() const;
  std::size_t size() const { return bytes().size(); }
  /// The bytes for writing. Requires that this is the only reference: a frame on the wire never changes.
  std::span<std::uint8_t> writable();

 private:
  friend class FramePool;
  Frame(FramePool* pool, std::uint32_t index) : pool_(pool), index_(index) {}

  FramePool* pool_ = nullptr;
  std::uint32_t index_ = 0;
};

/// Owns the bytes of all frames of a simulation. Buffers are reused: no allocation once the largest number of frames
/// in flight has been reached. Frames of up to kInlineSize bytes stand in the pool itself.
class FramePool {
 public:
  static constexpr std::size_t kInlineSize = 128;

  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;

  /// A frame of `size` bytes of unspecified content, to be written through writable().
  Frame make(std::size_t size);
  /// A frame with a copy of `bytes`.
  Frame copy(std::span<const std::uint8_t> bytes);

  /// Gives up a reference as a number, to travel in an Event; attach() makes it a Frame again, once.
  std::uint32_t detach(Frame frame) {
    frame.pool_ = nullptr;
    return frame.index_;
  }
  Frame attach(std::uint32_t index) { return Frame(this, index); }

  /// Frames alive.
  std::size_t in_use() const { return buffers_.size() - free_.size(); }

 private:
  friend class Frame;
  struct Buffer {
    std::uint32_t references = 0;
    std::uint32_t size = 0;
    std::array<std::uint8_t, kInlineSize> small;
    std::vector<std::uint8_t> large;

    std::uint8_t* data() { return size <= kInlineSize ? small.data() : large.data(); }
  };

  void release(std::uint32_t index) { free_.push_back(index); }

  std::deque<Buffer> buffers_;  ///< a deque: buffers stay where they are when the pool grows
  std::vector<std::uint32_t> free_;
};

inline Frame::Frame(const Frame& other) : pool_(other.pool_), index_(other.index_) {
  if (pool_ != nullptr) ++pool_->buffers_[index_].references;
}

inline Frame::~Frame() {
  if (pool_ != nullptr && --pool_->buffers_[index_].references == 0) pool_->release(index_);
}

inline std::span<const std::uint8_t> Frame::bytes() const {
  if (pool_ == nullptr) return {};
  FramePool::Buffer& buffer = pool_->buffers_[index_];
  return {buffer.data(), buffer.size};
}

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_FRAME_H_
