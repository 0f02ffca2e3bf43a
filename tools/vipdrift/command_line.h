// The words that `vipdrift` understands.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_COMMAND_LINE_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_COMMAND_LINE_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "tools/vipdrift/check_command.h"
#include "tools/vipdrift/config_command.h"
#include "tools/vipdrift/keywords_command.h"
#include "tools/vipdrift/lab/lab_commands.h"
#include "tools/vipdrift/realserver_command.h"
#include "tools/vipdrift/run_command.h"

namespace vipdrift::tools {

/// What the user asked for; filled by CommandLine::app.
struct Request {
  RunArguments run;
  std::vector<std::string> list_paths;
  CheckArguments check;
  ConfigArguments config;
  KeywordsArguments keywords;
  LabArguments lab;
  RealServerArguments realserver;
  std::string shell;
};

/// The parser and its subcommands. It holds pointers into its Request: neither copied nor moved.
class CommandLine {
 public:
  CommandLine();
  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  /// Parses; prints help, version or what is wrong. Returns the exit code when there is nothing left to do.
  std::optional<ExitStatus> parse(int argc, const char* const* argv);
  /// Whether the subcommand of that name was given.
  bool asks_for(const std::string& command) const { return app_.got_subcommand(command); }
  /// Whether that subcommand of a group was given, as `config show`.
  bool asks_for(const std::string& group, const std::string& command) const {
    return asks_for(group) && app_.get_subcommand(group)->got_subcommand(command);
  }

  const Request& request() const { return request_; }
  const CLI::App& app() const { return app_; }

 private:
  void add_run();
  void add_list();
  void add_schema();
  void add_check();
  void add_config();
  void add_config_keywords(CLI::App& group);
  void add_completion();
  void add_realserver();
  CLI::App* add_lab_command(const char* name, const char* about, const char* examples);
  void add_lab();
  std::vector<const CLI::App*> path() const;
  std::optional<std::string> unknown_word() const;

  CLI::App app_;
  Request request_;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_COMMAND_LINE_H_
