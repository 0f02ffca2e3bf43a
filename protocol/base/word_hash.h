// FNV-1a over 64-bit words: the same on every machine and compiler.
#ifndef VIPDRIFT_PROTOCOL_BASE_WORD_HASH_H_
#define VIPDRIFT_PROTOCOL_BASE_WORD_HASH_H_

#include <cstdint>

namespace vipdrift {

/// FNV-1a over 64-bit words.
class WordHash {
 public:
  void operator()(std::int64_t word) {
    value_ ^= static_cast<std::uint64_t>(word);
    value_ *= 0x100000001b3U;
    value_ ^= value_ >> 29U;
  }
  std::uint64_t value() const { return value_; }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325U;
};

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_BASE_WORD_HASH_H_
