#include "backends/linux/notify_fifo.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <utility>

namespace vipdrift::linux_backend {
namespace {

constexpr mode_t kMode = 0600;
/// Between the end of a script and its new start: one that cannot run must not keep the machine busy.
constexpr std::chrono::seconds kRestartPause{1};
/// What a reader gets to read the rest in, and to end, before it is ended.
constexpr std::chrono::milliseconds kFarewell{200};

/// Whether `process`, a child that nobody has waited for, ends in that time.
bool ends_within(pid_t process, std::chrono::milliseconds patience) {
  const FileDescriptor watched(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  pollfd end{watched.get(), POLLIN, 0};
  return watched && poll(&end, 1, static_cast<int>(patience.count())) > 0;
}

}  // namespace

NotifyFifo::NotifyFifo(boost::asio::io_context& context, ScriptRunner& runner, Identities& identities,
                       const config::NotifyFifo& settings, Log log)
    : settings_(settings), runner_(runner), log_(std::move(log)), restart_(context) {
  identity_ = identities.find(settings_.script.user, settings_.script.group);
  open(identities);
  start_script();
}

NotifyFifo::~NotifyFifo() {
  restart_.cancel();
  fifo_ = FileDescriptor{};  // the end of what there is to read
  if (script_ > 0 && !ends_within(script_, kFarewell)) ::kill(-script_, SIGTERM);
  if (made_) unlink(settings_.path.c_str());
}

// The owner changes last: after that we may not be allowed anything else.
void NotifyFifo::open(Identities& identities) {
  const char* const path = settings_.path.c_str();
  made_ = mkfifo(path, kMode) == 0;
  if (!made_ && errno != EEXIST) {
    log_("Unable to create notify fifo " + settings_.path + ": " + std::strerror(errno));
    return;
  }
  // For reading too: then opening succeeds without a reader, and writing never raises SIGPIPE.
  fifo_ = FileDescriptor(::open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW));
  struct stat file{};
  if (!fifo_ || fstat(fifo_.get(), &file) != 0) {
    log_("Unable to open notify fifo " + settings_.path + ": " + std::strerror(errno));
    return;
  }
  if (!S_ISFIFO(file.st_mode)) {
    log_("notify fifo " + settings_.path + " is no FIFO - not used");
    fifo_ = FileDescriptor();
    return;
  }
  const Identity* const owner = identities.find(settings_.user, settings_.group);
  if (!made_ || owner == nullptr) return;
  if (owner->user == geteuid() && owner->group == getegid()) return;
  if (fchown(fifo_.get(), owner->user, owner->group) != 0) {
    log_("cannot give notify fifo " + settings_.path + " to its owner: " + std::strerror(errno));
  }
}

void NotifyFifo::write(const std::string& line) {
  if (!fifo_) return;
  const std::string text = line + "\n";
  const bool written = ::write(fifo_.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
  if (!written && !overflowing_) log_("notify fifo " + settings_.path + " is full, nobody reads it - lines are lost");
  overflowing_ = !written;
}

void NotifyFifo::restart_script(Identities& identities) {
  identity_ = identities.find(settings_.script.user, settings_.script.group);
  if (script_ > 0) ::kill(-script_, SIGTERM);
  script_ = 0;
  start_script();
}

void NotifyFifo::start_script() {
  if (!fifo_ || settings_.script.empty() || identity_ == nullptr) return;
  std::vector<std::string> argv = settings_.script.argv;
  argv.push_back(settings_.path);
  const unsigned generation = ++generation_;
  const auto ended = [this, generation, alive = std::weak_ptr(alive_)](int) {
    if (!alive.expired()) script_ended(generation);
  };
  const int error = runner_.run(argv, identity_, ended, &script_);
  if (error != 0) log_("Couldn't run notify fifo script " + argv.front() + ": " + std::strerror(error));
}

void NotifyFifo::script_ended(unsigned generation) {
  if (generation != generation_) return;
  script_ = 0;
  log_("notify fifo script of " + settings_.path + " terminated, starting it again");
  restart_.expires_after(kRestartPause);
  restart_.async_wait([this, alive = std::weak_ptr(alive_)](const boost::system::error_code& error) {
    if (!error && !alive.expired() && script_ == 0) start_script();
  });
}

}  // namespace vipdrift::linux_backend
