#include "backends/netns/lab.h"

#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

namespace vipdrift::netns {
namespace {

constexpr int kNamespaces = CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;

/// Two ends of a pipe on which one word is said each.
struct Pipe {
  std::array<int, 2> ends{-1, -1};

  bool open() { return pipe(ends.data()) == 0; }
  void say(int word) const {
    if (write(ends[1], &word, sizeof word) < 0) _exit(1);
  }
  /// Nothing when the other end has died.
  std::optional<int> hear() const {
    int word = 0;
    return read(ends[0], &word, sizeof word) == static_cast<ssize_t>(sizeof word) ? std::optional<int>{word}
                                                                               : std::nullopt;
  }
  void keep(int mine) {
    close(ends[static_cast<std::size_t>(1 - mine)]);
    ends[static_cast<std::size_t>(1 - mine)] = -1;
  }
};

struct Range {
  std::string first;
  std::string count;
};

/// What /etc/subuid or /etc/subgid gives the user; subuid(5).
std::optional<Range> subordinate(const char* path, uid_t user) {
  const passwd* entry = getpwuid(user);
  const std::string name = entry == nullptr ? std::string{} : entry->pw_name;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string who;
    Range range;
    if (!std::getline(fields, who, ':') || !std::getline(fields, range.first, ':')) continue;
    if (std::getline(fields, range.count, ':') && (who == name || who == std::to_string(user))) return range;
  }
  return std::nullopt;
}

bool runs(const std::vector<std::string>& words) {
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    execvp(argv[0], argv.data());
    _exit(127);
  }
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool write_text(const std::string& path, const std::string& text) {
  std::ofstream out(path);
  out << text;
  out.close();
  return !out.fail();
}

/// All ids, when the user may: real root by itself, others through newuidmap and newgidmap.
bool map_all_ids(pid_t child) {
  const std::string pid = std::to_string(child);
  const std::string proc = "/proc/" + pid;
  if (geteuid() == 0) {
    const std::string all = "0 0 65536\n";
    return write_text(proc + "/uid_map", all) && write_text(proc + "/gid_map", all);
  }
  const std::optional<Range> users = subordinate("/etc/subuid", getuid());
  const std::optional<Range> groups = subordinate("/etc/subgid", getuid());
  if (!users || !groups) return false;
  return runs({"newuidmap", pid, "0", std::to_string(getuid()), "1", "1", users->first, users->count}) &&
         runs({"newgidmap", pid, "0", std::to_string(getgid()), "1", "1", groups->first, groups->count});
}

bool map_own_id(pid_t child) {
  const std::string proc = "/proc/" + std::to_string(child);
  return write_text(proc + "/setgroups", "deny") &&
         write_text(proc + "/uid_map", "0 " + std::to_string(geteuid()) + " 1\n") &&
         write_text(proc + "/gid_map", "0 " + std::to_string(getegid()) + " 1\n");
}

/// Dies with the process that made this one, also when that is dead already.
void die_with_parent(pid_t parent_seen_from_here) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent_seen_from_here) _exit(1);
}

/// Ends as the child ends.
[[noreturn]] void end_as(pid_t child) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) {
    signal(WTERMSIG(status), SIG_DFL);
    raise(WTERMSIG(status));
  }
  _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 1);
}

std::optional<std::string> mount_inside() {
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    return std::string("cannot make mounts private: ") + std::strerror(errno);
  }
  if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) != 0) {
    return std::string("cannot mount /proc: ") + std::strerror(errno);
  }
  return std::nullopt;
}

std::string why_no_namespaces(int error) {
  std::string why = std::string("this machine gives no namespaces: ") + std::strerror(error);
  if (error == EPERM || error == EACCES) {
    why += " (is kernel.unprivileged_userns_clone 0, or does a container or AppArmor forbid it? root may be needed)";
  }
  if (error == ENOSPC) why += " (a limit in /proc/sys/user is used up)";
  return why;
}

}  // namespace

std::optional<std::string> enter_lab() {
  std::fflush(nullptr);
  Pipe unshared, mapped;
  if (!unshared.open() || !mapped.open()) return std::string("no pipe: ") + std::strerror(errno);
  const pid_t outside = getpid();
  const pid_t middle = fork();
  if (middle < 0) return std::string("cannot fork: ") + std::strerror(errno);
  if (middle > 0) {
    unshared.keep(0);
    mapped.keep(1);
    const std::optional<int> told = unshared.hear();
    if (!told || *told < 0) {
      waitpid(middle, nullptr, 0);
      return why_no_namespaces(told ? -*told : EIO);
    }
    const bool needs_map = *told == 1;
    const bool good = !needs_map || map_all_ids(middle) || map_own_id(middle);
    mapped.say(good ? 1 : 0);
    if (!good) {
      waitpid(middle, nullptr, 0);
      return "cannot map this user to root of a user namespace";
    }
    // Messages of the two processes below reach the terminal by themselves.
    end_as(middle);
  }

  unshared.keep(1);
  mapped.keep(0);
  die_with_parent(outside);
  bool own_users = geteuid() != 0;
  if (unshare(kNamespaces | (own_users ? CLONE_NEWUSER : 0)) != 0) {
    const int refused = errno;
    if (own_users || unshare(kNamespaces | CLONE_NEWUSER) != 0) {
      unshared.say(-refused);
      _exit(1);
    }
    own_users = true;
  }
  unshared.say(own_users ? 1 : 0);
  if (mapped.hear() != 1) _exit(1);
  close(unshared.ends[1]);
  close(mapped.ends[0]);
  if (own_users && (setresgid(0, 0, 0) != 0 || setresuid(0, 0, 0) != 0)) _exit(1);
  // A change of ids forgets what to do when the parent dies.
  die_with_parent(outside);

  const pid_t inside = fork();
  if (inside < 0) _exit(1);
  if (inside > 0) end_as(inside);
  die_with_parent(0);
  if (const std::optional<std::string> error = mount_inside()) {
    std::fprintf(stderr, "vipdrift: %s\n", error->c_str());
    std::_Exit(3);
  }
  return std::nullopt;
}

}  // namespace vipdrift::netns
