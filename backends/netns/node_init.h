// A node's init as its world holds it: gives orders, hears reports, and takes everything along when it goes.
#ifndef VIPDRIFT_BACKENDS_NETNS_NODE_INIT_H_
#define VIPDRIFT_BACKENDS_NETNS_NODE_INIT_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backends/netns/descriptor.h"
#include "backends/netns/messages.h"

namespace vipdrift::netns {

class NodeInit {
 public:
  /// Starts an init in new process, mount, UTS and IPC namespaces and in this thread's network namespace. It dies with
  /// this thread. Null, with a reason in `error`, when it cannot.
  static std::unique_ptr<NodeInit> start(std::string& error);
  /// Kills it, and with it every process of the node.
  ~NodeInit();
  NodeInit(const NodeInit&) = delete;
  NodeInit& operator=(const NodeInit&) = delete;

  pid_t process() const { return process_; }

  /// The first order: names the node and makes its files private (private_files.h). `program`, a path or empty, stays
  /// reachable; program() is then its path inside.
  std::optional<std::string> set_up(const std::string& name, const std::string& program,
                                    const std::vector<std::string>& directories);
  const std::string& program() const { return program_; }

  /// Carries out an order (agent.cc has them all) and waits until it is done. The reason when it failed.
  std::optional<std::string> order(const Words& words);
  /// Any length; permissions in octal digits.
  std::optional<std::string> write_file(const std::string& path, const std::string& text, const char* mode = "644");
  /// Whether there was such a file.
  bool remove_file(const std::string& path);

  /// Readable: a report waits, the daemon has said something, a recorder has written. None of them makes its reader
  /// wait.
  int reports() const { return reports_.get(); }
  int log() const { return log_.get(); }
  int notes() const { return notes_.get(); }
  /// The next report: "ended" and the daemon's wait status.
  std::optional<Words> next_report() const { return receive_words(reports_.get()); }

 private:
  NodeInit() = default;

  pid_t process_ = 0;
  Descriptor control_;
  Descriptor reports_;
  Descriptor log_;
  Descriptor notes_;
  std::string program_;
  std::string answer_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_NODE_INIT_H_
