// Ethernet frames: shared bytes in a pool.
#ifndef VIPDRIFT_SIM_FRAME_H_
#define VIPDRIFT_SIM_FRAME_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "sim/require.h"

namespace vipdrift::sim {

class FramePool;

/// The bytes of one frame from destination address to payload (no preamble, no FCS), shared by reference counting.
/// Not thread-safe; must not outlive its pool. An empty Frame (the default) has no bytes.
class Frame {
 public:
  Frame() = default;
  inline Frame(const Frame& other);
  Frame(Frame&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  Frame& operator=(Frame other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  ~Frame() {
    if (buffer_ != nullptr) let_go();
  }

  explicit operator bool() const { return buffer_ != nullptr; }
  inline std::span<const std::uint8_t> bytes() const;
  std::size_t size() const { return bytes().size(); }
  /// The bytes for writing. Requires that this is the only reference: a frame on the wire never changes.
  inline std::span<std::uint8_t> writable();

  /// Writes the destination address alone.
  inline void set_destination(std::span<const std::uint8_t, 6> address);

  /// Whoever made it says that its checksums are right, so that receivers need not add them up again. writable() takes
  /// that back; a corrupted frame is another one, of which nobody says so.
  inline void mark_sound() const;
  inline bool sound() const;

 private:
  friend class FramePool;
  struct Buffer;
  explicit Frame(Buffer* buffer) : buffer_(buffer) {}

  inline void let_go();

  Buffer* buffer_ = nullptr;
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
  inline Frame make(std::size_t size);
  /// A frame with a copy of `bytes`.
  Frame copy(std::span<const std::uint8_t> bytes);

  /// Gives up a reference as a number, to travel in an Event; attach() makes it a Frame again, once.
  inline std::uint32_t detach(Frame&& frame);
  Frame attach(std::uint32_t number) { return Frame(buffers_[number].get()); }

  /// Frames alive.
  std::size_t in_use() const { return buffers_.size() - free_.size(); }

 private:
  friend class Frame;

  void add_buffer();

  std::vector<std::unique_ptr<Frame::Buffer>> buffers_;
  std::vector<Frame::Buffer*> free_;
};

// ---------------------------------------------------------------- inline: every frame passes here many times

struct Frame::Buffer {
  FramePool* pool = nullptr;
  std::uint32_t number = 0;  ///< position in the pool
  std::uint32_t references = 0;
  std::uint32_t size = 0;
  bool sound = false;
  std::array<std::uint8_t, FramePool::kInlineSize> small;
  std::vector<std::uint8_t> large;

  std::uint8_t* data() { return size <= FramePool::kInlineSize ? small.data() : large.data(); }
};

inline Frame::Frame(const Frame& other) : buffer_(other.buffer_) {
  if (buffer_ != nullptr) ++buffer_->references;
}

inline void Frame::let_go() {
  if (--buffer_->references == 0) buffer_->pool->free_.push_back(buffer_);
}

inline std::span<const std::uint8_t> Frame::bytes() const {
  if (buffer_ == nullptr) return {};
  return {buffer_->data(), buffer_->size};
}

inline std::span<std::uint8_t> Frame::writable() {
  require(buffer_ != nullptr, "an empty frame is written to");
  require(buffer_->references == 1, "a shared frame is written to");
  buffer_->sound = false;
  return {buffer_->data(), buffer_->size};
}

inline void Frame::set_destination(std::span<const std::uint8_t, 6> address) {
  require(buffer_ != nullptr && buffer_->references == 1, "a shared frame is written to");
  std::copy(address.begin(), address.end(), buffer_->data());
}

inline void Frame::mark_sound() const { buffer_->sound = true; }
inline bool Frame::sound() const { return buffer_ != nullptr && buffer_->sound; }

inline Frame FramePool::make(std::size_t size) {
  if (free_.empty()) [[unlikely]]
    add_buffer();
  Frame::Buffer* const buffer = free_.back();
  free_.pop_back();
  buffer->references = 1;
  buffer->size = static_cast<std::uint32_t>(size);
  buffer->sound = false;
  if (size > kInlineSize && buffer->large.size() < size) [[unlikely]]
    buffer->large.resize(size);
  return Frame{buffer};
}

inline std::uint32_t FramePool::detach(Frame&& frame) { return std::exchange(frame.buffer_, nullptr)->number; }

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_FRAME_H_
