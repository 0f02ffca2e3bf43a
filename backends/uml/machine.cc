#include "backends/uml/machine.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <string_view>
#include <utility>

#include "backends/uml/line_words.h"

namespace vipdrift::uml {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kConsoleKept = 2000;

std::string text_of(Duration length) {
  if (length < std::chrono::seconds{10}) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(length).count()) + " ms";
  }
  return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(length).count()) + " s";
}

int milliseconds_until(Clock::time_point moment) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(moment - Clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

void make_nonblocking(int descriptor) { fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK); }

/// Without control characters and empty lines; those of the kernel's terminal mean nothing elsewhere.
std::string readable(const std::string& console) {
  std::string text;
  for (const char c : console) {
    if (c == '\n' && !text.empty() && text.back() != '\n') text += '\n';
    if (static_cast<unsigned char>(c) >= ' ') text += c;
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

std::unique_ptr<Machine> Machine::start(const MachineOptions& options, std::string& error) {
  std::unique_ptr<Keeper> keeper = Keeper::start({options.installation, options.init}, error);
  return keeper ? std::unique_ptr<Machine>(new Machine(std::move(keeper), options)) : nullptr;
}

Machine::Machine(std::unique_ptr<Keeper> keeper, const MachineOptions& options)
    : keeper_(std::move(keeper)), boot_takes_(options.boot_takes), silence_(options.silence) {
  make_nonblocking(keeper_->console());
}

std::optional<std::string> Machine::wait_until_ready() {
  const Clock::time_point latest = Clock::now() + boot_takes_;
  for (Duration left = boot_takes_; left > Duration::zero(); left = latest - Clock::now()) {
    const std::optional<std::string> line = hear_within(left);
    if (!line) break;
    if (*line == kReady) {
      // What kernels say while they boot is nobody's last words.
      read_console();
      console_.clear();
      return std::nullopt;
    }
    if (line->starts_with(kUnable)) return "User-Mode Linux: " + line->substr(std::string_view{kUnable}.size());
  }
  if (!gave_up_.empty() || Clock::now() >= latest) gave_up_ = "it was not ready after " + text_of(boot_takes_);
  return "User-Mode Linux did not boot: " + last_words();
}

bool Machine::tell(const std::string& line) const {
  const std::string text = line + "\n";
  return send(keeper_->line(), text.data(), text.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(text.size());
}

std::optional<std::string> Machine::hear() {
  for (;;) {
    std::optional<std::string> line = hear_within(silence_);
    if (!line || *line != kAlive) return line;
  }
}

std::optional<std::string> Machine::hear_within(Duration patience) {
  const Clock::time_point latest = Clock::now() + patience;
  for (bool open = true;;) {
    if (!heard_.empty()) {
      std::string line = std::move(heard_.front());
      heard_.pop_front();
      return line;
    }
    if (!open) return std::nullopt;
    const int console = console_open_ ? keeper_->console() : -1;
    std::array<pollfd, 2> ends{pollfd{keeper_->line(), POLLIN, 0}, pollfd{console, POLLIN, 0}};
    const int ready = poll(ends.data(), ends.size(), milliseconds_until(latest));
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) {
      gave_up_ = "it gave no sign of life for " + text_of(patience);
      return std::nullopt;
    }
    if (ends[1].revents != 0) read_console();
    if ((ends[1].revents & POLLHUP) != 0) console_open_ = false;
    if (ends[0].revents != 0) open = read_line();
  }
}

void Machine::read_console() {
  std::array<char, 4096> piece;
  for (ssize_t got = read(keeper_->console(), piece.data(), piece.size()); got > 0;
       got = read(keeper_->console(), piece.data(), piece.size())) {
    console_.append(piece.data(), static_cast<std::size_t>(got));
  }
  if (console_.size() > 2 * kConsoleKept) console_.erase(0, console_.size() - kConsoleKept);
}

/// false: there will be nothing more.
bool Machine::read_line() {
  std::array<char, 4096> piece;
  const ssize_t got = recv(keeper_->line(), piece.data(), piece.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return true;
  if (got <= 0) return false;
  unfinished_.append(piece.data(), static_cast<std::size_t>(got));
  for (std::size_t end = unfinished_.find('\n'); end != std::string::npos; end = unfinished_.find('\n')) {
    heard_.push_back(unfinished_.substr(0, end));
    unfinished_.erase(0, end + 1);
  }
  return true;
}

std::string Machine::last_words() {
  std::string words = gave_up_;
  const std::string how = keeper_->end();
  if (words.empty()) words = "it ended: " + how;
  read_console();
  const std::string said = readable(console_);
  return said.empty() ? words : words + "; its last words:\n" + said;
}

}  // namespace vipdrift::uml
