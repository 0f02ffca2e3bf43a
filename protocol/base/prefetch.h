// Memory asked for before it is needed.
#ifndef VIPDRIFT_PROTOCOL_BASE_PREFETCH_H_
#define VIPDRIFT_PROTOCOL_BASE_PREFETCH_H_

#include <cstddef>

namespace vipdrift {

/// Lets the processor fetch all of `object` while it does something else. For walks through thousands of objects that
/// were last used a second ago: their time is the memory's.
template <class Object>
void prefetch(const Object& object) {
  constexpr std::size_t kCacheLine = 64;
  const char* const bytes = reinterpret_cast<const char*>(&object);
  for (std::size_t offset = 0; offset < sizeof object; offset += kCacheLine) __builtin_prefetch(bytes + offset);
}

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_BASE_PREFETCH_H_
