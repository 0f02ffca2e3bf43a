// When the C library asks the system for memory, and when it gives it back.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_HEAP_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_HEAP_H_

#include <cstddef>

namespace vipdrift::tools {

/// From now on memory stays with the process until trim_heap(). By default, the C library gives large blocks back and
/// asks for them again many times in a burst, and each page is another page fault, up to 16 us on a virtual machine.
void keep_heap();

/// About so many bytes will be needed soon: fetches them with one system call instead of a page fault each 4 kB. Little
/// is left to the page faults. Only after keep_heap().
void grow_heap(std::size_t bytes);

/// Gives back what is unused, but for about `kept` bytes.
void trim_heap(std::size_t kept = 0);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_HEAP_H_
