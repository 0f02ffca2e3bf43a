// Keywords of what is tracked (vrrp_script, track_file, vrrp_track_process), of who tracks it, and of sync groups.
#include <algorithm>
#include <optional>
#include <utility>

#include "protocol/config/command_line.h"
#include "protocol/config/effective_block.h"
#include "protocol/config/grammar.h"
#include "protocol/config/model.h"
#include "protocol/config/nearest_word.h"
#include "protocol/config/notify_keywords.h"
#include "protocol/config/text.h"
#include "protocol/config/virtual_address.h"

namespace vipdrift::config {
namespace {

using std::chrono::seconds;

constexpr int kScriptWeight = 253;
constexpr int kObjectWeight = 254;
constexpr Duration kShortestInterval = std::chrono::milliseconds{1};
constexpr Duration kLongestInterval = seconds{4294};
constexpr Duration kLongestDelay = seconds{3600};
constexpr Duration kLongestPause = std::chrono::microseconds{kLargestInt};

void set_script(Model& m, const Arguments& w) {
  VrrpScript& script = m.script();
  const std::string user = script.command.user;  // a `user` line may stand above
  const std::string group = script.command.group;
  script.command = w.command;
  script.command.user = user;
  script.command.group = group;
  m.script_command = w.spot;
}

/// keepalived 2.2.7 reads whole seconds, later releases milliseconds.
void note_fraction(Model& m, const Arguments& w) {
  if (!parse_integer(w.word())) note_newer_value(m, w.words.front(), w.keyword);
}

void set_script_user(Model& m, const Arguments& w) {
  m.script().command.user = w.text();
  m.script().command.group = w.words.size() > 1 ? std::string{w.words[1].text} : std::string{};
}

constexpr auto kScript = sorted(std::array{
    Keyword{.word = "script",
            .meaning = "The command. No shell is used unless it names one.",
            .shape = takes::command_without_user(),
            .apply = set_script},
    Keyword{.word = "interval",
            .meaning = "From one run to the next (1 s).",
            .shape = takes::seconds(kShortestInterval, kLongestInterval),
            .apply =
                [](Model& m, const Arguments& w) {
                  note_fraction(m, w);
                  m.script().interval = w.time;
                }},
    Keyword{.word = "timeout",
            .meaning = "How long a run may take before it counts as failed (the interval).",
            .shape = takes::seconds(kShortestInterval, kLongestInterval),
            .apply =
                [](Model& m, const Arguments& w) {
                  note_fraction(m, w);
                  m.script().timeout = w.time;
                }},
    Keyword{.word = "weight",
            .meaning = "What success (above 0) or failure (below 0) adds to the priority; 0: failure means FAULT (0).",
            .shape = takes::weight(kScriptWeight),
            .apply =
                [](Model& m, const Arguments& w) {
                  m.script().weight = static_cast<int>(w.number);
                  m.script().reverse = w.reverse;
                }},
    Keyword{.word = "rise",
            .meaning = "How many runs must succeed for it to be well again (1).",
            .shape = takes::integer(1, kLargestInt),
            .apply = [](Model& m, const Arguments& w) { m.script().rise = static_cast<int>(w.number); }},
    Keyword{.word = "fall",
            .meaning = "How many runs must fail for it to have failed (1).",
            .shape = takes::integer(1, kLargestInt),
            .apply = [](Model& m, const Arguments& w) { m.script().fall = static_cast<int>(w.number); }},
    Keyword{.word = "init_fail",
            .meaning = "It begins as failed.",
            .apply = [](Model& m, const Arguments&) { m.script().init_fail = true; }},
    Keyword{.word = "user",
            .meaning = "Who runs it.",
            .shape = takes::words(2, "a user and optionally a group"),
            .apply = set_script_user},
});
static_assert(distinct(kScript));

void set_init_file(Model& m, const Arguments& w) {
  m.track_file().init_file = InitFile::create;
  for (const Word& word : w.words) {
    const auto value = parse_integer(word.text);
    if (word.text == "overwrite") {
      m.track_file().init_file = InitFile::overwrite;
    } else if (value && *value >= -kLargestInt && *value <= kLargestInt) {
      m.track_file().init_value = static_cast<int>(*value);
    } else {
      m.report.error(RuleId::bad_value, word.spot, in_quotes(word.text) + " is not valid for 'init_file'",
                     "[VALUE] [overwrite]");
    }
  }
}

/// keepalived takes the first of such lines.
bool is_first(Model& m, const Arguments& w, const std::string& written) {
  if (written.empty()) return true;
  m.report.warning(RuleId::setting_ignored, w.spot,
                   in_quotes(w.keyword) + " is " + in_quotes(written) + " by a line above: keepalived keeps that");
  return false;
}

void set_file(Model& m, const Arguments& w) {
  if (is_first(m, w, m.track_file().path)) m.track_file().path = w.text();
}

constexpr auto kTrackFile = sorted(std::array{
    Keyword{.word = "file",
            .meaning = "Its path.",
            .shape = takes::word("the path of a file"),
            .apply = set_file,
            .repeatable = true},
    Keyword{.word = "weight",
            .meaning = "What the number in it is multiplied with (1); 0: any number but 0 means FAULT.",
            .shape = takes::weight(kObjectWeight),
            .apply =
                [](Model& m, const Arguments& w) {
                  m.track_file().weight = static_cast<int>(w.number);
                  m.track_file().reverse = w.reverse;
                }},
    Keyword{.word = "init_file",
            .meaning = "Create it at the start with this number (0); overwrite one that exists.",
            .shape = takes::free("[VALUE] [overwrite]"),
            .apply = set_init_file},
});
static_assert(distinct(kTrackFile));

/// With parameters, keepalived compares the whole command line. Quotes stay where they keep a parameter together.
void set_process(Model& m, const Arguments& w) {
  TrackProcess& process = m.track_process();
  if (!is_first(m, w, process.process)) return;
  const auto plain = [](const Word& word) { return word.text.find_first_of("\"\\") == std::string_view::npos; };
  const bool quotes = w.words.size() > 1 && std::all_of(w.words.begin(), w.words.end(), plain);
  for (const Word& word : w.words) {
    if (&word != &w.words.front()) process.process += ' ';
    process.process += quotes ? quoted_word(word.text) : std::string{word.text};
  }
  if (w.words.size() > 1) process.full_command = true;
}

constexpr std::array<std::string_view, 2> kParameterMatches{"initial", "partial"};

constexpr auto kTrackProcess = sorted(std::array{
    Keyword{.word = "process",
            .meaning = "The name of the command; with parameters, the whole command line.",
            .shape = takes::words(1000, "a command, optionally with its parameters"),
            .apply = set_process,
            .repeatable = true},
    Keyword{.word = "weight",
            .meaning = "What running (above 0) or missing (below 0) adds to the priority; 0: missing means FAULT.",
            .shape = takes::weight(kObjectWeight),
            .apply =
                [](Model& m, const Arguments& w) {
                  m.track_process().weight = static_cast<int>(w.number);
                  m.track_process().reverse = w.reverse;
                }},
    Keyword{.word = "quorum",
            .meaning = "How many must run (1).",
            .shape = takes::integer(1, 65535),
            .apply = [](Model& m, const Arguments& w) { m.track_process().quorum = static_cast<int>(w.number); }},
    Keyword{.word = "quorum_max",
            .meaning = "How many may run at most (any number).",
            .shape = takes::integer(0, 65535),
            .apply = [](Model& m, const Arguments& w) { m.track_process().quorum_max = static_cast<int>(w.number); }},
    Keyword{.word = "fork_delay",
            .meaning = "How long there must be enough before it counts as running.",
            .shape = takes::seconds(kShortestTime, kLongestDelay),
            .apply = [](Model& m, const Arguments& w) { m.track_process().fork_delay = w.time; }},
    Keyword{.word = "terminate_delay",
            .meaning = "How long there must be too few before it counts as missing.",
            .shape = takes::seconds(kShortestTime, kLongestDelay),
            .apply = [](Model& m, const Arguments& w) { m.track_process().terminate_delay = w.time; }},
    Keyword{.word = "delay",
            .meaning = "Both fork_delay and terminate_delay.",
            .shape = takes::seconds(kShortestTime, kLongestDelay),
            .apply =
                [](Model& m, const Arguments& w) {
                  m.track_process().fork_delay = w.time;
                  m.track_process().terminate_delay = w.time;
                }},
    Keyword{.word = "full_command",
            .meaning = "Compare the whole command line, not the name.",
            .apply = [](Model& m, const Arguments&) { m.track_process().full_command = true; }},
    known("param_match", "How parameters must agree: as far as they go (initial) or the first ones (partial).",
          takes::choice(kParameterMatches)),
});
static_assert(distinct(kTrackProcess));

constexpr auto kGarpGroup = sorted(std::array{
    Keyword{.word = "garp_interval",
            .meaning = "The pause between gratuitous ARP.",
            .shape = takes::seconds(Duration{0}, kLongestPause),
            .apply = [](Model& m, const Arguments& w) { m.garp_groups.back().garp_interval = w.time; }},
    Keyword{.word = "gna_interval",
            .meaning = "The pause between unsolicited neighbour advertisements.",
            .shape = takes::seconds(Duration{0}, kLongestPause),
            .apply = [](Model& m, const Arguments& w) { m.garp_groups.back().gna_interval = w.time; }},
    Keyword{.word = "interface",
            .meaning = "The interface that it is about.",
            .shape = takes::word("the name of an interface"),
            .apply = [](Model& m, const Arguments& w) { m.garp_groups.back().interfaces.push_back(w.text()); }},
    Keyword{.word = "interfaces",
            .meaning = "Interfaces that share the pause: those of one switch.",
            .opens = Block::garp_interfaces},
});
static_assert(distinct(kGarpGroup));

void judge_global_tracking(Model& m, const Arguments& w) {
  m.report.warning(RuleId::old_name, w.spot, "keepalived calls 'global_tracking' obsolete",
                   "track_interface, track_script and the like in the vrrp_sync_group");
}

constexpr auto kGroup = sorted(joined(
    kNotifyKeywords<NotifyOwner::group>,
    std::array{
        Keyword{.word = "group", .meaning = "Its instances.", .opens = Block::group, .repeatable = true},
        Keyword{.word = "track_interface",
                .meaning = "Interfaces that all instances of the group track.",
                .opens = Block::tracked_interfaces,
                .repeatable = true},
        Keyword{.word = "track_script",
                .meaning = "Scripts that all instances of the group track.",
                .opens = Block::tracked_scripts,
                .repeatable = true},
        Keyword{.word = "track_file",
                .meaning = "Files that all instances of the group track.",
                .opens = Block::tracked_files,
                .repeatable = true},
        Keyword{.word = "track_process",
                .meaning = "Processes that all instances of the group track.",
                .opens = Block::tracked_processes,
                .repeatable = true},
        Keyword{.word = "smtp_alert",
                .meaning = "Whether changes of the group send mails.",
                .shape = takes::optional_boolean(),
                .apply = [](Model& m, const Arguments& w) { m.group().smtp_alert = w.flag; }},
        Keyword{.word = "sync_group_tracking_weight",
                .meaning = "Let weights of members count although they may pull apart.",
                .apply = [](Model& m, const Arguments&) { m.group().sync_group_tracking_weight = true; }},
        judged("global_tracking", "Obsolete: what one member tracks, all do.", takes::nothing(), judge_global_tracking),
        known("notify_priority_changes", "Write changes of priority to the FIFOs.", takes::optional_boolean()),
        Keyword{.word = "track_bfd",
                .meaning = "BFD sessions that all instances of the group track.",
                .opens = Block::tracked_bfds,
                .repeatable = true},
    }));
static_assert(distinct(kGroup));

/// What an object adds to the priority, as a line of its tracker may say it.
struct WeightRule {
  int largest = 0;
  std::span<const std::string_view> directions;
  std::string_view wording;
};
constexpr std::array<std::string_view, 2> kDirections{"reverse", "noreverse"};
constexpr WeightRule kInterfaceRule{kScriptWeight, std::span{kDirections}.first(1), "reverse"};
constexpr WeightRule kScriptRule{kScriptWeight, kDirections, "reverse or noreverse"};
constexpr WeightRule kObjectRule{kObjectWeight, kDirections, "reverse or noreverse"};

/// "NAME [weight NUMBER [reverse|noreverse]]"; nullopt after an error.
std::optional<Tracked> read_tracked(Model& model, const Arguments& line, const WeightRule& rule) {
  static constexpr std::array<std::string_view, 1> kOptions{"weight"};
  const std::span<const Word> words = line.words;
  Tracked tracked;
  tracked.name = line.text();
  if (words.size() == 1) return tracked;
  if (words[1].text != "weight") {
    model.report.error(RuleId::unknown_option, words[1].spot,
                       in_quotes(words[1].text) + " is not valid behind " + in_quotes(tracked.name), "weight",
                       suggestion(words[1].text, kOptions, kOptions));
    return std::nullopt;
  }
  const auto weight = words.size() > 2 ? parse_integer(words[2].text) : std::nullopt;
  if (!weight || *weight < -rule.largest || *weight > rule.largest) {
    model.report.error(RuleId::bad_value, words[words.size() > 2 ? 2 : 1].spot,
                       words.size() > 2 ? in_quotes(words[2].text) + " is not a weight" : "'weight' needs a value",
                       "a number from " + std::to_string(-rule.largest) + " to " + std::to_string(rule.largest));
    return std::nullopt;
  }
  tracked.weight = static_cast<int>(*weight);
  if (words.size() == 3) return tracked;
  tracked.reverse = words[3].text == "reverse";
  const bool direction =
      std::find(rule.directions.begin(), rule.directions.end(), words[3].text) != rule.directions.end();
  if (!direction) {
    model.report.error(RuleId::unexpected_word, words[3].spot,
                       in_quotes(words[3].text) + " is not valid behind a weight", std::string{rule.wording},
                       std::string{nearest_word(words[3].text, rule.directions)});
    return std::nullopt;
  }
  if (words.size() > 4) {
    model.report.warning(RuleId::unexpected_word, words[4].spot,
                         in_quotes(words[4].text) + " has no effect: keepalived does not read it", "nothing behind it");
  }
  return tracked;
}

TrackedSpots& tracked_spots(Model& model) {
  return model.in_group ? model.groups.back().tracked : model.instance_draft().tracked;
}

/// `above`: how many objects of the kind are known so far.
void add_tracked(Model& model, const Arguments& line, const WeightRule& rule, std::vector<Tracked>& list,
                 std::vector<Reference>& references, std::size_t above) {
  auto tracked = read_tracked(model, line, rule);
  if (!tracked) return;
  list.push_back(std::move(*tracked));
  references.push_back({line.word_spot(), above});
}

/// What only a shell could do is said once, when the script is complete.
void judge_command(Model& model, VrrpScript& script) {
  const std::vector<std::string>& argv = script.command.argv;
  const std::string& program = argv.front();
  const bool explains = model.options.profile.explains_shell_scripts;
  const std::string remedy = explains ? "\"/bin/sh -c '...'\"" : "";
  if (only_shell_knows(program)) {
    script.disabled = true;
    model.report.warning(RuleId::script_needs_shell, model.script_command,
                         explains ? in_quotes(program) + " is no program, and no shell is used: vrrp_script " +
                                        in_quotes(script.name) + " is disabled and has no effect"
                                  : "Cannot find script " + program + " in path - disabling",
                         remedy);
    return;
  }
  const bool runs_shell = program.ends_with("sh") && argv.size() > 1 && argv[1].starts_with("-");
  const auto word = std::find_if(argv.begin(), argv.end(), is_shell_syntax);
  if (runs_shell || word == argv.end()) return;
  model.report.warning(RuleId::script_needs_shell, model.script_command,
                       in_quotes(*word) + " reaches " + in_quotes(program) + " as an argument: no shell is used",
                       remedy);
}

}  // namespace

std::span<const Keyword> script_keywords() { return kScript; }
std::span<const Keyword> track_file_keywords() { return kTrackFile; }
std::span<const Keyword> track_process_keywords() { return kTrackProcess; }
std::span<const Keyword> garp_group_keywords() { return kGarpGroup; }
std::span<const Keyword> sync_group_keywords() { return kGroup; }

void end_script(Model& model) {
  VrrpScript& script = model.script();
  if (script.command.empty()) {
    model.report.error(RuleId::missing_keyword, model.scripts.back(),
                       "vrrp_script " + in_quotes(script.name) + " has no 'script'",
                       "a line 'script \"COMMAND\"' in the block");
    return;
  }
  judge_command(model, script);
}

void end_track_file(Model& model) {
  if (!model.track_file().path.empty()) return;
  model.report.error(RuleId::missing_keyword, model.track_files.back(),
                     "track_file " + in_quotes(model.track_file().name) + " has no 'file'",
                     "a line 'file PATH' in the block");
}

void end_track_process(Model& model) {
  if (!model.track_process().process.empty()) return;
  model.report.error(RuleId::missing_keyword, model.track_processes.back(),
                     "vrrp_track_process " + in_quotes(model.track_process().name) + " has no 'process'",
                     "a line 'process NAME' in the block");
}

void read_garp_interface(Model& model, const Arguments& line) {
  for (const Word& word : line.words) model.garp_groups.back().interfaces.emplace_back(word.text);
}

void read_tracked_interface(Model& model, const Arguments& line) {
  auto& list = model.in_group ? model.group().track_interfaces : model.instance().track_interfaces;
  if (!valid_interface_name(line.word())) {
    model.report.error(RuleId::bad_value, line.word_spot(), in_quotes(line.word()) + " is not the name of an interface",
                       "at most 15 characters, no '/'");
  }
  add_tracked(model, line, kInterfaceRule, list, tracked_spots(model).interfaces, 0);
}

void read_tracked_script(Model& model, const Arguments& line) {
  auto& list = model.in_group ? model.group().track_scripts : model.instance().track_scripts;
  add_tracked(model, line, kScriptRule, list, tracked_spots(model).scripts, model.scripts.size());
}

void read_tracked_file(Model& model, const Arguments& line) {
  auto& list = model.in_group ? model.group().track_files : model.instance().track_files;
  add_tracked(model, line, kObjectRule, list, tracked_spots(model).files, model.track_files.size());
}

void read_tracked_process(Model& model, const Arguments& line) {
  auto& list = model.in_group ? model.group().track_processes : model.instance().track_processes;
  add_tracked(model, line, kObjectRule, list, tracked_spots(model).processes, model.track_processes.size());
}

/// The words up to `weight` name the virtual server; find_quorums() looks for it.
void add_tracked_quorum(Model& model, const Arguments& line) {
  const auto weight =
      std::find_if(line.words.begin(), line.words.end(), [](const Word& word) { return word.text == "weight"; });
  TrackedQuorumDraft draft;
  draft.spot = line.word_spot();
  for (auto word = line.words.begin(); word != weight; ++word) {
    draft.name += (draft.name.empty() ? "" : " ") + std::string{word->text};
  }
  if (weight != line.words.end()) {
    // What follows reads as behind the name of any tracked object.
    Arguments rest = line;
    const auto position = static_cast<std::size_t>(weight - line.words.begin());
    rest.words = line.words.subspan(position == 0 ? 0 : position - 1);
    const auto tracked = read_tracked(model, rest, kScriptRule);
    if (!tracked) return;
    draft.weight = tracked->weight.value_or(0);
    draft.reverse = tracked->reverse;
  }
  model.instance_draft().quorums.push_back(std::move(draft));
}

void read_group_member(Model& model, const Arguments& line) {
  for (const Word& word : line.words) {
    model.group().members.emplace_back(word.text);
    model.groups.back().members.push_back(word.spot);
  }
}

}  // namespace vipdrift::config
