#include "tools/vipdriftd/log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <syslog.h>

#include <ctime>

namespace vipdrift::tools {
namespace {

std::string suffix(const std::string& name) { return name.empty() ? std::string{} : '_' + name; }

}  // namespace

std::string log_file_of(const std::string& file, const std::string& process) {
  if (process.empty()) return file;
  const std::size_t name = file.rfind('/') + 1;  // npos + 1 is 0
  const std::size_t dot = file.rfind('.');
  const std::size_t at = dot == std::string::npos || dot <= name ? file.size() : dot;
  return file.substr(0, at) + "_" + process + file.substr(at);
}

Log::Log(const DaemonArguments& arguments, const std::string& process)
    : to_console_(arguments.log_to_console && arguments.foreground),
      alerts_to_console_(to_console_ || !arguments.foreground),
      to_syslog_(!arguments.no_syslog),
      detailed_(arguments.detailed_log),
      flush_(arguments.flush_log_file),
      name_("vipdriftd" + suffix(process) + suffix(arguments.name_space) + suffix(arguments.processes.instance)) {
  if (to_syslog_) openlog(name_.c_str(), LOG_PID, arguments.syslog_facility);
  if (arguments.log_file.empty()) return;
  const std::string path = log_file_of(arguments.log_file, process);
  file_.reset(std::fopen(path.c_str(), "ae"));
  if (file_ == nullptr) alert("cannot write the log file " + path);
}

void Log::write(const std::string& line) const { write(LOG_INFO, line); }

void Log::detail(const std::string& line) const {
  if (detailed_) write(LOG_INFO, line);
}

void Log::alert(const std::string& line) const { write(LOG_ALERT, line); }

void Log::write(int priority, const std::string& line) const {
  const bool to_console = priority == LOG_ALERT ? alerts_to_console_ : to_console_;
  if (to_console || file_ != nullptr) {
    const std::string stamped = fmt::format("{:%a %b %e %H:%M:%S %Y}: {}\n", fmt::localtime(std::time(nullptr)), line);
    if (to_console) fmt::print(stderr, "{}", stamped);
    if (file_ != nullptr) fmt::print(file_.get(), "{}", stamped);
    if (file_ != nullptr && flush_) std::fflush(file_.get());
  }
  if (to_syslog_) syslog(priority, "%s", line.c_str());
}

}  // namespace vipdrift::tools
