#include "sim/frame.h"

#include <algorithm>

namespace vipdrift::sim {

void FramePool::add_buffer() {
  Frame::Buffer& added = *buffers_.emplace_back(std::make_unique<Frame::Buffer>());
  added.pool = this;
  added.number = static_cast<std::uint32_t>(buffers_.size() - 1);
  free_.reserve(buffers_.size());
  free_.push_back(&added);
}

Frame FramePool::copy(std::span<const std::uint8_t> bytes) {
  Frame frame = make(bytes.size());
  std::copy(bytes.begin(), bytes.end(), frame.writable().begin());
  return frame;
}

}  // namespace vipdrift::sim
