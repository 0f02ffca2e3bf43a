// What host and guest tell each other about one run of a scenario: the order and the result, as bytes.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_UML_RUN_TRANSFER_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_UML_RUN_TRANSFER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "scenarios/runner.h"

namespace vipdrift::tools {

/// One run. Paths mean the same on both sides.
struct RunOrder {
  std::string file;  ///< the scenario
  std::optional<std::uint64_t> seed = {};    ///< instead of the scenario's own
  std::optional<std::string> profile = {};   ///< when the scenario chooses none
  std::vector<std::string> subjects = {};    ///< one word a director, see casting.h
  std::string vipdriftd = {};                ///< the program
  std::string pcap_file = {};                ///< empty: none
  scenarios::RunOptions options = {};
};

std::string to_bytes(const RunOrder& order);
std::string to_bytes(const scenarios::RunResult& result);
/// nullopt: they are not what to_bytes() made.
std::optional<RunOrder> order_from(std::string bytes);
std::optional<scenarios::RunResult> result_from(std::string bytes);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_UML_RUN_TRANSFER_H_
