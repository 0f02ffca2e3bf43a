// Broken invariants stop the program in every build type.
#ifndef VIPDRIFT_SIM_REQUIRE_H_
#define VIPDRIFT_SIM_REQUIRE_H_

#include <cstdio>
#include <cstdlib>

namespace vipdrift::sim {

/// Ends the program with `rule` on standard error unless `holds`. For mistakes of the caller, never for input.
inline void require(bool holds, const char* rule) {
  if (holds) [[likely]]
    return;
  std::fputs("vipdrift sim: broken rule: ", stderr);
  std::fputs(rule, stderr);
  std::fputc('\n', stderr);
  std::abort();
}

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_REQUIRE_H_
