// For tests that demand that something allocates nothing: a program that links this counts its allocations.
#ifndef VIPDRIFT_PROTOCOL_BASE_ALLOCATION_COUNT_H_
#define VIPDRIFT_PROTOCOL_BASE_ALLOCATION_COUNT_H_

#include <cstdint>

namespace vipdrift::testing {

/// How often this thread has called operator new so far.
std::uint64_t allocations();

}  // namespace vipdrift::testing

#endif  // VIPDRIFT_PROTOCOL_BASE_ALLOCATION_COUNT_H_
