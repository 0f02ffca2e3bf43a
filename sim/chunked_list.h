// A list that grows to millions without ever moving what is in it.
#ifndef VIPDRIFT_SIM_CHUNKED_LIST_H_
#define VIPDRIFT_SIM_CHUNKED_LIST_H_

#include <array>
#include <cstddef>
#include <memory>
#include <vector>

namespace vipdrift::sim {

/// As a std::vector that only grows, but no element is copied when it does.
template <class Element>
class ChunkedList {
 public:
  std::size_t size() const { return size_; }
  Element& operator[](std::size_t position) { return (*chunks_[position / kChunk])[position % kChunk]; }
  const Element& operator[](std::size_t position) const { return (*chunks_[position / kChunk])[position % kChunk]; }

  /// Another element, as it is when made.
  void grow() {
    if (size_ % kChunk == 0) chunks_.push_back(std::make_unique<std::array<Element, kChunk>>());
    ++size_;
  }
  void clear() {
    chunks_.clear();
    size_ = 0;
  }

 private:
  static constexpr std::size_t kChunk = 256;

  std::size_t size_ = 0;
  std::vector<std::unique_ptr<std::array<Element, kChunk>>> chunks_;
};

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_CHUNKED_LIST_H_
