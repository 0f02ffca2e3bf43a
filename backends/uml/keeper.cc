#include "backends/uml/keeper.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <vector>

namespace vipdrift::uml {
namespace {

namespace fs = std::filesystem;
using netns::Descriptor;

constexpr const char* kSharedMemory = "/dev/shm";
constexpr int kLineInKernel = 3;  ///< where the kernel finds its end of the serial line
constexpr int kFirstOfKeeper = 3;
constexpr int kNice = -10;
constexpr int kFirstFree = 64;

std::string system_error(const std::string& what) { return what + ": " + std::strerror(errno); }

/// What the kernel's command line can carry: it is split at blanks, and quoting is not understood by all its parts.
bool can_be_named(const std::string& path) {
  return !path.empty() && path.front() == '/' && path.find_first_of(" \t\n\"'\\,") == std::string::npos;
}

std::string temporary_directory() {
  const char* chosen = std::getenv("TMPDIR");
  return chosen != nullptr && can_be_named(chosen) && access(chosen, W_OK | X_OK) == 0 ? chosen : "/tmp";
}

/// Memory that is a file on a disk is written to the disk; but the kernel's memory must be executable, and not every
/// container has a large one.
bool holds_memory(const char* directory, int megabytes) {
  struct statvfs found{};
  if (statvfs(directory, &found) != 0 || access(directory, W_OK | X_OK) != 0) return false;
  const auto room = static_cast<unsigned long long>(found.f_bavail) * found.f_frsize;
  return (found.f_flag & ST_NOEXEC) == 0 && room / (1024 * 1024) >= static_cast<unsigned long long>(megabytes);
}

std::string make_directory(const std::string& parent) {
  std::string path = parent + "/vipdrift-uml-XXXXXX";
  return mkdtemp(path.data()) == nullptr ? std::string{} : path;
}

/// What the keeper tells its client at first.
struct Begun {
  pid_t kernel = 0;  ///< 0: there is none
  std::array<char, 4096> place{};
  std::array<char, 4096> memory{};
  std::array<char, 4096> error{};
};

/// The ends that a keeper holds.
struct Ends {
  int console = -1;
  int line = -1;
  int wanted = -1;
  int reports = -1;
};

/// Leaves nothing open but `ends` and the standard files: other kernels of the client must not be held open from here.
Ends alone(const Ends& ends) {
  std::array<int, 4> aside{};
  const std::array<int, 4> given{ends.console, ends.line, ends.wanted, ends.reports};
  for (std::size_t i = 0; i < given.size(); ++i) aside[i] = fcntl(given[i], F_DUPFD, kFirstFree);
  for (std::size_t i = 0; i < given.size(); ++i) dup3(aside[i], kFirstOfKeeper + static_cast<int>(i), O_CLOEXEC);
  syscall(SYS_close_range, kFirstOfKeeper + 4, ~0U, 0);
  return {kFirstOfKeeper, kFirstOfKeeper + 1, kFirstOfKeeper + 2, kFirstOfKeeper + 3};
}

/// The keeper's own process, from the fork to its end.
class Watch {
 public:
  Watch(const Keeper::Options& options, const Ends& ends)
      : options_(options),
        console_(ends.console),
        line_(ends.line),
        wanted_(ends.wanted),
        reports_(ends.reports) {}

  [[noreturn]] void run() {
    leave_the_client();
    std::string error = make_places();
    if (error.empty()) error = start_kernel();
    tell(error);
    close(console_);
    close(line_);
    if (kernel_ > 0) wait_for_an_end();
    end_everything();
    std::_Exit(0);
  }

 private:
  static void leave_the_client() {
    setsid();
    come_first();
    prctl(PR_SET_NAME, "vipdrift-uml");
    // Orphans of the kernel become children of this process.
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) signal(number, SIG_IGN);
    const int nothing = open("/dev/null", O_RDWR);
    for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) dup2(nothing, standard);
    close(nothing);
  }

  /// A guest's clocks are as good as its share of the processors. Root may take a larger one, of the session too, where
  /// sessions share evenly (sched(7), autogroup); everybody else has what is there.
  static void come_first() {
    setpriority(PRIO_PROCESS, 0, kNice);
    std::ofstream("/proc/self/autogroup") << kNice;
  }

  std::string make_places() {
    const std::string parent = temporary_directory();
    place_ = make_directory(parent);
    if (place_.empty()) return system_error("cannot make a directory in " + parent);
    memory_ = place_;
    if (holds_memory(kSharedMemory, options_.megabytes)) {
      if (std::string made = make_directory(kSharedMemory); !made.empty()) memory_ = made;
    }
    std::error_code code;
    const fs::path place(place_);
    const fs::path here = fs::current_path(code);
    const auto link = [&](const fs::path& target, const char* name) {
      if (!code) fs::create_symlink(target, place / name, code);
    };
    link(fs::absolute(options_.init), kInitName);
    link(fs::absolute(options_.init), kModprobeName);
    link(options_.installation.modules, kModulesName);
    link(here, kDirectoryName);
    if (code) return "cannot fill " + place_ + ": " + code.message();
    const char* path = std::getenv("PATH");
    std::ofstream(place / kSearchPathName) << (path == nullptr ? "" : path);
    return {};
  }

  std::vector<std::string> command_line() const {
    return {"linux.uml",
            "mem=" + std::to_string(options_.megabytes) + "M",
            "rootfstype=hostfs",
            "rootflags=/",
            "ro",
            "quiet",
            "panic=1",
            "noreboot",
            "init=" + place_ + "/" + kInitName,
            std::string(kPlaceVariable) + "=" + place_,
            "con=null",
            "con0=null,fd:" + std::to_string(STDOUT_FILENO),
            "ssl=null",
            "ssl0=fd:" + std::to_string(kLineInKernel),
            "uml_dir=" + memory_};
  }

  std::string start_kernel() {
    std::array<int, 2> said{};
    if (pipe2(said.data(), O_CLOEXEC) != 0) return system_error("no pipe");
    kernel_ = fork();
    if (kernel_ == 0) become_kernel(said[1]);
    close(said[1]);
    int why = 0;
    const bool refused = kernel_ < 0 || read(said[0], &why, sizeof why) == static_cast<ssize_t>(sizeof why);
    close(said[0]);
    if (!refused) return {};
    errno = kernel_ < 0 ? errno : why;
    kernel_ = 0;
    return system_error("cannot execute " + options_.installation.program);
  }

  [[noreturn]] void become_kernel(int said) const {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    setenv("TMPDIR", memory_.c_str(), 1);
    const int console = fcntl(console_, F_DUPFD, kFirstFree);
    const int line = fcntl(line_, F_DUPFD, kFirstFree);
    const int word = fcntl(said, F_DUPFD_CLOEXEC, kFirstFree);
    dup2(console, STDOUT_FILENO);
    dup2(console, STDERR_FILENO);
    dup2(line, kLineInKernel);
    dup3(word, kLineInKernel + 1, O_CLOEXEC);
    syscall(SYS_close_range, kLineInKernel + 2, ~0U, 0);
    const std::vector<std::string> words = command_line();
    std::vector<char*> argv;
    for (const std::string& one : words) argv.push_back(const_cast<char*>(one.c_str()));
    argv.push_back(nullptr);
    execv(options_.installation.program.c_str(), argv.data());
    const int why = errno;
    if (write(kLineInKernel + 1, &why, sizeof why) < 0) _exit(126);
    _exit(127);
  }

  void tell(const std::string& error) const {
    Begun begun;
    begun.kernel = kernel_;
    const auto put = [](const std::string& text, auto& there) { text.copy(there.data(), there.size() - 1); };
    put(place_, begun.place);
    put(memory_, begun.memory);
    put(error, begun.error);
    if (write(reports_, &begun, sizeof begun) < 0) std::_Exit(1);
  }

  /// The kernel's death closes a descriptor as well.
  void wait_for_an_end() {
    const Descriptor death(static_cast<int>(syscall(SYS_pidfd_open, kernel_, 0)));
    std::array<pollfd, 2> ends{pollfd{wanted_, POLLIN, 0}, pollfd{death.get(), POLLIN, 0}};
    while (poll(ends.data(), ends.size(), -1) < 0 && errno == EINTR) {
    }
  }

  /// The processes that the kernel was running are of its group, or have become children of this process.
  void end_everything() {
    int ended = 0;
    if (kernel_ > 0) {
      kill(-kernel_, SIGKILL);
      kill(kernel_, SIGKILL);
      while (waitpid(kernel_, &ended, 0) < 0 && errno == EINTR) {
      }
      kill(-kernel_, SIGKILL);
    }
    while (wait(nullptr) > 0 || errno == EINTR) {
    }
    std::error_code ignored;
    for (const std::string& directory : {memory_, place_}) {
      if (!directory.empty()) fs::remove_all(directory, ignored);
    }
    if (write(reports_, &ended, sizeof ended) < 0) std::_Exit(1);
  }

  const Keeper::Options& options_;
  int console_;
  int line_;
  int wanted_;
  int reports_;
  std::string place_;
  std::string memory_;
  pid_t kernel_ = 0;
};

}  // namespace

std::unique_ptr<Keeper> Keeper::start(const Options& options, std::string& error) {
  std::array<int, 2> console{}, line{}, wanted{}, reports{};
  if (pipe2(console.data(), O_CLOEXEC) != 0 || pipe2(reports.data(), O_CLOEXEC) != 0 ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, wanted.data()) != 0 ||
      socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, line.data()) != 0) {
    error = system_error("no more descriptors");
    return nullptr;
  }
  std::unique_ptr<Keeper> keeper(new Keeper);
  keeper->console_ = Descriptor(console[0]);
  keeper->line_ = Descriptor(line[0]);
  keeper->wanted_ = Descriptor(wanted[1]);
  keeper->reports_ = Descriptor(reports[0]);
  Descriptor its_console(console[1]), its_line(line[1]), its_wanted(wanted[0]), its_reports(reports[1]);

  std::fflush(nullptr);
  const pid_t process = fork();
  if (process < 0) {
    error = system_error("cannot fork");
    return nullptr;
  }
  if (process == 0) {
    Watch(options, alone({its_console.get(), its_line.get(), its_wanted.get(), its_reports.get()})).run();
  }
  keeper->process_ = process;
  for (Descriptor* its : {&its_console, &its_line, &its_wanted, &its_reports}) its->reset();
  Begun begun;
  if (read(keeper->reports_.get(), &begun, sizeof begun) != static_cast<ssize_t>(sizeof begun)) {
    error = "the process that keeps User-Mode Linux has died";
    return nullptr;
  }
  if (begun.kernel == 0) {
    error = begun.error.data();
    return nullptr;
  }
  keeper->kernel_ = begun.kernel;
  keeper->place_ = begun.place.data();
  keeper->memory_ = begun.memory.data();
  return keeper;
}

// A word, since processes that the client has left behind may hold the descriptor as well.
void Keeper::ask_to_end() const { send(wanted_.get(), "", 1, MSG_NOSIGNAL); }

std::string Keeper::end() {
  if (!how_it_ended_.empty()) return how_it_ended_;
  ask_to_end();
  int status = 0;
  ssize_t got = 0;
  do {
    got = read(reports_.get(), &status, sizeof status);
  } while (got < 0 && errno == EINTR);
  // A child of this process, unless the client has moved on into a process namespace.
  const bool child = process_ > 0 && waitpid(process_, nullptr, 0) == process_;
  if (got != static_cast<ssize_t>(sizeof status)) {
    how_it_ended_ = "unknown: its keeper was killed";
    if (child && kernel_ > 0) clean_up_instead();
  } else if (WIFSIGNALED(status)) {
    how_it_ended_ = "killed by signal " + std::to_string(WTERMSIG(status));
  } else {
    how_it_ended_ = "exit status " + std::to_string(WEXITSTATUS(status));
  }
  return how_it_ended_;
}

/// A kernel dies with its keeper, but neither its helpers nor its files do.
void Keeper::clean_up_instead() const {
  kill(-kernel_, SIGKILL);
  std::error_code ignored;
  for (const std::string& directory : {memory_, place_}) fs::remove_all(directory, ignored);
}

Keeper::~Keeper() { end(); }

}  // namespace vipdrift::uml
