// What the kernel shall know about a process: its name, its place among others, its memory (sched(7), prctl(2)).
#ifndef VIPDRIFT_BACKENDS_LINUX_PROCESS_TUNING_H_
#define VIPDRIFT_BACKENDS_LINUX_PROCESS_TUNING_H_

#include <string>
#include <vector>

#include "protocol/config/process_settings.h"

namespace vipdrift::linux_backend {

/// The name that ps(1) shows; cut to 15 characters.
void name_process(const std::string& name);

/// Gives this process its nice value, real-time priority, processors and locked memory; needs CAP_SYS_NICE for the
/// first two and CAP_SYS_RESOURCE for the last, so it comes before privileges are dropped. What is refused is told in
/// words, and the rest is done all the same. Programs that are started from here run at ordinary priority
/// (SCHED_RESET_ON_FORK), without locked memory, but on the same processors, and as nice when the value is above 0.
std::vector<std::string> tune_process(const config::ProcessTuning& tuning);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_PROCESS_TUNING_H_
