#include "sim/frame.h"

#include <algorithm>

#include "sim/require.h"

namespace vipdrift::sim {

std::span<std::uint8_t> Frame::writable() {
  require(pool_ != nullptr, "an empty frame is written to");
  FramePool::Buffer& buffer = pool_->buffers_[index_];
  require(buffer.references == 1, "a shared frame is written to");
  return {buffer.data(), buffer.size};
}

Frame FramePool::make(std::size_t size) {
  if (free_.empty()) {
    free_.push_back(static_cast<std::uint32_t>(buffers_.size()));
    buffers_.emplace_back();
  }
  const std::uint32_t index = free_.back();
  free_.pop_back();
  Buffer& buffer = buffers_[index];
  buffer.references = 1;
  buffer.size = static_cast<std::uint32_t>(size);
  if (size > kInlineSize && buffer.large.size() < size) buffer.large.resize(size);
  return Frame{this, index};
}

Frame FramePool::copy(std::span<const std::uint8_t> bytes) {
  Frame frame = make(bytes.size());
  std::copy(bytes.begin(), bytes.end(), frame.writable().begin());
  return frame;
}

}  // namespace vipdrift::sim
