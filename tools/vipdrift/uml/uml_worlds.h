// The host's side of scenarios in User-Mode Linux: boots machines, shares the runs among them, brings results home.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_UML_UML_WORLDS_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_UML_UML_WORLDS_H_

#include <condition_variable>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "backends/uml/machine.h"
#include "tools/vipdrift/uml/run_transfer.h"

namespace vipdrift::tools {

class UmlWorlds {
 public:
  struct Options {
    std::string program = {};  ///< the kernel, see uml::find_installation()
    std::size_t machines = 1;
    /// How long a run may take beyond its scenario: to build a world, to wait for others to be built, to judge.
    Duration around = std::chrono::minutes{1};
  };

  /// Begins to boot. To be called while the process has a single thread, and before it enters a lab of namespaces.
  /// Null, with a reason in `error`, when it cannot.
  static std::unique_ptr<UmlWorlds> start(const Options& options, std::string& error);
  /// Ends all machines; nothing of them is left.
  ~UmlWorlds();
  UmlWorlds(const UmlWorlds&) = delete;
  UmlWorlds& operator=(const UmlWorlds&) = delete;

  /// Waits until all have booted; the reason when one has not.
  std::optional<std::string> wait_until_ready();

  /// One run, in the machine that has the fewest; on any thread. Its capture is at `order.pcap_file` then. `length`:
  /// of the scenario. A guest that takes longer than kAttempts of it, and what is around each, is ended.
  scenarios::RunResult run(const RunOrder& order, Duration length);

 private:
  struct Guest {
    std::unique_ptr<uml::Machine> machine;
    std::size_t runs = 0;                          ///< going on
    std::map<std::string, std::string> answers = {};  ///< of finished runs: an error, or empty
    std::optional<std::string> ended = {};           ///< how
    std::jthread listener = {};
  };

  explicit UmlWorlds(Duration around) : around_(around) {}
  void listen(Guest& guest);
  Guest* least_busy();
  std::optional<std::string> carry_out(Guest& guest, const std::string& number, Duration patience);

  const Duration around_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Guest>> guests_;
  std::size_t last_number_ = 0;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_UML_UML_WORLDS_H_
