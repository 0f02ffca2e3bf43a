#include "tools/vipdrift/progress_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>

#include "tools/vipdrift/terminal.h"

namespace vipdrift::tools {

ProgressLine::ProgressLine(std::size_t total, std::size_t at_a_time, std::chrono::nanoseconds expected)
    : total_(total),
      at_a_time_(at_a_time),
      expected_(expected),
      terminal_(standard_error_is_terminal()),
      began_(std::chrono::steady_clock::now()) {}

void ProgressLine::show(std::size_t done) {
  const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_);
  if (!terminal_ || elapsed < std::chrono::seconds{2}) return;
  const auto left = std::chrono::duration_cast<std::chrono::seconds>(expected_ - elapsed);
  const std::string time = expected_.count() == 0        ? fmt::format("{} s", elapsed.count())
                           : left > std::chrono::seconds{0} ? fmt::format("about {} s left", left.count())
                                                            : std::string("about to end");
  fmt::print(stderr, "\r\033[K{} of {} runs done, {} running, {}", done, total_, std::min(at_a_time_, total_ - done),
             time);
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
