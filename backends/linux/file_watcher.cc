#include "backends/linux/file_watcher.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>

#include "protocol/track/tracked_file.h"

namespace vipdrift::linux_backend {
namespace {

constexpr std::uint32_t kEvents = IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
/// Bytes of a tracked file that are looked at for its number.
constexpr std::size_t kMostOfATrackedFile = 128;

}  // namespace

FileWatcher::FileWatcher() : inotify_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
  if (!inotify_) error_ = errno;
}

int FileWatcher::watch(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string directory = slash == std::string::npos ? "./" : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const int watch = inotify_add_watch(inotify_.get(), directory.c_str(), kEvents);
  if (watch < 0) return errno;
  directories_[watch] = directory;
  paths_.emplace(directory + name, path);
  return 0;
}

void FileWatcher::forget_all() {
  for (const auto& [watch, directory] : directories_) inotify_rm_watch(inotify_.get(), watch);
  directories_.clear();
  paths_.clear();
}

void FileWatcher::receive(const std::function<void(const std::string& path)>& sink) {
  std::set<std::string> touched;
  alignas(inotify_event) std::array<char, 4096> buffer{};
  for (ssize_t size = 0; (size = read(inotify_.get(), buffer.data(), buffer.size())) > 0;) {
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(size);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = buffer.data() + at + sizeof event;
      at += sizeof event + event.len;
      if ((event.mask & IN_Q_OVERFLOW) != 0) {  // anything may have happened
        for (const auto& [known, path] : paths_) touched.insert(path);
        continue;
      }
      const auto directory = directories_.find(event.wd);
      if (directory == directories_.end() || event.len == 0) continue;
      const auto [first, last] = paths_.equal_range(directory->second + name);
      for (auto one = first; one != last; ++one) touched.insert(one->second);
    }
  }
  for (const std::string& path : touched) sink(path);
}

std::optional<std::int64_t> read_tracked_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) return std::nullopt;
  std::string contents(kMostOfATrackedFile, '\0');
  in.read(contents.data(), static_cast<std::streamsize>(contents.size()));
  contents.resize(static_cast<std::size_t>(in.gcount()));
  return track::tracked_value(contents);
}

}  // namespace vipdrift::linux_backend
