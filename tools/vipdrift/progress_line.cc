#include "tools/vipdrift/progress_line.h"

#include <fmt/format.h>

#include <cstdio>

#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {

ProgressLine::ProgressLine(std::size_t total)
    : total_(total), terminal_(standard_error_is_terminal()), began_(std::chrono::steady_clock::now()) {}

void ProgressLine::show(std::size_t done) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_);
  if (!terminal_ || elapsed < std::chrono::seconds{2}) return;
  fmt::print(stderr, "\r\033[K{} of {} scenarios done, {} s", done, total_, elapsed.count());
  std::fflush(stderr);
  shown_ = true;
}

void ProgressLine::clear() {
  if (!shown_) return;
  fmt::print(stderr, "\r\033[K");
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace vipdrift::tools
