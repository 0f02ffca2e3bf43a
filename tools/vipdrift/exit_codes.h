// What vipdrift tells the shell.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_EXIT_CODES_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_EXIT_CODES_H_

#include <algorithm>

#include "scenarios/runner.h"

namespace vipdrift::tools {

using scenarios::ExitStatus;

/// Of several outcomes the gravest counts: no world, wrong input, failed, held.
inline ExitStatus gravest(ExitStatus a, ExitStatus b) { return std::max(a, b); }

inline constexpr char kExitCodesHelp[] =
    "Exit codes:\n"
    "  0  everything held\n"
    "  1  an expectation or invariant failed\n"
    "  2  the command line, a scenario, a cluster file or a keepalived.conf is wrong\n"
    "  3  the world could not be built, cannot do what a step asks, or can observe\n"
    "     nothing of what is expected\n"
    "  Of several scenarios and worlds the highest code counts.\n";

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_EXIT_CODES_H_
