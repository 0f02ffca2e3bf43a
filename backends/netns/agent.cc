// The init of one node: keeps its files, runs its daemon and its processes, and collects what dies.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "backends/netns/agent.h"
#include "backends/netns/lab.h"
#include "backends/netns/messages.h"
#include "backends/netns/private_files.h"

namespace vipdrift::netns {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProcessVariable = "VIPDRIFT_NODE_PROCESS";
/// As an init system sets it. keepalived takes a script for unusable when any directory before it is closed to the
/// script's user, as those of root's own PATH may be.
constexpr const char* kPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr auto kDeathTakes = std::chrono::seconds{10};

std::string system_error(const std::string& what) { return what + ": " + std::strerror(errno); }

/// The parent of each process that /proc shows.
std::map<pid_t, pid_t> all_processes() {
  std::map<pid_t, pid_t> parents;
  std::error_code code;
  for (fs::directory_iterator entry("/proc", code), end; !code && entry != end; entry.increment(code)) {
    const std::string name = entry->path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream in(entry->path() / "stat");
    std::string text;
    std::getline(in, text);
    const std::size_t behind = text.rfind(')');
    if (behind == std::string::npos || behind + 4 > text.size() || text[behind + 2] == 'Z') continue;
    parents[std::stoi(name)] = std::stoi(text.substr(behind + 4));
  }
  return parents;
}

class Agent {
 public:
  int run() {
    sigset_t child;
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, nullptr);
    signal(SIGPIPE, SIG_IGN);
    setenv("PATH", kPath, 1);
    deaths_ = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    for (;;) {
      pollfd waits[] = {{kControlDescriptor, POLLIN, 0}, {deaths_, POLLIN, 0}};
      if (poll(waits, 2, -1) < 0 && errno != EINTR) return 1;
      if ((waits[1].revents & POLLIN) != 0) collect();
      if (waits[0].revents == 0) continue;
      const std::optional<Words> order = receive_words(kControlDescriptor);
      if (!order || order->empty()) return 0;  // the world is gone; the kernel kills everything here with this process
      if (!send_words(kControlDescriptor, obey(*order))) return 0;
    }
  }

 private:
  static Words done(std::string word = {}) { return {"done", std::move(word)}; }
  static Words failed(std::string why) { return {"failed", std::move(why)}; }

  Words obey(const Words& order) {
    const std::string& verb = order[0];
    const Words rest(order.begin() + 1, order.end());
    if (verb == "setup" && rest.size() >= 2) return set_up(rest);
    if (verb == "write" && rest.size() == 3) return write_file(rest[0], std::stoul(rest[1], nullptr, 8), rest[2]);
    if (verb == "append" && rest.size() == 2) return append_file(rest[0], rest[1]);
    if (verb == "remove" && rest.size() == 1) return done(unlink(rest[0].c_str()) == 0 ? "removed" : "");
    if (verb == "process" && rest.size() == 1) return start_process(rest[0]);
    if (verb == "end-process" && rest.size() == 1) return end_process(rest[0]);
    if (verb == "start" && !rest.empty()) return start_daemon(rest);
    if (verb == "signal" && rest.size() == 1) return signal_daemon(std::stoi(rest[0]));
    if (verb == "child" && rest.size() == 2) return signal_child(rest[0], std::stoi(rest[1]));
    if (verb == "freeze" && rest.size() == 1) return freeze(rest[0] == "all");
    if (verb == "thaw" && rest.size() == 1) return thaw(rest[0] == "all");
    if (verb == "kill" && rest.size() == 1) return kill_frozen(rest[0] == "all");
    return failed("no such order: " + verb);
  }

  /// HOSTNAME, a program or nothing, and directories that may be written.
  Words set_up(const Words& words) {
    if (sethostname(words[0].data(), words[0].size()) != 0) return failed(system_error("cannot set the host name"));
    const Words programs = words[1].empty() ? Words{} : Words{words[1]};
    std::string error;
    const auto reachable = make_files_private({words.begin() + 2, words.end()}, programs, error);
    if (!reachable) return failed(error);
    umask(022);
    if (mkfifo(kNotesPath, 0666) != 0 || chmod(kNotesPath, 0666) != 0) return failed(system_error(kNotesPath));
    if (chdir("/") != 0) return failed(system_error("/"));
    return done(reachable->empty() ? "" : reachable->front());
  }

  // ---- files

  static Words write_file(const std::string& path, unsigned long mode, const std::string& text) {
    std::error_code code;
    fs::create_directories(directory_of(path), code);
    // The former file may be a link to one outside.
    unlink(path.c_str());
    return put(path, text, O_CREAT | O_EXCL, static_cast<mode_t>(mode));
  }

  static Words append_file(const std::string& path, const std::string& text) { return put(path, text, O_APPEND, 0); }

  static Words put(const std::string& path, const std::string& text, int flags, mode_t mode) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, mode);
    if (file < 0) return failed(system_error(path));
    const bool whole = write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    const Words result = whole ? done() : failed(system_error(path));
    close(file);
    return result;
  }

  // ---- processes

  /// Starts `argv` with its output going to `output`; 0 and a reason in `error` when it cannot be executed.
  static pid_t spawn(const std::string& program, const Words& argv, int output, const char* process,
                     std::string& error) {
    int said[2];
    if (pipe2(said, O_CLOEXEC) != 0) return 0;
    const pid_t child = fork();
    if (child == 0) {
      sigset_t none;
      sigemptyset(&none);
      sigprocmask(SIG_SETMASK, &none, nullptr);
      signal(SIGPIPE, SIG_DFL);
      setsid();
      const int nothing = open("/dev/null", O_RDWR);
      dup2(nothing, STDIN_FILENO);
      dup2(output < 0 ? nothing : output, STDOUT_FILENO);
      dup2(output < 0 ? nothing : output, STDERR_FILENO);
      for (const int mine : {kControlDescriptor, kReportDescriptor, kLogDescriptor}) close(mine);
      if (process != nullptr) setenv(kProcessVariable, process, 1);
      std::vector<char*> words;
      for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
      words.push_back(nullptr);
      execvp(program.c_str(), words.data());
      const int why = errno;
      if (write(said[1], &why, sizeof why) < 0) _exit(126);
      _exit(127);
    }
    close(said[1]);
    int why = 0;
    const bool refused = child < 0 || read(said[0], &why, sizeof why) == static_cast<ssize_t>(sizeof why);
    close(said[0]);
    if (!refused) return child;
    error = "cannot execute " + program + ": " + std::strerror(child < 0 ? errno : why);
    if (child > 0) waitpid(child, nullptr, 0);
    return 0;
  }

  Words start_process(const std::string& name) {
    std::string error;
    const pid_t started = spawn("/proc/self/exe", {name}, -1, name.c_str(), error);
    if (started == 0) return failed(error);
    processes_[started] = name;
    return done();
  }

  Words end_process(const std::string& name) {
    for (const auto& [process, its_name] : processes_) {
      if (its_name == name) kill(process, SIGKILL);
    }
    const auto gone = [&] {
      return std::none_of(processes_.begin(), processes_.end(), [&](const auto& one) { return one.second == name; });
    };
    return wait_for(gone) ? done() : failed("process " + name + " does not die");
  }

  Words start_daemon(const Words& argv) {
    if (daemon_ != 0) return failed("the daemon runs already");
    std::string error;
    daemon_ = spawn(argv[0], argv, kLogDescriptor, nullptr, error);
    return daemon_ == 0 ? failed(error) : done();
  }

  Words signal_daemon(int number) {
    if (daemon_ != 0) kill(daemon_, number);
    return done();
  }

  /// A child of the daemon, known by the pid file that it has written.
  Words signal_child(const std::string& pid_file, int number) const {
    pid_t child = 0;
    if (!(std::ifstream(pid_file) >> child) || child <= 1) return failed("no child has written " + pid_file);
    kill(child, number);
    return done();
  }

  /// The daemon and what it has started: everything below this process but the node's own processes. What others run
  /// here (a shell that came in from outside) has no parent here.
  std::set<pid_t> daemons(bool everything) const {
    const std::map<pid_t, pid_t> parents = all_processes();
    std::set<pid_t> found;
    for (const auto& one : parents) {
      pid_t at = one.first;
      bool own = false;
      while (at > 1) {
        own = own || processes_.contains(at);
        const auto above = parents.find(at);
        at = above == parents.end() ? 0 : above->second;
      }
      if (at == 1 && one.first != 1 && (everything || !own)) found.insert(one.first);
    }
    return found;
  }

  /// Until nobody is left who could start another one.
  Words freeze(bool everything) {
    std::set<pid_t> stopped;
    for (bool more = true; more;) {
      more = false;
      for (const pid_t process : daemons(everything)) {
        if (!stopped.insert(process).second) continue;
        kill(process, SIGSTOP);
        more = true;
      }
    }
    return done();
  }

  Words thaw(bool everything) {
    for (const pid_t process : daemons(everything)) kill(process, SIGCONT);
    return done();
  }

  Words kill_frozen(bool everything) {
    freeze(everything);
    for (const pid_t process : daemons(everything)) kill(process, SIGKILL);
    return wait_for([&] { return daemons(everything).empty(); }) ? done() : failed("some processes do not die");
  }

  template <class Condition>
  bool wait_for(Condition condition) {
    const auto patience = std::chrono::steady_clock::now() + kDeathTakes;
    for (;;) {
      collect();
      if (condition()) return true;
      if (std::chrono::steady_clock::now() > patience) return false;
      pollfd death{deaths_, POLLIN, 0};
      poll(&death, 1, 5);
    }
  }

  void collect() {
    signalfd_siginfo ignored;
    while (read(deaths_, &ignored, sizeof ignored) > 0) {
    }
    int status = 0;
    for (pid_t dead = waitpid(-1, &status, WNOHANG); dead > 0; dead = waitpid(-1, &status, WNOHANG)) {
      processes_.erase(dead);
      if (dead != daemon_) continue;
      daemon_ = 0;
      send_words(kReportDescriptor, {"ended", std::to_string(status)});
    }
  }

  int deaths_ = -1;
  pid_t daemon_ = 0;
  std::map<pid_t, std::string> processes_;
};

/// Does nothing, under a name of its own.
[[noreturn]] void be_process(const std::string& name) {
  prctl(PR_SET_NAME, fs::path(name).filename().c_str());
  unsetenv(kProcessVariable);
  for (;;) pause();
}

}  // namespace

void run_agent_if_asked(int argc, char** argv) {
  if (const char* process = std::getenv(kProcessVariable)) be_process(process);
  if (argc == 2 && std::strcmp(argv[1], kAgentArgument) == 0) std::_Exit(Agent{}.run());
}

}  // namespace vipdrift::netns
