#include "tools/vipdrift/command_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <sstream>
#include <utility>

#include "protocol/vrrp/profile_text.h"
#include "scenarios/durations.h"
#include "tools/vipdrift/did_you_mean.h"
#include "tools/vipdrift/lab/lab_place.h"

namespace vipdrift::tools {
namespace {

constexpr char kIntroduction[] =
    "Rehearses the failover of a keepalived cluster: takes its keepalived.conf files\n"
    "through a scenario, in a simulated network or in namespaces of the running\n"
    "kernel, and says who held which virtual address when.";

constexpr char kExamples[] =
    "Examples:\n"
    "  vipdrift run scenarios/article/03-master-crash.yaml   one scenario with its timeline\n"
    "  vipdrift run scenarios                                the whole library, a line each\n"
    "  vipdrift check /etc/keepalived/keepalived.conf        what is wrong with a configuration\n"
    "  vipdrift run --help                                   everything about one command\n";

constexpr char kRunExamples[] =
    "Examples:\n"
    "  vipdrift run failover.yaml                    timeline, who held which address, verdict\n"
    "  vipdrift run --timeline scenarios/article     the same for each of a directory\n"
    "  vipdrift run --jobs 4 --junit report.xml scenarios\n"
    "  vipdrift run --profile vipdrift --pcap wire.pcap failover.yaml\n"
    "  vipdrift run --on netns --subject keepalived failover.yaml\n"
    "  vipdrift run --on sim,netns --subject vipdriftd,keepalived failover.yaml\n"
    "  vipdrift run --on uml --subject keepalived failover.yaml    a kernel that has everything, IPVS too\n"
    "  vipdrift run --on sim,netns --subject keepalived/vipdriftd --compare scenarios/article\n"
    "  vipdrift run --start-delay 0.2s..1.2s failover.yaml   does it depend on how fast daemons start?\n"
    "  vipdrift run --json failover.yaml | python3 -m json.tool\n";

constexpr char kListExamples[] =
    "Examples:\n"
    "  vipdrift list                  the scenario library\n"
    "  vipdrift list my-scenarios     those of a directory\n";

constexpr char kSchemaExamples[] =
    "Examples:\n"
    "  vipdrift schema > scenario.schema.json    then, as first line of a scenario for editors:\n"
    "  # yaml-language-server: $schema=scenario.schema.json\n";

constexpr char kCheckExamples[] =
    "Examples:\n"
    "  vipdrift check /etc/keepalived/keepalived.conf\n"
    "  vipdrift check lvs1.conf lvs2.conf            also what directors must agree upon, and who\n"
    "                                                holds each address whatever fails\n"
    "  vipdrift check --table lvs1.conf lvs2.conf    every combination of failures in a table\n"
    "  vipdrift check --timing lvs1.conf lvs2.conf   how long takeovers and returns take at worst\n"
    "  vipdrift check --within 3s lvs1.conf lvs2.conf\n"
    "  vipdrift check --json lvs1.conf lvs2.conf | python3 -m json.tool\n"
    "  vipdrift check --sarif lvs1.conf lvs2.conf > check.sarif\n"
    "  vipdrift check --write-scenarios found lvs1.conf lvs2.conf; vipdrift run found\n"
    "  vipdrift check --explain failed-keeps-address\n"
    "  vipdrift check shared.conf@lvs1 shared.conf@lvs2      one file with lines of @lvs1 and of @lvs2\n"
    "  vipdrift check lvs1=a/keepalived.conf lvs2=b/keepalived.conf     names of your own\n"
    "  vipdrift check directors/                     each *.conf there is a director\n"
    "\n"
    "FILE is [NAME=]FILE[@ID]: what a director is called, and the id of its @ID lines (as -i, of it alone).\n"
    "Warnings and notes are no errors. docs/check-json.md tells what --json prints.\n"
    "\n"
    "Exit codes: 0 no error; 1 the cluster has an error; 2 a file cannot be read, or is refused.\n";

constexpr char kConfigExamples[] =
    "Examples:\n"
    "  vipdrift config show /etc/keepalived/keepalived.conf    everything that counts, defaults too\n"
    "  vipdrift config diff /etc/keepalived/keepalived.conf new.conf    what a reload would do\n"
    "  vipdrift config fmt --check /etc/keepalived/*.conf      files that are not in form\n"
    "  vipdrift config keywords preempt_delay                  what a keyword takes and means\n"
    "  vipdrift config show --help                             everything about one command\n";

constexpr char kConfigDiffExamples[] =
    "Examples:\n"
    "  vipdrift config diff /etc/keepalived/keepalived.conf new.conf\n"
    "  vipdrift config diff --profile vipdrift old.conf new.conf      habits of vipdriftd\n"
    "  vipdrift config diff --json old.conf new.conf | python3 -m json.tool\n"
    "The core itself takes the new file while it runs with the old one, MASTER of all it can be, every\n"
    "script, link and check well: what it does then is told. A backup keeps its state in the same way.\n"
    "Settings that are accepted without effect are told, and are no change. A virtual_server that is\n"
    "defined twice goes on as the first: a reload with the very same file may begin its checks anew.\n"
    "\n"
    "Exit codes: 0 nothing would change; 1 something would; 2 a file cannot be read, or is refused.\n";

constexpr char kConfigFmtExamples[] =
    "Examples:\n"
    "  vipdrift config fmt keepalived.conf                  to standard output\n"
    "  vipdrift config fmt --check conf.d/*.conf            names the files that differ\n"
    "  vipdrift config fmt --write keepalived.conf          replaces the file in one go\n"
    "Indentation, columns and blanks change, nothing else: comments, order, quotes, includes, conditions and\n"
    "definitions stay, and the file means what it meant. Included files are files of their own.\n"
    "\n"
    "Exit codes: 0 done; 1 with --check, a file differs; 2 a file cannot be read or written,\n"
    "or has a quote or brace without its partner, and is left as it is.\n";

constexpr char kConfigShowExamples[] =
    "Examples:\n"
    "  vipdrift config show /etc/keepalived/keepalived.conf\n"
    "  vipdrift config show -i lvs1 shared.conf            with the lines of @lvs1\n"
    "  vipdrift config show --json keepalived.conf | python3 -m json.tool\n"
    "What is printed is a keepalived.conf that means the same, with includes, definitions, conditions and\n"
    "sequences resolved. Comments say where a value comes from when it is not written in its block;\n"
    "what cannot be written is a comment itself. Warnings go to standard error.\n"
    "\n"
    "Exit codes: 0 printed; 2 the file cannot be read, or is refused.\n";

constexpr char kConfigKeywordsExamples[] =
    "Examples:\n"
    "  vipdrift config keywords                       every block and keyword\n"
    "  vipdrift config keywords garp_master_delay     what it takes, what it means, its default\n"
    "  vipdrift config keywords real_server           what may stand in a block\n"
    "  vipdrift config keywords --json                for editors\n"
    "\n"
    "Exit codes: 0 printed; 2 no such keyword or block.\n";

constexpr char kUpExamples[] =
    "Examples:\n"
    "  vipdrift up scenarios/article/cluster.yaml                    the how-to's cluster, to play with\n"
    "  vipdrift up --subject keepalived/vipdriftd --lab mixed my.yaml\n"
    "  vipdrift exec lvs1 ip -brief address && vipdrift status && vipdrift down\n";

constexpr char kStatusExamples[] =
    "Examples:\n"
    "  vipdrift status --watch                           who holds what, every second\n"
    "  vipdrift status --json | python3 -m json.tool\n";

constexpr char kExecExamples[] =
    "Examples:\n"
    "  vipdrift exec lvs1 ip -brief address\n"
    "  vipdrift exec lvs1 pkill -9 vipdriftd             then: vipdrift status\n"
    "  vipdrift exec lvs2 tcpdump -ni eth0 vrrp\n"
    "  vipdrift exec client                              a shell on the client\n"
    "The exit code is the command's own: 126 when it cannot be run, 127 when it is not found, 128 and the\n"
    "signal's number when it was killed; 3 when the lab or the node is not there.\n";

constexpr char kDownExamples[] =
    "Examples:\n"
    "  vipdrift down\n"
    "  vipdrift down --lab mixed\n";

constexpr char kRealServerExamples[] =
    "Examples:\n"
    "  vipdrift realserver 10.1.10.7 10.1.10.77          as root: addresses on lo, silent to ARP\n"
    "  vipdrift realserver 10.1.10.7 --check             what is wrong with one prepared by hand\n"
    "  vipdrift realserver --undo                        exactly what it did, taken back\n"
    "Exit codes: 0 done, or nothing wrong; 1 --check found something, or --undo something changed since;\n"
    "2 the command line is wrong; 3 the kernel refuses, and nothing was changed.\n";

constexpr char kCompletionExamples[] =
    "Examples:\n"
    "  . <(vipdrift completion bash)\n"
    "  . <(vipdrift completion zsh)\n"
    "  vipdrift completion fish > ~/.config/fish/completions/vipdrift.fish\n";

/// Accepts one of `words`; names the nearest for any other. Completion reads the words from the option's type text.
CLI::Validator one_of(std::vector<std::string> words) {
  std::string listed;
  for (const std::string& word : words) listed += (listed.empty() ? "" : "|") + word;
  return CLI::Validator(
      [words = std::move(words), listed](std::string& given) -> std::string {
        if (std::find(words.begin(), words.end(), given) != words.end()) return {};
        return fmt::format("'{}' is none of {}{}", given, listed, did_you_mean(given, words));
      },
      "", "one_of");
}

/// The same for several words with commas between, each once.
CLI::Validator list_of(std::vector<std::string> words) {
  return CLI::Validator(
      [known = one_of(std::move(words))](std::string& given) -> std::string {
        std::vector<std::string> seen;
        std::istringstream in(given + ",");
        for (std::string word; std::getline(in, word, ',');) {
          if (std::string wrong = known(word); !wrong.empty()) return wrong;
          if (std::find(seen.begin(), seen.end(), word) != seen.end()) return fmt::format("'{}' is given twice", word);
          seen.push_back(word);
        }
        return {};
      },
      "", "list_of");
}

void add_config_id(CLI::App& command, std::string& config_id) {
  command.add_option("-i,--config-id", config_id, "Identity that @ID lines are compared with")->type_name("ID");
}

void add_profile(CLI::App& command, std::string& profile) {
  command.add_option("--profile", profile, "Daemon that directors run")
      ->check(CLI::Validator([](std::string& text) { return vrrp::parse_profile(text).error; }, "", "profile"))
      ->type_name("keepalived|vipdrift");
}

std::string footer(const char* examples) { return std::string(examples) + "\n" + kExitCodesHelp; }

std::vector<std::string> words_of(const CLI::App& app, bool options) {
  std::vector<std::string> words;
  if (!options) {
    for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
      words.push_back(command->get_name());
    }
    return words;
  }
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
  }
  return words;
}

}  // namespace

CommandLine::CommandLine() : app_(kIntroduction, "vipdrift") {
  app_.footer(footer(kExamples));
  app_.set_version_flag("--version", "vipdrift " VIPDRIFT_VERSION, "Print the version");
  app_.get_formatter()->column_width(28);
  app_.allow_extras();
  add_run();
  add_list();
  add_schema();
  add_check();
  add_config();
  add_lab();
  add_realserver();
  add_completion();
  for (CLI::App* command : app_.get_subcommands([](CLI::App*) { return true; })) {
    command->allow_extras();
    for (CLI::App* inner : command->get_subcommands([](CLI::App*) { return true; })) inner->allow_extras();
  }
}

void CommandLine::add_run() {
  RunArguments& run = request_.run;
  CLI::App* command = app_.add_subcommand("run", "Run scenarios and judge what was seen");
  command->footer(footer(kRunExamples));
  command->add_option("PATH", run.paths, "Scenario files, or directories of them")->required()->type_name("");
  command->add_option("--on", run.worlds, "World to run in; several, as sim,netns, are set side by side")
      ->check(list_of({"sim", "netns", "uml"}))
      ->type_name("sim|netns|uml");
  CLI::Option* profile =
      command->add_option("--profile", run.profile, "Daemon that directors run unless they or the scenario choose")
          ->check(CLI::Validator([](std::string& text) { return vrrp::parse_profile(text).error; }, "", "profile"))
          ->type_name("keepalived|vipdrift");
  command
      ->add_option("--subject", run.subjects,
                   "What directors run: also keepalived/vipdriftd (in turn), several with commas, \"COMMAND {config}\"")
      ->allow_extra_args(false)
      ->excludes(profile)
      ->type_name("vipdriftd|keepalived");
  command->add_option("--vipdriftd", run.vipdriftd, "Program for the subject vipdriftd (the one beside vipdrift)")
      ->type_name("FILE");
  command->add_option("--uml", run.uml, "Kernel for --on uml (linux.uml of the package user-mode-linux)")
      ->type_name("FILE");
  command->add_option("--tolerance", run.tolerance, "Widen every bound by so much (sim 0s, others their own)")
      ->type_name("TIME");
  command->add_option("--start-delay", run.start_delay, "How long daemons take to start in sim (20ms..170ms, by seed)")
      ->type_name("TIME[..TIME]");
  command->add_flag("--compare", run.compare, "Exit 0 when the worlds agree and 1 when not, whatever the verdict");
  command->add_option("--seed", run.seed, "Seed of every draw, instead of the scenario's")->type_name("N");
  command->add_option("--jobs,-j", run.jobs, "Runs at a time (one per processor; 16 on netns; 2 a kernel of uml)")
      ->check(CLI::Range(1, 1024).description(""))
      ->type_name("N");
  command->add_flag("--timeline", run.timeline, "Timeline of each scenario, also of several");
  command->add_flag("--verbose,-v", run.verbose, "Advertisements, discards, script results and logs too");
  CLI::Option* json = command->add_flag("--json", run.json, "One JSON document instead of text");
  command->add_flag("--hash", run.hash, "Only the hash of each timeline and the last draw")->excludes(json);
  command->add_option("--junit", run.junit_file, "Also write JUnit XML")->type_name("FILE");
  command->add_option("--pcap", run.pcap_file, "Also write the frames of the one scenario, as sent")->type_name("FILE");
}

void CommandLine::add_list() {
  CLI::App* command = app_.add_subcommand("list", "List scenarios with name, tags and description");
  command->footer(footer(kListExamples));
  command->add_option("PATH", request_.list_paths, "Scenario files or directories (the scenario library)")
      ->type_name("");
}

void CommandLine::add_schema() {
  app_.add_subcommand("schema", "Print the JSON Schema of scenario files")->footer(footer(kSchemaExamples));
}

void CommandLine::add_check() {
  CheckArguments& check = request_.check;
  CLI::App* command = app_.add_subcommand("check", "Check keepalived.conf files, each alone and all as one cluster");
  command->footer(kCheckExamples);
  command->add_option("FILE", check.files, "Configurations, one a director: [NAME=]FILE[@ID], or directories of them")
      ->type_name("");
  add_config_id(*command, check.config_id);
  add_profile(*command, check.profile);
  CLI::Option* table =
      command->add_flag("--table", check.table, "Who holds each address in every combination of failures");
  CLI::Option* timing =
      command->add_flag("--timing", check.timing, "How long takeovers and returns take at worst, and why");
  command
      ->add_option_function<std::string>(
          "--within", [&check](const std::string& text) { check.within = scenarios::parse_duration(text); },
          "Takeovers that may take longer are errors")
      ->check(CLI::Validator(
          [](std::string& text) {
            const std::optional<Duration> within = scenarios::parse_duration(text);
            return within && *within > Duration{0}
                       ? std::string{}
                       : fmt::format("'{}' is no time to be within; expected a duration above 0, such as 3s or 500ms",
                                     text);
          },
          "", "duration"))
      ->type_name("DURATION");
  command->add_flag("--scripts", check.scripts, "Also look for the scripts on this machine");
  command
      ->add_option("--write-scenarios", check.scenario_folder,
                   "Write a scenario for each finding that can be played; it fails until that is mended")
      ->type_name("DIR");
  CLI::Option* json = command->add_flag("--json", check.json, "One JSON document instead of text");
  CLI::Option* sarif = command->add_flag("--sarif", check.sarif, "SARIF 2.1.0 instead of text, for reviews of code")
                           ->excludes(json)
                           ->excludes(table)
                           ->excludes(timing);
  command->add_option("--help-uri", check.help_uri, "Where docs/rules.md is published, for links in SARIF")
      ->needs(sarif)
      ->type_name("URI");
  CLI::Option* rules = command->add_flag("--rules", check.rules, "Only print the rules and what each finds");
  CLI::Option* pages =
      command->add_flag("--pages", check.pages, "... and everything about them, as docs/rules.md")->needs(rules);
  CLI::Option* explain =
      command->add_option("--explain", check.explain, "Only print everything about one rule")->type_name("RULE");
  command
      ->add_option("--most", check.most_combinations,
                   "Combinations to look at, those with fewest failures first (20000)")
      ->check(CLI::Range(1, 10'000'000).description(""))
      ->type_name("N");
  // Only to print something leaves nothing to check.
  for (CLI::Option* other : command->get_options()) {
    if (other == rules || other == pages || other == command->get_help_ptr()) continue;
    rules->excludes(other);
    if (other != explain) explain->excludes(other);
  }
}

void CommandLine::add_config() {
  CLI::App* group = app_.add_subcommand("config", "Tell back, compare or format a keepalived.conf");
  group->footer(kConfigExamples);
  ConfigArguments& config = request_.config;
  CLI::App* show = group->add_subcommand("show", "Print the effective configuration, every default made visible");
  show->footer(kConfigShowExamples);
  show->add_option("FILE", config.file, "Configuration")->required()->type_name("");
  add_config_id(*show, config.config_id);
  add_profile(*show, config.profile);
  show->add_flag("--json", config.json, "One JSON document instead of text");
  CLI::App* diff = group->add_subcommand("diff", "Say what a reload from one configuration to another would do");
  diff->footer(kConfigDiffExamples);
  diff->add_option("OLD", config.file, "Configuration that runs")->required()->type_name("");
  diff->add_option("NEW", config.other_file, "Configuration to load")->required()->type_name("");
  add_config_id(*diff, config.config_id);
  add_profile(*diff, config.profile);
  diff->add_flag("--json", config.json, "One JSON document instead of text");
  CLI::App* fmt = group->add_subcommand("fmt", "Format keepalived.conf files: indentation, columns, blanks");
  fmt->footer(kConfigFmtExamples);
  fmt->add_option("FILE", config.files, "Configurations, or parts of them")->required()->type_name("");
  CLI::Option* check = fmt->add_flag("--check", config.check, "Change nothing; name the files that differ");
  fmt->add_flag("--write", config.write, "Put the result in the place of each file")->excludes(check);
  add_config_keywords(*group);
}

void CommandLine::add_config_keywords(CLI::App& group) {
  KeywordsArguments& keywords = request_.keywords;
  CLI::App* command = group.add_subcommand("keywords", "Explain the language: every keyword, what it takes and means");
  command->footer(kConfigKeywordsExamples);
  auto* words = command->add_option("WORD", keywords.words, "Keywords or blocks to explain")->type_name("");
  auto* json = command->add_flag("--json", keywords.json, "One JSON document: a list of blocks");
  auto* markdown = command->add_flag("--markdown", keywords.markdown, "The page docs/keepalived.conf.md");
  command->add_flag("--without-effect", keywords.without_effect, "Those that are read and have no effect, as Markdown")
      ->excludes(words)
      ->excludes(json)
      ->excludes(markdown);
  markdown->excludes(words)->excludes(json);
  json->excludes(words);
}

void CommandLine::add_realserver() {
  RealServerArguments& given = request_.realserver;
  CLI::App* command =
      app_.add_subcommand("realserver", "Prepare this machine as a real server of LVS-DR, or check it as one");
  command->footer(kRealServerExamples);
  command->add_option("VIP", given.addresses, "Virtual addresses")->type_name("");
  command->add_flag("--check", given.check, "Change nothing; say what is wrong, and how to mend it");
  command->add_flag("--undo", given.undo, "Take back what was done (for all addresses, or those given)");
  command->add_option("--state-dir", given.state_directory, "Where what was done is noted (/run/vipdrift)")
      ->type_name("DIR");
}

void CommandLine::add_completion() {
  CLI::App* command = app_.add_subcommand("completion", "Print a shell's completion script");
  command->footer(footer(kCompletionExamples));
  command->add_option("SHELL", request_.shell, "bash, zsh or fish")
      ->required()
      ->check(one_of({"bash", "zsh", "fish"}))
      ->type_name("");
}

CLI::App* CommandLine::add_lab_command(const char* name, const char* about, const char* examples) {
  CLI::App* command = app_.add_subcommand(name, about);
  command->footer(footer(examples));
  command->add_option("--lab", request_.lab.lab, "Name of the lab, when there are several (lab)")
      ->check(CLI::Validator(
          [](const std::string& given) -> std::string {
            return is_lab_name(given) ? "" : "'" + given + "' is no name of a lab; expected letters, digits, - _ .";
          },
          "", "lab_name"))
      ->type_name("NAME");
  return command;
}

void CommandLine::add_lab() {
  LabArguments& lab = request_.lab;
  CLI::App* up = add_lab_command("up", "Deploy a cluster into namespaces and leave it running", kUpExamples);
  up->add_option("CLUSTER", lab.cluster, "Cluster file, or a scenario whose cluster it is")->required()->type_name("");
  up->add_option("--subject", lab.subjects,
                 "What directors run: also keepalived/vipdriftd (in turn), \"COMMAND {config}\"")
      ->allow_extra_args(false)
      ->type_name("vipdriftd|keepalived");
  up->add_option("--vipdriftd", lab.vipdriftd, "Program for the subject vipdriftd (the one beside vipdrift)")
      ->type_name("FILE");
  CLI::App* status = add_lab_command("status", "Say who holds what in a lab, and what runs there", kStatusExamples);
  status->add_flag("--json", lab.json, "One JSON document instead of text");
  status->add_flag("--watch", lab.watch, "Again every second, until interrupted");
  CLI::App* exec = add_lab_command("exec", "Run a command on a node of a lab", kExecExamples);
  exec->add_option("NODE", lab.node, "Director, client or real server, then the COMMAND with its words (a shell)")
      ->required()
      ->type_name("");
  exec->prefix_command();  // what follows NODE is the command's own, options too
  add_lab_command("down", "Take a lab down; nothing is left behind", kDownExamples);
}

/// The program, and the subcommands that were given, the innermost last.
std::vector<const CLI::App*> CommandLine::path() const {
  std::vector<const CLI::App*> commands{&app_};
  for (auto inner = app_.get_subcommands(); !inner.empty(); inner = commands.back()->get_subcommands()) {
    commands.push_back(inner.front());
  }
  return commands;
}

/// What is wrong with the first word that nothing took; nullopt when every word was understood.
std::optional<std::string> CommandLine::unknown_word() const {
  const CLI::App& innermost = *path().back();
  const std::vector<std::string> rest = innermost.remaining();
  // No command begins with a dash; all that follows it is its own.
  if (innermost.get_name() == "exec" && (rest.empty() || !rest.front().starts_with('-'))) return std::nullopt;
  for (const std::string& word : rest) {
    const bool is_option = word.starts_with('-');
    const bool is_group = !innermost.get_subcommands([](const CLI::App*) { return true; }).empty();
    if (!is_option && !is_group) return fmt::format("unexpected argument '{}'", word);
    return fmt::format("unknown {} '{}'{}", is_option ? "option" : "command", word,
                       did_you_mean(word.substr(0, word.find('=')), words_of(innermost, is_option)));
  }
  return std::nullopt;
}

std::optional<ExitStatus> CommandLine::parse(int argc, const char* const* argv) {
  std::optional<std::string> wrong;
  try {
    app_.parse(argc, argv);
  } catch (const CLI::Success& help_or_version) {
    app_.exit(help_or_version);
    return ExitStatus::held;
  } catch (const CLI::ExcludesError& error) {
    wrong = error.what();
    constexpr std::string_view kExcludes = " excludes ";
    if (const auto at = wrong->find(kExcludes); at != std::string::npos) {
      wrong->replace(at, kExcludes.size(), " does not go with ");
    }
  } catch (const CLI::ParseError& error) {
    wrong = error.what();
  }
  if (std::optional<std::string> unknown = unknown_word()) wrong = unknown;
  const std::vector<const CLI::App*> commands = path();
  const bool is_group = !commands.back()->get_subcommands([](const CLI::App*) { return true; }).empty();
  if (!wrong && is_group) wrong = "no command given";
  if (asks_for("exec")) request_.lab.command = app_.get_subcommand("exec")->remaining();
  if (!wrong) return std::nullopt;
  std::string words;
  for (const CLI::App* command : commands) words += command->get_name() + " ";
  fmt::print(stderr, "vipdrift: {}\nTry: {}--help\n", *wrong, words);
  return ExitStatus::wrong_input;
}

}  // namespace vipdrift::tools
