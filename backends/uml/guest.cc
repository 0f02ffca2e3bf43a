#include "backends/uml/guest.h"

#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string_view>
#include <utility>

#include "backends/uml/keeper.h"
#include "backends/uml/line_words.h"
#include "backends/uml/modules.h"

namespace vipdrift::uml {
namespace {

constexpr const char* kLine = "/dev/ttyS0";
constexpr const char* kUsualPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
constexpr rlim_t kOpenFiles = 65536;

std::string system_error(const std::string& what) { return what + ": " + std::strerror(errno); }

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void say(int line, const std::string& words) {
  const std::string text = words + "\n";
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t written = write(line, text.data() + at, text.size() - at);
    if (written <= 0 && errno != EINTR) return;
    if (written > 0) at += static_cast<std::size_t>(written);
  }
}

/// A line to the host, untouched by what terminals do to text; -1 when there is none.
int open_line() {
  const int line = open(kLine, O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (line < 0) return -1;
  termios settings{};
  tcgetattr(line, &settings);
  cfmakeraw(&settings);
  tcsetattr(line, TCSANOW, &settings);
  return line;
}

bool mount_at(const char* kind, const char* where, unsigned long flags, const char* options) {
  return mount(kind, where, kind, flags, options) == 0;
}

/// The first process of the guest, root by birth.
class Init {
 public:
  explicit Init(std::string place) : place_(std::move(place)) {}

  [[noreturn]] void run(const Duty& duty) {
    line_ = open_line();
    if (const std::string error = set_up(); error.empty()) {
      serve(duty);
    } else {
      say(line_, kUnable + error);
      tcdrain(line_);
    }
    sync();
    reboot(RB_POWER_OFF);
    for (;;) pause();
  }

 private:
  std::string set_up() {
    umask(022);
    unsetenv(kPlaceVariable);
    // Daemons that find no log daemon would write to it, and keep the kernel busy with that.
    unlink("/dev/console");
    constexpr unsigned long plain = MS_NOSUID | MS_NODEV | MS_NOEXEC;
    if (!mount_at("proc", "/proc", plain, nullptr)) return system_error("cannot mount /proc");
    if (!mount_at("sysfs", "/sys", plain, nullptr)) return system_error("cannot mount /sys");
    mkdir("/dev/pts", 0755);
    mkdir("/dev/shm", 01777);
    if (!mount_at("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "mode=0620,ptmxmode=0666")) {
      return system_error("cannot mount /dev/pts");
    }
    if (!mount_at("tmpfs", "/dev/shm", MS_NOSUID | MS_NODEV, "mode=1777")) {
      return system_error("cannot mount /dev/shm");
    }
    if (mount("none", place_.c_str(), "hostfs", MS_NOSUID | MS_NODEV, place_.c_str()) != 0) {
      return system_error("cannot mount " + place_);
    }
    if (load_modules(place_ + "/" + kModulesName, wanted_modules()) == 0) {
      return "no module for this kernel could be loaded from " + place_ + "/" + kModulesName;
    }
    std::ofstream("/proc/sys/kernel/modprobe") << place_ << "/" << kModprobeName;
    return take_the_clients_place();
  }

  std::string take_the_clients_place() {
    const std::string path = contents(place_ + "/" + kSearchPathName);
    setenv("PATH", path.empty() ? kUsualPath : path.c_str(), 1);
    const rlimit many{kOpenFiles, kOpenFiles};
    setrlimit(RLIMIT_NOFILE, &many);
    const std::string directory = place_ + "/" + kDirectoryName;
    return chdir(directory.c_str()) == 0 ? std::string{} : system_error("cannot enter the working directory");
  }

  void serve(const Duty& duty) const {
    const pid_t child = fork();
    if (child == 0) {
      GuestLine line(line_, place_);
      duty(line);
      std::_Exit(0);
    }
    // One sign of life a second, and whatever has lost its parent is buried.
    sigset_t deaths;
    sigemptyset(&deaths);
    sigaddset(&deaths, SIGCHLD);
    sigprocmask(SIG_BLOCK, &deaths, nullptr);
    using Clock = std::chrono::steady_clock;
    const timespec shortly{0, 250'000'000};
    for (Clock::time_point due = Clock::now();; sigtimedwait(&deaths, nullptr, &shortly)) {
      for (pid_t dead = waitpid(-1, nullptr, WNOHANG); dead > 0; dead = waitpid(-1, nullptr, WNOHANG)) {
        if (dead == child) return;
      }
      if (Clock::now() < due) continue;
      say(line_, kAlive);
      due = Clock::now() + std::chrono::seconds{1};
    }
  }

  std::string place_;
  int line_ = -1;
};

/// "/place/modprobe -q -- NAME", as kernels ask; the place holds the modules.
std::string place_of_modprobe(int argc, char** argv) {
  if (argc != 4 || std::string_view{argv[1]} != "-q" || std::string_view{argv[2]} != "--") return {};
  const std::string_view self{argv[0]};
  const std::size_t slash = self.rfind('/');
  if (slash == std::string_view::npos || self.substr(slash + 1) != kModprobeName) return {};
  return std::string{self.substr(0, slash)};
}

}  // namespace

std::optional<std::string> GuestLine::hear() {
  for (;;) {
    if (const std::size_t end = unfinished_.find('\n'); end != std::string::npos) {
      std::string line = unfinished_.substr(0, end);
      unfinished_.erase(0, end + 1);
      return line;
    }
    std::array<char, 512> piece;
    const ssize_t got = read(descriptor_, piece.data(), piece.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return std::nullopt;
    unfinished_.append(piece.data(), static_cast<std::size_t>(got));
  }
}

void GuestLine::tell(const std::string& line) const { say(descriptor_, line); }
void GuestLine::ready() const { tell(kReady); }
void GuestLine::unable(const std::string& reason) const { tell(kUnable + reason); }

void run_guest_if_asked(int argc, char** argv, const Duty& duty) {
  const char* place = std::getenv(kPlaceVariable);
  if (getpid() == 1 && place != nullptr && std::string(place) + "/" + kInitName == argv[0]) Init(place).run(duty);
  if (const std::string asked = place_of_modprobe(argc, argv); !asked.empty()) {
    const std::array<const char*, 1> wanted{argv[3]};
    std::_Exit(load_modules(asked + "/" + kModulesName, wanted) == 1 ? 0 : 1);
  }
}

}  // namespace vipdrift::uml
