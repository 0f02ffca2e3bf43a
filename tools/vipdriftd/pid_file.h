// The files that say which process to signal, and keep a second daemon from starting.
#ifndef VIPDRIFT_TOOLS_VIPDRIFTD_PID_FILE_H_
#define VIPDRIFT_TOOLS_VIPDRIFTD_PID_FILE_H_

#include <sys/types.h>

#include <optional>
#include <string>

namespace vipdrift::tools {

/// The process that the file names, if it lives and is a vipdriftd or a keepalived. A number that belongs to another
/// program by now is stale, and so is a zombie's.
std::optional<pid_t> living_daemon(const std::string& path);

/// Written by the process that it names, removed at the end unless somebody else has put another number in.
class PidFile {
 public:
  explicit PidFile(std::string path);
  PidFile(const PidFile&) = delete;
  PidFile& operator=(const PidFile&) = delete;
  ~PidFile();

  bool written() const { return written_; }

 private:
  std::string path_;
  bool written_ = false;
};

/// Waits until the process that a former daemon's file names has ended; a former child may be on its way out, or stand
/// still and be a danger to its successor: after a while it is killed. Returns what was done about it, for the log.
std::optional<std::string> see_off(const std::string& path);

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFTD_PID_FILE_H_
