// The daemon that a director of namespaces runs, as a command line.
#ifndef VIPDRIFT_BACKENDS_NETNS_SUBJECT_H_
#define VIPDRIFT_BACKENDS_NETNS_SUBJECT_H_

#include <optional>
#include <string>
#include <vector>

namespace vipdrift::netns {

/// What stands for what in Subject::argv when a director starts it.
struct SubjectPaths {
  std::string config = "/etc/keepalived/keepalived.conf";
  std::string pid = "/run/keepalived.pid";
  std::string vrrp_pid = "/run/keepalived_vrrp.pid";
  std::string checkers_pid = "/run/keepalived_checkers.pid";
};

/// Any daemon that reads keepalived's configuration, stays in the foreground and logs to standard error in keepalived's
/// words. It is stopped by SIGTERM and reloads on SIGHUP, both sent to the process that was started.
struct Subject {
  std::string name;               ///< for people: "vipdriftd", "keepalived", or the command's first word
  std::vector<std::string> argv;  ///< with {config}, {pid}, {vrrp_pid}, {checkers_pid} anywhere in a word
  std::string detailed_option;    ///< added for directors with `detailed_log`; empty: there is none
  std::string vrrp_only_option;   ///< added when the kernel has no IPVS; empty: there is none
  /// Runs notify and track scripts only where it can change its groups, as keepalived does.
  bool scripts_need_groups = false;
};

/// "keepalived", "vipdriftd" (the program at `vipdriftd_path`; words behind it are its further arguments), or a command
/// with {config} in it, split at blanks.
/// Nothing when the word is none of these; `why_no_subject` then says what was expected.
std::optional<Subject> subject_named(const std::string& word, const std::string& vipdriftd_path);
std::string why_no_subject(const std::string& word);

/// The command line of `subject` with its placeholders replaced.
std::vector<std::string> command_line(const Subject& subject, const SubjectPaths& paths);

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_SUBJECT_H_
