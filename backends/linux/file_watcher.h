// Tells when files appear, change and vanish (inotify(7)).
#ifndef VIPDRIFT_BACKENDS_LINUX_FILE_WATCHER_H_
#define VIPDRIFT_BACKENDS_LINUX_FILE_WATCHER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "backends/linux/file_descriptor.h"

namespace vipdrift::linux_backend {

/// Watches the directories of files, because a file may not be there yet, and is often replaced rather than written.
/// Errors are errno values; 0 means done.
class FileWatcher {
 public:
  FileWatcher();

  int error() const { return error_; }
  /// Readable when something has happened.
  int descriptor() const { return inotify_.get(); }

  /// From now on receive() tells of `path`. Its directory must exist.
  int watch(const std::string& path);
  void forget_all();

  /// Hands the path of every watched file that something happened to, once, to `sink`.
  void receive(const std::function<void(const std::string& path)>& sink);

 private:
  FileDescriptor inotify_;
  int error_ = 0;
  std::map<int, std::string> directories_;         ///< by watch descriptor, with the slash behind
  std::multimap<std::string, std::string> paths_;  ///< as the kernel will name it, to what was asked for
};

/// The number in a tracked file; nullopt: it cannot be read.
std::optional<std::int64_t> read_tracked_file(const std::string& path);

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_FILE_WATCHER_H_
