// What a node's init and the world that starts it agree on.
#ifndef VIPDRIFT_BACKENDS_NETNS_AGENT_H_
#define VIPDRIFT_BACKENDS_NETNS_AGENT_H_

namespace vipdrift::netns {

/// The only argument of a program that is to be a node's init.
inline constexpr const char* kAgentArgument = "--be-the-init-of-a-node";

/// Descriptors that the init finds open: orders come in and answers go out; reports go out; the daemon's output.
/// Orders and reports are messages (messages.h); each order has one answer, "done" or "failed" with a word more.
inline constexpr int kControlDescriptor = 3;
inline constexpr int kReportDescriptor = 4;
inline constexpr int kLogDescriptor = 5;

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_AGENT_H_
