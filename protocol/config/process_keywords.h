// Keywords about the daemon as a program: its processes, and the commands at its start and end. Joined into the tables
// of the root and of global_defs.
#ifndef VIPDRIFT_PROTOCOL_CONFIG_PROCESS_KEYWORDS_H_
#define VIPDRIFT_PROTOCOL_CONFIG_PROCESS_KEYWORDS_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <string>

#include "protocol/config/grammar.h"
#include "protocol/config/model.h"

namespace vipdrift::config {

inline constexpr std::string_view kProcessName = "a name of at most 15 characters";
inline constexpr std::string_view kProcessors = "numbers of processors, from 0 to 1023";

ProcessSettings& process_settings(Model& model);
ProcessTuning& vrrp_tuning(Model& model);
ProcessTuning& checker_tuning(Model& model);
void set_umask(Model& model, const Arguments& words);
/// Cuts the name as the kernel would.
void set_process_name(Model& model, const Arguments& words, std::string& name);
void set_processors(Model& model, const Arguments& words, ProcessTuning& process);
/// Those of a process that is not there.
void judge_processors(Model& model, const Arguments& words);

inline constexpr std::array kRootProcessKeywords{
    Keyword{.word = "child_wait_time",
            .meaning = "How long the parent waits for its children at the end (5 s; vipdriftd: 10 s).",
            .shape = takes::whole_seconds(0, 4294967295),
            .apply = [](Model& m,
                        const Arguments& w) { process_settings(m).child_wait_time = std::chrono::seconds{w.number}; }},
    Keyword{.word = "instance",
            .meaning = "The name of this daemon among several on one machine; part of its pid files.",
            .shape = takes::word("a name"),
            .apply = [](Model& m, const Arguments& w) { process_settings(m).instance = w.text(); }},
    Keyword{.word = "net_namespace",
            .meaning = "The network namespace to run in.",
            .shape = takes::word("a name"),
            .apply = [](Model& m, const Arguments& w) { process_settings(m).name_space = w.text(); }},
    Keyword{.word = "use_pid_dir",
            .meaning = "Put pid files into a directory of their own.",
            .apply = [](Model& m, const Arguments&) { process_settings(m).use_pid_dir = true; }},
};

inline constexpr std::array kProcessKeywords{
    Keyword{.word = "checker_cpu_affinity",
            .meaning = "The processors that the check process may run on.",
            .shape = takes::words(1024, kProcessors),
            .apply = [](Model& m, const Arguments& w) { set_processors(m, w, checker_tuning(m)); }},
    Keyword{.word = "checker_no_swap",
            .meaning = "Keep the check process in memory.",
            .apply = [](Model& m, const Arguments&) { checker_tuning(m).no_swap = true; }},
    Keyword{.word = "checker_priority",
            .meaning = "The nice value of the check process.",
            .shape = takes::integer(-20, 19),
            .apply = [](Model& m, const Arguments& w) { checker_tuning(m).nice = static_cast<int>(w.number); }},
    Keyword{.word = "checker_process_name",
            .meaning = "The name of the check process.",
            .shape = takes::word(kProcessName),
            .apply = [](Model& m, const Arguments& w) { set_process_name(m, w, checker_tuning(m).name); }},
    Keyword{.word = "checker_rt_priority",
            .meaning = "The real-time priority of the check process.",
            .shape = takes::integer(1, 99),
            .apply = [](Model& m,
                        const Arguments& w) { checker_tuning(m).real_time_priority = static_cast<int>(w.number); }},
    Keyword{.word = "lvs_process_name",
            .meaning = "The old name of checker_process_name.",
            .shape = takes::word(kProcessName),
            .apply = [](Model& m, const Arguments& w) { set_process_name(m, w, checker_tuning(m).name); }},
    Keyword{.word = "process_name",
            .meaning = "The name of the parent process.",
            .shape = takes::word(kProcessName),
            .apply = [](Model& m, const Arguments& w) { set_process_name(m, w, process_settings(m).name); }},
    Keyword{.word = "process_names",
            .meaning = "Give each process a name of its own.",
            .apply = [](Model& m, const Arguments&) { process_settings(m).names = true; }},
    Keyword{.word = "shutdown_script",
            .meaning = "A command that is run at the end, when all other processes are gone.",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { process_settings(m).shutdown.command = w.command; }},
    Keyword{.word = "shutdown_script_timeout",
            .meaning = "How long it may take (10 s).",
            .shape = takes::integer(1, 1000),
            .apply = [](Model& m,
                        const Arguments& w) { process_settings(m).shutdown.timeout = std::chrono::seconds{w.number}; }},
    Keyword{.word = "startup_script",
            .meaning = "A command that is run at the start, before anything else.",
            .shape = takes::command(),
            .apply = [](Model& m, const Arguments& w) { process_settings(m).startup.command = w.command; }},
    Keyword{.word = "startup_script_timeout",
            .meaning = "How long it may take (10 s).",
            .shape = takes::integer(1, 1000),
            .apply = [](Model& m,
                        const Arguments& w) { process_settings(m).startup.timeout = std::chrono::seconds{w.number}; }},
    Keyword{.word = "umask",
            .meaning = "Which permissions new files lack (IWGRP | IWOTH); -u of the command line outranks it.",
            .shape = takes::words(32, "a number up to 0777, or bits such as IRGRP with '|' between them"),
            .apply = set_umask},
    Keyword{.word = "vrrp_cpu_affinity",
            .meaning = "The processors that the VRRP process may run on.",
            .shape = takes::words(1024, kProcessors),
            .apply = [](Model& m, const Arguments& w) { set_processors(m, w, vrrp_tuning(m)); }},
    Keyword{.word = "vrrp_no_swap",
            .meaning = "Keep the VRRP process in memory.",
            .apply = [](Model& m, const Arguments&) { vrrp_tuning(m).no_swap = true; }},
    Keyword{.word = "vrrp_priority",
            .meaning = "The nice value of the VRRP process.",
            .shape = takes::integer(-20, 19),
            .apply = [](Model& m, const Arguments& w) { vrrp_tuning(m).nice = static_cast<int>(w.number); }},
    Keyword{.word = "vrrp_process_name",
            .meaning = "The name of the VRRP process.",
            .shape = takes::word(kProcessName),
            .apply = [](Model& m, const Arguments& w) { set_process_name(m, w, vrrp_tuning(m).name); }},
    Keyword{
        .word = "vrrp_rt_priority",
        .meaning = "The real-time priority of the VRRP process.",
        .shape = takes::integer(1, 99),
        .apply = [](Model& m, const Arguments& w) { vrrp_tuning(m).real_time_priority = static_cast<int>(w.number); }},
};

}  // namespace vipdrift::config

#endif  // VIPDRIFT_PROTOCOL_CONFIG_PROCESS_KEYWORDS_H_
