// One booted User-Mode Linux as its host sees it: words go in, words come out, and it may end at any moment.
#ifndef VIPDRIFT_BACKENDS_UML_MACHINE_H_
#define VIPDRIFT_BACKENDS_UML_MACHINE_H_

#include <sys/types.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "backends/uml/keeper.h"
#include "protocol/base/time.h"

namespace vipdrift::uml {

/// How far off the times of observations in a guest may be. Timers are seen to within 50 ms; but every system call and
/// every page that a program touches for the first time takes a hundred times as long as on the host, so that a daemon
/// starts 0.3 to 0.9 s later than elsewhere, and a script is seen to have run 0.2 to 0.5 s later.
inline constexpr Duration kTolerance = std::chrono::seconds{1};

struct MachineOptions {
  Installation installation;
  std::string init;                                ///< this program, which calls run_guest_if_asked()
  Duration boot_takes = std::chrono::seconds{60};  ///< at most; four seconds on a machine with nothing else to do
  Duration silence = std::chrono::seconds{60};     ///< at most, between two signs of life; one a second is due
};

class Machine {
 public:
  /// Begins to boot; to be called while the process has a single thread. Null, with a reason in `error`, when the
  /// kernel cannot be started.
  static std::unique_ptr<Machine> start(const MachineOptions& options, std::string& error);

  /// Waits until the guest takes orders. The reason when it never will.
  std::optional<std::string> wait_until_ready();

  /// The guest can write here, and sees it at the same path.
  const std::string& place() const { return keeper_->place(); }
  pid_t kernel() const { return keeper_->kernel(); }

  /// Says one line to the guest; on any thread. false: it has ended.
  bool tell(const std::string& line) const;
  /// The next line that the guest says; on one thread. nullopt: it has ended, or is silent for too long, and was ended.
  std::optional<std::string> hear();
  /// After hear() has come to the end: how it ended, with the last words of its console.
  std::string last_words();
  /// Ends the guest at once; on any thread. hear() comes to the end.
  void end() const { keeper_->ask_to_end(); }

 private:
  Machine(std::unique_ptr<Keeper> keeper, const MachineOptions& options);

  std::optional<std::string> hear_within(Duration patience);
  void read_console();
  bool read_line();

  std::unique_ptr<Keeper> keeper_;
  Duration boot_takes_;
  Duration silence_;
  std::string unfinished_;
  std::deque<std::string> heard_;
  std::string console_;
  bool console_open_ = true;
  std::string gave_up_;  ///< why this side ended it
};

}  // namespace vipdrift::uml

#endif  // VIPDRIFT_BACKENDS_UML_MACHINE_H_
