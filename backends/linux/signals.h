// The signals that keepalived understands (keepalived(8), SIGNALS), by the same numbers.
#ifndef VIPDRIFT_BACKENDS_LINUX_SIGNALS_H_
#define VIPDRIFT_BACKENDS_LINUX_SIGNALS_H_

#include <csignal>

namespace vipdrift::linux_backend {

inline constexpr int kDataSignal = SIGUSR1;
inline constexpr int kStatisticsSignal = SIGUSR2;
/// Real-time signals have no constant number: the C library keeps some for itself.
inline int json_signal() { return SIGRTMIN + 2; }
inline int clear_statistics_signal() { return SIGRTMAX - 1; }

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_SIGNALS_H_
