#include "backends/netns/private_files.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace vipdrift::netns {
namespace {

namespace fs = std::filesystem;

/// Where the former contents of directories stay visible, read-only.
constexpr const char* kShadows = "/run/vipdrift/shadows";
constexpr const char* kPrograms = "/run/vipdrift/programs";
constexpr const char* kOwnDirectory = "/etc/keepalived";
constexpr const char* kUsers = "/etc/passwd";
constexpr const char* kOtherUsers = "/run/vipdrift/passwd";

std::string failure(const std::string& what) { return what + ": " + std::strerror(errno); }

bool mount_tmpfs(const std::string& at, const char* options) {
  return mount("tmpfs", at.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
}

bool is_directory(const std::string& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

class Arrangement {
 public:
  explicit Arrangement(std::string& error) : error_(error) {}

  bool begin() {
    if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return fails("cannot make mounts private");
    mount_attr read_only{};
    read_only.attr_set = MOUNT_ATTR_RDONLY;
    if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &read_only, sizeof read_only) != 0) {
      return fails("cannot make the file system read-only");
    }
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
      return fails("cannot mount /proc");
    }
    if (!mount_tmpfs("/run", "mode=0755")) return fails("cannot mount /run");
    for (const char* place : {"/tmp", "/var/tmp"}) {
      if (is_directory(place) && !mount_tmpfs(place, "mode=1777")) return fails(std::string("cannot mount ") + place);
    }
    writable_ = {"/run", "/tmp", "/var/tmp", "/var/run", "/var/lock"};
    std::error_code code;
    fs::create_directories(kShadows, code);
    fs::create_directories(kPrograms, code);
    if (code) return fails("cannot make /run/vipdrift");
    return forget_script_user();
  }

  bool open_directory(const std::string& directory) {
    if (is_writable(directory)) return make(directory);
    std::string there = directory;
    while (!is_directory(there)) there = directory_of(there);
    if (there == "/") {
      error_ = "cannot put files into " + directory + ": / itself cannot be private";
      return false;
    }
    const bool empty = there == kOwnDirectory;
    if (!(empty ? mount_tmpfs(there, "mode=0755") : shadow(there))) return fails("cannot make " + there + " private");
    writable_.push_back(there);
    return make(directory);
  }

  /// Makes an unreachable program, open as `descriptor`, reachable by the result.
  std::string keep_program(const std::string& program, int descriptor) {
    if (access(program.c_str(), X_OK) == 0) return program;
    const std::string target = std::string(kPrograms) + "/" + fs::path(program).filename().string();
    const int made = open(target.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0755);
    if (made >= 0) close(made);
    const std::string source = "/proc/self/fd/" + std::to_string(descriptor);
    return mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0 ? target : program;
  }

 private:
  /// Scripts run as root unless a configuration says otherwise, whether or not somebody has made the user
  /// keepalived_script on this machine.
  bool forget_script_user() {
    std::ifstream in(kUsers);
    std::string others;
    bool known = false;
    for (std::string line; std::getline(in, line);) {
      const bool its = line.rfind("keepalived_script:", 0) == 0;
      known = known || its;
      if (!its) others += line + "\n";
    }
    if (!known) return true;
    std::ofstream(kOtherUsers) << others;
    return mount(kOtherUsers, kUsers, nullptr, MS_BIND, nullptr) == 0 || fails("cannot replace /etc/passwd");
  }

  bool fails(const std::string& what) {
    error_ = failure(what);
    return false;
  }

  bool is_writable(const std::string& directory) const {
    return std::any_of(writable_.begin(), writable_.end(), [&](const std::string& place) {
      return directory == place || directory.rfind(place + "/", 0) == 0;
    });
  }

  bool make(const std::string& directory) {
    std::error_code code;
    fs::create_directories(directory, code);
    if (code) error_ = "cannot make " + directory + ": " + code.message();
    return !code;
  }

  /// An empty private directory over `directory`, filled with links to what it held.
  bool shadow(const std::string& directory) {
    const std::string former = std::string(kShadows) + "/" + std::to_string(writable_.size());
    if (mkdir(former.c_str(), 0755) != 0) return false;
    if (mount(directory.c_str(), former.c_str(), nullptr, MS_BIND | MS_REC, nullptr) != 0) return false;
    if (!mount_tmpfs(directory, "mode=0755")) return false;
    std::error_code code;
    for (fs::directory_iterator entry(former, code), end; !code && entry != end; entry.increment(code)) {
      const std::string name = entry->path().filename().string();
      if (symlink((former + "/" + name).c_str(), (directory + "/" + name).c_str()) != 0) return false;
    }
    return !code;
  }

  std::string& error_;
  std::vector<std::string> writable_;
};

}  // namespace

std::string directory_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

bool can_be_private(const std::string& directory) {
  return directory.size() > 1 && directory.front() == '/' && (directory + "/").find("/../") == std::string::npos;
}

std::optional<std::vector<std::string>> make_files_private(const std::vector<std::string>& directories,
                                                           const std::vector<std::string>& programs,
                                                           std::string& error) {
  std::vector<int> opened;
  for (const std::string& program : programs) opened.push_back(open(program.c_str(), O_PATH | O_CLOEXEC));
  Arrangement arrangement(error);
  if (!arrangement.begin() || !arrangement.open_directory(kOwnDirectory)) return std::nullopt;
  for (const std::string& directory : directories) {
    if (!arrangement.open_directory(directory)) return std::nullopt;
  }
  std::vector<std::string> reachable;
  for (std::size_t i = 0; i < programs.size(); ++i) {
    reachable.push_back(arrangement.keep_program(programs[i], opened[i]));
    if (opened[i] >= 0) close(opened[i]);
  }
  return reachable;
}

}  // namespace vipdrift::netns
