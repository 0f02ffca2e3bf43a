#include "backends/netns/node_init.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "backends/netns/agent.h"
#include "backends/netns/private_files.h"

namespace vipdrift::netns {
namespace {

constexpr int kFirstFree = 64;

/// fork() into new namespaces. Not glibc's: the child of a process with threads may do nothing but execute.
pid_t fork_into_namespaces() {
  clone_args arguments{};
  arguments.flags = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
  arguments.exit_signal = SIGCHLD;
  return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

/// In the child: only calls that are safe after fork(2) in a process with threads.
[[noreturn]] void become_init(const std::array<int, 3>& descriptors, char* const* argv) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::array<int, 3> aside{};
  for (std::size_t i = 0; i < descriptors.size(); ++i) aside[i] = fcntl(descriptors[i], F_DUPFD, kFirstFree);
  for (std::size_t i = 0; i < aside.size(); ++i) dup2(aside[i], kControlDescriptor + static_cast<int>(i));
  syscall(SYS_close_range, kLogDescriptor + 1, ~0U, 0);
  execv("/proc/self/exe", argv);
  _exit(127);
}

std::string system_error(const char* what) { return std::string(what) + ": " + std::strerror(errno); }

}  // namespace

std::unique_ptr<NodeInit> NodeInit::start(std::string& error) {
  std::array<int, 2> control{}, reports{}, log{};
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control.data()) != 0 ||
      socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, reports.data()) != 0 || pipe2(log.data(), O_CLOEXEC) != 0) {
    error = system_error("no more descriptors");
    return nullptr;
  }
  std::unique_ptr<NodeInit> init(new NodeInit);
  init->control_ = Descriptor(control[0]);
  init->reports_ = Descriptor(reports[0]);
  init->log_ = Descriptor(log[0]);
  const Descriptor its_control(control[1]), its_reports(reports[1]), its_log(log[1]);
  fcntl(init->reports_.get(), F_SETFL, O_NONBLOCK);
  fcntl(init->log_.get(), F_SETFL, O_NONBLOCK);

  std::string name = "vipdrift-node", argument = kAgentArgument;
  char* argv[] = {name.data(), argument.data(), nullptr};
  const pid_t child = fork_into_namespaces();
  if (child == 0) become_init({control[1], reports[1], log[1]}, argv);
  if (child < 0) {
    error = system_error("cannot make the namespaces of a node");
    return nullptr;
  }
  init->process_ = child;
  return init;
}

NodeInit::~NodeInit() {
  if (process_ <= 0) return;
  kill(process_, SIGKILL);
  while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

std::optional<std::string> NodeInit::set_up(const std::string& name, const std::string& program,
                                            const std::vector<std::string>& directories) {
  Words words{"setup", name, program};
  words.insert(words.end(), directories.begin(), directories.end());
  if (auto error = order(words)) return error;
  program_ = answer_;
  const std::string path = "/proc/" + std::to_string(process_) + "/root" + kNotesPath;
  notes_ = Descriptor(open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!notes_) return system_error(path.c_str());
  return std::nullopt;
}

std::optional<std::string> NodeInit::order(const Words& words) {
  if (!send_words(control_.get(), words)) return "the node's init takes no orders";
  const std::optional<Words> answer = receive_words(control_.get());
  if (!answer || answer->size() != 2) return "the node's init has died";
  answer_ = (*answer)[1];
  return (*answer)[0] == "done" ? std::nullopt : std::optional<std::string>{answer_};
}

std::optional<std::string> NodeInit::write_file(const std::string& path, const std::string& text, const char* mode) {
  const std::string_view all{text};
  std::optional<std::string> error = order({"write", path, mode, std::string{all.substr(0, kPiece)}});
  for (std::size_t at = kPiece; !error && at < all.size(); at += kPiece) {
    error = order({"append", path, std::string{all.substr(at, kPiece)}});
  }
  return error;
}

bool NodeInit::remove_file(const std::string& path) { return !order({"remove", path}) && answer_ == "removed"; }

}  // namespace vipdrift::netns
