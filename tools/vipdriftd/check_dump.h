// The state of the health checks for people: keepalived_check.data.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_CHECK_DUMP_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_CHECK_DUMP_H_

#include <string>

#include "backends/linux/ipvs.h"
#include "protocol/check/check_engine.h"

namespace vipdrift::tools {

/// Each virtual server with its real servers and their checkers, and what the kernel says of them in `reading`.
std::string check_data_dump(const check::CheckEngine& engine, const linux_backend::IpvsReading& reading);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_CHECK_DUMP_H_
