#include "tools/vipdrift/completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include "protocol/config/reference.h"

namespace vipdrift::tools {
namespace {

struct OptionWords {
  std::vector<std::string> names;    ///< with their dashes
  std::vector<std::string> choices;  ///< of a closed set
  bool takes_value = false;
  bool takes_file = false;
  std::string about;
};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::vector<const CLI::App*> commands_of(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App*) { return true; });
}

std::vector<OptionWords> options_of(const CLI::App& command) {
  std::vector<OptionWords> all;
  for (const CLI::Option* option : command.get_options()) {
    OptionWords words;
    for (const std::string& name : option->get_lnames()) words.names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) words.names.push_back("-" + name);
    if (words.names.empty()) continue;
    words.takes_value = option->get_expected_max() > 0;
    words.takes_file = option->get_type_name() == "FILE";
    if (option->get_type_name().find('|') != std::string::npos) words.choices = split(option->get_type_name(), '|');
    words.about = option->get_description();
    all.push_back(std::move(words));
  }
  return all;
}

/// Every block and keyword of keepalived.conf, once.
std::string words_of_the_language() {
  std::set<std::string_view> words;
  for (const config::ReferenceBlock& block : config::language_reference()) {
    if (block.name.find(' ') == std::string_view::npos) words.insert(block.name);
    for (const config::ReferenceKeyword& keyword : block.keywords) words.insert(keyword.word);
  }
  return fmt::format("{}", fmt::join(words, " "));
}

/// Words that may stand in place of a file.
std::string fixed_arguments(const CLI::App& command) {
  if (command.get_name() == "keywords") return words_of_the_language();
  return command.get_name() == "completion" ? "bash zsh fish" : "";
}

bool takes_files(const CLI::App& command) {
  const std::string name = command.get_name();
  return name != "schema" && name != "completion" && name != "status" && name != "down" && name != "realserver" &&
         name != "keywords";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// What completes behind the words of a command, its own name among them.
std::string bash_words(const CLI::App& command) {
  std::string words;
  std::string values;
  for (const OptionWords& option : options_of(command)) {
    words += joined(option.names) + " ";
    if (!option.choices.empty()) {
      values += fmt::format("        {}) COMPREPLY=($(compgen -W '{}' -- \"$word\")); return ;;\n",
                            fmt::join(option.names, "|"), joined(option.choices));
    } else if (option.takes_value) {
      values +=
          fmt::format("        {}) COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n", fmt::join(option.names, "|"));
    }
  }
  std::string text;
  if (!values.empty()) text += "      case $before in\n" + values + "      esac\n";
  text += fmt::format("      COMPREPLY=($(compgen -W '{}{}' -- \"$word\"))\n", words, fixed_arguments(command));
  if (takes_files(command)) text += "      [[ $word == -* ]] || COMPREPLY+=($(compgen -f -- \"$word\"))\n";
  return text;
}

std::string bash_command(const CLI::App& command) {
  const std::vector<const CLI::App*> inner = commands_of(command);
  if (inner.empty()) return fmt::format("    {})\n", command.get_name()) + bash_words(command) + "      ;;\n";
  std::vector<std::string> names;
  std::string cases;
  for (const CLI::App* each : inner) {
    names.push_back(each->get_name());
    cases += fmt::format("    {}\\ {})\n", command.get_name(), each->get_name()) + bash_words(*each) + "      ;;\n";
  }
  return cases + fmt::format("    {}\\ *)\n      COMPREPLY=($(compgen -W '{} --help' -- \"$word\")) ;;\n",
                             command.get_name(), joined(names));
}

std::string bash_script(const CLI::App& app) {
  std::vector<std::string> names;
  std::vector<std::string> groups;
  std::string cases;
  for (const CLI::App* command : commands_of(app)) {
    names.push_back(command->get_name());
    if (!commands_of(*command).empty()) groups.push_back(command->get_name());
    cases += bash_command(*command);
  }
  return fmt::format(
      "# bash completion of vipdrift\n"
      "_vipdrift() {{\n"
      "  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}}\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
      "    COMPREPLY=($(compgen -W '{} --help --version' -- \"$word\"))\n"
      "    return\n"
      "  fi\n"
      "  local command=${{COMP_WORDS[1]}}\n"
      "  case $command in\n"
      "    {}) command+=\" ${{COMP_WORDS[2]}}\" ;;\n"
      "  esac\n"
      "  case $command in\n"
      "{}"
      "  esac\n"
      "}}\n"
      "complete -o filenames -F _vipdrift vipdrift\n",
      joined(names), fmt::join(groups, "|"), cases);
}

/// zsh runs the bash completion through its own emulation.
std::string zsh_script(const CLI::App& app) {
  return "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n" + bash_script(app);
}

/// Between single quotes of fish.
std::string quotable(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), '\''), text.end());
  return text;
}

std::string fish_option(const std::string& command, const OptionWords& option) {
  std::string line = fmt::format("complete -c vipdrift -n '__fish_seen_subcommand_from {}'", command);
  for (const std::string& name : option.names) {
    line += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  }
  if (!option.choices.empty()) {
    line += fmt::format(" -x -a '{}'", joined(option.choices));
  } else if (option.takes_value) {
    line += option.takes_file ? " -r" : " -x";
  }
  return line + fmt::format(" -d '{}'\n", quotable(option.about));
}

std::string fish_arguments(const std::string& path, const CLI::App& command) {
  const std::string fixed = fixed_arguments(command);
  if (fixed.empty()) return {};
  return fmt::format("complete -c vipdrift -n '__fish_seen_subcommand_from {}' -f -a '{}'\n", path, fixed);
}

/// The commands of a group, and the options of each of them.
std::string fish_group(const CLI::App& group) {
  std::string text;
  const std::vector<const CLI::App*> inner = commands_of(group);
  std::vector<std::string> names;
  for (const CLI::App* command : inner) names.push_back(command->get_name());
  for (const CLI::App* command : inner) {
    text += fmt::format(
        "complete -c vipdrift -n '__fish_seen_subcommand_from {}; and not __fish_seen_subcommand_from {}' -f -a {} "
        "-d '{}'\n",
        group.get_name(), joined(names), command->get_name(), quotable(command->get_description()));
    const std::string path = group.get_name() + "; and __fish_seen_subcommand_from " + command->get_name();
    for (const OptionWords& option : options_of(*command)) text += fish_option(path, option);
    text += fish_arguments(path, *command);
  }
  return text;
}

std::string fish_script(const CLI::App& app) {
  std::string text = "# fish completion of vipdrift\ncomplete -c vipdrift -n __fish_use_subcommand -f\n";
  for (const CLI::App* command : commands_of(app)) {
    text += fmt::format("complete -c vipdrift -n __fish_use_subcommand -f -a {} -d '{}'\n", command->get_name(),
                        quotable(command->get_description()));
    text += fish_group(*command);
    for (const OptionWords& option : options_of(*command)) text += fish_option(command->get_name(), option);
    text += fish_arguments(command->get_name(), *command);
  }
  return text;
}

}  // namespace

std::string completion_script(const CLI::App& app, std::string_view shell) {
  if (shell == "fish") return fish_script(app);
  return shell == "zsh" ? zsh_script(app) : bash_script(app);
}

}  // namespace vipdrift::tools
