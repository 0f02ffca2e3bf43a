// Where the daemon's processes write what they have to say: standard error, syslog, a file.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_LOG_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_LOG_H_

#include <cstdio>
#include <memory>
#include <string>

#include "tools/vipdriftd/command_line.h"

namespace vipdrift::tools {

/// One process's log. Lines carry keepalived's time stamp where syslog does not add its own.
class Log {
 public:
  /// `process`: "" for the parent, or the suffix for the name and file of a child: "vrrp", "healthcheckers".
  Log(const DaemonArguments& arguments, const std::string& process);

  void write(const std::string& line) const;
  /// Only with -D.
  void detail(const std::string& line) const;
  /// For what needs somebody's attention: LOG_ALERT of syslog(3).
  void alert(const std::string& line) const;

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void write(int priority, const std::string& line) const;

  bool to_console_;
  bool alerts_to_console_;  ///< in the background: as long as somebody waits for the start
  bool to_syslog_;
  bool detailed_;
  bool flush_;
  std::string name_;  ///< syslog(3) keeps the pointer
  std::unique_ptr<std::FILE, Close> file_;
};

/// FILE of -g with "_PROCESS" in front of its extension.
std::string log_file_of(const std::string& file, const std::string& process);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_LOG_H_
