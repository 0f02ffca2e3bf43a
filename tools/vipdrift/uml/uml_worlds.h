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
  /// Begins to boot `machines` of them, with the kernel that `program` names (empty: linux.uml). To be called while the
  /// process has a single thread, and before it enters a lab of namespaces. Null, with a reason in `error`, when it
  /// cannot.
  static std::unique_ptr<UmlWorlds> start(const std::string& program, std::size_t machines, std::string& error);
  /// Ends all machines; nothing of them is left.
  ~UmlWorlds();
  UmlWorlds(const UmlWorlds&) = delete;
  UmlWorlds& operator=(const UmlWorlds&) = delete;

  /// Waits until all have booted; the reason when one has not.
  std::optional<std::string> wait_until_ready();

  /// One run, in the machine that has the fewest; on any thread. Its capture is at `order.pcap_file` then. `length`: of
  /// the scenario; a guest that takes much longer is given up.
  scenarios::RunResult run(const RunOrder& order, Duration length);

 private:
  struct Guest {
    std::unique_ptr<uml::Machine> machine;
    std::size_t runs = 0;                          ///< going on
    std::map<std::string, std::string> answers = {};  ///< of finished runs: an error, or empty
    std::optional<std::string> ended = {};           ///< how
    std::jthread listener = {};
  };

  UmlWorlds() = default;
  void listen(Guest& guest);
  Guest* least_busy();
  std::optional<std::string> carry_out(Guest& guest, const std::string& number, Duration patience);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Guest>> guests_;
  std::size_t last_number_ = 0;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_UML_UML_WORLDS_H_
