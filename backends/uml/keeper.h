// Runs one User-Mode Linux and sees to it that nothing of it outlives whoever wanted it.
//
// A killed kernel leaves processes and files behind: its memory, its control socket, what it was running. So a process
// of its own, the keeper, makes the files, starts the kernel, and waits for either of two ends: that of the kernel, or
// that of its client, of kill -9 too, which it notices by a socket. Then it kills what is left and removes the files.
// It has a session of its own, so that Ctrl-C reaches the client alone, and needs no signal handlers there.
#ifndef VIPDRIFT_BACKENDS_UML_KEEPER_H_
#define VIPDRIFT_BACKENDS_UML_KEEPER_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>

#include "backends/netns/descriptor.h"
#include "backends/uml/installation.h"

namespace vipdrift::uml {

class Keeper {
 public:
  struct Options {
    Installation installation;
    std::string init;  ///< the program that becomes the guest's first process
    int megabytes = 512;  ///< of memory, of which the host gives what is used
  };

  /// Forks: to be called while the process has a single thread. Null, with a reason in `error`, when the kernel cannot
  /// be executed.
  static std::unique_ptr<Keeper> start(const Options& options, std::string& error);
  /// Waits until the kernel is dead and everything of it is gone.
  ~Keeper();
  Keeper(const Keeper&) = delete;
  Keeper& operator=(const Keeper&) = delete;

  /// A directory of the host that the guest sees at the same path, the only one that it can write to.
  const std::string& place() const { return place_; }
  pid_t kernel() const { return kernel_; }
  /// What the kernel and its first process print; readable, and at its end when the kernel has ended.
  int console() const { return console_.get(); }
  /// The guest's serial line /dev/ttyS0, both ways.
  int line() const { return line_.get(); }
  /// Asks for the end; on any thread.
  void ask_to_end() const;
  /// Asks for the end and waits for it. Says how the kernel ended, "exit status 1"; "killed by signal 9" also when it
  /// is this call that ended it.
  std::string end();

 private:
  Keeper() = default;
  void clean_up_instead() const;

  std::string place_;
  std::string memory_;
  pid_t kernel_ = 0;
  pid_t process_ = 0;
  netns::Descriptor console_;
  netns::Descriptor line_;
  netns::Descriptor wanted_;   ///< open as long as the kernel is
  netns::Descriptor reports_;  ///< from the keeper
  std::string how_it_ended_;
};

/// Names in place(): the guest's first process, its modules, the directory to work in, its environment.
inline constexpr const char* kInitName = "init";
inline constexpr const char* kModprobeName = "modprobe";
inline constexpr const char* kModulesName = "modules";
inline constexpr const char* kDirectoryName = "directory";
inline constexpr const char* kSearchPathName = "path";
/// Names place() to the guest's first process.
inline constexpr const char* kPlaceVariable = "VIPDRIFT_UML";

}  // namespace vipdrift::uml

#endif  // VIPDRIFT_BACKENDS_UML_KEEPER_H_
