// The line on standard error that says how far a long run is.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_PROGRESS_LINE_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_PROGRESS_LINE_H_

#include <chrono>
#include <cstddef>

namespace vipdrift::tools {

/// Silent for the first two seconds, and always when standard error is no terminal.
class ProgressLine {
 public:
  /// `expected`: how long all of it takes; zero: unknown.
  ProgressLine(std::size_t total, std::size_t at_a_time, std::chrono::nanoseconds expected);

  /// Overwrites the line with what is done, what is running, and how much time is left.
  void show(std::size_t done);
  /// Removes the line, so that other output can be written.
  void clear();

 private:
  std::size_t total_;
  std::size_t at_a_time_;
  std::chrono::nanoseconds expected_;
  bool terminal_;
  bool shown_ = false;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_PROGRESS_LINE_H_
