// vipdrift: rehearses keepalived failover from the command line.
#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <string_view>

#include "backends/netns/lab.h"
#include "backends/uml/guest.h"
#include "tools/vipdrift/check_command.h"
#include "tools/vipdrift/command_line.h"
#include "tools/vipdrift/completion.h"
#include "tools/vipdrift/config_command.h"
#include "tools/vipdrift/keywords_command.h"
#include "tools/vipdrift/lab/lab_commands.h"
#include "tools/vipdrift/list_command.h"
#include "tools/vipdrift/realserver_command.h"
#include "tools/vipdrift/run_command.h"
#include "tools/vipdrift/uml/uml_guest.h"

namespace vipdrift::tools {

/// scenarios/scenario.schema.json, embedded at build time.
extern const std::string_view kScenarioSchema;

namespace {

ExitStatus run(const CommandLine& line) {
  const Request& request = line.request();
  if (line.asks_for("run")) return run_command(request.run);
  if (line.asks_for("list")) return list_command(request.list_paths);
  if (line.asks_for("check")) return check_command(request.check);
  if (line.asks_for("config", "diff")) return config_diff_command(request.config);
  if (line.asks_for("config", "fmt")) return config_fmt_command(request.config);
  if (line.asks_for("config", "show")) return config_show_command(request.config);
  if (line.asks_for("config", "keywords")) return keywords_command(request.keywords);
  if (line.asks_for("up")) return up_command(request.lab);
  if (line.asks_for("status")) return status_command(request.lab);
  if (line.asks_for("down")) return down_command(request.lab);
  if (line.asks_for("realserver")) return realserver_command(request.realserver);
  if (line.asks_for("schema")) {
    fmt::print("{}", kScenarioSchema);
  } else {
    fmt::print("{}", completion_script(line.app(), request.shell));
  }
  return ExitStatus::held;
}

}  // namespace
}  // namespace vipdrift::tools

int main(int argc, char** argv) {
  using vipdrift::tools::ExitStatus;
  vipdrift::uml::run_guest_if_asked(argc, argv, vipdrift::tools::serve_host);
  vipdrift::netns::run_agent_if_asked(argc, argv);
  try {
    vipdrift::tools::CommandLine line;
    if (const auto finished = line.parse(argc, argv)) return static_cast<int>(*finished);
    if (line.asks_for("exec")) return vipdrift::tools::exec_command(line.request().lab);
    return static_cast<int>(vipdrift::tools::run(line));
  } catch (const std::exception& error) {
    fmt::print(stderr, "vipdrift: {}\n", error.what());
    return static_cast<int>(ExitStatus::no_world);
  }
}
