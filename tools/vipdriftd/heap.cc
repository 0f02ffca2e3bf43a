#include "tools/vipdriftd/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace vipdrift::tools {
namespace {

/// Less than this is not worth a system call.
constexpr std::size_t kLittle = 256 * 1024;
/// As large as mallopt(3) allows for blocks that come from the heap.
constexpr int kLargestBlock = 32 * 1024 * 1024;
constexpr int kNeverTrim = 1024 * 1024 * 1024;

}  // namespace

void keep_heap() {
  mallopt(M_MMAP_THRESHOLD, kLargestBlock);
  mallopt(M_TRIM_THRESHOLD, kNeverTrim);
}

void grow_heap(std::size_t bytes) {
  if (bytes < kLittle || bytes >= kLargestBlock) return;
  void* const block = std::malloc(bytes);
  if (block == nullptr) return;
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(block) + page - 1) / page * page;
  const auto end = (reinterpret_cast<std::uintptr_t>(block) + bytes) / page * page;
  // Since Linux 5.14; before, the page faults come one by one.
  if (begin < end) madvise(reinterpret_cast<void*>(begin), end - begin, MADV_POPULATE_WRITE);
  std::free(block);
}

void trim_heap(std::size_t kept) { malloc_trim(kept); }

}  // namespace vipdrift::tools
